"""Pages that answer: what an indicator means and how it runs, sets, months, quality, where a figure comes from."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.engines.control import xmr
from rongtong.indicators import actions, forms, provenance, queries, readings
from rongtong.indicators.importers import read_report
from rongtong.indicators.models import Indicator, IndicatorSet, Observation, Subsystem
from rongtong.indicators.quality import differences, quality
from rongtong.indicators.reading_page import tiles
from rongtong.indicators.scope import Scope, scope_of, user_of
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, add_months, month_range
from rongtong.trees.models import Node, TreeLink
from rongtong.ui import charts
from rongtong.ui.fragments import is_fragment

MONTHS_SHOWN = 24
PER_SECTION = 50


def page_of(request: HttpRequest, template: str, scope: Scope | None = None, **values: Any) -> HttpResponse:
    """Render a page; refusals of a form come with 422 so that its content stays."""
    status = 422 if values.get("refusal") else 200
    if scope is not None:
        values |= {"scope": scope, "month": Period.month(scope.month), "node": scope.node}
    return render(request, f"indicators/{template}.html", values, status=status)


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.INDICATOR_VIEW):
        raise NotAllowed("no_indicator_view")


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """All indicators with what they mean, by side."""
    require_view(request)
    side = request.GET.get("side", "")
    listed = queries.indicators(side if side in Subsystem.values else "")
    text = request.GET.get("q", "").strip()
    if text:
        named = Q(code__istartswith=text) | Q(name__icontains=text) | Q(name_en__icontains=text)
        listed = listed.filter(named | Q(definition__icontains=text) | Q(definition_en__icontains=text))
    found = list(listed)
    values: dict[str, Any] = {
        "indicators": found,
        "side": side,
        "query": text,
        "sides": Subsystem.choices,
        "off": sum(not row.is_on for row in found),
    }
    return page_of(request, "index", can_define=access.can(request.user, Permission.INDICATOR_DEFINE), **values)


@require_http_methods(["GET", "POST"])
@login_required
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: 口径, owner, formula, and its series at a node with control limits."""
    require_view(request)
    found = queries.indicator_by_code(code)
    if request.method == "POST":
        actions.switch(by=user_of(request), indicator=found, is_on=request.POST.get("is_on") == "1")
        return redirect("indicators:indicator", code)
    scope = _scope_with_values(request, found) if access.can(request.user, Permission.OBSERVATION_VIEW) else Scope(None, 0)
    values: dict[str, Any] = {"indicator": found, "can_define": access.can(request.user, Permission.INDICATOR_DEFINE)}
    if scope.node is None:
        return page_of(request, "indicator", **values)
    is_joint = request.GET.get("joint") == "1"
    asked = node = scope.node
    series = _series(node, found, scope.month)
    if not series["present"]:
        elsewhere = _recorded_at(request, asked, found, scope.month)
        if len(elsewhere) == 1:  # asked at a unit, recorded at its Party organisation, or the other way round
            node = elsewhere[0].node
            scope, series = replace(scope, node=node), _series(node, found, scope.month)
        values |= {"asked": asked, "elsewhere": elsewhere}
    reading = readings.reading(node, found, scope.month, is_joint=is_joint)
    values |= {**series, "reading": reading, "tiles": tiles(node, found, reading, series["rows"]), "is_joint": is_joint}
    values["can_join"] = scope.month % 100 in {1, 2}
    return page_of(request, "indicator", scope, **values)


def _scope_with_values(request: HttpRequest, found: Indicator) -> Scope:
    """The scope of the address; without a node the first one that has a value of this indicator in the month."""
    scope = scope_of(request)
    if scope.is_chosen:
        return scope
    first = queries.current(request.user).filter(indicator=found, period=scope.month).order_by("node__path").first()
    return Scope(first.node, scope.month) if first else scope


def _recorded_at(request: HttpRequest, node: Node, found: Indicator, month: int) -> list[Observation]:
    """Values of the month at the nodes of the other tree that go with this one, as far as they are seen."""
    here, there = ("unit", "party") if node.is_business else ("party", "unit")
    linked = TreeLink.objects.on(Period.month(month).ends_on).filter(**{here: node}).values(there)
    return list(queries.current(request.user).filter(indicator=found, period=month, node__in=linked).order_by("node__path"))


def _series(node: Node, found: Indicator, month: int) -> dict[str, Any]:
    """Rows and chart data of two years up to a month; missing months stay gaps."""
    months = month_range(add_months(month, 1 - MONTHS_SHOWN), month)
    stored = {row.period: row for row in queries.series(node, found, months[0], months[-1])}
    values = [stored[code].value if code in stored else None for code in months]
    chart = xmr([float("nan") if value is None else value for value in values])
    has_limits = chart.lower == chart.lower
    limits = {"centre": chart.centre, "lower": chart.lower, "upper": chart.upper} if has_limits else {}
    rows = [
        {"month": Period.month(code), "observation": stored.get(code), "is_signal": bool(signal)}
        for code, signal in zip(months, chart.signals, strict=True)
    ]
    labels, signals = [str(row["month"]) for row in rows], [bool(signal) for signal in chart.signals]
    option = (
        charts.xmr(labels, values, signals, (chart.lower, chart.centre, chart.upper) if has_limits else None) if chart.present else None
    )
    counts = {"present": chart.present, "months_shown": MONTHS_SHOWN, "signals": sum(signals)}
    return {"rows": rows[::-1], "chart": option, "limits": limits, **counts}


@require_GET
@login_required
def source(request: HttpRequest) -> HttpResponse:
    """The drawer of an observed figure: its revisions and the file row behind each."""
    scope = scope_of(request)
    wanted = request.GET.get("indicator", "")
    found = get_object_or_404(Indicator, pk=int(wanted)) if wanted.isascii() and wanted.isdigit() else queries.indicator_by_code(wanted)
    if scope.node is None:
        raise Unseen
    steps = provenance.steps(request.user, scope.node, found, scope.month)
    counted = provenance.records(request.user, scope.node, found, scope.month)
    return page_of(request, "source", scope, indicator=found, steps=steps, records=counted, is_fragment=is_fragment(request))


@require_GET
@login_required
def sets(request: HttpRequest) -> HttpResponse:
    """The sets in force, per class of unit."""
    require_view(request)
    return page_of(request, "sets", sets=list(IndicatorSet.objects.select_related("unit_class").order_by("unit_class__code", "-starts_on")))


@require_GET
@login_required
def issued_set(request: HttpRequest, pk: int) -> HttpResponse:
    """A set's weights: as issued, and in effect once switched-off indicators left."""
    require_view(request)
    found = get_object_or_404(IndicatorSet.objects.select_related("unit_class"), pk=pk)
    weights = queries.weights_of(found)
    sides = [{"code": side, "label": label, "items": weights.get(side)} for side, label in Subsystem.choices]
    return page_of(request, "set", issued=found, sides=sides, can_issue=access.can(request.user, Permission.INDICATOR_DEFINE))


@require_http_methods(["GET", "POST"])
@login_required
def months(request: HttpRequest) -> HttpResponse:
    """关账: which months are closed, and closing one."""
    require_view(request)
    form = forms.CloseForm(request.POST or None)
    refusal = None
    if request.method == "POST":
        try:
            period = form.period()
            actions.close_month(by=user_of(request), period=period)
            return redirect("indicators:months")
        except Refused as caught:
            refusal = caught
    can_close = access.can(request.user, Permission.MONTH_CLOSE)
    return page_of(request, "months", closings=list(queries.closings()[:60]), form=form, refusal=refusal, can_close=can_close)


@require_GET
@login_required
def quality_page(request: HttpRequest) -> HttpResponse:
    """What to doubt in a month's figures, and why."""
    scope = scope_of(request)
    if scope.node is None:
        raise NotAllowed("no_observation_view")
    found = quality(request.user, scope.month, scope.node if scope.is_chosen else None)
    sections = [
        ("missing", _("No value this month"), found.missing),
        ("held", _("An earlier value still stands"), found.held),
        ("stale", _("No value for more than twice its frequency"), found.stale),
        ("outliers", _("Far from the unit's own past"), found.outliers),
        ("perfect", _("Perfect every month"), found.perfect),
    ]
    shown = [{"code": code, "title": title, "count": len(cells), "cells": cells[:PER_SECTION]} for code, title, cells in sections]
    return page_of(request, "quality", scope, quality=found, sections=shown, per_section=PER_SECTION)


@require_http_methods(["GET", "POST"])
@login_required
def reconcile(request: HttpRequest) -> HttpResponse:
    """Compare a monthly report with what is stored; writes nothing."""
    scope = scope_of(request)
    if scope.node is None:
        raise NotAllowed("no_observation_view")
    found, plan, refusal = None, None, None
    if request.method == "POST":
        try:
            upload = forms.upload_of(request)
            reported, plan = read_report(request.user, upload.read(), upload.name or "report")
            found = differences(request.user, reported, scope.month)
        except Refused as caught:
            refusal = caught
    next_url = reverse("indicators:observations")
    return page_of(request, "reconcile", scope, differences=found, plan=plan, refusal=refusal, next_url=next_url)
