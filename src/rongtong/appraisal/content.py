"""Frozen readers of a sheet's JSON columns, and the one way in which facts, scheme and scores become bytes that are hashed.

>>> canonical({"b": 1, "a": 0.1}) == canonical({"a": 0.1, "b": 1.0})
True
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rongtong.schemes.data import Fact
from rongtong.schemes.results import Capped, Line, PartScore, Scored


@dataclass(frozen=True, slots=True)
class Head:
    """Who led the unit at launch."""

    post: int
    title: str
    person: int
    name: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A Party organisation of the unit at launch."""

    node: int
    name: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a unit was when its round was launched."""

    name: str = ""
    heads: tuple[Head, ...] = ()
    parties: tuple[Organisation, ...] = ()

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Frozen":
        heads = tuple(Head(**row) for row in content.get("heads", ()))
        return cls(content.get("name", ""), heads, tuple(Organisation(**row) for row in content.get("parties", ())))

    def stored(self) -> dict[str, Any]:
        return {"name": self.name, "heads": [asdict(row) for row in self.heads], "parties": [asdict(row) for row in self.parties]}


def write_facts(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {code: asdict(fact) | {"references": list(fact.references), "inputs": dict(fact.inputs)} for code, fact in facts.items()}


def read_facts(content: Mapping[str, Any]) -> dict[str, Fact]:
    return {code: Fact(**row | {"references": tuple(row["references"])}) for code, row in content.items()}


def write_scored(scored: Scored) -> dict[str, Any]:
    """Plain JSON: tuples become lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(scored).items()}


def read_scored(content: Mapping[str, Any]) -> Scored:
    rows = {"lines": Line, "parts": PartScore, "capped": Capped}
    made = {name: tuple(kind(**row) for row in content[name]) for name, kind in rows.items()}
    return Scored(**dict(content) | made | {"vetoes_without_basis": tuple(content["vetoes_without_basis"])})


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a version of a sheet holds: the facts, and what the scheme made of them."""

    facts: Mapping[str, Fact]
    scored: Scored

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Scoring":
        return cls(read_facts(content["facts"]), read_scored(content["scored"]))

    def stored(self) -> dict[str, Any]:
        return {"facts": write_facts(self.facts), "scored": write_scored(self.scored)}


def canonical(value: Any) -> str:
    """JSON with sorted keys and every number in full: PostgreSQL writes 1e22 as an integer, and rounding would hide a change."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return float(value) + 0.0  # a negative zero is a zero
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value]


def digest(value: Any) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
