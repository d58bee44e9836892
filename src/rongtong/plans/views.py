"""Pages of plans: the plan with both sides, versions, links and the integration map."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.indicators.lookups import latest_period
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, add_months, month_of, parse_month
from rongtong.ledger.views import lines
from rongtong.organization import queries as organization
from rongtong.panel import queries as panel
from rongtong.plans import actions, forms, queries, suggesting
from rongtong.plans.models import IntegrationLink, LinkState, Objective, Plan, PlanSide
from rongtong.plans.states import PROCESSES
from rongtong.trees.models import Node

LIST = 200


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.PLAN_VIEW):
        raise NotAllowed("no_plan_view")


def fill(request: HttpRequest, form: Any, heading: str, button: str, back: str, do: Any, hint: str = "") -> HttpResponse:
    """Show a form, do what it says, keep what was typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do(form))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans of the actor's units: how many objectives of each side, how many joined."""
    require_view(request)
    rows = list(queries.plans(request.user)[:LIST])
    counts: dict[int, Counter[str]] = {}
    for plan, side in Objective.objects.filter(plan__in=rows, dropped_on__isnull=True).values_list("plan_id", "side"):
        counts.setdefault(plan, Counter())[side] += 1
    party = queries.objectives(request.user).filter(side=PlanSide.PARTY, dropped_on__isnull=True, plan__in=[plan.pk for plan in rows])
    joined = Counter(queries.aligned(party).order_by().values_list("plan_id", flat=True))
    shown: list[dict[str, Any]] = [
        {"plan": plan, "counts": counts.get(plan.pk, Counter()), "joined": joined.get(plan.pk, 0)} for plan in rows
    ]
    context = {
        "rows": shown, "party": sum(row["counts"]["party"] for row in shown), "joined": sum(joined.values()),
        "waiting": queries.waiting_links(request.user).count(), "can_edit": access.can(request.user, Permission.PLAN_EDIT),
    }  # fmt: skip
    return render(request, "plans/plans.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def open_plan(request: HttpRequest) -> HttpResponse:
    """Start a plan."""
    if not access.can(request.user, Permission.PLAN_EDIT):
        raise NotAllowed("no_plan_edit")
    form = forms.PlanForm(request.POST or None, actor=request.user, initial={"year": clock.today().year})

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        return reverse("plans:plan", args=[actions.open_plan(by=account_of(request), unit=d["unit"], year=d["year"]).pk])

    return fill(request, form, _("Start a plan"), _("Start"), reverse("plans:plans"), do)


def plan_at(request: HttpRequest, pk: int) -> Plan:
    found = queries.plans(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: both sides beside each other, what joins them, what could."""
    found = plan_at(request, pk)
    rows = list(found.objectives.select_related("owner", "co_owner", "parent").prefetch_related("key_results__indicator"))
    links = list(queries.links(request.user).filter(party_objective__plan=found))
    today = clock.today()
    measures = queries.measures(rows)
    made = {line["matter"].pk: line for line in lines([m for found_here in measures.values() for m in found_here])}
    latest = _latest(found, rows)
    rolled = queries.roll_up(rows, month_of(today))
    sides = [{"side": side, "label": PlanSide(side).label, "rows": [_line(o, links, measures, made, latest) | {"below": rolled.get(o.pk)} for o in rows if o.side == side]}
             for side in (PlanSide.PARTY, PlanSide.PRODUCTION)]  # fmt: skip
    context = {
        "plan": found, "sides": sides, "links": links, "today": today, "versions": list(found.versions.order_by("-number")),
        "suggestions": suggesting.suggest(rows, links, _obstacle_codes(request, found), queries.joined_above(rows)), "acceptance": suggesting.acceptance(IntegrationLink.objects.all()),
        "can_edit": access.can(request.user, Permission.PLAN_EDIT, found.unit) and found.state != "frozen",
        "can_adopt": access.can(request.user, Permission.PLAN_ADOPT, found.unit),
        "above": list(_above(request, found)[:20]),
        "has_below": Plan.objects.filter(unit__parent=found.unit, year=found.year).exists(),
    }  # fmt: skip
    return render(request, "plans/plan.html", context)


def _above(request: HttpRequest, found: Plan) -> Any:
    """Objectives of the plan of the unit above that could be taken over."""
    if found.unit.parent_id is None:
        return Objective.objects.none()
    taken = found.objectives.exclude(parent=None).values("parent")
    rows = queries.objectives(request.user).filter(plan__unit=found.unit.parent_id, plan__year=found.year, dropped_on__isnull=True)
    return rows.exclude(pk__in=taken)


def _latest(found: Plan, rows: list[Objective]) -> dict[tuple[int, int], queries.Latest]:
    indicators = [result.indicator_id for o in rows for result in o.key_results.all()]
    nodes = [node.pk for node in (found.unit, found.party) if node is not None]
    return queries.latest_values(nodes, indicators, month_of(clock.today()))


def _line(o: Objective, links: list[IntegrationLink], measures: Any, made: Any, latest: Any) -> dict[str, Any]:
    results = []
    for result in o.key_results.all():
        here = [latest[key] for key in latest if key[1] == result.indicator_id]
        now = here[0] if here else None
        reached = queries.is_met(now.value, result.target, result.indicator.direction) if now else None
        results.append({"row": result, "now": now, "reached": reached, "month": str(Period.month(now.period)) if now else ""})
    joined = [
        link
        for link in links
        if o.pk in {link.party_objective_id, link.production_objective_id} and link.state in {"proposed", "confirmed"}
    ]
    return {"objective": o, "results": results, "links": joined, "measures": [made[m.pk] for m in measures.get(o.pk, [])]}


def _obstacle_codes(request: HttpRequest, found: Plan) -> list[str]:
    """Indicators that hold the unit down in the last run that the actor sees."""
    run = panel.run_for()
    if run is None or not access.can(request.user, Permission.COCKPIT_VIEW, found.unit):
        return []
    rows = panel.obstacles(request.user, run, node=found.unit, period=run.period)
    return list(Indicator.objects.filter(pk__in=[row["indicator_id"] for row in rows]).values_list("code", flat=True))


@login_required
@require_http_methods(["GET", "POST"])
def objective(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an objective to a plan."""
    found = plan_at(request, pk)
    access.require(request.user, Permission.PLAN_EDIT, found.unit, view=Permission.PLAN_VIEW)
    initial = {"side": request.GET.get("side", ""), "due_on": f"{found.year}-12-31"}
    form = forms.ObjectiveForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        made = actions.add_objective(by=account_of(request), plan=found, new=filled.new())
        return f"{reverse('plans:plan', args=[pk])}#o{made.pk}"

    return fill(request, form, _("Add an objective to %(plan)s") % {"plan": found}, _("Add"), reverse("plans:plan", args=[pk]), do)


@login_required
@require_http_methods(["GET", "POST"])
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """A measure of an objective becomes a matter."""
    found = queries.objectives(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    access.require(request.user, Permission.PLAN_EDIT, found.plan.unit, view=Permission.PLAN_VIEW)
    initial = {"leader": f"{found.owner.code} {found.owner.name}", "due_on": found.due_on.isoformat()}
    form = forms.MeasureForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        actions.add_measure(by=account_of(request), objective=found, title=d["title"], due_on=d["due_on"], parts=filled.parts())
        return f"{reverse('plans:plan', args=[found.plan_id])}#o{found.pk}"

    heading = _("A measure for “%(objective)s”") % {"objective": found.title}
    return fill(request, form, heading, _("Assign"), reverse("plans:plan", args=[found.plan_id]), do)


@login_required
@require_POST
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Adopt, freeze, open again with a reason, take an objective over, or give one up."""
    found = plan_at(request, pk)
    by, reason = account_of(request), request.POST.get("reason", "")
    if what in {"adopt", "freeze"}:
        actions.adopt(by=by, plan=found, freeze=what == "freeze")
    elif what == "unfreeze":
        actions.unfreeze(by=by, plan=found, reason=reason)
    elif what in {"take", "drop", "split"}:
        row = queries.objectives(request.user).filter(pk=_key(request.POST.get("objective", ""))).first()
        if row is None:
            raise Unseen
        if what == "drop":
            actions.drop_objective(by=by, objective=row, reason=reason)
        elif what == "split":
            count = actions.split(by=by, objective=row)
            messages.success(request, _("%(count)s units took it over") % {"count": count})
        else:
            actions.take_over(by=by, plan=found, above=row, owner=_owner(found, row))
    else:
        raise Unseen
    return redirect("plans:plan", pk)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _owner(found: Plan, row: Objective) -> Any:
    """The leading post of the side in the plan that takes an objective over."""
    node = found.party if row.side == PlanSide.PARTY and found.party else found.unit
    post = organization.leading_post(node)
    if post is None:
        raise Refused(_("%(name)s has no leading post") % {"name": node.name}, field="owner", remedy=_("open one first"), code="nobody")
    return post


@login_required
@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions of a plan beside each other: what came, went and changed."""
    found = plan_at(request, pk)
    rows = list(found.versions.order_by("number"))
    by_number = {row.number: row for row in rows}
    new = by_number.get(_key(request.GET.get("to", ""))) or (rows[-1] if rows else None)
    old = by_number.get(_key(request.GET.get("from", ""))) or (by_number.get(new.number - 1) if new else None)
    context = {
        "plan": found,
        "versions": rows,
        "old": old,
        "new": new,
        "changes": _compare(old.content if old else [], new.content if new else []),
    }
    return render(request, "plans/versions.html", context)


def _compare(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    before, after = ({row["code"]: row for row in rows} for rows in (old, new))
    found = []
    for code in sorted(before.keys() | after.keys()):
        was, now = before.get(code), after.get(code)
        names = [
            name for name in ("title", "owner", "co_owner", "due_on", "dropped", "key_results") if was and now and was[name] != now[name]
        ]
        if was is None or now is None or names:
            row = now or was or {}
            kind = "added" if was is None else "gone" if now is None else "changed"
            pairs = [{"name": name, "was": (was or {}).get(name), "now": (now or {}).get(name)} for name in names]
            found.append({"code": code, "title": row["title"], "kind": kind, "pairs": pairs})
    return found


@login_required
@require_GET
def links(request: HttpRequest) -> HttpResponse:
    """Integration links: what waits for a side, what is confirmed."""
    require_view(request)
    rows = queries.links(request.user)
    context = {
        "waiting": list(queries.waiting_links(request.user)[:LIST]), "confirmed": list(rows.filter(state=LinkState.CONFIRMED)[:LIST]),
        "others": list(rows.filter(state__in=[LinkState.LAPSED, LinkState.DECLINED])[:50]), "acceptance": suggesting.acceptance(rows),
    }  # fmt: skip
    return render(request, "plans/links.html", context)


def link_at(request: HttpRequest, pk: int) -> IntegrationLink:
    found = queries.links(request.user).select_related("party_objective__owner", "production_objective__owner").filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One link: its three fields, who confirmed, what it left."""
    found = link_at(request, pk)
    nodes = {
        "party": found.party_objective.plan.party or found.party_objective.plan.unit,
        "production": found.production_objective.plan.unit,
    }
    sides = [
        {
            "side": side, "label": PlanSide(side).label, "by": getattr(found, f"{side}_confirmed_label"), "on": getattr(found, f"{side}_confirmed_on"),
            "can": found.state == "proposed" and access.can(request.user, Permission.LINK_CONFIRM, node),
        }
        for side, node in nodes.items()
    ]  # fmt: skip
    return render(request, "plans/link.html", {"link": found, "sides": sides, "together": list(found.together.all())})


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Join two objectives of a plan."""
    found = plan_at(request, pk)
    access.require(request.user, Permission.PLAN_EDIT, found.unit, view=Permission.PLAN_VIEW)
    names = ("party_objective", "production_objective", "carrier", "indicator", "process", "why")
    initial = {name: request.GET[name] for name in names if name in request.GET}
    form = forms.LinkForm(request.POST or None, actor=request.user, plan=found, initial=initial)

    def do(filled: Any) -> str:
        made = actions.propose_link(by=account_of(request), new=filled.new(request.GET.get("suggested", "")))
        return reverse("plans:link", args=[made.pk])

    hint = _("Without carrier, indicator and target a link says nothing. No carrier yet? Declare one first.")
    return fill(request, form, _("Join two objectives"), _("Propose the link"), reverse("plans:plan", args=[pk]), do, hint)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or decline for a side."""
    found = link_at(request, pk)
    side = request.POST.get("side", "")
    if request.POST.get("answer") == "decline":
        actions.decline_link(by=account_of(request), link=found, side=side, reason=request.POST.get("reason", ""))
    else:
        done = actions.confirm_link(by=account_of(request), link=found, side=side)
        messages.success(
            request, _("Confirmed; it counts from now on.") if done.state == "confirmed" else _("Confirmed; the other side is asked.")
        )
    return redirect("plans:link", pk)


@login_required
@require_GET
def integration_map(request: HttpRequest) -> HttpResponse:
    """Units against production processes: where integration is needed, possible, and exists; the white cells are where to start."""
    require_view(request)
    month = parse_month(request.GET["month"]) if request.GET.get("month") else latest_period() or add_months(month_of(clock.today()), -1)
    today = clock.today()
    cells = queries.integration_map(request.user, month, today)
    units = {node.pk: node for node in Node.objects.filter(pk__in=list(cells), tree="B").order_by("path")}
    members = queries.possibility(list(units), today)
    rows = [
        {"unit": unit, "members": members.get(pk), "cells": [{"process": p, "cell": cells[pk].get(p)} for p in PROCESSES]}
        for pk, unit in units.items()
    ]
    states = Counter(cell.state for by_process in cells.values() for cell in by_process.values())
    context = {
        "rows": rows[:LIST], "processes": [forms.PROCESS_WORDS[p] for p in PROCESSES], "month": month, "needed": states["needed"],
        "covered": states["linked"] + states["carrier"], "can_start": access.can(request.user, Permission.PLAN_EDIT),
        "totals": [sum((row[p].state == "needed") for row in cells.values() if p in row) for p in PROCESSES],
    }  # fmt: skip
    return render(request, "plans/map.html", context)
