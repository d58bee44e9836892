"""Small schemes and facts to count with by hand."""

from collections.abc import Mapping
from typing import Any

from rongtong.schemes.data import Criterion, Fact, GradeBand, Linkage, Part, SchemeData

GRADES = (GradeBand("A", "优秀", 9000), GradeBand("B", "良好", 8000), GradeBand("C", "一般", 6000), GradeBand("D", "较差", 0))


def criterion(code: str, weight: int = 10_000, **more: Any) -> Criterion:
    given: dict[str, Any] = {"name": code, "kind": "manual", "rule": "manual"} | more
    return Criterion(code=code, weight=weight, **given)


def part(code: str, side: str, weight: int, *criteria: Criterion, **more: Any) -> Part:
    return Part(code, code, side, weight, criteria or (criterion(f"{code}1"),), **more)


def scheme(model: str = "L1", parts: tuple[Part, ...] | None = None, bands: tuple[GradeBand, ...] = GRADES, **more: Any) -> SchemeData:
    """Party 25 %, production 75 %, each with one criterion that a reviewer gives, unless said otherwise."""
    veto = more.pop("veto_grade", "")
    return SchemeData(parts or (part("P", "party", 2500), part("B", "production", 7500)), bands, Linkage(model, **more), veto)


def facts(**values: float | None) -> dict[str, Fact]:
    """Codes to values; None is missing."""
    return {code: Fact(value, "" if value is not None else "nobody entered it") for code, value in values.items()}


def units(*rows: Mapping[str, float | None]) -> dict[int, dict[str, Fact]]:
    return {at: facts(**row) for at, row in enumerate(rows, start=1)}
