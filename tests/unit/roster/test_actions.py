"""Who belongs where, who votes: dated rows, never two at once, nothing guessed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import fresh
from tests.unit.roster.conftest import DAY, SINCE, Club

from rongtong.audit import chain
from rongtong.audit.models import Entry
from rongtong.kernel.act import SYSTEM, install_audit_writer
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.organization import restructuring
from rongtong.organization.models import Person
from rongtong.roster import actions as acts
from rongtong.roster import proposing, queries
from rongtong.roster.actions import NewAffiliation, NewExclusion, NewSuspension
from rongtong.roster.models import Affiliation, Exclusion, Suspension


def names(club: Club, day: date = DAY) -> list[str]:
    return sorted(one.person.name for one in queries.members(club.branch, day))


def voters(club: Club, day: date = DAY) -> list[str]:
    return sorted(one.person.name for one in queries.voters(club.branch, day))


def test_members_of_a_branch_and_its_groups(club: Club) -> None:
    club.join("an")
    club.join("bo", club.group)
    club.join("cai", club.far)
    club.join("pro", standing="probationary")
    assert names(club) == ["an", "bo", "pro"]
    assert voters(club) == ["an", "bo"]
    assert names(club, date(2025, 2, 28)) == []
    assert not queries.is_known(club.branch, date(2025, 2, 28))
    entry = Entry.objects.filter(kind="roster.affiliate")[0]
    assert (entry.object_kind, entry.object_id) == ("node", str(club.branch.pk))


def exclusion(club: Club, name: str = "an", **more: Any) -> NewExclusion:
    given: dict[str, Any] = {
        "reason": "bedridden", "consent_document": "批1", "assembly_on": date(2026, 10, 9), "starts_on": date(2026, 11, 1),
        "ends_on": date(2027, 5, 1),
    }  # fmt: skip
    return NewExclusion(club.people[name], club.branch, **(given | more))


def test_why_somebody_does_not_vote(club: Club) -> None:
    for name in ("an", "bo", "cai"):
        club.join(name)
    club.join("pro", standing="probationary")
    acts.exclude(by=SYSTEM, new=exclusion(club))
    acts.suspend(by=SYSTEM, new=NewSuspension(club.people["bo"], date(2026, 11, 1), "纪委", "J-1"))
    assert {one.person.name: one.why_not for one in queries.members(club.branch, DAY)} == {
        "an": "left out with approval", "bo": "right to vote suspended", "cai": "", "pro": "probationary member",
    }  # fmt: skip
    assert [one.person.name for one in queries.should_attend(club.branch, DAY)] == ["bo", "cai", "pro"]
    assert voters(club, date(2026, 10, 31)) == ["an", "bo", "cai"]


@pytest.mark.parametrize(
    ("name", "where", "more", "code"),
    [
        ("none", "branch", {}, "not_a_member"), ("an", "shop", {}, "place"), ("an", "branch", {"starts_on": date(2019, 1, 1)}, "closed"),
        ("an", "branch", {"ends_on": SINCE}, "span"), ("an", "branch", {"standing": "king"}, "choice"), ("bo", "branch", {}, "overlap"),
    ],
)  # fmt: skip
def test_affiliations_that_are_refused(club: Club, name: str, where: str, more: dict[str, Any], code: str) -> None:
    club.join("bo", club.far)
    party = club.branch if where == "branch" else club.town.shop
    given: dict[str, Any] = {"standing": "formal", "starts_on": SINCE} | more
    with pytest.raises(Refused) as refused:
        acts.affiliate(by=SYSTEM, new=NewAffiliation(club.people[name], party, **given))
    assert refused.value.code == code
    assert Affiliation.objects.count() == 1


def test_the_database_holds_one_affiliation_at_a_time(club: Club) -> None:
    club.join("an")
    with pytest.raises(IntegrityError), transaction.atomic():
        Affiliation.objects.create(person=club.people["an"], party=club.far, standing="formal", starts_on=DAY)


@pytest.mark.parametrize(
    ("model", "bad"),
    [(Affiliation, {"ends_on": SINCE}), (Affiliation, {"standing": "king"}), (Suspension, {"ends_on": SINCE})],
)  # fmt: skip
def test_constraints_of_the_tables(club: Club, model: Any, bad: dict[str, Any]) -> None:
    given: dict[str, Any] = {"person": club.people["an"], "starts_on": SINCE}
    given |= (
        {"party": club.branch, "standing": "formal"} if model is Affiliation else {"holder": "h", "paper_file": "p", "recorded_label": "x"}
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**(given | bad))


def test_a_move_ends_and_begins_on_the_same_day(club: Club) -> None:
    row = club.join("an", standing="formal")
    acts.move(by=SYSTEM, affiliation=row, to=club.far, on=DAY)
    assert names(club, date(2026, 11, 22)) == ["an"]
    assert names(club) == []
    assert [one.person.name for one in queries.members(club.far, DAY)] == ["an"]
    with pytest.raises(Conflict):
        acts.move(by=SYSTEM, affiliation=row, to=club.group, on=DAY)


def test_moves_that_are_refused(club: Club) -> None:
    row = club.join("an")
    for to, on, code in ((club.branch, DAY, "same"), (club.far, SINCE, "span"), (club.town.shop, DAY, "place")):
        with pytest.raises(Refused) as refused:
            acts.move(by=SYSTEM, affiliation=row, to=to, on=on)
        assert refused.value.code == code
    assert names(club) == ["an"]
    assert Affiliation.objects.count() == 1


def test_confirmation_is_a_new_dated_row(club: Club) -> None:
    row = club.join("pro", standing="probationary")
    made = acts.confirm(by=SYSTEM, affiliation=row, on=date(2026, 3, 1))
    row.refresh_from_db()
    assert (row.standing, row.ends_on, made.standing, made.starts_on) == ("probationary", date(2026, 3, 1), "formal", date(2026, 3, 1))
    assert voters(club, date(2026, 2, 28)) == []
    assert voters(club) == ["pro"]
    assert Person.objects.get(pk=row.person_id).member_kind == "formal"
    with pytest.raises(Refused) as refused:
        acts.confirm(by=SYSTEM, affiliation=made, on=DAY)
    assert refused.value.code == "standing"


def test_an_end_leaves_the_past_alone(club: Club) -> None:
    row = club.join("an")
    acts.end(by=SYSTEM, affiliation=row, on=DAY)
    assert names(club) == []
    assert names(club, date(2026, 11, 22)) == ["an"]
    with pytest.raises(Conflict):
        acts.end(by=SYSTEM, affiliation=row, on=DAY)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"consent_document": " "}, "consent"), ({"ends_on": date(2026, 11, 1)}, "span"), ({"assembly_on": date(2026, 11, 2)}, "assembly"),
        ({"reason": "lazy"}, "choice"), ({"starts_on": date(2024, 1, 1), "assembly_on": date(2023, 12, 1)}, "not_a_member"),
    ],
)  # fmt: skip
def test_exclusions_that_are_refused(club: Club, more: dict[str, Any], code: str) -> None:
    club.join("an")
    with pytest.raises(Refused) as refused:
        acts.exclude(by=SYSTEM, new=exclusion(club, **more))
    assert refused.value.code == code
    assert not Exclusion.objects.exists()


def test_an_exclusion_ends_earlier_but_not_before_it_began(club: Club) -> None:
    club.join("an")
    row = acts.exclude(by=SYSTEM, new=exclusion(club))
    for day in (date(2026, 11, 1), date(2027, 5, 1)):
        with pytest.raises(Refused):
            acts.include(by=SYSTEM, exclusion=row, on=day)
    acts.include(by=SYSTEM, exclusion=row, on=DAY)
    assert voters(club) == ["an"]


def test_suspensions_hold_dates_and_a_paper_file_only(club: Club) -> None:
    club.join("an")
    for holder, paper, code in (("", "J-1", "paper"), ("纪委", " ", "paper")):
        with pytest.raises(Refused) as refused:
            acts.suspend(by=SYSTEM, new=NewSuspension(club.people["an"], DAY, holder, paper))
        assert refused.value.code == code
    row = acts.suspend(by=SYSTEM, new=NewSuspension(club.people["an"], date(2026, 6, 1), "纪委", "J-1"))
    with pytest.raises(Refused) as refused:
        acts.suspend(by=SYSTEM, new=NewSuspension(club.people["an"], DAY, "纪委", "J-2"))
    assert refused.value.code == "overlap"
    acts.lift(by=SYSTEM, suspension=row, on=date(2026, 11, 1))
    assert voters(club) == ["an"]
    assert voters(club, date(2026, 10, 31)) == []
    assert {field.name for field in Suspension._meta.get_fields()} == {
        "id", "person", "starts_on", "ends_on", "holder", "paper_file", "recorded_label",
    }  # fmt: skip
    with pytest.raises(Refused):
        acts.lift(by=SYSTEM, suspension=row, on=date(2026, 12, 1))


def test_who_belongs_nowhere_is_nobodys_to_suspend(club: Club) -> None:
    with pytest.raises(NotAllowed):
        acts.suspend(by=SYSTEM, new=NewSuspension(club.people["an"], DAY, "纪委", "J-1"))


CALLS: dict[str, Callable[[Club, Any, Affiliation], Any]] = {
    "affiliate": lambda c, by, row: acts.affiliate(by=by, new=NewAffiliation(c.people["bo"], c.branch, "formal", SINCE)),
    "many": lambda c, by, row: acts.affiliate_many(by=by, party=c.branch, new=[NewAffiliation(c.people["bo"], c.branch, "formal", SINCE)]),
    "move": lambda c, by, row: acts.move(by=by, affiliation=row, to=c.group, on=DAY),
    "end": lambda c, by, row: acts.end(by=by, affiliation=row, on=DAY),
    "confirm": lambda c, by, row: acts.confirm(by=by, affiliation=row, on=DAY),
    "exclude": lambda c, by, row: acts.exclude(by=by, new=exclusion(c, "pro")),
    "suspend": lambda c, by, row: acts.suspend(by=by, new=NewSuspension(c.people["pro"], DAY, "纪委", "J-1")),
}


@pytest.mark.parametrize("what", CALLS)
def test_rights_and_rollback(club: Club, what: str) -> None:
    """A stranger sees nothing, a head without the right gets 403, and a failing audit keeps nothing."""
    from rongtong.access.models import Grant, Source

    row = club.join("pro", standing="probationary")
    with pytest.raises(Unseen):
        CALLS[what](club, fresh(club.town.stranger), row)
    Grant.objects.create(user=club.town.chen, role="manager", node=club.branch, reach="subtree", source=Source.DERIVED, starts_on=SINCE)
    with pytest.raises(NotAllowed):
        CALLS[what](club, fresh(club.town.chen), row)

    def fails(_act: Any) -> None:
        raise RuntimeError("audit")

    before = sorted(Affiliation.objects.values_list("pk", "ends_on", "standing"))
    install_audit_writer(fails)
    try:
        with pytest.raises(RuntimeError):
            CALLS[what](club, fresh(club.town.zhou), row)
    finally:
        install_audit_writer(chain.write)
    assert sorted(Affiliation.objects.values_list("pk", "ends_on", "standing")) == before
    assert not Exclusion.objects.exists()
    assert not Suspension.objects.exists()
    count = Entry.objects.count()
    CALLS[what](club, fresh(club.town.zhou), row)
    assert Entry.objects.count() == count + 1


def test_proposals_come_from_posts_and_write_nothing(club: Club) -> None:
    found = proposing.proposals(club.branch, DAY)
    assert {one.person.name for one in found} == {"zhou", "li", "wang"}
    assert not Affiliation.objects.exists()
    wang = next(one for one in found if one.person.name == "wang")
    assert (wang.party, wang.why) == (club.branch, "一车间 · 一车间职工")
    chosen = [NewAffiliation(wang.person, wang.party, wang.standing, wang.starts_on)]
    acts.affiliate_many(by=fresh(club.town.zhou), party=club.branch, new=chosen)
    assert {one.person.name for one in proposing.proposals(club.branch, DAY)} == {"zhou", "li"}
    with pytest.raises(Refused):
        acts.affiliate_many(by=fresh(club.town.zhou), party=club.branch, new=[])


def test_proposals_are_recorded_all_or_none(club: Club) -> None:
    new = [
        NewAffiliation(club.people["an"], club.branch, "formal", SINCE),
        NewAffiliation(club.people["none"], club.branch, "formal", SINCE),
    ]
    with pytest.raises(Refused):
        acts.affiliate_many(by=fresh(club.town.zhou), party=club.branch, new=new)
    assert not Affiliation.objects.exists()


def test_members_keep_their_organisation_from_being_closed(club: Club) -> None:
    club.join("an", club.far)
    found = [one.what for one in restructuring.still_open(club.far, DAY)]
    assert "members who belong here" in found


def test_reading_names_is_noted(club: Club) -> None:
    acts.note_reading(by=fresh(club.town.zhou), party=club.branch, on=DAY)
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.object_id, entry.actor_uid) == ("roster.read", str(club.branch.pk), str(club.town.zhou.uid))
    with pytest.raises(NotAllowed):
        acts.note_reading(by=fresh(club.town.stranger), party=club.branch, on=DAY)


def test_many_organisations_cost_four_questions(club: Club, django_assert_max_num_queries: Any) -> None:
    for name, where in (("an", club.branch), ("bo", club.group), ("cai", club.far)):
        club.join(name, where)
    with django_assert_max_num_queries(4):
        found = queries.members_of([club.branch, club.group, club.far], DAY)
    assert {pk: [one.person.name for one in rows] for pk, rows in found.items()} == {
        club.branch.pk: ["an", "bo"], club.group.pk: ["bo"], club.far.pk: ["cai"],
    }  # fmt: skip
