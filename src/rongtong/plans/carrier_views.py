"""Pages of carriers and of the results register."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
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
from rongtong.engines.control import xmr
from rongtong.indicators import queries as indicators
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, add_months, month_of, month_range
from rongtong.ledger.views import lines
from rongtong.plans import actions, changing, forms, queries
from rongtong.plans.listing import extras, file_of, narrowed, paged
from rongtong.plans.models import Carrier, CarrierKind, CarrierState, Result
from rongtong.plans.states import ACTIVE, FINISHED, NEXT
from rongtong.plans.views import fill, require_view
from rongtong.ui import charts

MONTHS, COUNTED = 24, 2000


@login_required
@require_GET
def carriers(request: HttpRequest) -> HttpResponseBase:
    """Carriers of the actor's units: what runs, what reached its target, what is only claimed; narrowed, by pages, as a file."""
    require_view(request)
    listed = narrowed(request, queries.carriers(request.user), "unit", "party")
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    listed = listed.filter(kind__code=kind) if kind else listed
    listed = listed.filter(state=state) if state in CarrierState.values else listed
    if request.GET.get("export"):
        return file_of(request, "carriers", listed)
    page, after = paged(request, listed, "starts_on")
    active, over = listed.filter(state__in=ACTIVE).order_by().count(), list(listed.filter(accepted_on__isnull=False)[:COUNTED])
    context = {
        "rows": [{"carrier": row, "hit": queries.hit(row) if row.accepted_on else None} for row in page], "active": active, "after": after,
        "accepted": len(over), "hits": sum(queries.hit(row) is True for row in over), "can_declare": access.can(request.user, Permission.PLAN_EDIT),
        "kinds": list(CarrierKind.objects.all()), "kind": kind, "states": CarrierState.choices, "state": state, **extras(request),
    }  # fmt: skip
    return render(request, "plans/carriers.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Declare a carrier; from a white cell of the map or a missed target with unit and indicator filled in."""
    if not access.can(request.user, Permission.PLAN_EDIT):
        raise NotAllowed("no_plan_edit")
    names = ("title", "party", "unit", "indicator", "target", "baseline", "kind", "owner")
    initial = {name: request.GET[name] for name in names if name in request.GET} | {"starts_on": clock.today().isoformat()}
    form = forms.CarrierForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        return reverse("plans:carrier", args=[actions.declare_carrier(by=account_of(request), new=filled.new()).pk])

    hint = _("What only this kind of carrier has (members, task book, demand list) is filled in on its page as it becomes known.")
    return fill(request, form, _("Declare a carrier"), _("Declare"), reverse("plans:carriers"), do, hint)


def carrier_at(request: HttpRequest, pk: int) -> Carrier:
    found = queries.carriers(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def carrier(request: HttpRequest, pk: int) -> HttpResponse:
    """One carrier: facts, state, milestones, the XmR chart of its indicator with its start marked."""
    found = carrier_at(request, pk)
    values = [{"name": own.label, "value": found.values.get(own.code, "")} for own in found.kind.own]
    can_edit = access.can(request.user, Permission.PLAN_EDIT, found.party)
    can_fill = can_edit and found.state not in FINISHED and found.state != "stopped" and bool(found.kind.own)
    context = {
        "carrier": found, "values": values, "own": forms.OwnForm(carrier=found) if can_fill else None, "hit": queries.hit(found) if found.accepted_on else None, "chart": _chart(found),
        "milestones": lines(list(queries.milestones(found)[:50])), "links": list(found.links.select_related("party_objective", "production_objective")),
        "results": list(found.results.order_by("-on")[:20]), "can_edit": can_edit,
        "next": [{"code": code, "label": CarrierState(code).label} for code in NEXT[found.state] if code != "stopped"] if can_edit else [],
        "can_stop": can_edit and "stopped" in NEXT[found.state], "form": forms.AcceptForm(actor=request.user),
        "can_accept": found.state == "ended" and access.can(request.user, Permission.RESULT_CONFIRM, found.unit)
        and found.declared_by != str(account_of(request).uid),
    }  # fmt: skip
    return render(request, "plans/carrier.html", context)


def _chart(found: Carrier) -> dict[str, Any] | None:
    """Two years of the indicator at the unit; the limits are those of the months before the carrier began, where there are enough."""
    last = max(month_of(clock.today()), month_of(found.starts_on))
    months = month_range(add_months(last, 1 - MONTHS), last)
    stored = {row.period: row.value for row in indicators.series(found.unit, found.indicator, months[0], months[-1])}
    if not stored:
        return None
    values = [stored.get(month) for month in months]
    before = sum(month < month_of(found.starts_on) for month in months)
    series = [float("nan") if value is None else value for value in values]
    limits = xmr(series, baseline=before) if before else xmr(series)
    limits = limits if limits.lower == limits.lower else xmr(series)
    lines_at = (limits.lower, limits.centre, limits.upper) if limits.lower == limits.lower else None
    labels = [str(Period.month(month)) for month in months]
    begun = str(Period.month(month_of(found.starts_on)))
    starts = [(begun, _("start"))] if begun in labels else []
    return charts.xmr(labels, values, [bool(hit) for hit in limits.signals], lines_at, starts)


@login_required
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """The next state of a carrier."""
    found = carrier_at(request, pk)
    actions.move_carrier(by=account_of(request), carrier=found, to=request.POST.get("to", ""), reason=request.POST.get("reason", ""))
    return redirect("plans:carrier", pk)


@login_required
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept what a carrier brought."""
    found = carrier_at(request, pk)
    access.require(request.user, Permission.RESULT_CONFIRM, found.unit, view=Permission.PLAN_VIEW)
    form = forms.AcceptForm(request.POST or None, actor=request.user)

    def do(filled: Any) -> str:
        actions.accept_carrier(by=account_of(request), carrier=found, acceptance=filled.new())
        return reverse("plans:carrier", args=[pk])

    heading = _("Accept “%(carrier)s”") % {"carrier": found.title}
    return fill(request, form, heading, _("Accept"), reverse("plans:carrier", args=[pk]), do)


@login_required
@require_http_methods(["GET", "POST"])
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone becomes a matter."""
    found = carrier_at(request, pk)
    access.require(request.user, Permission.PLAN_EDIT, found.party, view=Permission.PLAN_VIEW)
    initial = {"leader": f"{found.owner.code} {found.owner.name}", "due_on": found.ends_on.isoformat()}
    form = forms.MeasureForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        actions.add_milestone(by=account_of(request), carrier=found, title=d["title"], due_on=d["due_on"], parts=filled.parts())
        return reverse("plans:carrier", args=[pk])

    heading = _("A milestone of “%(carrier)s”") % {"carrier": found.title}
    return fill(request, form, heading, _("Assign"), reverse("plans:carrier", args=[pk]), do)


@login_required
@require_POST
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill in the fields that only this kind of carrier has."""
    found = carrier_at(request, pk)
    form = forms.OwnForm(request.POST, carrier=found)
    if not form.is_valid():
        raise Refused(_("A text is longer than 500 characters"), remedy=_("shorten it"))
    changing.fill_carrier(by=account_of(request), carrier=found, values=form.values())
    return redirect("plans:carrier", pk)


@login_required
@require_GET
def results(request: HttpRequest) -> HttpResponseBase:
    """成果台账: results with a confirmed Party role over all results; claims stay claims."""
    require_view(request)
    rows = narrowed(request, queries.results(request.user), "unit", "party")
    state = request.GET.get("state", "")
    if state in RESULTS:
        rows = rows.filter(RESULTS[state][1])
    if request.GET.get("export"):
        return file_of(request, "results", rows)
    uid = str(account_of(request).uid)
    page, after = paged(request, rows, "on")
    shown = [{"row": row, "can_confirm": _can_confirm(request, row, uid)} for row in page]
    context = {
        "rows": shown, "register": queries.register_of(rows), "can_record": access.can(request.user, Permission.PLAN_EDIT), "after": after,
        "states": [(code, word) for code, (word, _condition) in RESULTS.items()], "state": state, **extras(request),
    }  # fmt: skip
    return render(request, "plans/results.html", context)


RESULTS = {
    "confirmed": (gettext_lazy("with a confirmed Party role"), ~Q(confirmed_by="")),
    "claimed": (gettext_lazy("only claimed"), Q(confirmed_by="") & ~Q(party_role="")),
    "none": (gettext_lazy("without a Party role"), Q(party_role="")),
}


def _can_confirm(request: HttpRequest, row: Result, uid: str) -> bool:
    open_claim = bool(row.party_role) and not row.confirmed_by and row.recorded_by != uid
    return open_claim and access.can(request.user, Permission.RESULT_CONFIRM, row.unit)


@login_required
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Enter a result."""
    if not access.can(request.user, Permission.PLAN_EDIT):
        raise NotAllowed("no_plan_edit")
    initial = {name: request.GET[name] for name in ("unit", "party", "carrier", "title") if name in request.GET} | {
        "on": clock.today().isoformat()
    }
    form = forms.ResultForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        made = actions.record_result(by=account_of(request), new=filled.new())
        return f"{reverse('plans:results')}#r{made.pk}"

    return fill(request, form, _("Enter a result"), _("Enter"), reverse("plans:results"), do)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The business side confirms the Party role."""
    found = queries.results(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    actions.confirm_result(by=account_of(request), result=found)
    return redirect("plans:results")
