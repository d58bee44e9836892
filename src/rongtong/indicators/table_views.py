"""Tables: observations with their filters and export, one observation with its history, targets."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import kept_views
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
from rongtong.ui.tables import Chip, Column, table_of, with_query

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
    can_export = access.can(request.user, Permission.EXPORT)
    formats = ((_("Export what is seen (xlsx)"), "xlsx"), (_("Export what is seen (csv)"), "csv")) if can_export else ()
    values: dict[str, Any] = {
        "rows": [{"observation": row, "month": Period.month(row.period), "how": row.get_source_display()} for row in rows],
        "table": table_of(request, COLUMNS, chips=_chips(request, filters), kept=kept_views(request), formats=formats),
        "next_query": with_query(request, after=_cursor(rows[-1])) if has_more else "",
        "indicators": list(queries.indicators()),
        "sources": Source.choices,
        "filters": filters,
        "can_export": can_export,
    }
    return page_of(request, "observations", **values)


COLUMNS = (
    Column("month", gettext_lazy("Month")), Column("unit", pgettext_lazy("organisation", "Unit")), Column("indicator", gettext_lazy("Indicator")),
    Column("value", gettext_lazy("Value")), Column("parts", gettext_lazy("Numerator ÷ denominator"), is_on=False),
    Column("origin", gettext_lazy("Origin")), Column("by", gettext_lazy("By")), Column("entered", gettext_lazy("Entered on"), is_on=False),
    Column("revision", gettext_lazy("Revision"), is_on=False),
)  # fmt: skip


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
    ticked = [int(key) for key in request.GET.getlist("pk")[:PER_PAGE] if key.isascii() and key.isdigit() and len(key) < 18]
    if ticked and request.GET.get("export"):
        found["keys"] = ticked
    return found


NAMES = {"node": "at", "period": "month", "indicator": "indicator", "source": "source", "correction": "correction"}


def _chips(request: HttpRequest, filters: dict[str, Any]) -> list[Chip]:
    """One chip a filter, each with the address without it."""
    return [Chip(_label(name, value), with_query(request, **{NAMES[name]: ""})) for name, value in filters.items() if name in NAMES]


def _label(name: str, value: Any) -> str:
    if name == "period":
        return str(Period.month(value))
    if name == "source":
        return str(Source(value).label)
    if name == "node":
        return f"{value.code} {value.label}"
    return _("corrections only") if name == "correction" else str(value)


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
