"""A whole draft as one form: what was typed, row by row, kept as it is where it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.kernel.language import in_language
from rongtong.schemes import arguments
from rongtong.schemes.checking import Fault, Known, faults
from rongtong.schemes.data import Criterion, GradeBand, Linkage, Part, SchemeData

Typed = dict[str, str]
CRITERION = ("code", "name", "name_en", "weight", "kind", "of", "rule", "arguments", "basis", "approver", "source")
PART = ("code", "name", "name_en", "side", "weight", "coefficient", "full")
GRADE = ("code", "name", "name_en", "low", "quota", "factor")
HEAD = ("model", "arguments", "veto_grade")
MOST_ROWS = 220
SPARE = 2  # empty rows to add something in


@dataclass(frozen=True, slots=True)
class TypedPart:
    values: Typed
    criteria: list[Typed]
    number: int = 0


@dataclass(frozen=True, slots=True)
class TypedScheme:
    """What stands in the fields of the form."""

    head: Typed
    grades: list[Typed]
    parts: list[TypedPart]
    faults: list[Fault] = field(default_factory=list)


def typed_of(data: SchemeData) -> TypedScheme:
    """The fields for what a version says, with spare rows."""
    is_graded = data.linkage.model == "L4"
    head = {
        "model": data.linkage.model,
        "arguments": "" if is_graded else _in_page_words(arguments.write_linkage(data.linkage)),
        "veto_grade": data.veto_grade,
    }
    grades = [
        {
            "code": band.code, "name": band.name, "name_en": band.name_en, "low": arguments.plain(band.low),
            "quota": "" if band.quota is None else arguments.plain(band.quota),
            "factor": arguments.plain(data.linkage.coefficients[band.code] // 100) if band.code in data.linkage.coefficients else "",
        }
        for band in data.bands
    ]  # fmt: skip
    parts = [TypedPart(_part_fields(part), [_criterion_fields(c) for c in part.criteria]) for part in data.parts]
    return _spare(TypedScheme(head, grades, parts))


def _in_page_words(text: str) -> str:
    return in_language(arguments.in_chinese(text), text)


def _part_fields(part: Part) -> Typed:
    full = f"{part.full:g}" if part.coefficient else ""
    return {
        "code": part.code, "name": part.name, "name_en": part.name_en, "side": part.side, "weight": arguments.plain(part.weight),
        "coefficient": part.coefficient, "full": full,
    }  # fmt: skip


def _criterion_fields(c: Criterion) -> Typed:
    return {
        "code": c.code, "name": c.name, "name_en": c.name_en, "weight": arguments.plain(c.weight) if c.weight else "", "kind": c.kind, "of": c.of,
        "rule": c.rule, "arguments": _in_page_words(arguments.write(c)), "basis": c.basis, "approver": c.approver, "source": c.source,
    }  # fmt: skip


def _spare(typed: TypedScheme) -> TypedScheme:
    """With empty rows at every end, and the parts numbered."""
    parts = [*typed.parts, TypedPart(dict.fromkeys(PART, ""), [])]
    spare = [dict.fromkeys(CRITERION, "") | {"kind": "indicator", "rule": "bands"} for _n in range(SPARE)]
    numbered = [TypedPart(part.values, [*part.criteria, *(dict(row) for row in spare)], at) for at, part in enumerate(parts)]
    return TypedScheme(typed.head, [*typed.grades, dict.fromkeys(GRADE, "")], numbered, typed.faults)


def typed_from(post: Mapping[str, str]) -> TypedScheme:
    """What was sent; rows without code and name are left out."""
    parts = []
    for at in range(_count(post, "parts")):
        values = _read(post, f"p{at}-", PART)
        criteria = [_read(post, f"p{at}-c{n}-", CRITERION) for n in range(_count(post, f"p{at}-count"))]
        kept = [row for row in criteria if row["code"] or row["name"]]
        if values["code"] or values["name"] or kept:
            parts.append(TypedPart(values, kept))
    grades = [row for row in (_read(post, f"g{n}-", GRADE) for n in range(_count(post, "grades"))) if row["code"] or row["name"]]
    return TypedScheme(_read(post, "", HEAD), grades, parts)


def _count(post: Mapping[str, str], name: str) -> int:
    text = post.get(name, "0")
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _read(post: Mapping[str, str], prefix: str, names: tuple[str, ...]) -> Typed:
    return {name: post.get(prefix + name, "").strip()[:400] for name in names}


def read(typed: TypedScheme, known: Known) -> tuple[SchemeData | None, TypedScheme]:
    """The scheme that the fields mean, or None; and the fields again, with spare rows and every fault."""
    found: list[Fault] = []
    bands = tuple(_band(row, found) for row in typed.grades)
    parts = tuple(_part(part, found) for part in typed.parts)
    data = SchemeData(parts, bands, _linkage(typed, found), typed.head["veto_grade"])
    if not found:
        found = faults(data, known)
    return (None if found else data), _spare(TypedScheme(typed.head, typed.grades, typed.parts, found))


def _number(text: str, where: str, name: str, found: list[Fault]) -> int:
    if not text:
        return 0
    try:
        return arguments.hundredths(text)
    except Refused as refusal:
        found.append(Fault(where, name, refusal.what, refusal.remedy))
        return 0


def _band(row: Typed, found: list[Fault]) -> GradeBand:
    quota = _number(row["quota"], row["code"], "quota", found) if row["quota"] else None
    return GradeBand(row["code"], row["name"], _number(row["low"], row["code"], "low", found), row["name_en"], quota)


def _part(part: TypedPart, found: list[Fault]) -> Part:
    v, full = part.values, 100.0
    if v["full"]:
        full = _number(v["full"], v["code"], "full", found) / 100
    criteria = tuple(made for made in (_criterion(row, found) for row in part.criteria) if made is not None)
    return Part(
        v["code"], v["name"], v["side"], _number(v["weight"], v["code"], "weight", found), criteria, v["name_en"], v["coefficient"], full
    )


def _criterion(row: Typed, found: list[Fault]) -> Criterion | None:
    weight = _number(row["weight"], row["code"], "weight", found)
    try:
        more = arguments.read(row["rule"], row["arguments"], weight)
    except (Refused, ValueError) as failure:
        what, remedy = (failure.what, failure.remedy) if isinstance(failure, Refused) else (_("It has no scoring rule"), _("choose one"))
        found.append(Fault(row["code"], "arguments", what, remedy))
        return None
    return Criterion(
        row["code"], row["name"], weight, row["kind"], row["rule"], row["name_en"], row["of"], basis=row["basis"], approver=row["approver"],
        source=row["source"], **more,
    )  # fmt: skip


def _linkage(typed: TypedScheme, found: list[Fault]) -> Linkage:
    model = typed.head["model"]
    if model == "L4":
        factors = {row["code"]: 100 * _number(row["factor"], row["code"], "factor", found) for row in typed.grades if row["factor"]}
        return Linkage(model, coefficients=factors)
    try:
        return arguments.read_linkage(model, typed.head["arguments"])
    except Refused as refusal:
        found.append(Fault("", "arguments", refusal.what, refusal.remedy))
        return Linkage(model)
