"""The method file of `measure`: defaults are those of published cases (INTERFACES 3)."""

import math
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from rongtong.panel.files import BadPanel

_CHOICES = {
    "normalisation": ("minmax", "vector", "sum", "rank"),
    "weighting": ("entropy", "critic", "std", "equal", "given", "combined"),
    "scaling": ("minmax", "none"),
    "zeros": ("squeeze", "clip", "drop"),
    "coupling": ("standard", "wang2021", "fan"),
    "bands": ("ten", "four"),
}


@dataclass(frozen=True, slots=True)
class Method:
    normalisation: str = "minmax"
    span: tuple[float, float] = (0.0, 1.0)
    weighting: str = "entropy"
    scaling: str = "minmax"
    zeros: str = "squeeze"
    epsilon: float = 0.002
    coupling: str = "standard"
    subsystem_weights: tuple[float, float] = (0.5, 0.5)
    min_coverage: float = 0.7
    obstacles: int = 3
    row_share: bool = True
    lag_tolerance: float = 0.1
    bands: str = "ten"
    seed: int = 0
    level: float = 0.95

    @classmethod
    def load(cls, path: Path) -> "Method":
        """Read a TOML file; unknown keys and values out of range are refused."""
        try:
            data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
            raise BadPanel(f"{path}::: cannot be read ({broken}); write a TOML file") from broken
        known = [field.name for field in fields(cls)]
        for key in data:
            if key not in known:
                raise BadPanel(f"{path}:::{key} is not a setting; use {', '.join(known)}")
        try:
            for key, value in data.items():
                data[key] = _typed(key, value, getattr(cls(), key))
            method = cls(**data)
            method.check()
        except ValueError as wrong:
            raise BadPanel(f"{path}::: {wrong}; correct the value") from wrong
        return method

    @property
    def is_plain(self) -> bool:
        """Whether z is used as it is, without a span."""
        return self.span == (0.0, 1.0)

    def check(self) -> None:
        """ValueError names the first setting out of range."""
        for key, known in _CHOICES.items():
            if getattr(self, key) not in known:
                raise ValueError(f"{key} is {getattr(self, key)!r}, one of {', '.join(known)} is possible")
        if not 0 <= self.span[0] < self.span[1] <= 1:
            raise ValueError("span needs 0 <= low < high <= 1, because coupling takes scores in [0, 1]")
        if self.normalisation != "minmax" and not self.is_plain:
            raise ValueError(f"normalisation {self.normalisation!r} takes no span")
        if abs(sum(self.subsystem_weights) - 1) > 1e-9 or min(self.subsystem_weights) < 0:
            raise ValueError("subsystem_weights must be 0 or more and sum to 1")
        for key, is_fit, wanted in (
            ("min_coverage", 0 <= self.min_coverage <= 1, "0 to 1"),
            ("epsilon", 0 <= self.epsilon < 0.5, "0 or more, below 0.5"),
            ("level", 0 < self.level < 1, "between 0 and 1"),
            ("obstacles", self.obstacles >= 0, "0 or more"),
            ("lag_tolerance", 0 <= self.lag_tolerance <= 1, "0 to 1"),
            ("seed", self.seed >= 0, "0 or more"),
        ):
            if not is_fit:
                raise ValueError(f"{key} is {getattr(self, key)}, {wanted} is possible")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _typed(key: str, value: Any, default: Any) -> Any:
    """The value in the type of its default: a whole number for a whole number, two numbers for a pair, yes or no for yes or no."""
    kind = (
        "true or false"
        if isinstance(default, bool)
        else {int: "a whole number", float: "a number", str: "a word", tuple: "two numbers"}[type(default)]
    )
    if isinstance(default, tuple) and isinstance(value, list) and len(value) == len(default):
        return tuple(_typed(key, part, 0.0) for part in value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, float) and is_number and math.isfinite(value):
        return float(value)
    if not isinstance(default, (float, tuple)) and type(value) is type(default):
        return value
    raise ValueError(f"{key} is {value!r}, {kind} is possible")
