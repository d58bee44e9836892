"""The entry grid: a node's figures of a month, typed or pasted, kept as a private draft, submitted in one act."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.indicators import actions, forms, policies, queries
from rongtong.indicators.importers import WHY_NOT
from rongtong.indicators.models import Indicator, Kind, Observation
from rongtong.indicators.scope import Scope, scope_of, user_of
from rongtong.indicators.views import page_of
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.kernel.periods import add_months
from rongtong.trees.models import Node


@require_http_methods(["GET", "POST"])
@login_required
def grid(request: HttpRequest) -> HttpResponse:
    """The grid; POST submits every filled row in one act, or says in place why a cell cannot be."""
    scope, node = _open(request)
    if request.method == "GET":
        return _page(request, scope, node, _draft_cells(request, node, scope.month), {})
    cells = forms.cells_of(request.POST)
    entries, errors = forms.entries_of(cells, node, scope.month, _typed(request.user, node, scope.month))
    if errors:
        return _page(
            request,
            scope,
            node,
            cells,
            errors,
            Refused(_("%(count)d cells cannot be accepted; nothing was submitted") % {"count": len(errors)}),
        )
    try:
        count = actions.submit_draft(by=user_of(request), node=node, period=scope.month, rows=entries, note=request.POST.get("note", ""))
    except Refused as refusal:
        return _page(request, scope, node, cells, {}, refusal)
    return redirect(f"{reverse('indicators:entry')}?at={node.pk}&month={scope.month}&saved={count}")


@require_POST
@login_required
def draft(request: HttpRequest) -> HttpResponse:
    """Keep the typed cells as a private draft; answers with what cannot be accepted yet."""
    scope, node = _open(request)
    cells = forms.cells_of(request.POST)
    actions.save_draft(by=user_of(request), node=node, period=scope.month, cells={name: text for name, text in cells.items() if text})
    _entries, errors = forms.entries_of(cells, node, scope.month, _typed(request.user, node, scope.month))
    return JsonResponse({"saved": len(cells), "errors": errors})


def _open(request: HttpRequest) -> tuple[Scope, Node]:
    """The grid's node and month; 404 for a node outside the actor's sight, 403 where nothing may be entered."""
    scope = scope_of(request)
    if scope.node is None or not policies.can_enter_at(request.user, scope.node):
        raise NotAllowed("no_observation_enter")
    return scope, scope.node


def _typed(actor: Any, node: Node, period: int) -> list[Indicator]:
    return [row for row in queries.indicators_for(node, period) if not policies.why_not_enter(actor, node, row)]


def _draft_cells(request: HttpRequest, node: Node, period: int) -> dict[str, str]:
    kept = queries.draft_of(request.user, node, period)
    return dict(kept.cells) if kept else {}


def _page(
    request: HttpRequest, scope: Scope, node: Node, cells: dict[str, str], errors: dict[str, str], refusal: Refused | None = None
) -> HttpResponse:
    stored, before = queries.values_at([node.pk], scope.month), queries.values_at([node.pk], add_months(scope.month, -1))
    rows = [
        _row(
            row,
            policies.why_not_enter(request.user, node, row),
            stored.get((node.pk, row.pk)),
            before.get((node.pk, row.pk)),
            cells,
            errors,
        )
        for row in queries.indicators_for(node, scope.month)
    ]
    values = {
        "rows": rows,
        "refusal": refusal,
        "has_draft": bool(cells),
        "saved": request.GET.get("saved", ""),
        "is_closed": queries.is_closed(scope.month, node.pk),
        "note": request.POST.get("note", ""),
        "nodes": nodes_of(request.user, Permission.OBSERVATION_VIEW).order_by("path")[:500],
        "filled": sum(row["stored"] is not None for row in rows),
    }
    return page_of(request, "entry", scope, **values)


def _row(
    indicator: Indicator, reason: str, stored: Observation | None, before: Observation | None, cells: dict[str, str], errors: dict[str, str]
) -> dict[str, Any]:
    """One line of the grid: three cells with their text and what is wrong with them, or the reason why it is not typed."""
    fields = []
    for field in ("numerator", "denominator", "value"):
        name = f"{indicator.code}:{field}"
        is_open = not reason and (field == "value" or indicator.kind == Kind.RATIO)
        fields.append(
            {"name": name, "is_open": is_open, "text": cells.get(name, _stored_text(stored, field)), "error": errors.get(name, "")}
        )
    return {
        "indicator": indicator,
        "fields": fields,
        "stored": stored,
        "before": before,
        "why_not": str(WHY_NOT[reason][0]) if reason else "",
    }


def _stored_text(stored: Observation | None, field: str) -> str:
    value = getattr(stored, field) if stored else None
    if value is None or (field == "value" and stored is not None and stored.numerator is not None):
        return ""
    return f"{value:.15g}"
