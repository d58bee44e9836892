"""DEC-01 to DEC-07 over the decisions of a calendar year. A check reminds; a person decides."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rongtong.decisions import queries
from rongtong.decisions.models import Body, Decision, Role, Study
from rongtong.ledger.models import Matter
from rongtong.meetings import voting
from rongtong.rules.checks import Case, Finding, months_before, not_enough, register_check
from rongtong.rules.models import Level, RuleRow, State
from rongtong.rules.queries import Resolver

SHOWN = 50
BODIES: dict[str, str] = {Body.BOARD: "QUORUM-BOARD", Body.MANAGERS: "QUORUM-MANAGERS"}


@dataclass(frozen=True, slots=True)
class Year:
    """The decisions of a year up to a day at every organisation, with their studies; read once for all."""

    by_node: dict[int, list[Decision]]
    studies: dict[int, list[Study]]
    roles: dict[int, queries.RoleAt] = field(default_factory=dict)

    @classmethod
    def at(cls, cases: Sequence[Case], day: date) -> "Year":
        nodes = [subject.node for subject, _row in cases]
        rows = queries.decided([node.pk for node in nodes], date(day.year, 1, 1), day)
        by_node: dict[int, list[Decision]] = defaultdict(list)
        for row in rows:
            by_node[row.node_id].append(row)
        return cls(by_node, queries.studies_of([row.pk for row in rows]), queries.roles_at(nodes, day))


Bad = Callable[[Decision], bool | None]  # None: the records do not say


def _each(cases: Sequence[Case], year: Year, bad: Bad, only: Callable[[Decision], bool] = lambda d: True) -> dict[int, Finding]:
    """Organisation to a finding over its decisions: one bad one is late; unknown ones without a bad one are not enough data."""
    found = {}
    for subject, row in cases:
        rows = [d for d in year.by_node.get(subject.node.pk, []) if only(d)]
        found[subject.node.pk] = _finding(row, rows, bad, year.roles[subject.node.pk].role)
    return found


def _finding(row: RuleRow, rows: list[Decision], bad: Bad, role: str) -> Finding:
    if role in {Role.PARTICIPATE, Role.NONE}:
        return Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"role": role})
    if not rows:
        return Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"decisions": 0})
    judged = [(d, bad(d)) for d in rows]
    wrong = [d for d, is_bad in judged if is_bad]
    unknown = [d for d, is_bad in judged if is_bad is None]
    detail: dict[str, Any] = {"decisions": len(rows), "found": len(wrong), "unknown": len(unknown)}
    if wrong:
        last = max(d.decided_on for d in wrong if d.decided_on)
        return Finding(State.LATE, row.level, last, detail, _references(wrong))
    if unknown:
        return Finding(State.NOT_ENOUGH_DATA, Level.INFO, None, {"missing": "decisions", **detail}, _references(unknown))
    return Finding(State.MET, Level.GREEN, None, detail, _references(rows))


def _references(rows: Iterable[Decision]) -> tuple[str, ...]:
    return tuple(f"{queries.KIND}:{d.pk}" for d in rows)[:SHOWN]


def decision_order(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-01: a listed matter was decided with no earlier pre-study that agreed."""
    year = Year.at(cases, day)
    return _each(cases, year, lambda d: not queries.was_studied(d, year.studies.get(d.pk, [])), lambda d: d.needs_study)


def decision_quorum(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-02: the deciding meeting and those that studied it were attended as their quorum asks.

    Of a board or a managers' meeting the counts stand with the decision and the row is that of its body.
    """
    year, rows = Year.at(cases, day), Resolver(day)
    nodes = {subject.node.pk: subject.node for subject, _row in cases}

    def bad(d: Decision) -> bool | None:
        meetings = [d.meeting, *(study.meeting for study in year.studies.get(d.pk, []))]
        known = [m.is_valid if m is not None else None for m in meetings if m is None or m.kind.quorum or m.is_valid is not None]
        row = rows.resolve(BODIES[d.body], nodes[d.node_id]) if d.body in BODIES else None
        if row is not None and (d.meeting is None or d.meeting.is_valid is None):
            known.append(_attended(d, row))
        return True if False in known else None if None in known or not known else False

    return _each(cases, year, bad, lambda d: d.is_listed)


def _attended(d: Decision, row: RuleRow) -> bool | None:
    if d.body_members is None or d.body_present is None:
        return None
    return voting.attendance_valid(d.body_members, d.body_present, voting.Numbers.of(row.arguments)).holds


def decision_last_speaker(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-03: the chief spoke last; said by whoever recorded it."""
    year = Year.at(cases, day)
    return _each(cases, year, lambda d: None if d.chief_spoke_last is None else not d.chief_spoke_last, lambda d: d.is_listed)


def decision_changed(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-04: the body changed the opinion, and it did not come back to the committee."""
    year = Year.at(cases, day)
    return _each(cases, year, lambda d: d.is_changed and not queries.has_returned(year.studies.get(d.pk, [])))


def decision_overdue(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-05: a matter by which a decision is carried out is past its day, beyond the grace of the row; decisions of earlier years too."""
    rows = {subject.node.pk: row for subject, row in cases}
    every = queries.decided(list(rows), date(1949, 1, 1), day)
    matters = queries.execution([d.pk for d in every])
    carried: dict[int, list[Decision]] = defaultdict(list)
    for d in every:
        if d.pk in matters:
            carried[d.node_id].append(d)
    year = Year(carried, {}, queries.roles_at([subject.node for subject, _row in cases], day))
    return _each(cases, year, lambda d: any(_is_late(m, day, rows[d.node_id].grace_days) for m in matters[d.pk]))


def _is_late(matter: Matter, day: date, grace: int) -> bool:
    return matter.is_open and matter.due_on + timedelta(days=grace) < day


def decision_roles(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-06: whoever proposed a matter did not record it."""
    year = Year.at(cases, day)

    def bad(d: Decision) -> bool | None:
        return None if d.proposer_id is None or d.recorder_id is None else d.proposer_id == d.recorder_id

    return _each(cases, year, bad)


def decision_list_current(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """DEC-07: the list exists, two persons approved it, and it was looked through within the months of the row."""
    nodes = [subject.node for subject, _row in cases]
    lists, roles = queries.lists_on([node.pk for node in nodes], day), queries.roles_at(nodes, day)
    reviewed = queries.reviewed_on([found.pk for found in lists.values()])
    found = {}
    for subject, row in cases:
        pk = subject.node.pk
        if roles[pk].role in {Role.PARTICIPATE, Role.NONE}:
            found[pk] = Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"role": roles[pk].role})
        else:
            found[pk] = _current(row, lists.get(pk), reviewed, day)
    return found


def _current(row: RuleRow, found: Any, reviewed: dict[int, date], day: date) -> Finding:
    months = row.arguments.get("review_months")
    if months is None:
        return not_enough("review_months")
    if found is None:
        return Finding(State.LATE, row.level, date(day.year, 12, 31), {"missing": "list"})
    last = max(found.approved_on, reviewed.get(found.pk, found.approved_on))
    detail = {"list": str(found), "looked_at_on": str(last)}
    reference = (f"decision_list:{found.pk}",)
    if last > months_before(day, int(months)):
        return Finding(State.MET, Level.GREEN, None, detail, reference)
    return Finding(State.LATE, row.level, day, detail, reference)


def register() -> None:
    """Called from AppConfig.ready."""
    for check in (
        decision_order, decision_quorum, decision_last_speaker, decision_changed, decision_overdue, decision_roles, decision_list_current,
    ):  # fmt: skip
        register_check(check.__name__, check)
