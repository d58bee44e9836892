"""What a decision, a list or a role changes elsewhere, at once: the rules over decisions are looked at again at its organisation."""

from datetime import date

from rongtong.kernel import clock
from rongtong.rules import evaluating
from rongtong.rules import queries as rules
from rongtong.rules.checks import PREDICATES

READS = "decisions"


def at(node_id: int, day: date | None = None) -> int:
    """Called last inside the act; `day` is the day of the record. Returns how many results changed."""
    predicates = [name for name, reads in PREDICATES.items() if reads == READS]
    return evaluating.renew([node_id], day or clock.today(), rules.codes_with(predicates))
