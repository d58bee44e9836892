"""From a finding to the records behind it and to the way to mend it. Packages that bring a check register where its records are.

register_trail("meeting_count", records=url_of_meetings, mend=prepare_one)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rongtong.kernel.periods import Period, PeriodKind
from rongtong.rules.models import RuleResult


@dataclass(frozen=True, slots=True)
class Way:
    """A button: what one does, and where."""

    label: str
    url: str


Trail = Callable[[Any, RuleResult], Way | None]
_records: dict[str, Trail] = {}
_mend: dict[str, Trail] = {}


def register_trail(predicate: str, *, records: Trail | None = None, mend: Trail | None = None) -> None:
    """Called from the owner's AppConfig.ready; each gets the actor and the result with its row and node."""
    if records is not None:
        _records[predicate] = records
    if mend is not None:
        _mend[predicate] = mend


def records_of(actor: Any, result: RuleResult) -> Way | None:
    """The list in which the records of a result's period stand."""
    found = _records.get(result.row.predicate)
    return found(actor, result) if found else None


def mend_of(actor: Any, result: RuleResult) -> Way | None:
    """What this actor can do about it, if the owner of the records knows."""
    found = _mend.get(result.row.predicate)
    return found(actor, result) if found else None


def period_of(result: RuleResult) -> Period:
    """The period that a result answers for."""
    return Period.of(PeriodKind(result.row.period_kind or PeriodKind.MONTH), result.period)
