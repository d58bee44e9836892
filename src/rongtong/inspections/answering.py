"""What records say of an item at a place, before anybody goes there: the results of its rule over the periods of the year."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongtong.kernel.reference import Reference
from rongtong.organization.models import BusinessUnit, PartyOrganisation
from rongtong.rules.checks import Subject
from rongtong.rules.models import RuleResult
from rongtong.rules.queries import Resolver
from rongtong.trees.models import LinkKind, Node, TreeLink

# the first that occurs in a year is the year's answer: one late month is late, and what is not known is not well
ORDER = ("late", "not_enough_data", "due", "excused", "met", "not_applicable")
MOST_REFERENCES = 60


@dataclass(frozen=True, slots=True)
class Said:
    """An answer from records: its state, the periods in that state, how many there are, and the records behind them as "kind:id"."""

    state: str
    periods: tuple[int, ...] = ()
    of: int = 0
    references: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        return {"periods": list(self.periods), "of": self.of, "references": list(self.references)}

    @classmethod
    def read(cls, state: str, stored: Mapping[str, Any]) -> "Said":
        return cls(state, tuple(stored.get("periods", ())), int(stored.get("of", 0)), tuple(stored.get("references", ())))

    @property
    def records(self) -> list[Reference]:
        return [Reference.parse(text) for text in self.references]


Result = tuple[int, str, Sequence[str]]  # period, state, references


def summed(results: Iterable[Result]) -> Said:
    """The answer over a year's periods.

    >>> summed([(202603, "met", ()), (202606, "late", ()), (202609, "met", ())]).periods
    (202606,)
    """
    rows = sorted(results)
    found = next((state for state in ORDER if any(row[1] == state for row in rows)), "not_enough_data")
    behind = [text for row in rows if row[1] == found for text in row[2]]
    counted = [row for row in rows if row[1] != "not_applicable"]
    periods = tuple(row[0] for row in rows if row[1] == found)
    return Said(found, periods, len(counted), tuple(dict.fromkeys(behind))[:MOST_REFERENCES])


def said(nodes: Sequence[Node], codes: Collection[str], year: int, day: date) -> dict[tuple[int, str], Said]:
    """(place, rule) to what the records of a year say; a rule that asks nothing of a place is not applicable there."""
    near = _near(nodes, day)
    every = {pk for found in near.values() for pk in found}
    rows: dict[tuple[int, str], list[Result]] = defaultdict(list)
    found = RuleResult.objects.filter(node__in=every, rule_code__in=list(codes), period__gte=year * 100 + 1, period__lte=year * 100 + 12)
    for node, code, period, state, references in found.values_list("node_id", "rule_code", "period", "state", "references").order_by("pk"):
        rows[node, code].append((period, state, tuple(references)))
    asked = _asked(every, codes, day)
    return {(node.pk, code): _at(near[node.pk], code, rows, asked) for node in nodes for code in codes}


def _at(near: Sequence[int], code: str, rows: Mapping[tuple[int, str], list[Result]], asked: set[tuple[int, str]]) -> Said:
    here = [row for pk in near for row in rows.get((pk, code), ())]
    if here:
        return summed(here)
    return Said("not_enough_data" if any((pk, code) in asked for pk in near) else "not_applicable")


def _near(nodes: Sequence[Node], day: date) -> dict[int, list[int]]:
    """A unit is answered for by itself and by the organisations that are its own or joint ones."""
    links: dict[int, list[int]] = defaultdict(list)
    pairs = TreeLink.objects.on(day).filter(unit__in=[node.pk for node in nodes], kind__in=[LinkKind.OWN, LinkKind.JOINT])
    for unit, party in pairs.order_by("pk").values_list("unit_id", "party_id"):
        links[unit].append(party)
    return {node.pk: [node.pk, *links.get(node.pk, ())] for node in nodes}


def _asked(nodes: Collection[int], codes: Collection[str], day: date) -> set[tuple[int, str]]:
    """Pairs of node and rule where a row in force asks for something."""
    resolver, found = Resolver(day), set()
    parties = PartyOrganisation.objects.filter(node__in=list(nodes)).select_related("node")
    units = BusinessUnit.objects.filter(node__in=list(nodes)).select_related("node")
    for subject in [*(Subject(p.node, party=p) for p in parties), *(Subject(u.node, unit=u) for u in units)]:
        for code in codes:
            row = resolver.resolve(code, subject.node)
            if row is not None and row.predicate and not subject.kinds.isdisjoint(row.applies_to):
                found.add((subject.node.pk, code))
    return found
