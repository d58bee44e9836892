"""All inspections of a year in one table: a row a unit, a column a month, and where two visits could be one."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from rongtong.inspections import queries
from rongtong.inspections.models import RUNNING, Place, Stage
from rongtong.inspections.numbers import numbers_at
from rongtong.trees.models import Node


@dataclass(slots=True)
class Row:
    """What comes to one unit in the year, by month, and the pairs that lie close together."""

    node: Node
    months: dict[int, list[Place]] = field(default_factory=lambda: defaultdict(list))
    pairs: int = 0

    @property
    def cells(self) -> list[list[Place]]:
        return [self.months.get(month, []) for month in range(1, 13)]

    @property
    def count(self) -> int:
        """Visits, not inspections: a combined one counts once."""
        return sum(1 for found in self.months.values() for place in found if place.combined_with_id is None)


@dataclass(frozen=True, slots=True)
class Table:
    """A page of rows; `after` is the path behind which the next page begins."""

    rows: list[Row]
    inspections: int
    units: int
    pairs: int
    after: str


def of_year(actor: Any, year: int, day: date, *, after: str, most: int) -> Table:
    """The places of a year that the actor sees, unit by unit."""
    every = queries.places(actor).filter(inspection__year=year).exclude(inspection__stage=Stage.CANCELLED)
    paths = list(every.order_by("node__path").values_list("node__path", flat=True).distinct())
    shown = [path for path in paths if path > after][: most + 1]
    rows: dict[int, Row] = {}
    for place in every.filter(node__path__in=shown[:most]):
        row = rows.setdefault(place.node_id, Row(place.node))
        row.months[queries.day_of(place).month].append(place)
    days: dict[int, int] = {}
    for row in rows.values():
        inspector = next(place.inspection.node for found in row.months.values() for place in found)
        if inspector.pk not in days:
            days[inspector.pk] = numbers_at(inspector, day).combine_days
        row.pairs = _pairs(row, days[inspector.pk])
    found = sorted(rows.values(), key=lambda row: row.node.path)
    count = every.order_by().values("inspection").distinct().count()
    return Table(found, count, len(paths), sum(row.pairs for row in found), shown[most - 1] if len(shown) > most else "")


def _pairs(row: Row, most: int) -> int:
    """Running visits next to each other in time that are not one yet."""
    days = sorted(
        queries.day_of(place)
        for found in row.months.values()
        for place in found
        if place.combined_with_id is None and place.inspection.stage in RUNNING
    )
    return sum((later - sooner).days <= most for sooner, later in pairwise(days))


def next_place(actor: Any, day: date) -> Place | None:
    """What comes next to the actor's own units."""
    rows = queries.places(actor).filter(inspection__stage=Stage.ISSUED, inspection__ends_on__gte=day)
    return rows.order_by("inspection__starts_on", "node__path", "pk").first()
