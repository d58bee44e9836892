"""What a scheme moves: three bars, effective weight with its interval, the drawer behind each figure, and who would move under a draft."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.schemes import arguments, checking, figures, policies, queries, wording
from rongtong.schemes.data import Linkage, SchemeData
from rongtong.schemes.facts import gather_data
from rongtong.schemes.figures import Bar, ThreeBars
from rongtong.schemes.linking import paper_weight
from rongtong.schemes.models import SchemeVersion
from rongtong.schemes.results import Influence, Moves
from rongtong.schemes.scoring import effective_weight
from rongtong.schemes.scoring import what_if as compare
from rongtong.schemes.views import version_at
from rongtong.trees.models import Node
from rongtong.ui.figure import Figure
from rongtong.ui.fragments import is_fragment

MOST_SHOWN = 100
BARS = {"expected": pgettext_lazy("bar", "expected"), "credited": pgettext_lazy("bar", "credited"), "shown": pgettext_lazy("bar", "shown")}
FIGURES = (*BARS, "paper", "derivative", "elasticity")


def _bars(version: SchemeVersion) -> tuple[list[Node], ThreeBars]:
    """All units of the version's class, and its three bars."""
    today = clock.today()
    units = queries.units_of(version.unit_class_id, today)
    keys = [unit.pk for unit in units]
    moved = figures.influence_of(version, today)
    credited = figures.credited_bar(version, moved)
    bars = ThreeBars(
        figures.expected_bar(keys, today), credited, figures.shown_bar(keys, today), moved.paper, moved.mean_derivative, version, moved
    )
    return units, bars


def _figure(version: SchemeVersion, name: str, bar: Bar) -> Figure:
    def percent(value: float | None) -> float | None:
        return None if value is None else 100 * value

    badge = {"expected": "claimed", "shown": "measured"}.get(name, "derived")
    url = reverse("schemes:source", args=[version.pk, name])
    return Figure(percent(bar.value), "%", 1, percent(bar.low), percent(bar.high), badge, url, bar.reason)


def _moved_figure(version: SchemeVersion, name: str, value: float | None, reason: str) -> Figure:
    return Figure(value, "", 2, url=reverse("schemes:source", args=[version.pk, name]), reason=reason)


def _paper(version: SchemeVersion, moved: Influence) -> Bar:
    if moved.paper is not None:
        return Bar(moved.paper)
    if not version.data.linkage.is_joint:
        return Bar(None, reason=moved.reason or moved.variance.reason)
    return Bar(None, reason=_("the model names no weight; Party work multiplies or bounds"))


@login_required
@require_GET
def weight(request: HttpRequest, pk: int) -> HttpResponse:
    """Expected, credited, shown side by side; on paper against in effect."""
    found = version_at(request, pk)
    units, bars = _bars(found)
    context = {"version": found, "units": len(units), "months": figures.months_of(clock.today()), **_weight(found, bars)}
    return render(request, "schemes/_weight.html" if is_fragment(request) else "schemes/weight.html", context)


def _weight(version: SchemeVersion, bars: ThreeBars) -> dict[str, Any]:
    moved = bars.influence
    assert moved is not None
    rows = [
        {"name": BARS[name], "figure": _figure(version, name, bar), "percent": None if bar.value is None else round(100 * bar.value, 1), "code": name, "explained": explained}
        for name, bar, explained in (
            ("expected", bars.expected, _("what staff say Party work should contribute (survey)")),
            ("credited", bars.credited, _("share of the differences between units that Party work explains in this scheme")),
            ("shown", bars.shown, _("registered results whose Party part the business side confirmed")),
        )
    ]  # fmt: skip
    return {
        "bars": rows, "paper": _figure(version, "paper", _paper(version, moved)), "moved": moved,
        "derivative": _moved_figure(version, "derivative", moved.mean_derivative, moved.reason),
        "elasticity": _moved_figure(version, "elasticity", moved.mean_elasticity, moved.reason or _("no unit has both")),
        "paper_percent": None if moved.paper is None else round(100 * moved.paper, 1),
    }  # fmt: skip


@login_required
@require_GET
def source(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Where a figure of the scheme comes from: formula, inputs, units, records."""
    found = version_at(request, pk)
    if what not in FIGURES:
        raise Unseen
    units, bars = _bars(found)
    assert bars.influence is not None
    context = {
        "version": found, "what": what, "is_fragment": is_fragment(request), "months": figures.months_of(clock.today()), "units": len(units),
        **_explained(request, found, what, units, bars, bars.influence),
    }  # fmt: skip
    return render(request, "schemes/_source.html" if is_fragment(request) else "schemes/source.html", context)


_FORMULAS = {
    "expected": gettext_lazy(
        "mean answer to “how much of the unit's result do you expect from Party work”, released cells only; Student's t interval"
    ),
    "shown": gettext_lazy("results of the last twelve months with a confirmed Party role ÷ all results registered; Wilson's interval"),
    "paper": gettext_lazy("sum of the weights of the parts of the Party side, as the scheme says them"),
    "derivative": gettext_lazy("∂S/∂P at each unit's point: points of the result per point of Party work; mean over units"),
    "elasticity": gettext_lazy("∂S/∂P · P/S: per cent of the result per one per cent of Party work; mean over units"),
}


def _explained(
    request: HttpRequest, version: SchemeVersion, what: str, units: list[Node], bars: ThreeBars, moved: Influence
) -> dict[str, Any]:
    bar = {"expected": bars.expected, "credited": bars.credited, "shown": bars.shown, "paper": _paper(version, moved)}.get(what)
    figure = _figure(version, what, bar) if bar else _moved_figure(version, what, getattr(moved, f"mean_{what}"), moved.reason)
    credited = _("cov(S, wP·P) ÷ var(S) over the units of the class; bootstrap over units, 95 %")
    lmg = _("LMG share of R² of S on P and B over the units of the class; bootstrap over units, 95 %")
    formula = _FORMULAS.get(what) or (credited if moved.method == "covariance" else lmg)
    reference = title_and_url(Reference.parse(bar.source), request.user) if bar and bar.source.startswith("survey") else None
    rows = []
    if what in {"derivative", "elasticity"}:
        values = getattr(moved, what)
        seen = queries.seen_units(request.user, units)
        rows = [{"unit": unit, "value": values.get(unit.pk)} for unit in units if unit.pk in seen][:MOST_SHOWN]
    return {"figure": figure, "formula": formula, "n": bar.n if bar else moved.n, "record": reference, "rows": rows, "bar": bar}


@login_required
@require_GET
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Before it is issued: who moves, by how much, against what is in force; and what other weights of the parts would do."""
    found = version_at(request, pk)
    if not policies.edits(request.user):
        raise NotAllowed("no_scheme_edit")
    before = _against(request, found)
    units = queries.units_of(found.unit_class_id, clock.today())
    data, problem = _tried(request, found.data)
    base = before.data if before else found.data
    span = figures.months_of(clock.today())
    keys = [unit.pk for unit in units]
    facts = gather_data(base, keys, *span)
    other = facts if _reads(base) == _reads(data) else gather_data(data, keys, *span)
    moves = compare(base, data, facts, other)
    context = {
        "version": found, "before": before, "data": data, "problem": problem, "months": span, "moves": moves, "rows": _named(request, units, moves),
        "sides": [_side(base, effective_weight(base, facts), before or found), _side(data, effective_weight(data, other), None if data != found.data else found)], "hidden": max(0, len(moves.moves) - MOST_SHOWN),
        "others": [row for row in queries.versions(request.user).filter(unit_class=found.unit_class_id) if row.pk != found.pk],
        "tried": [{"code": part.code, "name": part.label, "weight": arguments.plain(part.weight)} for part in data.parts], "is_tried": data != found.data,
    }  # fmt: skip
    return render(request, "schemes/what_if.html", context, status=422 if problem else 200)


def _against(request: HttpRequest, found: SchemeVersion) -> SchemeVersion | None:
    """The version that the address names, else the one in force for the class."""
    wanted = request.GET.get("with", "")
    if wanted:
        other = version_at(request, wanted)
        if other.unit_class_id != found.unit_class_id:
            raise Unseen
        return other
    standing = queries.issued_for(found.unit_class, clock.today())
    return standing if standing is not None and standing.pk != found.pk else None


def _tried(request: HttpRequest, data: SchemeData) -> tuple[SchemeData, str]:
    """The version with the weights of the address; with what is wrong with them, and then unchanged."""
    given = {part.code: request.GET.get(f"w-{part.code}", "") for part in data.parts}
    if not any(given.values()):
        return data, ""
    try:
        weights = {code: arguments.hundredths(text) for code, text in given.items()}
    except Refused as refusal:
        return data, str(refusal)
    tried = replace(data, parts=tuple(replace(part, weight=weights[part.code]) for part in data.parts))
    found = [fault for fault in checking.faults(tried, queries.known()) if fault.field == "weight"]
    return (data, f"{found[0].what}; {found[0].remedy}") if found else (tried, "")


def _reads(data: SchemeData) -> list[tuple[str, ...]]:
    """What the facts depend on: two versions that read the same need them once."""
    rows = [
        (c.code, c.kind, c.of, c.expression, c.rule if c.rule in {"formula", "target"} else "", str(c.target is None))
        for _part, c in data.criteria()
    ]
    return sorted([*rows, *((part.code, part.coefficient) for part in data.parts)])


def _side(data: SchemeData, moved: Influence, version: SchemeVersion | None) -> dict[str, Any]:
    """A side of the comparison; weights that are only tried have no version, so no drawer."""
    given: Linkage = data.linkage
    share = moved.variance
    value, low, high = (None if number is None else 100 * number for number in (share.value, share.low, share.high))
    url = reverse("schemes:source", args=[version.pk, "credited"]) if version else ""
    figure = Figure(value, "%", 1, low, high, url=url, reason=moved.reason or share.reason)
    return {"model": wording.model_text(given), "paper": paper_weight(given, data), "figure": figure, "moved": moved}


def _named(request: HttpRequest, units: list[Node], moves: Moves) -> list[dict[str, Any]]:
    """The moves with the names of the units that the actor may know."""
    seen, by_pk = queries.seen_units(request.user, units), {unit.pk: unit for unit in units}
    return [
        {"unit": by_pk[move.node] if move.node in seen else None, "it": move, "before": _place(move.before), "after": _place(move.after), "points": wording.points(move.points)}
        for move in moves.moves[:MOST_SHOWN]
    ]  # fmt: skip


def _place(place: Any) -> dict[str, Any]:
    rank = "" if place.first is None else f"{place.first}" if place.first == place.last else f"{place.first}–{place.last}"
    return {"total": wording.points(place.total), "rank": rank, "is_tied": place.first is not None and place.is_tied, "grade": place.grade}
