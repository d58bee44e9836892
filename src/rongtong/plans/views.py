"""Pages of plans: the list, the plan with both sides beside each other, its changes and its versions."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, month_of
from rongtong.ledger.views import lines
from rongtong.organization import queries as organization
from rongtong.panel import queries as panel
from rongtong.plans import actions, changing, forms, queries, suggesting
from rongtong.plans.listing import extras, file_of, narrowed
from rongtong.plans.models import IntegrationLink, Objective, Plan, PlanSide

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
def plans(request: HttpRequest) -> HttpResponseBase:
    """The plans of the actor's units in a year: how many objectives of each side, how many joined, how many steps were taken together."""
    require_view(request)
    years = list(queries.plans(request.user).order_by("-year").values_list("year", flat=True).distinct())
    year = _key(request.GET.get("year", "")) or (years[0] if years else clock.today().year)
    listed = narrowed(request, queries.plans(request.user).filter(year=year), "unit", "party")
    if request.GET.get("export"):
        objectives = queries.objectives(request.user).filter(plan__in=listed.order_by().values("pk"))
        return file_of(request, "objectives", objectives)
    rows = list(listed[:LIST])
    counts: dict[int, Counter[str]] = {}
    for plan, side in Objective.objects.filter(plan__in=rows, dropped_on__isnull=True).values_list("plan_id", "side"):
        counts.setdefault(plan, Counter())[side] += 1
    keys = [plan.pk for plan in rows]
    party = queries.objectives(request.user).filter(side=PlanSide.PARTY, dropped_on__isnull=True, plan__in=keys)
    joined = Counter(queries.aligned(party).order_by().values_list("plan_id", flat=True))
    shown: list[dict[str, Any]] = [
        {"plan": plan, "counts": counts.get(plan.pk, Counter()), "joined": joined.get(plan.pk, 0)} for plan in rows
    ]
    context = {
        "rows": shown, "party": sum(row["counts"]["party"] for row in shown), "joined": sum(joined.values()), "years": years, "year": year,
        "waiting": queries.waiting_links(request.user).count(), "can_edit": access.can(request.user, Permission.PLAN_EDIT),
        "together": queries.together(queries.links(request.user).filter(party_objective__plan__in=keys)), "more": listed.count() > LIST,
        **extras(request),
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
        "suggestions": suggesting.suggest(
            rows, links, _obstacle_codes(request, found), queries.joined_above(rows), suggesting.dismissed(found)
        ),
        "worth": suggesting.worth(queries.links(request.user), suggesting.dismissals(request.user)), "steps": queries.steps_of(links),
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
def change_objective(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an objective; of an adopted plan a version is kept with the reason."""
    found = queries.objectives(request.user).prefetch_related("key_results__indicator").filter(pk=pk).first()
    if found is None:
        raise Unseen
    access.require(request.user, Permission.PLAN_EDIT, found.plan.unit, view=Permission.PLAN_VIEW)
    form = forms.ChangeForm(request.POST or None, actor=request.user, initial=_as_it_is(found))

    def do(filled: Any) -> str:
        changing.change_objective(by=account_of(request), objective=found, change=filled.change(), reason=filled.cleaned_data["reason"])
        return f"{reverse('plans:plan', args=[found.plan_id])}#o{found.pk}"

    heading = _("Change “%(objective)s”") % {"objective": found.title}
    return fill(request, form, heading, _("Change"), reverse("plans:plan", args=[found.plan_id]), do)


def _as_it_is(found: Objective) -> dict[str, Any]:
    result = next(iter(found.key_results.all()), None)
    posts = {"owner": found.owner, "co_owner": found.co_owner}
    initial: dict[str, Any] = {name: f"{post.code} {post.name}" for name, post in posts.items() if post is not None}
    initial |= {"title": found.title, "due_on": found.due_on.isoformat()}
    if result is not None:
        initial |= {"indicator": result.indicator.code, "target": f"{result.target:g}"}
        initial |= {"baseline": f"{result.baseline:g}"} if result.baseline is not None else {}
    return initial


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a suggestion aside, with the reason."""
    found = plan_at(request, pk)
    rows = {str(o.pk): o for o in found.objectives.select_related("plan__unit")}
    party, production = (rows.get(request.POST.get(name, "")) for name in ("party_objective", "production_objective"))
    if party is None or production is None:
        raise Unseen
    changing.dismiss(
        by=account_of(request), party=party, production=production, kind=request.POST.get("kind", ""), reason=request.POST.get("reason", "")
    )  # fmt: skip
    return redirect("plans:plan", pk)


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


COMPARED = {
    "title": gettext_lazy("Objective"), "owner": gettext_lazy("Owner"), "co_owner": gettext_lazy("Owner of the other side (planned together)"),
    "due_on": gettext_lazy("Due on"), "dropped": gettext_lazy("given up"), "key_results": gettext_lazy("Key results"),
}  # fmt: skip


def _told(name: str, row: dict[str, Any] | None) -> str:
    """A part of a kept version in words."""
    value = (row or {}).get(name)
    if name == "key_results":
        return "、".join(f"{k['indicator']} {k['baseline'] if k['baseline'] is not None else '—'} → {k['target']}" for k in value or [])
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value or "")


def _compare(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    before, after = ({row["code"]: row for row in rows} for rows in (old, new))
    found = []
    for code in sorted(before.keys() | after.keys()):
        was, now = before.get(code), after.get(code)
        names = [name for name in COMPARED if was and now and was[name] != now[name]]
        if was is None or now is None or names:
            row = now or was or {}
            kind = "added" if was is None else "gone" if now is None else "changed"
            pairs = [{"name": COMPARED[name], "was": _told(name, was), "now": _told(name, now)} for name in names]
            found.append({"code": code, "title": row["title"], "kind": kind, "pairs": pairs})
    return found
