"""The closed list of predicates and what a check finds. A check reminds; a person decides.

    register_check("meeting_count", count_meetings)

A check gets every subject to which a row with its predicate applies, with that row, and answers for each; it asks the database a few
questions for all of them, never one per subject. A predicate without a check answers "not enough data" and says which records it needs.

    register_period_check("meeting_count", count_meetings)

answers for a period as of a day: the period may be over, so that what was not done in it is late.
"""

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rongtong.kernel.periods import Period
from rongtong.organization.models import BusinessUnit, PartyOrganisation
from rongtong.rules.models import Level, RuleRow, State
from rongtong.trees.models import Node

# predicate to the records it reads; nothing else may stand in a row
PREDICATES: Mapping[str, str] = {
    "form_fits_members": "organisation",
    "committee_size": "organisation",
    "reminder_before_expiry": "organisation",
    "term_kept": "organisation",
    "seats_filled": "organisation",
    "articles_clause": "papers",
    "two_way_entry": "people",
    "meeting_count": "meetings",
    "meeting_in_window": "meetings",
    "appraisal_in_window": "meetings",
    "talks_complete": "meetings",
    "chaired_in_person": "meetings",
    "lecture_in_person": "meetings",
    "own_branch_attendance": "meetings",
    "training_hours": "people",
    "items_closed": "ledger",
    "share_at_least": "means",
    "plans_refer": "plans",
    "list_issued": "duties",
    "four_in_person": "duties",
    "decision_order": "decisions",
    "decision_quorum": "decisions",
    "decision_last_speaker": "decisions",
    "decision_changed": "decisions",
    "decision_overdue": "decisions",
    "decision_roles": "decisions",
    "decision_list_current": "decisions",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A node that rules may apply to, with what it is."""

    node: Node
    party: PartyOrganisation | None = None
    unit: BusinessUnit | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The words of `applies_to` that mean it."""
        if self.party is not None:
            return frozenset({self.party.kind})
        found = {"unit"} if self.unit is not None else set()
        return frozenset(found | {"legal_person"} if self.unit is not None and self.unit.is_legal_person else found)


@dataclass(frozen=True, slots=True)
class Finding:
    """State of a rule at a node, when it is due, the facts that say so, and the records behind them (as "kind:id")."""

    state: str
    level: str = Level.GREEN
    due_on: date | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    references: tuple[str, ...] = ()


def not_enough(missing: str) -> Finding:
    """What cannot be said, and which records are missing."""
    return Finding(State.NOT_ENOUGH_DATA, Level.INFO, detail={"missing": missing})


def met(due_on: date | None = None, **detail: Any) -> Finding:
    return Finding(State.MET, Level.GREEN, due_on, detail)


def after_grace(row: RuleRow, since: date, day: date, due_on: date, detail: dict[str, Any], level: str = "") -> Finding:
    """Due until the grace is over, late afterwards."""
    if day <= due_on:
        return Finding(State.DUE, Level.AMBER, due_on, {**detail, "since": str(since)})
    return Finding(State.LATE, level or row.level, due_on, {**detail, "since": str(since)})


@dataclass(frozen=True, slots=True)
class Span:
    """The period a check answers for, and the day on which it answers; a running period ends after that day."""

    period: Period
    day: date

    @property
    def until(self) -> date:
        """The last day of the period that is known."""
        return min(self.day, self.period.ends_on)


def not_done(row: RuleRow, span: Span, due_on: date, detail: dict[str, Any], level: str = "") -> Finding:
    """What was not done yet: not yet due, due in the row's last days, late when the last day (and the grace) is over."""
    last = due_on + timedelta(days=row.grace_days)
    if span.day > last:
        return Finding(State.LATE, level or row.level, due_on, detail)
    if row.amber_days is not None and span.day > due_on - timedelta(days=row.amber_days):
        return Finding(State.DUE, Level.AMBER, due_on, detail)
    return Finding(State.NOT_APPLICABLE, Level.GREEN, due_on, {**detail, "reason": "running"})


Case = tuple[Subject, RuleRow]
Check = Callable[[Sequence[Case], date], Mapping[int, Finding]]
PeriodCheck = Callable[[Sequence[Case], Span], Mapping[int, Finding]]
_checks: dict[str, Check] = {}
_period_checks: dict[str, PeriodCheck] = {}


def register_check(name: str, check: Check) -> None:
    """Packages bring the predicates over their own records; only names of the closed list."""
    _refuse_unknown(name)
    _checks[name] = check


def register_period_check(name: str, check: PeriodCheck) -> None:
    """As `register_check`, for a check that answers for a period as of a day."""
    _refuse_unknown(name)
    _period_checks[name] = check


def _refuse_unknown(name: str) -> None:
    if name not in PREDICATES:
        raise ValueError(f"{name} is not a predicate of the closed list")


def check_of(predicate: str) -> Check:
    """The check of a predicate, or one that says what is missing."""
    return _checks.get(predicate) or (lambda cases, day: {case[0].node.pk: not_enough(PREDICATES[predicate]) for case in cases})


def answers(predicate: str, cases: Sequence[Case], span: Span) -> Mapping[int, Finding]:
    """What the check of a predicate finds for a period; a check that only knows days is asked on the last known day of it."""
    found = _period_checks.get(predicate)
    return found(cases, span) if found else check_of(predicate)(cases, span.until)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month.

    >>> months_before(date(2026, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
