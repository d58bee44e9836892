"""Numbers of inspections: they stand in the rule row INSPECTION, which a group may override."""

from dataclasses import dataclass, fields
from datetime import date

from rongtong.rules import queries as rules
from rongtong.trees.models import Node

CODE = "INSPECTION"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Days between two visits that should be one; days to mend, by class; people of the unit on site."""

    combine_days: int = 0
    at_once_days: int = 0
    within_limit_days: int = 0
    long_term_days: int = 0
    people: int = 1

    def days_of(self, pace: str) -> int:
        return int(getattr(self, f"{pace}_days"))


def numbers_at(node: Node, day: date) -> Numbers:
    """The numbers that hold at the node that inspects."""
    row = rules.resolve(CODE, node, day)
    given = row.arguments if row else {}
    return Numbers(**{field.name: int(given[field.name]) for field in fields(Numbers) if field.name in given})
