"""Pages of runs: the list, one run, why a figure is what it is, and what other methods would have said."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rongtong.access.policies import can
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.indicators.models import Indicator
from rongtong.jobs import actions as jobs
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.kernel.periods import Period, PeriodKind, parse_month
from rongtong.organization import queries as organization
from rongtong.panel import actions, comparing, provenance, queries, tracing
from rongtong.trees.models import Node
from rongtong.ui.fragments import is_fragment

PAGE = 50


@login_required
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, newest first; those who may start one find the form here."""
    if not can(request.user, Permission.RUN_VIEW):
        raise Unseen
    listed = queries.runs(request.user)
    before = request.GET.get("before", "")
    if before.isdigit():
        listed = listed.filter(number__lt=int(before))
    found = list(listed[: PAGE + 1])
    more = found[PAGE - 1].number if len(found) > PAGE else None
    context = {"runs": found[:PAGE], "more": more, "can_start": can(request.user, Permission.RUN_START), "latest": queries.run_for()}
    return render(request, "panel/run_list.html", context)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start a measurement as a job."""
    if not can(request.user, Permission.RUN_START):
        raise NotAllowed("no_run_start")
    period = Period.of(PeriodKind.MONTH, parse_month(request.POST.get("period", "")))
    params = {"period": period.code, "reestimate": request.POST.get("reestimate") == "on"}
    title = _("Measurement up to %(period)s") % {"period": period}
    job = jobs.start(by=account_of(request), kind="panel.measure", title=title, params=params)
    return HttpResponseRedirect(reverse("jobs:job", args=[job.pk]))


@login_required
@require_GET
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what it measured, with which weights and bounds, and the scores of its last period."""
    run = get_object_or_404(queries.runs(request.user), pk=pk)
    rows = queries.scores(request.user, run, period=run.period)
    nodes = Node.objects.in_bulk([row["node_id"] for row in rows])
    scores = [
        {**row, "node": nodes[row["node_id"]], "url": provenance.url_for(run, nodes[row["node_id"]], run.period, "d")} for row in rows
    ]
    classes = organization.class_names()
    for row in scores:
        row["class_name"] = classes.get(row["class_code"], row["class_code"])
    scores.sort(key=lambda row: (row["d"] is None, row["class_code"], row["rank"] or 10_000, row["node"].path))
    about = queries.about(run)
    names = {i.code: provenance.label(i) for i in Indicator.objects.all()}
    weights = {
        classes.get(cls, cls): [(code, names.get(code, code), weight) for code, weight in found.items()]
        for cls, found in about["weights"].items()
    }
    context = {
        "run": run,
        "about": about,
        "scores": scores,
        "weights": weights,
        "clipped_percent": 100 * run.counts.get("clipped_share", 0.0),
        "can_publish": run.state == "draft" and can(request.user, Permission.RUN_PUBLISH),
    }
    return render(request, "panel/run.html", context)


@login_required
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(queries.runs(request.user), pk=pk)
    actions.publish_run(by=account_of(request), run=run)
    return HttpResponseRedirect(reverse("panel:run", args=[run.pk]))


@login_required
@require_GET
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Drawer (or page): a figure with formula, numbers, run; each line one level deeper."""
    run = get_object_or_404(queries.explainable(request.user), pk=pk)
    node = _node(request)
    month = request.GET.get("month", "")
    period, figure = int(month) if month.isdigit() else run.period, request.GET.get("figure", "d")
    if figure == "value":
        wanted = request.GET.get("indicator", "")
        indicator = get_object_or_404(Indicator, pk=int(wanted) if wanted.isdigit() else 0)
        explained = tracing.explain_value(request.user, run, node, period, indicator)
    else:
        explained = provenance.explain(request.user, run, node, period, figure)
    template = "panel/_explain.html" if is_fragment(request) else "panel/explain.html"
    return render(request, template, {"it": explained, "about": queries.about(run)})


@login_required
@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What D would be under other weightings, normalisations and couplings."""
    run = get_object_or_404(queries.runs(request.user), pk=pk)
    node = _node(request)
    score = next(iter(queries.scores(request.user, run, node=node, period=run.period)), None)
    if score is None:
        raise Unseen
    members = [row["node_id"] for row in queries.class_scores(run, run.period, score["class_code"])]
    directions = dict(Indicator.objects.values_list("pk", "direction"))
    panel = comparing.panel_of(queries.class_values(run, members), directions)
    variants = comparing.compare(panel, node.pk, run.period)
    known = [variant.d for variant in variants if variant.d is not None]
    grid = comparing.grid(variants)
    context = {
        "run": run,
        "node": node,
        "issued": next((variant for variant in variants if variant.is_issued), None),
        "grid": [
            {**row, "normalisation": comparing.NAMES[row["normalisation"]], "weighting": comparing.NAMES[row["weighting"]]} for row in grid
        ],
        "couplings": [comparing.NAMES[name] for name in comparing.COUPLINGS],
        "lowest": min(known, default=None),
        "highest": max(known, default=None),
    }
    return render(request, "panel/compare.html", context)


def _node(request: HttpRequest) -> Node:
    """The node named by `at`, if the actor may see its figures."""
    at = request.GET.get("at", "")
    if not at.isdigit():
        raise Unseen
    return get_object_or_404(nodes_of(request.user, Permission.COCKPIT_VIEW), pk=int(at))
