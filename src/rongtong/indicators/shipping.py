"""The indicators and sets that the product ships, read from its data files."""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from rongtong.indicators.models import Frequency

FILES = resources.files("rongtong.indicators") / "data"


@dataclass(frozen=True, slots=True)
class ShippedSet:
    """A class's set: subsystem to (indicator code, weight) pairs."""

    class_code: str
    name: str
    name_en: str
    version: str
    starts_on: date
    issued_by: str
    weights: dict[str, dict[str, float]] = field(default_factory=dict)


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((FILES / name).read_text(encoding="utf-8"))


@cache
def shipped_indicators() -> tuple[dict[str, Any], ...]:
    """Field values of every shipped indicator."""
    return tuple(_fields(row) for row in _load("indicators.toml")["indicator"])


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    same = (
        "code",
        "name",
        "name_en",
        "subsystem",
        "dimension",
        "direction",
        "kind",
        "aggregate",
        "formula",
        "formula_en",
        "definition",
        "definition_en",
    )
    fields = {name: row[name] for name in same}
    return {
        **fields,
        "unit_text": row["unit"],
        "unit_text_en": row["unit_en"],
        "scale": row["scale"],
        "decimals": row.get("decimals", 1),
        "frequency": row.get("frequency", Frequency.MONTH),
        "hold_months": row.get("hold", 0),
        "cap": row.get("cap"),
        "is_veto": row.get("veto", False),
        "is_on": not row.get("off", False),
        "collector": row.get("collector", ""),
        "owner_hint": row["owner"],
        "source_text": row["source"],
    }


@cache
def shipped_sets() -> tuple[ShippedSet, ...]:
    data = _load("sets.toml")
    common: dict[str, dict[str, float]] = data["common"]
    return tuple(
        ShippedSet(
            class_code=code,
            name=row["name"],
            name_en=row["name_en"],
            version=data["version"],
            starts_on=data["starts_on"],
            issued_by=data["issued_by"],
            weights={**common, **({"production": row["production"]} if "production" in row else {})},
        )
        for code, row in data["set"].items()
    )


@cache
def shipped_bands() -> dict[str, list[list[float]]]:
    bands: dict[str, list[list[float]]] = _load("sets.toml")["bands"]
    return bands


@cache
def quality_arguments() -> dict[str, float]:
    arguments: dict[str, float] = _load("quality.toml")["arguments"]
    return arguments
