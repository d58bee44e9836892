"""Pages of integration links: what waits, what counts, one link with its three fields and what both sides did together."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import queries as ledger
from rongtong.ledger.views import find as ledger_find
from rongtong.plans import actions, forms, queries, suggesting
from rongtong.plans.listing import PER_PAGE, extras, file_of, narrowed, paged
from rongtong.plans.mapping import process_of
from rongtong.plans.models import Carrier, IntegrationLink, KeyResult, LinkState, Milestone, Plan, PlanSide, Together
from rongtong.plans.states import ACTIVE
from rongtong.plans.views import LIST, fill, plan_at, require_view

AT_HAND = 60


@login_required
@require_GET
def links(request: HttpRequest) -> HttpResponseBase:
    """Integration links: what waits for a side, what is confirmed and what came of it, what lapsed."""
    require_view(request)
    rows = narrowed(request, queries.links(request.user), "party_objective__plan__unit", "party_objective__plan__party")
    if request.GET.get("export"):
        return file_of(request, "integration-links", rows)
    waiting = narrowed(request, queries.waiting_links(request.user), "party_objective__plan__unit", "party_objective__plan__party")
    confirmed = rows.filter(state=LinkState.CONFIRMED)
    page, after = paged(request, confirmed, "proposed_on")
    context = {
        "waiting": list(waiting[:LIST]), "confirmed": page, "after": after, "steps": queries.steps_of(page), "together": queries.together(rows),
        "others": list(rows.filter(state__in=[LinkState.LAPSED, LinkState.DECLINED])[:PER_PAGE]),
        "worth": suggesting.worth(rows, suggesting.dismissals(request.user)), "milestones": Milestone.choices, **extras(request),
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
    return _link_page(request, found, _sides(request, found))


def _sides(request: HttpRequest, found: IntegrationLink) -> list[dict[str, Any]]:
    """Each side: who confirmed and when, and whether the reader may confirm for it."""
    nodes = {
        "party": found.party_objective.plan.party or found.party_objective.plan.unit,
        "production": found.production_objective.plan.unit,
    }
    return [
        {
            "side": side, "label": PlanSide(side).label, "by": getattr(found, f"{side}_confirmed_label"), "on": getattr(found, f"{side}_confirmed_on"),
            "can": found.state == "proposed" and access.can(request.user, Permission.LINK_CONFIRM, node),
        }
        for side, node in nodes.items()
    ]  # fmt: skip


def _link_page(
    request: HttpRequest, found: IntegrationLink, sides: list[dict[str, Any]], refusal: Refused | None = None, form: Any = None
) -> HttpResponse:
    noted = [{"row": t, "records": [_named(request, text) for text in (t.party_record, t.production_record)]} for t in found.together.all()]
    can_note = found.state == LinkState.CONFIRMED and access.can(request.user, Permission.PLAN_EDIT, found.party_objective.plan.unit)
    if can_note and form is None:
        form = forms.TogetherForm(records=_at_hand(request, found), initial={"on": clock.today().isoformat()})
    context = {
        "link": found, "sides": sides, "together": noted, "form": form if can_note else None, "refusal": refusal,
        "steps": queries.steps_of([found]).get(found.pk, {}), "milestones": Milestone.choices,
    }  # fmt: skip
    return render(request, "plans/link.html", context, status=422 if refusal else 200)


def _named(request: HttpRequest, text: str) -> dict[str, str]:
    """A record by its title, or that the reader may not see it."""
    shown = title_and_url(Reference.parse(text), request.user)
    return {"title": shown[0], "url": shown[1]} if shown else {"title": _("a record that you do not see"), "url": ""}


def _at_hand(request: HttpRequest, found: IntegrationLink) -> dict[str, list[tuple[str, str]]]:
    """Records that could prove each side, and the matters that could have been left: those of the last year at the plan's places."""
    plan = found.party_objective.plan
    rows = ledger.matters(request.user).filter(Q(lead__in=[plan.unit_id, plan.party_id]) | Q(partner__in=[plan.unit_id, plan.party_id]))
    recent = list(rows.exclude(state__in=["draft", "void"]).order_by("-pk")[:AT_HAND])
    own = [(f"plan:{plan.pk}", f"{_('Plan')} {plan}")]
    by_side = {
        side: own + [(f"matter:{m.pk}", f"{m.code} {m.title}") for m in recent if m.side in {side, "both"}] for side in PlanSide.values
    }
    meetings = [(f"{kind}:{pk}", title) for kind, pk, title in _meetings(request, plan)]
    matters = [(str(m.pk), f"{m.code} {m.title}") for m in recent if m.leader_post_id and m.handler_post_id]
    return {"party_record": by_side["party"] + meetings, "production_record": by_side["production"] + meetings, "matter": matters}


def _meetings(request: HttpRequest, plan: Plan) -> list[tuple[str, str, str]]:
    """Records of packages above that were noted for this plan's places before, so that they can be named again."""
    texts = (
        Together.objects.filter(link__party_objective__plan=plan).order_by("-pk").values_list("party_record", "production_record")[:AT_HAND]
    )
    found: dict[str, tuple[str, str, str]] = {}
    for text in dict.fromkeys(text for pair in texts for text in pair):
        record = Reference.parse(text)
        shown = title_and_url(record, request.user) if record.kind not in {"plan", "matter"} else None
        if shown:
            found[text] = (record.kind, record.id, shown[0])
    return list(found.values())


@login_required
@require_POST
def together(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a link was planned, deployed or advanced together; without proof of both sides and an owner it is refused."""
    found = link_at(request, pk)
    form = forms.TogetherForm(request.POST, records=_at_hand(request, found))
    try:
        if not form.is_valid():
            raise Refused(_("Please look at the marked fields"))
        d = form.cleaned_data
        actions.note_together(
            by=account_of(request), link=found, kind=d["kind"], on=d["on"],
            records=[Reference.parse(d["party_record"]), Reference.parse(d["production_record"])], matter=ledger_find(request, int(d["matter"])),
        )  # fmt: skip
    except Refused as refusal:
        return _link_page(request, found, _sides(request, found), refusal, form)
    return redirect("plans:link", pk)


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Join two objectives of a plan."""
    found = plan_at(request, pk)
    access.require(request.user, Permission.PLAN_EDIT, found.unit, view=Permission.PLAN_VIEW)
    known = _of_objective(found, request.GET.get("production_objective", ""))
    names = ("party_objective", "production_objective", "carrier", "indicator", "process", "why")
    initial = known | {name: request.GET[name] for name in names if name in request.GET}
    form = forms.LinkForm(request.POST or None, actor=request.user, plan=found, initial=initial)

    def do(filled: Any) -> str:
        made = actions.propose_link(by=account_of(request), new=filled.new(request.GET.get("suggested", "")))
        return reverse("plans:link", args=[made.pk])

    hint = _("Without carrier, indicator and target a link says nothing. No carrier yet? Declare one first.")
    return fill(request, form, _("Join two objectives"), _("Propose the link"), reverse("plans:plan", args=[pk]), do, hint)


def _of_objective(plan: Plan, text: str) -> dict[str, Any]:
    """What a link to a production objective has from it already: indicator and target of its key result, a running carrier on that indicator."""
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    result = KeyResult.objects.filter(objective__plan=plan, objective=key).select_related("indicator").order_by("pk").first()
    if result is None:
        return {}
    carriers = Carrier.objects.filter(Q(unit=plan.unit) | Q(party=plan.party), indicator=result.indicator, state__in=ACTIVE)
    carrier = carriers.order_by("-starts_on", "pk").first()
    return {
        "indicator": result.indicator.code, "target": f"{result.target:g}", "process": process_of(result.indicator),
        "carrier": str(carrier.pk) if carrier else "",
    }  # fmt: skip


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
