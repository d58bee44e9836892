"""Facts of a version's criteria at units, read from the records below: a few statements for all units, whatever their number.

A unit's Party value is its own, or the share-weighted mean over the organisations linked with it, as runs project it (DESIGN 3).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from rongtong.indicators.formulas import names_in
from rongtong.indicators.models import Indicator, Observation, Target
from rongtong.indicators.readings import Measure, over
from rongtong.kernel import clock
from rongtong.kernel.periods import Period, add_months, month_range
from rongtong.rules.models import RuleResult, State
from rongtong.schemes.data import Criterion, Fact, FactKind, Rule, SchemeData
from rongtong.schemes.ledger_facts import figures_at
from rongtong.schemes.models import SchemeVersion
from rongtong.schemes.survey_facts import means_at
from rongtong.trees.models import LinkKind, TreeLink

MOST_REFERENCES = 24


class Stored(NamedTuple):
    """What is read of an observation; a row of a large class is a tuple, not a record."""

    pk: int
    value: float
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """Months first..last, both included; what fell due after today is not counted."""

    first: int
    last: int

    @property
    def months(self) -> list[int]:
        return month_range(self.first, self.last)

    @property
    def starts_on(self) -> date:
        return Period.month(self.first).starts_on

    @property
    def ends_on(self) -> date:
        """The day after the last that counts."""
        return min(Period.month(self.last).ends_on + timedelta(days=1), clock.today())


def gather(version: SchemeVersion, nodes: Collection[int], first: int, last: int) -> dict[int, dict[str, Fact]]:
    """Unit to criterion to fact over the months first..last (yyyymm). Manual and event facts stay missing until a reviewer enters them.

    Every criterion of the version has a Fact at every node, with a reason where it has no value.
    """
    return gather_data(version.data, nodes, first, last)


def gather_data(scheme: SchemeData, nodes: Collection[int], first: int, last: int) -> dict[int, dict[str, Fact]]:
    """The same for what is not stored as a version yet."""
    span, units = Span(first, last), list(dict.fromkeys(nodes))
    criteria = [criterion for _part, criterion in scheme.criteria()]
    day = Period.month(last).ends_on
    links = _links(units, day)
    places = {unit: (unit, *(party for party, _share in links.get(unit, ()))) for unit in units}
    read = _indicator_facts(criteria, units, links, span)
    matters = figures_at({c.of for c in criteria if c.kind == FactKind.MATTER}, places, span.starts_on, span.ends_on)
    rules = _rule_facts({c.of for c in criteria if c.kind == FactKind.RULE}, places, span)
    questions = {c.of for c in criteria if c.kind == FactKind.SURVEY} | {part.coefficient for part in scheme.parts if part.coefficient}
    means = means_at(questions, units, day)
    sources = {FactKind.MATTER: matters, FactKind.RULE: rules, FactKind.SURVEY: means, FactKind.INDICATOR: read}
    found: dict[int, dict[str, Fact]] = {}
    for unit in units:
        found[unit] = {c.code: _fact(c, unit, sources) for c in criteria}
        found[unit] |= {part.code: means[unit, part.coefficient] for part in scheme.parts if part.coefficient}
    return found


Source = Mapping[tuple[int, str], Fact]


def _fact(c: Criterion, unit: int, sources: Mapping[FactKind, Source]) -> Fact:
    if c.rule == Rule.FORMULA:
        return _inputs(c, unit, sources[FactKind.INDICATOR])
    if c.kind == FactKind.MANUAL:
        return Fact(None, _("a reviewer enters it"))
    if c.kind == FactKind.EVENT:
        return Fact(None, _("no event is entered"))
    return sources[FactKind(c.kind)][unit, c.of]


def _inputs(c: Criterion, unit: int, read: Source) -> Fact:
    """What a formula reads; its value is computed with the other criteria's."""
    named = {name: read[unit, name] for name in names_in(c.expression) if (unit, name) in read}
    references = tuple(reference for fact in named.values() for reference in fact.references)[:MOST_REFERENCES]
    return Fact(None, inputs={name: fact.value for name, fact in named.items()}, references=references)


# indicators


def _links(units: Collection[int], day: date) -> dict[int, list[tuple[int, float]]]:
    """Organisations whose values are a unit's: own and joint by share; covers where it has no other; temporary never."""
    rows = TreeLink.objects.on(day).filter(unit__in=units).exclude(kind=LinkKind.TEMPORARY).order_by("unit_id", "party_id")
    found: dict[int, list[TreeLink]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(row)
    near = {unit: [row for row in group if row.kind != LinkKind.COVERS] or group for unit, group in found.items()}
    return {unit: [(row.party_id, row.share) for row in group] for unit, group in near.items()}


def _indicator_facts(criteria: Iterable[Criterion], units: Collection[int], links: Mapping[int, list[tuple[int, float]]], span: Span) -> dict[tuple[int, str], Fact]:  # fmt: skip
    named = [c for c in criteria if c.kind == FactKind.INDICATOR]
    codes = {name for c in named for name in (names_in(c.expression) if c.rule == Rule.FORMULA else [c.of])}
    indicators = list(Indicator.objects.filter(code__in=codes).order_by("pk"))
    if not indicators:
        return {(unit, code): Fact(None, _("no such indicator")) for unit in units for code in codes}
    places = {*units, *(party for group in links.values() for party, _share in group)}
    stored = _stored(indicators, places, span)
    aims = _targets(indicators, units, span) if any(c.rule == Rule.TARGET and c.target is None for c in named) else {}
    found = {(unit, code): Fact(None, _("no such indicator")) for unit in units for code in codes}
    for indicator in indicators:
        for unit in units:
            fact = _reading(indicator, unit, links.get(unit, ()), stored, span)
            found[unit, indicator.code] = replace(fact, target=_aim(indicator, aims.get((unit, indicator.pk), {}), span))
    return found


def _stored(indicators: Iterable[Indicator], places: Collection[int], span: Span) -> dict[tuple[int, int], dict[int, Stored]]:
    """(node, indicator) to month to the current observation, with the months before that a held value may come from."""
    held = max((indicator.hold_months for indicator in indicators), default=0)
    rows = Observation.objects.filter(
        is_current=True, indicator__in=[indicator.pk for indicator in indicators], node__in=places,
        period__gte=add_months(span.first, -held), period__lte=span.last,
    )  # fmt: skip
    found: dict[tuple[int, int], dict[int, Stored]] = defaultdict(dict)
    columns = ("node_id", "indicator_id", "period", "pk", "value", "numerator", "denominator")
    for node, indicator, period, *row in rows.order_by("period").values_list(*columns).iterator(5000):
        found[node, indicator][period] = Stored(*row)
    return found


def _reading(indicator: Indicator, unit: int, links: Iterable[tuple[int, float]], stored: Mapping[tuple[int, int], dict[int, Stored]], span: Span) -> Fact:  # fmt: skip
    own = _measured(indicator, stored.get((unit, indicator.pk), {}), span)
    if own.value is not None:
        return own
    parts = [(_measured(indicator, stored.get((party, indicator.pk), {}), span), share) for party, share in links]
    present = [(fact, share) for fact, share in parts if fact.value is not None and share > 0]
    if not present:
        return next((fact for fact, _share in parts if fact.references), own)
    total = sum(share for _fact_of, share in present)
    value = sum((fact.value or 0.0) * share for fact, share in present) / total
    references = tuple(reference for fact, _share in present for reference in fact.references)[:MOST_REFERENCES]
    return Fact(value, references=references, note=_("of the linked Party organisations, by share"))


def _measured(indicator: Indicator, rows: dict[int, Stored], span: Span) -> Fact:
    measure: Measure = over(indicator, rows, span.months)
    behind = [row for month, row in rows.items() if span.first <= month] or list(rows.values())
    references = tuple(f"observation:{row.pk}" for row in behind)[:MOST_REFERENCES]
    note = _("%(present)d of %(expected)d months") % {"present": measure.present, "expected": measure.expected}
    return Fact(measure.value, "" if measure.value is not None else measure.reason, references, note=note)


def _targets(indicators: Iterable[Indicator], units: Collection[int], span: Span) -> dict[tuple[int, int], dict[int, float]]:
    rows = Target.objects.filter(
        unit__in=units, indicator__in=[indicator.pk for indicator in indicators], period__gte=span.first, period__lte=span.last
    )
    found: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    for unit, indicator, period, target in rows.order_by("period").values_list("unit_id", "indicator_id", "period", "target"):
        found[unit, indicator][period] = target
    return found


def _aim(indicator: Indicator, targets: Mapping[int, float], span: Span) -> float | None:
    """The unit's own target over the span: summed as the values are, else the last one set; None unless every summed month has one."""
    if not targets:
        return None
    if indicator.aggregate == "sum":
        return sum(targets.values()) if len(targets) == len(span.months) else None
    return targets[max(targets)]


# rules


def _rule_facts(codes: Collection[str], places: Mapping[int, Collection[int]], span: Span) -> dict[tuple[int, str], Fact]:
    """Share of a rule's results that are met, of those met or late; excused, due and unknown ones are in neither number."""
    if not codes:
        return {}
    nodes = {node for group in places.values() for node in group}
    rows = RuleResult.objects.filter(rule_code__in=codes, node__in=nodes, period__gte=span.first, period__lte=span.last)
    by_place: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    told = rows.filter(state__in=[State.MET, State.LATE]).order_by("period", "pk")
    for pk, node, code, state in told.values_list("pk", "node_id", "rule_code", "state"):
        by_place[node, code].append((pk, state))
    return {
        (unit, code): _rule_fact([row for node in group for row in by_place.get((node, code), ())])
        for unit, group in places.items()
        for code in codes
    }


def _rule_fact(rows: list[tuple[int, str]]) -> Fact:
    if not rows:
        return Fact(None, _("no result of the rule counts in these months"))
    met = sum(state == State.MET for _pk, state in rows)
    late_first = sorted(rows, key=lambda row: row[1] == State.MET)[:MOST_REFERENCES]
    note = _("met %(met)d of %(count)d times") % {"met": met, "count": len(rows)}
    return Fact(100 * met / len(rows), references=tuple(f"rule_result:{pk}" for pk, _state in late_first), note=note)
