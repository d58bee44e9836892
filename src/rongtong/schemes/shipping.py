"""The schemes shipped to start from: read from TOML, sound as they stand, editable as any draft."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rongtong.kernel.language import in_language
from rongtong.schemes.arguments import hundredths, read, read_linkage
from rongtong.schemes.data import Criterion, FactKind, GradeBand, Part, Rule, SchemeData

_FIELDS = ("code", "name", "name_en", "weight", "kind", "of", "rule", "arguments", "source")


@dataclass(frozen=True, slots=True)
class Template:
    code: str
    name: str
    name_en: str
    source: str
    source_en: str
    data: SchemeData

    @property
    def label(self) -> str:
        """Its name and where it is from: published [F], one unit's practice [L], or our proposal [P]."""
        return f"{in_language(self.name, self.name_en)} · {in_language(self.source, self.source_en)}"


@cache
def templates() -> tuple[Template, ...]:
    """Every shipped scheme, in the order of the file."""
    content = tomllib.loads((files("rongtong.schemes") / "shipped" / "templates.toml").read_text(encoding="utf-8"))
    grades = tuple(_grade(row) for row in content["grades"])
    return tuple(_template(row, grades, content["veto"]) for row in content["template"])


def template(code: str) -> Template | None:
    return next((row for row in templates() if row.code == code), None)


def default_grades() -> tuple[GradeBand, ...]:
    return templates()[0].data.bands


def _grade(row: Sequence[Any]) -> GradeBand:
    code, name, name_en, low, *quota = row
    return GradeBand(code, name, 100 * low, name_en, 100 * quota[0] if quota else None)


def _template(row: Mapping[str, Any], grades: tuple[GradeBand, ...], veto: Mapping[str, str]) -> Template:
    parts = tuple(_part(part, veto) for part in row["part"])
    data = SchemeData(parts, grades, read_linkage(row["model"], row["arguments"]), row["veto_grade"])
    return Template(row["code"], row["name"], row["name_en"], row["source"], row["source_en"], data)


def _part(row: Mapping[str, Any], veto: Mapping[str, str]) -> Part:
    criteria = [_criterion(dict(zip(_FIELDS, values, strict=True))) for values in row["criteria"]]
    if row.get("has_veto"):
        criteria.append(_veto(veto))
    more = {"coefficient": row["coefficient"], "full": float(row["full"])} if "coefficient" in row else {}
    return Part(row["code"], row["name"], row["side"], hundredths(row["weight"]), tuple(criteria), row["name_en"], **more)


def _veto(given: Mapping[str, str]) -> Criterion:
    return Criterion(
        given["code"], given["name"], 0, FactKind.EVENT, Rule.VETO, given["name_en"], basis=given["basis"], approver=given["approver"],
        source=given["source"],
    )  # fmt: skip


def _criterion(given: dict[str, Any]) -> Criterion:
    text, weight = given.pop("arguments"), hundredths(given["weight"]) if given["weight"] else 0
    return Criterion(**{**given, "weight": weight}, **read(given["rule"], text, weight))
