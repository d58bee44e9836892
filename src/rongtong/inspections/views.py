"""Pages of inspections: the year with everything that comes to a unit, one inspection as a matrix, planning and issuing."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.accounts.session import account_of
from rongtong.inspections import actions, calendars, forms, policies, queries
from rongtong.inspections.filling import back_after, fill
from rongtong.inspections.models import Inspection, Place, Stage
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import offers_of

PAGE, FINDINGS = 100, 50


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, policies.VIEW):
        raise NotAllowed("no_inspection_view")


def year_of(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    if not 1949 <= found <= 2199:
        raise Refused(_("“%(text)s” is not a year") % {"text": text}, field="year", remedy=_("write it as 2026"), code="year")
    return found


@login_required
@require_GET
def year(request: HttpRequest) -> HttpResponse:
    """Every inspection of a year, combined per unit: who comes when, where two visits could be one, what is open."""
    require_view(request)
    chosen, today = year_of(request), clock.today()
    table = calendars.of_year(request.user, chosen, today, after=request.GET.get("after", ""), most=PAGE)
    problems = list(queries.open_findings(request.user)[:FINDINGS])
    context = {
        "year": chosen, "table": table, "months": range(1, 13), "problems": problems, "today": today,
        "problem_count": queries.open_findings(request.user).order_by().count(), "can_run": access.can(request.user, policies.RUN),
        "inspections": list(queries.inspections(request.user).filter(year=chosen)[:PAGE]), "next": calendars.next_place(request.user, today),
    }  # fmt: skip
    return render(request, "inspections/year.html", context)


def inspection_at(request: HttpRequest, pk: int) -> Inspection:
    found = queries.inspections(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    """Units by items: what records say, what was seen, what is left; a unit sees its own row."""
    found = inspection_at(request, pk)
    runs = policies.runs(request.user, found)
    sheet = queries.sheet_of(found, list(queries.places(request.user).filter(inspection=found).select_related("inspection")))
    titles = queries.rule_titles(sheet.items, found.ends_on)
    rows = [_row(sheet, place) for place in sheet.places]  # at most as many as one inspection may have; totals are over all of them
    first = _first(request, sheet.places)
    context = {
        "inspection": found, "sheet": sheet, "rows": rows[first : first + PAGE], "runs": runs, "count": len(rows),
        "first": first + 1, "last": min(first + PAGE, len(rows)), "after": rows[first + PAGE - 1]["place"].pk if len(rows) > first + PAGE else "",
        "items": [{"item": item, "words": titles.get(item.rule_code, "") or item.text} for item in sheet.items],
        "left": sum(row["left"] for row in rows), "done": sum(row["done"] for row in rows),
        "findings": list(queries.findings(request.user).filter(place__inspection=found)[:FINDINGS]),
        "offers": offers_of("inspection", request.user, found), "totals": _totals(rows),
    }  # fmt: skip
    return render(request, "inspections/inspection.html", context)


def _first(request: HttpRequest, places: Sequence[Place]) -> int:
    """Where the page begins: behind the place of the address."""
    after = request.GET.get("after", "")
    if not after:
        return 0
    found = next((number for number, place in enumerate(places, 1) if str(place.pk) == after), 0)
    if not found:
        raise Refused(_("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor")
    return found


def _row(sheet: queries.Sheet, place: Place) -> dict[str, Any]:
    cells = [_cell(sheet, place, item) for item in sheet.items]
    left = sheet.left(place)
    return {
        "place": place, "cells": cells, "left": len(left), "done": sum(sheet.is_done(place, item) for item in left),
        "late": sum(cell["state"] in {"late", "problem"} for cell in cells),
    }  # fmt: skip


def _cell(sheet: queries.Sheet, place: Place, item: Any) -> dict[str, str]:
    answer = sheet.answer(place, item)
    if (place.pk, item.pk) in sheet.taken:
        return {"state": "taken", "word": _("asked by the other")}
    if answer is not None and (answer.is_on_site or not sheet.is_left(place, item)):
        return {"state": answer.state, "word": str(answer.get_state_display())}
    return {"state": "left", "word": _("on site")}


def _totals(rows: list[dict[str, Any]]) -> list[int]:
    """Late or wrong, item by item."""
    return [sum(cell["state"] in {"late", "problem"} for cell in column) for column in zip(*(row["cells"] for row in rows), strict=True)]


# planning


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan an inspection; nothing goes out before it is issued."""
    if not access.can(request.user, policies.RUN):
        raise NotAllowed("no_inspection_run")
    form = forms.PlanForm(request.POST or None, actor=request.user, initial={"people": queries.people_on_site(clock.today())})

    def do(filled: Any) -> str:
        made = actions.plan(by=account_of(request), new=filled.new())
        return reverse("inspections:issue", args=[made.pk])

    hint = _(
        "Records answer first. Before it is issued you see what is left for on site, what it costs the units, and what comes to them anyway."
    )
    return fill(request, form, _("Plan an inspection"), _("Plan it"), reverse("inspections:year"), do, hint)


def _own(request: HttpRequest, pk: int) -> Inspection:
    found = inspection_at(request, pk)
    policies.require_run(request.user, found)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen before it happens: answered by records, left for on site, person-hours, visits that could be one."""
    found = _own(request, pk)
    if request.method == "POST":
        actions.issue(by=account_of(request), inspection=found, seen=request.POST.get("seen", ""))
        messages.success(request, _("Issued; the units see what will be asked and what their records say already."))
        return redirect("inspections:inspection", pk)
    sheet, today = queries.sheet_of(found), clock.today()
    cost, clashes = queries.cost_of(sheet, today), queries.clashes(sheet, today)
    asked = len(sheet.items) * len(sheet.places)
    left = sum(len(sheet.left(place)) for place in sheet.places)
    context = {
        "inspection": found, "sheet": sheet, "cost": cost, "clashes": clashes[:PAGE], "asked": asked, "left": left, "answered": asked - left - len(sheet.taken),
        "taken": len(sheet.taken), "near": sum(clash.is_near and not clash.is_combined for clash in clashes), "can_issue": found.stage == Stage.DRAFT,
    }  # fmt: skip
    return render(request, "inspections/issue.html", context)


@login_required
@require_POST
def combine(request: HttpRequest, pk: int) -> HttpResponse:
    """Make one visit of two, or two of one."""
    found, by = _own(request, pk), account_of(request)
    place = found.places.select_related("inspection__node", "node").filter(pk=_key(request.POST.get("place", ""))).first()
    if place is None:
        raise Unseen
    if request.POST.get("other"):
        other = queries.places(request.user).filter(pk=_key(request.POST["other"])).first()
        if other is None:
            raise Unseen
        actions.combine(by=by, place=place, other=other)
    else:
        actions.separate(by=by, place=place)
    return redirect("inspections:issue", pk)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@login_required
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ask the records again, or close."""
    found, by = _own(request, pk), account_of(request)
    if what == "run":
        changed = actions.run_over_records(by=by, inspection=found)
        messages.success(request, _("The records were asked again: %(count)s answers changed.") % {"count": changed})
    elif what == "close":
        actions.close(by=by, inspection=found)
    else:
        raise Unseen
    return redirect("inspections:inspection", pk)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Move it in time, or call it off with the reason."""
    found, back = _own(request, pk), reverse("inspections:inspection", args=[pk])
    by = account_of(request)
    if what == "cancel":
        form: Any = forms.ReasonForm(request.POST or None, actor=request.user)
        do = back_after(back, lambda f: actions.cancel(by=by, inspection=found, reason=f.cleaned_data["reason"]))
        return fill(request, form, _("Call “%(title)s” off") % {"title": found}, _("Call it off"), back, do)
    if what != "dates":
        raise Unseen
    initial = {"starts_on": found.starts_on.isoformat(), "ends_on": found.ends_on.isoformat()}
    form = forms.SpanForm(request.POST or None, actor=request.user, initial=initial)
    do = back_after(back, lambda f: actions.change(by=by, inspection=found, **f.cleaned_data))
    return fill(request, form, _("Dates of “%(title)s”") % {"title": found}, _("Change its dates"), back, do)
