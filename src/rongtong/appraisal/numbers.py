"""Numbers of appraisal: they stand in the rule row APPRAISAL, which a group may override."""

from dataclasses import dataclass, fields
from datetime import date

from rongtong.rules import queries as rules
from rongtong.trees.models import Node

CODE = "APPRAISAL"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Minutes to fill in a criterion that only people can judge, and to read one that records fill; days before an end that reminders go out."""

    minutes_manual: float = 0.0
    minutes_record: float = 0.0
    remind_days: int = 0
    least_present: float = 0.0  # share of the weight that must have data; below it there is no result


def numbers_at(node: Node, day: date) -> Numbers:
    """The numbers that hold at the node that appraises."""
    row = rules.resolve(CODE, node, day)
    given = row.arguments if row else {}
    return Numbers(**{field.name: given[field.name] for field in fields(Numbers) if field.name in given})
