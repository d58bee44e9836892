"""Numbers of surveys: they stand in the rule row SURVEY. A group may ask for more protection there, never for less."""

from dataclasses import dataclass, fields
from datetime import date

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.rules import queries as rules
from rongtong.trees.models import Node

CODE = "SURVEY"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Answers that a cell of scores and a list of words need; days between two waves that ask the same people the same."""

    k_score: int
    k_text: int
    gap_days: int


def numbers_at(node: Node, day: date) -> Numbers:
    """The strictest of the rows above a node: an override can raise a number, it cannot lower it."""
    rows = [row.arguments for row in rules.chain(CODE, node, day)]
    if not rows:
        raise Refused(_("The rule row SURVEY is missing"), remedy=_("install the shipped rules"), code="no_rule")
    found = {field.name: max(int(row[field.name]) for row in rows if field.name in row) for field in fields(Numbers)}
    return Numbers(**found)
