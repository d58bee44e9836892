"""Pages of rules: what holds, where it comes from, and what the checks found."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from rongtong.access.policies import can
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.errors import Unseen
from rongtong.rules import queries

PAGE = 200


@login_required
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """All national rules and the latest findings that need somebody."""
    if not can(request.user, Permission.RULE_VIEW):
        raise Unseen
    rows = list(queries.in_force(clock.today()).filter(node__isnull=True))
    code = request.GET.get("code", "")
    found = queries.results(request.user)
    open_found = found.filter(state__in=["late", "due"])
    open_found = open_found.filter(rule_code=code) if code else open_found
    counts = {row.code: {"late": 0, "due": 0, "met": 0, "other": 0} for row in rows}
    for rule_code, state in found.order_by().values_list("rule_code", "state"):
        if rule_code in counts:
            counts[rule_code][state if state in counts[rule_code] else "other"] += 1
    listed = [{"row": row, "counts": counts[row.code]} for row in rows]
    late = sum(found_counts["late"] for found_counts in counts.values())
    context = {"rules": listed, "findings": list(open_found[:PAGE]), "code": code, "late": late}
    return render(request, "rules/list.html", context)


@login_required
@require_GET
def which(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Which row applies at a node and why."""
    node = get_object_or_404(nodes_of(request.user, Permission.RULE_VIEW), pk=pk)
    rows = queries.chain(code, node, clock.today())
    if not rows:
        raise Unseen
    return render(request, "rules/which.html", {"node": node, "rows": rows, "code": code})
