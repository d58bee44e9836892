"""Tables: observations with their filters and export, one observation with its history, targets."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.exchange.exporting import export_rows
from rongtong.indicators import actions, forms, queries
from rongtong.indicators.definition_files import targets_seen
from rongtong.indicators.models import Observation, Source
from rongtong.indicators.provenance import how
from rongtong.indicators.scope import node_at, scope_of, user_of
from rongtong.indicators.views import page_of
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, parse_month
from rongtong.trees.models import Node

PER_PAGE = 50


@require_GET
@login_required
def observations(request: HttpRequest) -> HttpResponseBase:
    """Current observations: filters as chips, keyset pages, export of exactly what is seen."""
    if not access.can(request.user, Permission.OBSERVATION_VIEW):
        raise NotAllowed("no_observation_view")
    filters = _filters(request)
    if request.GET.get("export"):
        return _export(request, filters)
    rows = list(after(queries.filtered(queries.current(request.user), **filters), request.GET.get("after", ""))[: PER_PAGE + 1])
    has_more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    values: dict[str, Any] = {
        "rows": [{"observation": row, "month": Period.month(row.period), "how": row.get_source_display()} for row in rows],
        "chips": _chips(request, filters),
        "next_query": _with(request, after=_cursor(rows[-1])) if has_more else "",
        "export_query": _with(request, export="xlsx"),
        "csv_query": _with(request, export="csv"),
        "indicators": list(queries.indicators()),
        "sources": Source.choices,
        "nodes": nodes_of(request.user, Permission.OBSERVATION_VIEW).order_by("path")[:500],
        "filters": filters,
    }
    return page_of(request, "observations", **values)


def _filters(request: HttpRequest) -> dict[str, Any]:
    """The filters an address names; a node outside the actor's sight is not found."""
    found: dict[str, Any] = {}
    if request.GET.get("at"):
        found["node"] = node_at(request.user, request.GET["at"], Permission.OBSERVATION_VIEW)
    if request.GET.get("month"):
        found["period"] = parse_month(request.GET["month"])
    if request.GET.get("indicator"):
        found["indicator"] = request.GET["indicator"]
    if request.GET.get("source") in Source.values:
        found["source"] = request.GET["source"]
    if request.GET.get("correction") == "1":
        found["correction"] = True
    return found


NAMES = {"node": "at", "period": "month", "indicator": "indicator", "source": "source", "correction": "correction"}


def _chips(request: HttpRequest, filters: dict[str, Any]) -> list[dict[str, str]]:
    """One chip a filter, each with the address without it."""
    return [{"label": _label(name, value), "query": _with(request, **{NAMES[name]: ""})} for name, value in filters.items()]


def _label(name: str, value: Any) -> str:
    if name == "period":
        return str(Period.month(value))
    if name == "source":
        return str(Source(value).label)
    return _("corrections only") if name == "correction" else str(value)


def _with(request: HttpRequest, **changes: str) -> str:
    """The address's query with some parts changed; a changed filter starts at the first page."""
    query = request.GET.copy()
    for name in ("after", "export", *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
    return query.urlencode()


def _cursor(row: Observation) -> str:
    return f"{row.period}-{row.node_id}-{row.indicator_id}"


def after(rows: QuerySet[Observation], cursor: str) -> QuerySet[Observation]:
    """The rows behind a cursor in the page's order (newest month first, then node, then indicator)."""
    if not cursor:
        return rows
    parts = cursor.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        raise Refused(_("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor")
    period, node, indicator = (int(part) for part in parts)
    same_node = Q(node_id=node, indicator_id__gt=indicator)
    return rows.filter(Q(period__lte=period)).filter(Q(period__lt=period) | Q(node_id__gt=node) | same_node)


def _export(request: HttpRequest, filters: dict[str, Any]) -> HttpResponseBase:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET["export"]
    path = export_rows("observations", request.user, file_format, **filters)
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"observations.{file_format}")


@require_GET
@login_required
def observation(request: HttpRequest, pk: int) -> HttpResponse:
    """One value with its whole history: who, when, from where, which row of which file."""
    row = Observation.objects.select_related("node", "indicator", "batch").filter(pk=pk).first()
    if row is None:
        raise Unseen
    history = queries.revisions(request.user, row.node, row.indicator, row.period)
    steps = [{"row": revision, "how": how(revision)} for revision in history]
    return page_of(request, "observation", observation=row, month=Period.month(row.period), steps=steps, how=how(row))


@require_http_methods(["GET", "POST"])
@login_required
def targets(request: HttpRequest) -> HttpResponse:
    """Targets of a unit in a month beside its values; setting one."""
    scope = scope_of(request)
    if scope.node is None:
        raise NotAllowed("no_observation_view")
    form = forms.TargetForm(request.POST or None)
    refusal = None
    if request.method == "POST":
        try:
            _set(request, scope.node, scope.month, form)
            return redirect(f"{reverse('indicators:targets')}?at={scope.node.pk}&month={scope.month}")
        except Refused as caught:
            refusal = caught
    stored = queries.values_at([scope.node.pk], scope.month)
    rows = [
        {"target": row, "observation": stored.get((row.unit_id, row.indicator_id))}
        for row in targets_seen(request.user, scope.node, scope.month)
    ]
    can_set = scope.node.is_business and access.can(request.user, Permission.TARGET_SET, scope.node)
    values = {"rows": rows, "form": form, "refusal": refusal, "can_set": can_set, "indicators": list(queries.indicators(only_on=True))}
    return page_of(request, "targets", scope, nodes=nodes_of(request.user, Permission.OBSERVATION_VIEW).order_by("path")[:500], **values)


def _set(request: HttpRequest, unit: Node, month: int, form: forms.TargetForm) -> None:
    numbers = form.numbers()
    indicator = queries.indicators().filter(code=form.cleaned_data["indicator"]).first()
    if indicator is None:
        raise Refused(
            _("There is no indicator %(code)s") % {"code": form.cleaned_data["indicator"]},
            field="indicator",
            remedy=_("choose one of the list"),
        )
    target = numbers["target"]
    if target is None:
        raise Refused(_("There is no target"), field="target", remedy=_("fill in a number"))
    actions.set_target(
        by=user_of(request), unit=unit, indicator=indicator, period=month, target=target, floor=numbers["floor"], stretch=numbers["stretch"]
    )
