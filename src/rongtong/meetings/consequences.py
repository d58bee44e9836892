"""What a meeting changes elsewhere, at once: the rules of its organisation and those above it are looked at again."""

from collections.abc import Iterable
from datetime import date

from rongtong.kernel.periods import month_of
from rongtong.meetings.checks import nodes_of
from rongtong.meetings.models import Meeting
from rongtong.rules import evaluating
from rongtong.rules import queries as rules
from rongtong.rules.checks import PREDICATES

READS = frozenset({"meetings", "ledger", "people"})  # what the predicates read that a meeting may change


def codes() -> frozenset[str]:
    """Rules over meetings, what they agreed, and study."""
    predicates = [name for name, reads in PREDICATES.items() if reads in READS]
    return rules.codes_with(predicates)


def of(meeting: Meeting, *, before: date | None = None) -> int:
    """Called inside the act that held, signed, amended or cancelled a meeting; `before` is the day on which it was held until then.
    Returns how many results changed."""
    days = {day for day in (meeting.held_on, before) if day is not None}
    nodes, wanted = nodes_of(meeting), codes()
    return sum(evaluating.renew(nodes, day, wanted) for day in sorted(days))


def of_many(days: Iterable[date]) -> None:
    """Called inside an act that recorded many: the next run of the checks looks at these months."""
    evaluating.mark_changed(month_of(day) for day in days)
