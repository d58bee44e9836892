"""Builds the sample enterprise once, through the same acts that people use, into an empty or demo-marked folder."""

import gc
import json
import os
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import Q

from rongtong.access import actions as grants
from rongtong.accounts.models import ApiToken, User
from rongtong.demo import figures
from rongtong.demo.appraisal import LAST_ROUND, tell_last_round, tell_this_round
from rongtong.demo.competence import tell_competence
from rongtong.demo.decisions import tell_decisions
from rongtong.demo.inspections import tell_inspections
from rongtong.demo.life import live
from rongtong.demo.meetings import tell_meetings
from rongtong.demo.people import Cast
from rongtong.demo.plans import tell_plans
from rongtong.demo.roster import roster_of
from rongtong.demo.schemes import tell_schemes
from rongtong.demo.story import FIRST, LAST, OPENED, Character, Story, tell
from rongtong.demo.surveys import tell_surveys
from rongtong.demo.work import work
from rongtong.indicators import actions as indicators
from rongtong.indicators.defining import install_sets
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import Indicator, Observation, SetItem, Target
from rongtong.kernel import clock, schema
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import Period, month_range
from rongtong.kernel.reference import Reference
from rongtong.ledger import reminding
from rongtong.meetings.actions import install_kinds
from rongtong.notifications.models import Note
from rongtong.organization import actions as organization
from rongtong.organization import importers
from rongtong.organization.models import Person, UnitClass
from rongtong.panel import actions as panel
from rongtong.panel import tasks
from rongtong.rules import actions as rules
from rongtong.rules import evaluating
from rongtong.trees.models import Node

MARK = "demo.json"
_CLASSES = (
    ("production", "生产单位", "production units"),
    ("project", "项目单位", "project units"),
    ("rnd", "研发单位", "R&D units"),
    ("functional", "职能部门", "functional departments"),
)
APPROVER = SystemActor("demo-approver", "演示审批人")
Progress = Callable[[str], None]
# role, username, name shown, the post or node the account stands for
_ACCOUNTS = (
    ("secretary_manager", "zhouming", "P-P-M1-1-secretary-1", ""),
    ("deputy", "deputy", "P-P-M1-1-deputy-1", ""),
    ("leader", "leader", "B-M1-deputy_head-1", ""),
    ("member", "member", "B-M1-1-T-staff-1", ""),
    ("department", "department", "B-D-ZL-department_head-1", ""),
    ("party_worker", "partyworker", "B-M1-staff-1", "P-M1"),
    ("party_office", "partyoffice", "B-D-DW-department_head-1", "*"),
    ("management_office", "manager", "B-D-QG-department_head-1", "*"),
    ("inspector", "inspector", "", "*"),
    ("admin_system", "sysadmin", "", "*"),
    ("admin_security", "secadmin", "", "*"),
    ("admin_audit", "auditadmin", "", "*"),
)


def is_built(folder: Path) -> bool:
    return (folder / MARK).is_file()


def build(folder: Path, size: str = "small", progress: Progress | None = None) -> None:
    """Build into DATA_DIR `folder`; refused if something else lives there. `size` is kept in the mark."""
    say = progress or (lambda text: None)
    if folder.exists() and not is_built(folder) and any(p.name not in {"secret_key", "static"} for p in folder.iterdir()):
        raise Refused(f"{folder} holds something that is not a demo", remedy="name an empty folder with --data-dir", code="not_empty")
    folder.mkdir(parents=True, exist_ok=True)
    before = set(folder.iterdir())
    gc.disable()  # hundreds of thousands of rows are made and kept: looking for garbage among them only takes time
    try:
        with ThreadPoolExecutor(max_workers=1) as beside:
            _tell(folder, size, say, beside.submit(_passwords))
    except BaseException:
        _clear(folder, before)  # half an enterprise would be neither a demo nor an empty folder
        raise
    finally:
        gc.enable()


def _clear(folder: Path, kept: set[Path]) -> None:
    """Take away what a build that broke off has made."""
    connection.close()
    for path in set(folder.iterdir()) - kept:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _tell(folder: Path, size: str, tell_progress: Progress, passwords: Future[list[tuple[str, str]]]) -> None:
    def say(chapter: str) -> None:
        _count_rows()
        tell_progress(chapter)

    say("database")
    schema.bring_up()
    story = tell()
    with clock.frozen(datetime(2026, 11, 20, 9, 0)):  # noqa: DTZ001  (read as Shanghai time)
        grants.install_templates(by=SYSTEM)
        say("organisation")
        cast = Cast(story)
        _organisation(story, cast)
        say("indicators and observations")
        install_sets(by=SYSTEM)
        _observations(story)
        say("accounts")
        accounts = _accounts(passwords.result())
        rules.install(by=SYSTEM)
        say("duties, matters, plans")
        work(story)
        tell_plans(story)
        say("members, meetings")
        roster_of(story, cast)
        install_kinds(by=SYSTEM)
        with evaluating.later():
            tell_meetings(story)
            live(story)
            tell_decisions()
        tell_competence()
        say("checks")
        rules.run_checks(by=SYSTEM, on=clock.today(), since=FIRST)
        tell_inspections()
        tell_surveys()
        say("collecting, appraisal")
        tell_schemes()
        for period in month_range(FIRST, LAST):
            if period == LAST_ROUND:
                tell_last_round(story)
            indicators.collect(by=SYSTEM, period=period)
        for period in month_range(FIRST, LAST)[:-1]:
            if period != 202608:
                indicators.close_month(by=SYSTEM, period=period)
        tell_this_round()
        Note.objects.update(read_at=clock.now())  # what was told over two years was read; the last reminders stand unread
        reminding.remind(by=SYSTEM, on=clock.today())
        say("measurement")
        run = tasks.measure(by=SYSTEM, period=Period.month(LAST))
        panel.publish_run(by=SYSTEM, run=run)
    _write(folder / "accounts.json", accounts)
    _write(folder / MARK, {"synthetic": True, "size": size, "first": FIRST, "last": LAST})


def _count_rows() -> None:
    """Tell PostgreSQL what was loaded: until it counts by itself it takes every table for empty, and one question ran for minutes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _write(path: Path, content: Any) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


@act("demo.organisation")
def _load_organisation(*, by: SystemActor, story: Story, cast: Cast) -> None:
    importers.write_units(by, [_unit_row(unit) for unit in story.units])
    importers.write_parties(by, [_party_row(party) for party in story.parties])
    importers.write_links(by, [_link_row(p.code, *link) for p in story.parties for link in p.units])
    importers.write_people(
        by, [{"code": p.code, "name": p.name, "member_kind": p.member_kind, "joined_on": p.joined_on} for p in cast.people]
    )
    importers.write_posts(by, [{"code": p.code, "name": p.name, "node_code": p.node, "kind": p.kind} for p in cast.posts])
    importers.write_appointments(
        by,
        [
            {"person_code": s.person, "post_code": s.post, "kind": s.kind, "starts_on": s.starts_on, "ends_on": s.ends_on}
            for s in cast.serving
        ],
    )
    current().about(Reference("demo", "organisation"), units=len(story.units), parties=len(story.parties), people=len(cast.people))


def _organisation(story: Story, cast: Cast) -> None:
    for code, name, english in _CLASSES:
        UnitClass.objects.get_or_create(code=code, defaults={"name": name, "name_en": english})
    _load_organisation(by=SYSTEM, story=story, cast=cast)
    names = {("B", u.code): u.name_en for u in story.units} | {("P", p.code): p.name_en for p in story.parties}
    nodes = list(Node.objects.all())
    for node in nodes:
        node.name_en = names.get((node.tree, node.code), "")
    Node.objects.bulk_update(nodes, ["name_en"], batch_size=500)


def _unit_row(unit: Any) -> dict[str, Any]:
    return {
        "code": unit.code, "name": unit.name, "parent_code": unit.parent, "opened_on": OPENED, "closed_on": None, "kind": unit.kind,
        "class_code": unit.unit_class, "headcount": unit.headcount, "legal_person": unit.is_legal_person,
    }  # fmt: skip


def _party_row(party: Any) -> dict[str, Any]:
    return {
        "code": party.code, "name": party.name, "parent_code": party.parent, "opened_on": OPENED, "closed_on": None, "kind": party.kind,
        "members": party.members, "formal_members": party.formal, "elected_on": party.elected_on, "term_years": party.term_years,
    }  # fmt: skip


def _link_row(party: str, unit: str, kind: str, share: float) -> dict[str, Any]:
    ends_on = date(2027, 7, 1) if kind == "temporary" else None
    return {"unit_code": unit, "party_code": party, "kind": kind, "share": share, "starts_on": date(2024, 1, 1), "ends_on": ends_on}


BEFORE = ("P51",)  # entered once a year from surveys on paper, before surveys were kept here


def _specs() -> dict[str, list[tuple[str, figures.Spec]]]:
    """Class code to (subsystem, spec) of what people enter; collected indicators come from the records themselves."""
    found: dict[str, list[tuple[str, figures.Spec]]] = {}
    entered = Q(indicator__collector="") | Q(indicator__code__in=BEFORE)
    items = SetItem.objects.filter(entered, indicator__expression="", indicator__is_on=True).exclude(bands=None)
    for item in items.select_related("indicator", "set__unit_class").order_by("set_id", "indicator__code"):
        i = item.indicator
        bands = tuple((float(edge), float(score)) for edge, score in item.bands or ())
        spec = figures.Spec(i.pk, i.code, "flow" if i.code in BEFORE else i.kind, i.scale, i.decimals, i.hold_months or 0, bands)
        found.setdefault(item.set.unit_class.code, []).append((i.subsystem, spec))
    return found


def _observations(story: Story) -> None:
    nodes = {(node.tree, node.code): node.pk for node in Node.objects.all()}
    specs, classes = _specs(), {unit.code: unit.unit_class for unit in story.units}
    by_month: dict[int, list[Entry]] = {period: [] for period in month_range(FIRST, LAST)}
    for code, character in story.characters.items():
        side = [spec for subsystem, spec in specs[classes[code]] if subsystem == "production"]
        _take(by_month, nodes["B", code], figures.draw(code, "production", character, side))
    party_specs = [spec for subsystem, spec in specs["production"] if subsystem == "party"]
    for party in story.parties:
        if party.kind in {"branch", "general_branch", "committee"}:
            first = party.units[0][0] if party.units else ""
            character = story.characters.get(first) or Character(0.66, 0.66, 0.03, 0.03)
            _take(by_month, nodes["P", party.code], figures.draw(party.code, "party", character, party_specs))
    for period, entries in by_month.items():
        with clock.frozen(datetime(period // 100 + (period % 100 == 12), period % 100 % 12 + 1, 6, 15, 30)):  # noqa: DTZ001
            indicators.record(by=SYSTEM, entries=entries, note="")
    _targets(nodes)
    _corrections()


def _take(by_month: dict[int, list[Entry]], node: int, drawn: Any) -> None:
    for d in drawn:
        by_month[d.period].append(Entry(node, d.spec.pk, d.period, d.value, d.numerator, d.denominator))


def _targets(nodes: dict[tuple[str, str], int]) -> None:
    """Targets of first-pass yield and plan completion in the production class, tighter from month to month."""
    rows = []
    for code, floor, aim, stretch in (("B21", 92.0, 98.0, 99.5), ("B11", 85.0, 100.0, 106.0)):
        indicator = Indicator.objects.get(code=code)
        units = [pk for (tree, unit), pk in nodes.items() if tree == "B" and unit[:1] == "M" and unit.count("-") == 1]
        rows += [
            Target(
                unit_id=pk,
                indicator=indicator,
                period=period,
                target=aim,
                floor=floor,
                stretch=stretch,
                set_by=SYSTEM.label,
                set_at=clock.now(),
            )
            for pk in units
            for period in month_range(FIRST, LAST)
        ]
    Target.objects.bulk_create(rows, batch_size=2000)


def _corrections() -> None:
    """A closed month: three values are corrected afterwards, marked and with a reason."""
    indicators.close_month(by=SYSTEM, period=202608)
    rows = Observation.objects.filter(is_current=True, indicator__code="B21", period=202608).order_by("node_id")[:3]
    entries = [Entry(row.node_id, row.indicator_id, row.period, row.value - 0.4) for row in rows]
    indicators.record(by=SYSTEM, entries=entries, note="质检复核后更正")


def _passwords() -> list[tuple[str, str]]:
    """A password and its hash for each account: argon2 is slow on purpose, so it works beside the telling, on the other core."""
    words = [secrets.token_urlsafe(12) for _ in _ACCOUNTS]
    return [(word, make_password(word)) for word in words]


def _accounts(passwords: list[tuple[str, str]]) -> list[dict[str, str]]:
    made = []
    for (role, username, post, scope), (password, digest) in zip(_ACCOUNTS, passwords, strict=True):
        secret = ApiToken.make_secret()
        person = Person.objects.filter(appointments__post__code=post, appointments__ends_on=None).first() if post else None
        user = User.objects.create(username=username, password=digest, display_name=person.name if person else username)
        ApiToken.objects.create(user=user, name="demo", digest=ApiToken.digest_of(secret))
        node = _rights(role, user, person, scope)
        made.append({"username": username, "password": password, "role": role, "token": secret, "node": node})
    return made


def _rights(role: str, user: User, person: Person | None, scope: str) -> str:
    """Rights from posts where the account stands for a person, and the explicit ones of offices; returns the node's code."""
    if person is not None and not scope:
        organization.give_account(by=SYSTEM, person=person, account=user)
    elif person is not None:
        Person.objects.filter(pk=person.pk).update(account=user)
    if scope:
        node = Node.objects.filter(tree="P", code=scope).first() if scope != "*" else None
        grant = grants.request_grant(
            by=SYSTEM, user=user, role=role, node=node, is_linked=node is not None, starts_on=date(2024, 1, 1), reason="演示"
        )
        grants.approve_grant(by=APPROVER, grant=grant)
        return node.code if node else ""
    served = person.appointments.filter(ends_on=None).select_related("post__node").order_by("post__kind").first() if person else None
    return served.post.node.code if served else ""
