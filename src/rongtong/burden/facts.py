"""Facts that the system holds already. A fact is entered once, by whoever owns it; every form and export shows it from there.

    register_facts(Fact("party.elected_on", _("day of the last election"), _("page of the Party organisation"), "P", elected_on))

`values(node_ids, day)` gives the text of a fact at nodes, and leaves out the nodes of which nothing is known: missing is not zero. A fact
without `values` is kept as records of which a unit has many (meetings, carriers): it can be looked up, not filled in.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongtong.trees.models import Node

Values = Callable[[Sequence[int], date], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the system knows: what it is, where it is entered, at nodes of which tree ("" both), and how it is read."""

    code: str
    name: Any
    kept_in: Any
    tree: str = ""
    values: Values | None = None

    @property
    def is_filled_in(self) -> bool:
        return self.values is not None


Family = Callable[[], Iterable[Fact]]
_facts: dict[str, Fact] = {}
_families: dict[str, Family] = {}


def register_facts(*facts: Fact) -> None:
    """Called from the owner's AppConfig.ready."""
    _facts.update({fact.code: fact for fact in facts})


def register_family(prefix: str, family: Family) -> None:
    """Facts whose list stands in the database (every indicator is one); all their codes begin with the prefix and a colon."""
    _families[prefix] = family


def facts() -> list[Fact]:
    """Every fact, by code."""
    found = dict(_facts)
    for family in _families.values():
        found |= {fact.code: fact for fact in family()}
    return [found[code] for code in sorted(found)]


def facts_of(codes: Collection[str]) -> dict[str, Fact]:
    """These facts, as far as they are held; a family is only asked if one of the codes is its own."""
    found = {code: _facts[code] for code in codes if code in _facts}
    for prefix, family in _families.items():
        if any(code.startswith(f"{prefix}:") for code in codes):
            found |= {fact.code: fact for fact in family() if fact.code in codes}
    return found


def filled_in(codes: Collection[str], nodes: Sequence[Node], day: date) -> dict[tuple[str, int], str]:
    """(fact, node) to its text on a day, one question a fact; what is not known is absent."""
    found: dict[tuple[str, int], str] = {}
    for fact in facts_of(codes).values():
        if fact.values is not None:
            places = [node.pk for node in nodes if fact.tree in {"", node.tree}]
            found |= {(fact.code, pk): text for pk, text in fact.values(places, day).items() if text}
    return found
