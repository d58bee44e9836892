"""Numbers of the ledger: they stand in the rule row LEDGER, which a group or a unit may override."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from rongtong.rules import queries as rules
from rongtong.trees.models import Node

CODE = "LEDGER"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Days and counts that hold at a node."""

    acknowledge_days: int
    soon_days: int
    urges_to_escalate: int
    look_back_days: int
    answer_days: int
    link_confirm_days: int
    ahead_days: int


class Reader:
    """Reads the row once for many nodes."""

    def __init__(self, day: date) -> None:
        self._resolver = rules.Resolver(day, CODE)

    def at(self, node: Node) -> Numbers:
        row = self._resolver.resolve(CODE, node)
        return _numbers(row.arguments if row else {})

    def national(self) -> Numbers:
        row = self._resolver.by_code.get(CODE, {}).get("")
        return _numbers(row.arguments if row else {})


def _numbers(given: Mapping[str, Any]) -> Numbers:
    return Numbers(**{field.name: int(given.get(field.name, 0)) for field in fields(Numbers)})


def numbers_at(node: Node, day: date) -> Numbers:
    return Reader(day).at(node)
