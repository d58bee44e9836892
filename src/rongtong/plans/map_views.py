"""融合地图 as a page, as a file, and one place of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.exchange.exporting import Cell as FileCell
from rongtong.exchange.exporting import write_table
from rongtong.indicators.lookups import latest_period
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.kernel.periods import add_months, month_of, parse_month
from rongtong.plans import mapping
from rongtong.plans.listing import extras, place_of
from rongtong.plans.mapping import PROCESS_WORDS, Cell, Possible
from rongtong.plans.states import PROCESSES
from rongtong.plans.views import require_view
from rongtong.trees.models import Node

ROWS = 200


def _month(request: HttpRequest) -> int:
    if request.GET.get("month"):
        return parse_month(request.GET["month"])
    return latest_period() or add_months(month_of(clock.today()), -1)


@login_required
@require_GET
def integration_map(request: HttpRequest) -> HttpResponseBase:
    """Units against production processes: where integration is needed, possible, and exists; the white cells are where to start."""
    require_view(request)
    month, today, place = _month(request), clock.today(), place_of(request)
    found = mapping.integration_map(request.user, month, today)
    units = mapping.units_of(found, place if place is not None and place.is_business else None)
    only_needed = request.GET.get("needed") == "1"
    units = [unit for unit in units if _needed(found[unit.pk])] if only_needed else units
    possible = mapping.possibility([unit.pk for unit in units], today)
    if request.GET.get("export"):
        return _file(request, found, units, possible)
    counts = mapping.counts(found, units)
    rows = [
        {
            "unit": unit, "possible": possible.get(unit.pk, Possible()), "needed": _needed(found[unit.pk]),
            "cells": [{"process": process, "cell": found[unit.pk].get(process)} for process in PROCESSES],
        }
        for unit in units[:ROWS]
    ]  # fmt: skip
    context = {
        "rows": rows, "processes": [PROCESS_WORDS[process] for process in PROCESSES], "month": month, "only_needed": only_needed,
        "needed": sum(needed for needed, _covered in counts.values()), "covered": sum(covered for _needed, covered in counts.values()),
        "totals": [{"needed": counts[process][0], "covered": counts[process][1]} for process in PROCESSES],
        "can_start": access.can(request.user, Permission.PLAN_EDIT), "more": max(0, len(units) - ROWS), **extras(request),
    }  # fmt: skip
    return render(request, "plans/map.html", context)


def _needed(cells: dict[str, Cell]) -> int:
    return sum(cell.state == "needed" for cell in cells.values())


@login_required
@require_GET
def cell(request: HttpRequest, pk: int, process: str) -> HttpResponse:
    """One place of the map: why integration is needed there, with whom it is possible, what exists, and the button that starts it."""
    require_view(request)
    unit = nodes_of(request.user, Permission.PLAN_VIEW).filter(pk=pk, tree="B").first()
    if unit is None or process not in PROCESSES:
        raise Unseen
    month, today = _month(request), clock.today()
    found = mapping.integration_map(request.user, month, today, unit).get(unit.pk, {}).get(process, Cell())
    context = {
        "unit": unit, "word": PROCESS_WORDS[process], "cell": found, "month": month, "possible": mapping.possibility([pk], today).get(pk, Possible()),
        "can_start": access.can(request.user, Permission.PLAN_EDIT),
    }  # fmt: skip
    return render(request, "plans/cell.html", context)


def _file(request: HttpRequest, found: mapping.Map, units: Sequence[Node], possible: dict[int, Possible]) -> HttpResponseBase:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    names = (
        "unit_code",
        "unit",
        "members",
        "party_bodies",
        "free_carriers",
        "process",
        "state",
        "missed_targets",
        "obstacles",
        "carriers",
        "links",
    )
    path = write_table(names, _file_rows(found, units, possible), request.GET["export"], None, sheet="map")
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"integration-map.{request.GET['export']}")


def _file_rows(found: mapping.Map, units: Sequence[Node], possible: dict[int, Possible]) -> Iterator[tuple[FileCell, ...]]:
    for unit in units:
        at: Any = possible.get(unit.pk, Possible())
        for process in PROCESSES:
            one = found[unit.pk].get(process, Cell())
            yield (
                unit.code, unit.label, at.members, at.bodies, at.free, process, one.state, "、".join(m.target.indicator.code for m in one.missed),
                "、".join(i.code for i in one.obstacles), "、".join(c.code for c in one.carriers), "、".join(x.code for x in one.links),
            )  # fmt: skip
