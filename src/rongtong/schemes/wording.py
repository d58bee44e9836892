"""What a scheme says, in words for the page: rules, sources, the model, and how two versions differ."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from rongtong.schemes import arguments
from rongtong.schemes.checking import percent_text
from rongtong.schemes.data import WHOLE, Criterion, FactKind, Linkage, Model, Part, Rule, SchemeData, Side, Step
from rongtong.schemes.ledger_facts import FIGURES


def points(value: int | None) -> float | None:
    """Hundredths of a point as people read them."""
    return None if value is None else value / 100


def rule_text(c: Criterion) -> str:
    """A scoring rule in one sentence."""
    writer = _RULES.get(Rule(c.rule))
    return writer(c) if writer else str(Rule(c.rule).label)


def _steps(c: Criterion) -> str:
    return "; ".join(_step(step) for step in c.steps)


def _step(step: Step) -> str:
    rate = percent_text(step.rate)
    if step.low is None:
        return _("below %(high)g: %(rate)s") % {"high": step.high, "rate": rate}
    if step.high is None:
        return _("from %(low)g: %(rate)s") % {"low": step.low, "rate": rate}
    return _("%(low)g to below %(high)g: %(rate)s") % {"low": step.low, "high": step.high, "rate": rate}


def _target(c: Criterion) -> str:
    aim = _("the unit's own target") if c.target is None else f"{c.target:g}"
    said = [_("completion of %(target)s") % {"target": aim}]
    said += [_("the less the better")] if c.is_cost else []
    said += [_("nothing up to %(floor)s of it") % {"floor": percent_text(c.floor)}] if c.floor else []
    said += [_("at most %(cap)s") % {"cap": percent_text(c.cap)}] if c.cap != WHOLE else []
    return _(", ").join(said)


def _deduction(c: Criterion) -> str:
    return _("%(per)s points off per event, at least %(left)s left") % {"per": arguments.plain(c.per), "left": arguments.plain(c.most)}


def _bonus(c: Criterion) -> str:
    return _("%(per)s points each on top, at most %(most)s") % {"per": arguments.plain(c.per), "most": arguments.plain(c.most)}


def _minus(c: Criterion) -> str:
    return _("%(per)s points each taken off, at most %(most)s") % {"per": arguments.plain(c.per), "most": arguments.plain(c.most)}


def _test(c: Criterion) -> str:
    return _("democratic test, from %(least)g (nothing) to %(full)g (everything)") % {"least": c.least, "full": c.full}


_RULES: dict[Rule, Callable[[Criterion], str]] = {
    Rule.FORMULA: lambda c: _("formula: %(formula)s") % {"formula": c.expression},
    Rule.BANDS: _steps,
    Rule.TARGET: _target,
    Rule.DEDUCTION: _deduction,
    Rule.BONUS: _bonus,
    Rule.MINUS: _minus,
    Rule.TEST: _test,
}


def examples() -> list[tuple[str, str, str]]:
    """How the arguments of each rule are written: rule, example, remark."""
    own = _("target=own for the unit's own target, cost=yes where less is better")
    return [
        (str(Rule.BANDS.label), "<60:0; 60-90:60; >=90:100", ""), (str(Rule.TARGET.label), _("target=100; floor=50; cap=110"), own),
        (str(Rule.DEDUCTION.label), _("each=0.5; least=0"), ""), (str(Rule.BONUS.label), _("each=1; most=5"), ""),
        (str(Rule.MINUS.label), _("each=1; most=5"), ""), (str(Rule.TEST.label), _("worst=1; best=5"), ""),
        (str(Rule.FORMULA.label), "min(P11 / P12, 1) * 100", ""), ("L1b", _("inside=10"), ""), ("L2, L3", _("full=100"), ""),
        ("L6", _("steps=1"), ""), ("L7", _("to_party=10; to_production=20"), ""),
    ]  # fmt: skip


def source_text(c: Criterion) -> str:
    """Where the fact comes from."""
    if c.kind == FactKind.MATTER and c.of in FIGURES:
        return str(FIGURES[c.of].name)
    kind = str(FactKind(c.kind).label)
    return f"{kind} {c.of}" if c.of else kind


def _gate(given: Linkage) -> str:
    what = {"steps": given.steps}
    if given.is_reverse:
        return _("S = Party score; its grade is at most %(steps)d above that of business.") % what
    return _("S = business result; its grade is at most %(steps)d above that of Party work.") % what


_MODELS: dict[Model, Callable[[Linkage], str]] = {
    Model.L0: lambda _given: _("The two results stand apart; nothing joins them."),
    Model.L1: lambda _given: _("S = the weighted sum of the parts."),
    Model.L1B: lambda given: _("S = the Party score with %(share)s of business in it; the business result stands apart.") % {"share": percent_text(given.inside)},
    Model.L1C: lambda _given: _("S = business results, basic work and vitality, with bonus, deduction and veto."),
    Model.L2: lambda given: _("S = business result × Party score ÷ %(full)s.") % {"full": arguments.plain(given.full)},
    Model.L3: lambda given: _("S = business result × Party rate; each special score is multiplied by its satisfaction first (÷ %(full)s).") % {"full": arguments.plain(given.full)},
    Model.L4: lambda _given: _("S = business result × coefficient of the Party grade."),
    Model.L5: lambda _given: _("S = the weighted sum of the parts; a veto caps the grade."),
    Model.L6: _gate,
    Model.L7: lambda given: _("S = the weighted sum, after %(party)s of business entered the Party score and %(production)s of Party work the business result.") % {"party": percent_text(given.to_party), "production": percent_text(given.to_production)},
}  # fmt: skip


def model_text(given: Linkage) -> str:
    return _MODELS[Model(given.model)](given)


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion as the page shows it."""

    it: Criterion
    weight: str
    whole: str  # its weight in the whole result, where the model adds
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class PartRow:
    it: Part
    weight: str
    side: str
    rows: tuple[CriterionRow, ...]


def table(data: SchemeData) -> list[PartRow]:
    """Parts and criteria with their weights in the part and in the whole."""
    return [
        PartRow(part, percent_text(part.weight), str(Side(part.side).label), tuple(_row(part, c) for c in part.criteria))
        for part in data.parts
    ]


def _row(part: Part, c: Criterion) -> CriterionRow:
    whole = percent_text(round(part.weight * c.weight / WHOLE)) if c.weight else ""
    return CriterionRow(c, percent_text(c.weight) if c.weight else "", whole, rule_text(c), source_text(c))


@dataclass(frozen=True, slots=True)
class Difference:
    """A part, criterion, grade or the model that two versions do not share."""

    code: str
    name: str
    kind: str  # added, dropped, changed
    before: str
    after: str


def differences(old: SchemeData, new: SchemeData) -> list[Difference]:
    """Everything that changed, in the order of the new version."""
    found = []
    if old.linkage != new.linkage:
        found.append(Difference("", _("linkage model"), "changed", model_text(old.linkage), model_text(new.linkage)))
    if old.veto_grade != new.veto_grade:
        found.append(Difference("", _("grade that a veto caps to"), "changed", old.veto_grade or "—", new.veto_grade or "—"))
    for was, now in ((_named(old.parts), _named(new.parts)), (_criteria(old), _criteria(new)), (_named(old.bands), _named(new.bands))):
        for code in dict.fromkeys([*now, *was]):
            found += _difference(code, was.get(code), now.get(code))
    return found


def _named(rows: Any) -> dict[str, Any]:
    return {row.code: row for row in rows}


def _criteria(data: SchemeData) -> dict[str, Any]:
    return {c.code: c for _part, c in data.criteria()}


def _difference(code: str, was: Any, now: Any) -> list[Difference]:
    if was is None:
        return [Difference(code, now.label, "added", "", _said(now))]
    if now is None:
        return [Difference(code, was.label, "dropped", _said(was), "")]
    own = [f.name for f in fields(now) if f.name != "criteria"]
    if all(getattr(was, name) == getattr(now, name) for name in own):
        return []
    return [Difference(code, now.label, "changed", _said(was), _said(now))]


def _said(it: Any) -> str:
    if isinstance(it, Part):
        return " · ".join(text for text in (it.label, str(Side(it.side).label), percent_text(it.weight), it.coefficient) if text)
    if isinstance(it, Criterion):
        weight = percent_text(it.weight) if it.weight else ""
        return " · ".join(text for text in (it.label, weight, source_text(it), rule_text(it), it.basis, it.approver) if text)
    quota = "" if it.quota is None else _("at most %(share)s") % {"share": percent_text(it.quota)}
    return " · ".join(text for text in (it.label, _("from %(low)s") % {"low": arguments.plain(it.low)}, quota) if text)
