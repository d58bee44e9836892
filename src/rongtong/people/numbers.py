"""Numbers of ability: they stand in the rule row ABILITY, which a group may override; study hours stand in OL-14."""

from dataclasses import dataclass, fields
from datetime import date

from rongtong.organization.models import anniversary
from rongtong.rules import queries as rules
from rongtong.trees.models import Node

CODE, HOURS = "ABILITY", "OL-14"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Years in business posts that make a secretary dual-skilled; years that a leader counts as newly promoted; months in a post that show something."""

    business_years: float
    flow_years: float
    evidence_months: float


class Asked:
    """The numbers at any number of nodes, read once; None where no row gives all of them."""

    def __init__(self, day: date) -> None:
        self.resolver = rules.Resolver(day, CODE)

    def at(self, path: str) -> Numbers | None:
        row = self.resolver.resolve(CODE, Node(path=path))
        given = row.arguments if row else {}
        names = [field.name for field in fields(Numbers)]
        return Numbers(**{name: float(given[name]) for name in names}) if all(name in given for name in names) else None


def years_before(day: date, years: float) -> date:
    """The same day so many whole years earlier.

    >>> years_before(date(2026, 2, 28), 2)
    datetime.date(2024, 2, 28)
    """
    return anniversary(day, -int(years))
