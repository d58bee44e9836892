"""The method file of `measure`: defaults are those of published cases (INTERFACES 3)."""

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from rongtong.panel.files import BadPanel

_CHOICES = {
    "normalisation": ("minmax",),
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
            for key in ("span", "subsystem_weights"):
                if key in data:
                    data[key] = (float(data[key][0]), float(data[key][1]))
            method = cls(**data)
            method.check()
        except (TypeError, ValueError, IndexError) as wrong:
            raise BadPanel(f"{path}::: {wrong}; correct the value") from wrong
        return method

    def check(self) -> None:
        """ValueError names the first setting out of range."""
        for key, known in _CHOICES.items():
            if getattr(self, key) not in known:
                raise ValueError(f"{key} is {getattr(self, key)!r}, one of {', '.join(known)} is possible")
        if not self.span[0] < self.span[1]:
            raise ValueError("span needs low < high")
        if abs(sum(self.subsystem_weights) - 1) > 1e-9 or min(self.subsystem_weights) < 0:
            raise ValueError("subsystem_weights must be 0 or more and sum to 1")
        if not (
            0 <= self.min_coverage <= 1
            and 0 <= self.epsilon < 0.5
            and 0 < self.level < 1
            and self.obstacles >= 0
            and self.lag_tolerance >= 0
        ):
            raise ValueError("min_coverage, epsilon, level, obstacles or lag_tolerance is out of range")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
