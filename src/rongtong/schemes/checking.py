"""Whether a version may stand: every fault with what, where and what to do. Nothing is repaired silently, no weight is near enough."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext as _

from rongtong.indicators.formulas import in_order, names_in
from rongtong.kernel.errors import Refused
from rongtong.schemes.data import ADJUSTING, WEIGHTLESS, WHOLE, Criterion, FactKind, Model, Part, Rule, SchemeData, Side

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}")
MOST_CRITERIA, MOST_PARTS, MOST_BANDS = 200, 12, 12
MOST_CAP = 2 * WHOLE


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, at which part or criterion (`where`, a code; `field` of it), and what to do."""

    where: str
    field: str
    what: str
    remedy: str

    def refused(self) -> Refused:
        where = f"{self.where}: " if self.where else ""
        return Refused(where + self.what, field=f"{self.where}.{self.field}".strip("."), remedy=self.remedy, code="scheme")


@dataclass(frozen=True, slots=True)
class Known:
    """Codes that criteria may name, by kind of fact."""

    of: dict[str, frozenset[str]] = field(default_factory=dict)

    def has(self, kind: str, code: str) -> bool:
        return code in self.of.get(kind, frozenset())


def percent_text(weight: int) -> str:
    """A weight as people write it.

    >>> percent_text(9990), percent_text(2500)
    ('99.9 %', '25 %')
    """
    return f"{weight / 100:.2f}".rstrip("0").rstrip(".") + " %"


def require_sound(scheme: SchemeData, known: Known) -> None:
    """Refused with the first fault."""
    for fault in faults(scheme, known):
        raise fault.refused()


def faults(scheme: SchemeData, known: Known) -> list[Fault]:
    """Every fault, in the order of the scheme."""
    found: list[Fault] = []
    for look in (_sizes, _codes, _part_weights, _grades, _linkage):
        found += look(scheme)
    for part in scheme.parts:
        found += _part(part)
        for criterion in part.criteria:
            found += _criterion(criterion, known)
    return [*found, *_formulas(scheme, known), *_vetoes(scheme)]


def _sizes(scheme: SchemeData) -> Iterator[Fault]:
    if not scheme.parts:
        yield Fault("", "parts", _("The scheme has no part"), _("add a part with its criteria"))
    if len(scheme.parts) > MOST_PARTS or sum(len(part.criteria) for part in scheme.parts) > MOST_CRITERIA:
        yield Fault("", "parts", _("The scheme is too long"), _("use at most %(parts)d parts and %(criteria)d criteria") % {"parts": MOST_PARTS, "criteria": MOST_CRITERIA})  # fmt: skip


def _codes(scheme: SchemeData) -> Iterator[Fault]:
    named = [(part.code, part.name) for part in scheme.parts] + [(c.code, c.name) for _part_of, c in scheme.criteria()]
    for code, count in Counter(code for code, _name in named).items():
        if count > 1:
            yield Fault(code, "code", _("The code “%(code)s” stands twice") % {"code": code}, _("give every part and criterion its own"))
    for code, name in named:
        if not CODE.fullmatch(code):
            yield Fault(code, "code", _("“%(code)s” cannot be a code") % {"code": code}, _("use letters, digits and _, beginning with a letter"))  # fmt: skip
        if not name.strip():
            yield Fault(code, "name", _("It has no name"), _("write what it is called"))


def _sum(weights: Sequence[int], where: str, what: str) -> Iterator[Fault]:
    """Whole numbers: 99.9 % is not 100 %."""
    for weight in weights:
        if weight <= 0:
            yield Fault(where, "weight", _("A weight of %(weight)s is not above 0") % {"weight": percent_text(weight)}, _("give a weight above 0, or leave it out"))  # fmt: skip
    if weights and sum(weights) != WHOLE:
        said = what % {"sum": percent_text(sum(weights))}
        short = WHOLE - sum(weights)
        remedy = _("add %(rest)s") if short > 0 else _("take %(rest)s off")
        yield Fault(where, "weight", said, remedy % {"rest": percent_text(abs(short))})


def _part_weights(scheme: SchemeData) -> Iterator[Fault]:
    yield from _sum([part.weight for part in scheme.parts], "", _("The weights of the parts sum to %(sum)s, not to 100 %%"))


def _part(part: Part) -> Iterator[Fault]:
    weighing = [c for c in part.criteria if c.rule not in WEIGHTLESS]
    if part.side not in Side.values:
        yield Fault(part.code, "side", _("“%(side)s” is not a side") % {"side": part.side}, ", ".join(Side.values))
    if not weighing:
        yield Fault(part.code, "criteria", _("The part has no criterion that gives points"), _("add one, or remove the part"))
    yield from _sum([c.weight for c in weighing], part.code, _("The weights of its criteria sum to %(sum)s, not to 100 %%"))
    if part.coefficient and part.full <= 0:
        yield Fault(part.code, "full", _("The full answer of the coefficient is not above 0"), _("write the highest answer of the scale"))


_KINDS: dict[str, frozenset[str]] = {
    Rule.FORMULA: frozenset({FactKind.INDICATOR}),
    Rule.BANDS: frozenset(FactKind.values),
    Rule.TARGET: frozenset(FactKind.values) - {FactKind.EVENT},
    Rule.DEDUCTION: frozenset(FactKind.values) - {FactKind.SURVEY, FactKind.RULE},
    Rule.BONUS: frozenset(FactKind.values) - {FactKind.SURVEY, FactKind.RULE},
    Rule.MINUS: frozenset(FactKind.values) - {FactKind.SURVEY, FactKind.RULE},
    Rule.VETO: frozenset({FactKind.EVENT}),
    Rule.MANUAL: frozenset({FactKind.MANUAL}),
    Rule.PEER: frozenset({FactKind.MANUAL}),
    Rule.TEST: frozenset({FactKind.SURVEY}),
}


def _criterion(c: Criterion, known: Known) -> Iterator[Fault]:
    if c.rule not in Rule.values or c.kind not in FactKind.values:
        yield Fault(c.code, "rule", _("The rule or the kind of fact is not one of the list"), _("choose from the list"))
        return
    if c.kind not in _KINDS[c.rule]:
        what = _("“%(rule)s” cannot be told from “%(kind)s”") % {"rule": Rule(c.rule).label, "kind": FactKind(c.kind).label}
        yield Fault(c.code, "kind", what, _("choose another source: %(kinds)s") % {"kinds": _named(_KINDS[c.rule])})
    if c.rule in WEIGHTLESS and c.weight:
        yield Fault(c.code, "weight", _("“%(rule)s” has no weight: it stands outside the 100 %%") % {"rule": Rule(c.rule).label}, _("leave its weight empty"))  # fmt: skip
    yield from _source(c, known)
    look = _ARGUMENTS.get(Rule(c.rule))
    yield from look(c) if look else ()


def _named(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(str(FactKind(kind).label) for kind in kinds))


def _source(c: Criterion, known: Known) -> Iterator[Fault]:
    if c.kind in {FactKind.MANUAL, FactKind.EVENT} or c.rule == Rule.FORMULA:
        return
    if not c.of:
        yield Fault(c.code, "of", _("It does not say of what"), _("name the code of the %(kind)s") % {"kind": FactKind(c.kind).label})
    elif not known.has(c.kind, c.of):
        what = _("There is no %(kind)s with the code “%(code)s”") % {"kind": FactKind(c.kind).label, "code": c.of}
        yield Fault(c.code, "of", what, _("correct the code, or define it first"))


def _bands_of(c: Criterion) -> Iterator[Fault]:
    where = "steps"
    if len(c.steps) < 2:
        yield Fault(c.code, where, _("Threshold bands are at least two"), _("write them as <60:0; 60-90:60; >=90:100"))
        return
    if c.steps[0].low is not None or c.steps[-1].high is not None:
        yield Fault(c.code, where, _("The bands leave values at an end without points"), _("let the first begin and the last end without an edge"))  # fmt: skip
    for one, after in pairwise(c.steps):
        if one.high is None or after.low is None or one.high > after.low:
            edge = after.low if one.high is None or after.low is not None else one.high
            yield Fault(c.code, where, _("Two bands overlap at %(edge)s") % {"edge": _plain(edge)}, _("let each end where the next begins"))
        elif one.high < after.low:
            what = _("There is a gap between %(low)s and %(high)s") % {"low": _plain(one.high), "high": _plain(after.low)}
            yield Fault(c.code, where, what, _("let each end where the next begins"))
        if one.low is not None and one.high is not None and one.low >= one.high:
            yield Fault(c.code, where, _("A band ends before it begins"), _("write the lower edge first"))
    if any(not 0 <= step.rate <= WHOLE for step in c.steps):
        yield Fault(c.code, where, _("A band gives less than 0 % or more than 100 % of the points"), _("give each 0 to 100"))


def _plain(edge: float | None) -> str:
    return "—" if edge is None else f"{edge:g}"


def _target_of(c: Criterion) -> Iterator[Fault]:
    if c.target == 0:
        yield Fault(c.code, "target", _("The target is 0, no completion can be told"), _("name another target, or use threshold bands"))
    if c.target is None and c.kind != FactKind.INDICATOR:
        yield Fault(c.code, "target", _("Only indicators have targets of the unit's own"), _("name the target"))
    if not 0 <= c.floor < WHOLE or not c.floor < c.cap <= MOST_CAP:
        yield Fault(c.code, "floor", _("Floor and cap do not fit together"), _("let 0 ≤ floor < 100 and floor < cap ≤ 200"))


def _deduction_of(c: Criterion) -> Iterator[Fault]:
    if c.per <= 0:
        yield Fault(c.code, "per", _("It does not say how many points an event costs"), _("write each=0.5"))
    if not 0 <= c.most < max(c.weight, 1):
        yield Fault(c.code, "most", _("What is left at least is not below its own points"), _("write least=0"))


def _adjusting_of(c: Criterion) -> Iterator[Fault]:
    if c.per <= 0 or c.most <= 0:
        yield Fault(c.code, "per", _("It does not say how many points each gives, and how many at most"), _("write each=1; most=5"))


def _test_of(c: Criterion) -> Iterator[Fault]:
    if c.full <= c.least:
        yield Fault(c.code, "full", _("The best answer is not above the worst"), _("write worst=1; best=5"))


def _veto_of(c: Criterion) -> Iterator[Fault]:
    for name, value in (("basis", c.basis), ("approver", c.approver)):
        if not value.strip():
            what = _("A veto item needs the document it stands on and who approves it")
            yield Fault(c.code, name, what, _("name both, or remove the item"))
            return


_ARGUMENTS: dict[Rule, Callable[[Criterion], Iterable[Fault]]] = {
    Rule.BANDS: _bands_of,
    Rule.TARGET: _target_of,
    Rule.DEDUCTION: _deduction_of,
    Rule.TEST: _test_of,
    Rule.VETO: _veto_of,
    **dict.fromkeys(ADJUSTING, _adjusting_of),
}


def _formulas(scheme: SchemeData, known: Known) -> Iterator[Fault]:
    """Plain arithmetic over known codes that runs in no circle."""
    own = {c.code for _part_of, c in scheme.criteria() if c.rule not in WEIGHTLESS}
    formulas = {c.code: c.expression for c in scheme.where(lambda c: c.rule == Rule.FORMULA)}
    readable = {}
    for code, expression in formulas.items():
        try:
            names = names_in(expression)
        except Refused as refusal:
            yield Fault(code, "expression", refusal.what, refusal.remedy)
            continue
        readable[code] = expression
        unknown = [name for name in names if name not in own and not known.has(FactKind.INDICATOR, name)]
        if unknown:
            yield Fault(code, "expression", _("The formula names unknown codes: %(codes)s") % {"codes": ", ".join(unknown)}, _("use codes of indicators or of other criteria"))  # fmt: skip
    try:
        in_order(readable)
    except Refused as refusal:
        yield Fault("", "expression", refusal.what, refusal.remedy)


def _vetoes(scheme: SchemeData) -> Iterator[Fault]:
    vetoes = scheme.where(lambda c: c.rule == Rule.VETO)
    if vetoes and scheme.grade(scheme.veto_grade) is None:
        yield Fault("", "veto_grade", _("It does not say to which grade a veto caps"), _("choose one of the grades"))


def _grades(scheme: SchemeData) -> Iterator[Fault]:
    """A closed list, best first, without gap: each grade reaches up to the one before, the last down to 0."""
    bands = scheme.bands
    if not 2 <= len(bands) <= MOST_BANDS:
        yield Fault("", "bands", _("A scheme has two to %(most)d grades") % {"most": MOST_BANDS}, _("list them, the best first"))
        return
    if len({band.code for band in bands}) < len(bands) or any(not band.code or not band.name.strip() for band in bands):
        yield Fault("", "bands", _("Every grade has its own code and a name"), _("complete the list of grades"))
    for one, after in pairwise(bands):
        if one.low <= after.low:
            what = _("The grade %(one)s does not begin above %(after)s") % {"one": one.code, "after": after.code}
            yield Fault("", "bands", what, _("list the best first, each with a lower edge below the one before"))
    if bands[-1].low != 0:
        yield Fault("", "bands", _("Points below %(low)s have no grade") % {"low": f"{bands[-1].low / 100:g}"}, _("let the last grade begin at 0"))  # fmt: skip
    for band in bands[:-1]:
        if band.quota is not None and not 0 < band.quota <= WHOLE:
            yield Fault("", "bands", _("The quota of %(grade)s is %(quota)s") % {"grade": band.code, "quota": percent_text(band.quota)}, _("give a share above 0 and up to 100 %, or leave it empty"))  # fmt: skip
    if bands[-1].quota is not None:
        yield Fault("", "bands", _("The last grade cannot have a quota"), _("leave it empty"))


_TWO_SIDED = frozenset(Model.values) - {Model.L0, Model.L1, Model.L5}


def _linkage(scheme: SchemeData) -> Iterator[Fault]:
    given = scheme.linkage
    if given.model not in Model.values:
        yield Fault("", "model", _("“%(model)s” is not a linkage model") % {"model": given.model}, ", ".join(Model.values))
        return
    sides = {part.side for part in scheme.parts}
    business = {Side.PRODUCTION} if given.model in {Model.L1B, Model.L7} else {Side.PRODUCTION, Side.OTHER}
    if scheme.parts and given.model in _TWO_SIDED and not (Side.PARTY in sides and sides & business):
        yield Fault(
            "", "model", _("The model joins two sides, and the scheme has only one"), _("add a part of the other side, or choose L1")
        )
    look = _LINKAGE.get(Model(given.model))
    yield from look(scheme) if look else ()
    if given.model != Model.L3:
        for part in scheme.parts:
            if part.coefficient:
                yield Fault(
                    part.code, "coefficient", _("Only the double multiplier has coefficients of parts"), _("choose L3, or remove it")
                )


def _share_fault(value: int, field_name: str) -> Iterator[Fault]:
    if not 0 < value < WHOLE:
        yield Fault("", field_name, _("The share that one side takes into the other is %(share)s") % {"share": percent_text(value)}, _("give a share above 0 and below 100 %"))  # fmt: skip


def _l1b(scheme: SchemeData) -> Iterator[Fault]:
    yield from _share_fault(scheme.linkage.inside, "inside")


def _l7(scheme: SchemeData) -> Iterator[Fault]:
    yield from _share_fault(scheme.linkage.to_party, "to_party")
    yield from _share_fault(scheme.linkage.to_production, "to_production")


def _multiplier(scheme: SchemeData) -> Iterator[Fault]:
    if scheme.linkage.full <= 0:
        yield Fault("", "full", _("The Party points that multiply by 1 are not above 0"), _("write 100"))


def _l3(scheme: SchemeData) -> Iterator[Fault]:
    yield from _multiplier(scheme)
    if not any(part.coefficient for part in scheme.parts if part.side == Side.PARTY):
        yield Fault("", "coefficient", _("The double multiplier needs a coefficient at a part of the Party side"), _("name the survey question at the part, or choose L2"))  # fmt: skip
    for part in scheme.parts:
        if part.coefficient and part.side != Side.PARTY:
            yield Fault(part.code, "coefficient", _("Coefficients stand at parts of the Party side"), _("remove it"))


def _l4(scheme: SchemeData) -> Iterator[Fault]:
    for band in scheme.bands:
        if scheme.linkage.coefficients.get(band.code, 0) <= 0:
            yield Fault("", "coefficients", _("The grade %(grade)s has no coefficient") % {"grade": band.code}, _("give each grade one above 0"))  # fmt: skip


def _l5(scheme: SchemeData) -> Iterator[Fault]:
    if not scheme.where(lambda c: c.rule == Rule.VETO):
        yield Fault("", "model", _("The model caps by veto, and the scheme has no veto item"), _("add one with its basis and approver, or choose L1"))  # fmt: skip


def _l6(scheme: SchemeData) -> Iterator[Fault]:
    if not 0 <= scheme.linkage.steps < len(scheme.bands):
        yield Fault("", "steps", _("The gate lets through %(steps)d grades") % {"steps": scheme.linkage.steps}, _("give 0 or more, below the number of grades"))  # fmt: skip


_LINKAGE: dict[Model, Callable[[SchemeData], Iterable[Fault]]] = {
    Model.L1B: _l1b,
    Model.L2: _multiplier,
    Model.L3: _l3,
    Model.L4: _l4,
    Model.L5: _l5,
    Model.L6: _l6,
    Model.L7: _l7,
}
