"""The cockpit of a unit or organisation: one sentence, then why, then what next."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rongtong.access.policies import can
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.cockpit import present, steps
from rongtong.cockpit.classes import compared
from rongtong.cockpit.control import control as control_of
from rongtong.cockpit.further_gaps import PARTS, further_gap
from rongtong.cockpit.gaps import gaps as found_gaps
from rongtong.cockpit.headline import headline
from rongtong.cockpit.picture import picture
from rongtong.indicators.models import Indicator, Subsystem
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.periods import Period, parse_month
from rongtong.notifications import actions as notes
from rongtong.organization import queries as organization
from rongtong.panel import queries as panel
from rongtong.trees.models import Node
from rongtong.ui import charts
from rongtong.ui.fragments import is_fragment

GAP_NAMES = {"cognition": gettext_lazy("Cognition"), "credit": gettext_lazy("Credit"), "ability": gettext_lazy("Ability")}


@login_required
@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """Level and balance, linkage, obstacles, peers and what lies below, for the node and month in the address."""
    node, period = node_of(request), period_of(request)
    found = picture(request.user, node, period, request.GET.get("vs", ""))
    if found is None:
        return render(request, "cockpit/empty.html", {"node": node, "can_start": can(request.user, Permission.RUN_START)})
    context: dict[str, Any] = {
        "picture": found,
        "node": node,
        "headline": headline(found),
        "figures": present.figures(found),
        "charts": present.charts(found),
        "history": present.history(found),
        "obstacles": present.obstacles(found),
        "dimensions": present.dimensions(found),
        "ranking": present.ranking(found),
        "cells": present.cells(found),
        "series": [indicator for row, indicator in found.used if row["value"] is not None or row["z"] is not None],
        "ancestors": Node.objects.ancestors(node).filter(pk__in=panel.seen_by(request.user)),
        "can_note": can(request.user, Permission.NOTE_SEND, node),
        "can_assign": can(request.user, Permission.MATTER_ASSIGN, node),
        "can_gaps": can(request.user, Permission.DUTY_VIEW, node),
        "parts": _parts(request.user, node),
        "can_compare": can(request.user, Permission.RUN_VIEW),
    }
    return render(request, "cockpit/cockpit.html", context)


@login_required
@require_GET
def gaps(request: HttpRequest) -> HttpResponse:
    """The gaps of a node, the first two together or one of the other three: a fragment of its cockpit, and a page without script."""
    node, part = node_of(request), request.GET.get("part", "")
    if part:
        one = further_gap(request.user, node, clock.today(), part)
        found = [one] if one is not None else []
    else:
        found = found_gaps(request.user, node, clock.today()) if can(request.user, Permission.DUTY_VIEW, node) else []
    if not found:
        raise Unseen
    template = "cockpit/_gaps.html" if is_fragment(request) else "cockpit/gaps.html"
    return render(request, template, {"node": node, "gaps": found, "part": part, "parts": _parts(request.user, node)})


def _parts(actor: Any, node: Node) -> list[tuple[str, Any]]:
    """The further gaps that the account may see here."""
    return [(part, GAP_NAMES[part]) for part, (permission, _make) in PARTS.items() if can(actor, permission, node)]


@login_required
@require_GET
def classes(request: HttpRequest) -> HttpResponse:
    """Classes of units beside each other: a fragment of the cockpit of a group, and a page of its own without script."""
    node = node_of(request)
    template = "cockpit/_classes.html" if is_fragment(request) else "cockpit/classes.html"
    return render(request, template, {"node": node, "compared": compared(request.user, node, period_of(request))})


@login_required
@require_GET
def next_steps(request: HttpRequest) -> HttpResponse:
    """What to do next at a node, and its busy months: the column beside its cockpit, and a page of its own without script."""
    node = node_of(request)
    place = steps.Place.of(request.user, node, clock.today(), period_of(request))
    busy = steps.busy(place)
    context: dict[str, Any] = {"node": node, "steps": steps.steps_at(place), "busy": busy}
    if busy is not None:
        labels = [str(month % 100) for month in busy.months]
        context["chart"] = charts.months(labels, busy.shares, [month in busy.peaks for month in busy.months])
        context["peak_share"] = 100 * busy.drop.peak[0] / busy.drop.peak[1]
        context["other_share"] = 100 * busy.drop.other[0] / busy.drop.other[1]
        context["peaks"] = [month % 100 for month in busy.peaks]
        context["busy_rows"] = [{"month": month, "share": share} for month, share in zip(busy.months, busy.shares, strict=True)]
    return render(request, "cockpit/_next.html" if is_fragment(request) else "cockpit/next.html", context)


@login_required
@require_GET
def control(request: HttpRequest) -> HttpResponse:
    """The control chart of one indicator of a unit: a fragment of its cockpit, and a page of its own without script."""
    node, run = node_of(request), panel.run_for(period_of(request))
    code = request.GET.get("indicator", "")
    indicator = (
        get_object_or_404(Indicator, code=code) if code else Indicator.objects.filter(subsystem=Subsystem.PRODUCTION, is_on=True).first()
    )
    found = control_of(request.user, run, node, indicator) if run and indicator else None
    template = "cockpit/_control.html" if is_fragment(request) else "cockpit/control.html"
    return render(request, template, {"node": node, "control": found, "indicator": indicator})


def node_of(request: HttpRequest) -> Node:
    """The node of the address; without one the first measured unit the actor sees, else the first node."""
    seen = nodes_of(request.user, Permission.COCKPIT_VIEW)
    at = request.GET.get("at", "")
    if at:
        return get_object_or_404(seen, pk=int(at) if at.isascii() and at.isdigit() and len(at) < 18 else 0)
    node = seen.filter(tree="B").order_by("path").first() or seen.order_by("path").first()
    if node is None:
        raise Unseen
    return node


def period_of(request: HttpRequest) -> Period | None:
    month = request.GET.get("month", "")
    return Period.month(parse_month(month)) if month else None


@login_required
@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """From an obstacle: a note to the people of the department that owns the indicator."""
    at = request.POST.get("at", "0")
    node = get_object_or_404(nodes_of(request.user, Permission.COCKPIT_VIEW), pk=int(at) if at.isascii() and at.isdigit() else 0)
    indicator = get_object_or_404(Indicator.objects.select_related("owner"), code=request.POST.get("indicator", ""))
    if indicator.owner is None:
        raise Refused(_("%(name)s has no owner department") % {"name": indicator.label}, remedy=_("name one on the indicator's page"))
    text = request.POST.get("text", "").strip() or _("Obstacle at %(unit)s: %(indicator)s. Please look at it together.") % {
        "unit": node.label, "indicator": indicator.label,
    }  # fmt: skip
    back = f"{reverse('cockpit:cockpit')}?at={node.pk}"
    serving = organization.holders(indicator.owner, organization.LEADING, clock.today())
    leaders = [row.person.account for row in serving if row.person.account is not None]
    notes.send_note(by=account_of(request), to_node=indicator.owner, about_node=node, text=text, url=back, leaders=leaders)
    return HttpResponseRedirect(f"{back}&sent={indicator.code}")
