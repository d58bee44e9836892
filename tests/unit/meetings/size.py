"""Five thousand organisations with a year of generated meetings, written in bulk, for tests of speed."""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.meetings.actions import install_kinds
from rongtong.meetings.models import Meeting, MeetingKind
from rongtong.organization.models import Appointment, PartyKind, PartyOrganisation, Person, Post, PostKind
from rongtong.roster.models import Affiliation
from rongtong.rules import actions as rules
from rongtong.trees.models import Node

OPENED = date(2015, 1, 1)
BATCH = 5000
MEMBERS = 6  # of a branch; three of them sit in the committee
# kind, months, chance
MONTHLY = ("theme_day", "branch_committee")
YEARLY = (("assembly", (2, 5, 8, 11)), ("lecture", (2, 5, 8, 11)), ("party_building", (4,)), ("organisational_life", (1,)))


def fill(branches: int, year: int = 2026) -> None:
    """One committee above so many branches; some branches drop some of their meetings."""
    rules.install(by=SYSTEM)
    install_kinds(by=SYSTEM)
    root = Node.objects.create(tree="P", path="P00001", depth=0, code="PB", name="党委", opened_on=OPENED)
    PartyOrganisation.objects.create(node=root, kind=PartyKind.COMMITTEE, members=9 * branches, formal_members=8 * branches)
    nodes = [
        Node(tree="P", parent=root, path=f"P00001{_base36(at)}", depth=1, code=f"PB{at:05d}", name=f"第{at}党支部", opened_on=OPENED)
        for at in range(1, branches + 1)
    ]
    Node.objects.bulk_create(nodes, batch_size=BATCH)
    nodes = list(Node.objects.filter(parent=root).order_by("path"))
    PartyOrganisation.objects.bulk_create(
        [PartyOrganisation(node=node, kind=PartyKind.BRANCH, members=12, formal_members=11, elected_on=date(2025, 3, 1)) for node in nodes],
        batch_size=BATCH,
    )
    people = _people(nodes)
    _meetings(nodes, people, year)


def _base36(number: int) -> str:
    return np.base_repr(number, 36).zfill(5)


def _people(nodes: list[Node]) -> list[Person]:
    """Each branch with a secretary, two committee members and ordinary members; secretaries have accounts."""
    users = User.objects.bulk_create(
        [User(username=f"s{at}", display_name=f"s{at}", password="!") for at in range(len(nodes))], batch_size=BATCH
    )
    made = [
        Person(
            code=f"E{at * MEMBERS + number:07d}",
            name=f"党员{at}-{number}",
            member_kind="formal",
            account=users[at] if number == 0 else None,
        )
        for at in range(len(nodes))
        for number in range(MEMBERS)
    ]
    people = list(Person.objects.bulk_create(made, batch_size=BATCH))
    kinds = (PostKind.SECRETARY, PostKind.COMMITTEE, PostKind.COMMITTEE)
    posts = Post.objects.bulk_create(
        [
            Post(code=f"{node.code}-{at}", name=f"岗位{at}", node=node, kind=kind, opened_on=OPENED)
            for node in nodes
            for at, kind in enumerate(kinds)
        ],
        batch_size=BATCH,
    )
    Appointment.objects.bulk_create(
        [Appointment(person=people[at // 3 * MEMBERS + at % 3], post=post, starts_on=OPENED) for at, post in enumerate(posts)],
        batch_size=BATCH,
    )
    Affiliation.objects.bulk_create(
        [Affiliation(person=person, party=nodes[at // MEMBERS], standing="formal", starts_on=OPENED) for at, person in enumerate(people)],
        batch_size=BATCH,
    )
    return people


def _meetings(nodes: list[Node], people: list[Person], year: int) -> None:
    kinds = {kind.code: kind for kind in MeetingKind.objects.all()}
    rng = np.random.default_rng(7)
    rows: list[Meeting] = []
    for at, node in enumerate(nodes):
        for month in range(1, 13):
            wanted = [*MONTHLY, *(code for code, months in YEARLY if month in months)]
            for number, code in enumerate(wanted):
                if rng.random() < 0.9:
                    rows.append(_meeting(len(rows), kinds[code], node, people[at * MEMBERS], date(year, month, 3 + 4 * number)))
    Meeting.objects.bulk_create(rows, batch_size=BATCH)


def _meeting(number: int, kind: MeetingKind, node: Node, chair: Person, on: date) -> Meeting:
    start = datetime.combine(on, time(14), tzinfo=clock.BUSINESS_ZONE)
    values: dict[str, Any] = {"should": 12, "present": 10, "is_personal": kind.code == "branch_committee", "chair_part": "secretary"}
    return Meeting(
        code=f"T{number}", kind=kind, node=node, year=on.year, number=number, title=kind.name, state="held", starts_at=start,
        ends_at=start + timedelta(hours=2), held_on=on, chair=chair, created_by="test", created_label="test", **values,
    )  # fmt: skip
