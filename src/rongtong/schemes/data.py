"""What a version of an appraisal scheme says, read from its JSON and written to it; and the facts it is held against.

Weights, rates and points are whole numbers, never floats: 10,000 is 100 % of the whole a weight belongs to, and 100.00 points.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.kernel.language import in_language

WHOLE = 10_000  # 100.00 % or 100.00 points


class Side(TextChoices):
    PARTY = "party", _("Party side")
    PRODUCTION = "production", _("production side")
    OTHER = "other", _("others")


class FactKind(TextChoices):
    """Where a criterion's fact comes from."""

    INDICATOR = "indicator", _("indicator")
    SURVEY = "survey", _("survey question")
    MATTER = "matter", _("figure of the ledger")
    RULE = "rule", _("share of a rule met")
    MANUAL = "manual", _("entered by a reviewer")
    EVENT = "event", _("events entered with their basis")


class Rule(TextChoices):
    """How a fact becomes points."""

    FORMULA = "formula", _("formula")
    BANDS = "bands", _("threshold bands")
    TARGET = "target", _("completion of a target")
    DEDUCTION = "deduction", _("deduction per event")
    BONUS = "bonus", _("bonus")
    MINUS = "minus", _("points taken off")
    VETO = "veto", _("veto item")
    MANUAL = "manual", pgettext_lazy("scoring", "given by the reviewer")
    PEER = "peer", pgettext_lazy("scoring", "given by peers")
    TEST = "test", _("democratic test")


ADJUSTING = frozenset({Rule.BONUS, Rule.MINUS})  # on top of a part's points, outside its weights
WEIGHTLESS = ADJUSTING | {Rule.VETO}


class Model(TextChoices):
    """How the Party result is linked with the business result."""

    L0 = "L0", _("L0 apart")
    L1 = "L1", _("L1 additive shares")
    L1B = "L1b", _("L1b business inside the Party score")
    L1C = "L1c", _("L1c 40/30/30")
    L2 = "L2", _("L2 multiplier")
    L3 = "L3", _("L3 double multiplier")
    L4 = "L4", _("L4 coefficient of the grade")
    L5 = "L5", _("L5 additive with veto")
    L6 = "L6", _("L6 gate")
    L7 = "L7", _("L7 two-way")


def _plain(values: Mapping[str, Any], made: type[Any]) -> dict[str, Any]:
    """What of a mapping a dataclass knows; nothing else is carried along."""
    known = {f.name for f in fields(made)}
    return {name: value for name, value in values.items() if name in known}


@dataclass(frozen=True, slots=True)
class Step:
    """A threshold band [low, high) of a value and the rate it earns; an empty edge is open."""

    low: float | None
    high: float | None
    rate: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """评价要点: a fact, the rule that turns it into points, and its weight inside its part."""

    code: str
    name: str
    weight: int
    kind: str
    rule: str
    name_en: str = ""
    of: str = ""  # code of the indicator, question, figure or rule
    expression: str = ""  # formula: codes of indicators and of other criteria, gives percent
    steps: tuple[Step, ...] = ()
    target: float | None = None  # empty: the unit's own target of the period
    is_cost: bool = False
    floor: int = 0  # completion that earns nothing
    cap: int = WHOLE  # completion above it earns no more
    per: int = 0  # hundredths of a point per event
    most: int = 0  # bonus and points taken off: at most; deduction: at least so many are left
    least: float = 0.0  # answer of a test that earns nothing
    full: float = 100.0  # answer that earns everything
    basis: str = ""  # veto: the document it stands on
    approver: str = ""  # veto: who approves that it is applied
    source: str = ""

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Criterion":
        plain = _plain(content, cls)
        plain["steps"] = tuple(Step(step["low"], step["high"], step["rate"]) for step in plain.get("steps", ()))
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Part:
    """板块: a side's criteria with their common weight in the whole. `coefficient` names the survey question that multiplies it (L3)."""

    code: str
    name: str
    side: str
    weight: int
    criteria: tuple[Criterion, ...]
    name_en: str = ""
    coefficient: str = ""
    full: float = 100.0  # answer that is a coefficient of 1

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Part":
        plain = _plain(content, cls)
        plain["criteria"] = tuple(Criterion.read(row) for row in content["criteria"])
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class GradeBand:
    """A grade from so many hundredths of a point on; `quota` is the largest share of the rated units that may hold it."""

    code: str
    name: str
    low: int
    name_en: str = ""
    quota: int | None = None

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class Linkage:
    """The model with its arguments."""

    model: str = Model.L1
    full: int = WHOLE  # L2, L3: Party points that multiply by 1
    inside: int = 0  # L1b: share of business inside the Party score
    to_party: int = 0  # L7: share of business inside the Party score
    to_production: int = 0  # L7: share of the Party score inside the business result
    steps: int = 1  # L6: so many grades above the gate's
    is_reverse: bool = False  # L6: the business grade is the gate
    coefficients: Mapping[str, int] = field(default_factory=dict)  # L4: grade of Party work to coefficient

    @property
    def is_joint(self) -> bool:
        """Whether the unit's business result depends on Party work at all; L1b only lets business into the Party score."""
        return self.model not in {Model.L0, Model.L1B} and not (self.model == Model.L6 and self.is_reverse)


@dataclass(frozen=True, slots=True)
class SchemeData:
    """A version's parts, linkage, grade bands (best first) and the grade to which a veto caps."""

    parts: tuple[Part, ...]
    bands: tuple[GradeBand, ...]
    linkage: Linkage = field(default_factory=Linkage)
    veto_grade: str = ""

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "SchemeData":
        """From the JSON of a version."""
        return cls(
            parts=tuple(Part.read(row) for row in content["parts"]),
            bands=tuple(GradeBand(**_plain(row, GradeBand)) for row in content["bands"]),
            linkage=Linkage(**_plain(content.get("linkage", {}), Linkage)),
            veto_grade=content.get("veto_grade", ""),
        )

    def write(self) -> dict[str, Any]:
        """Plain JSON: tuples become lists."""
        content = asdict(self)
        content["linkage"]["coefficients"] = dict(self.linkage.coefficients)
        return {name: _lists(inner) for name, inner in content.items()}

    def criteria(self) -> Iterator[tuple[Part, Criterion]]:
        """Every criterion with its part, in order."""
        return ((part, criterion) for part in self.parts for criterion in part.criteria)

    def where(self, test: Callable[[Criterion], bool]) -> list[Criterion]:
        return [criterion for _part, criterion in self.criteria() if test(criterion)]

    def grade(self, code: str) -> GradeBand | None:
        return next((band for band in self.bands if band.code == code), None)


def digest_of(content: Any) -> str:
    """SHA-256 of what a version says."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lists(inner) for name, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a criterion at a unit: a value or the reason why there is none, and the records it stands on.

    A veto event counts only with `basis` and `approver`; `inputs` are the indicators of a formula; `target` is the unit's own.
    The fact of a part's coefficient (L3) stands under the part's code.
    """

    value: float | None
    reason: str = ""
    references: tuple[str, ...] = ()
    target: float | None = None
    inputs: Mapping[str, float | None] = field(default_factory=dict)
    basis: str = ""
    approver: str = ""
    note: str = ""  # what was counted, in words

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, as a snapshot keeps it."""
        return {**asdict(self), "references": list(self.references), "inputs": dict(self.inputs)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Fact":
        plain = _plain(content, cls)
        return cls(**{**plain, "references": tuple(plain.get("references", ()))})
