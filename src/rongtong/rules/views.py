"""Pages of rules: what holds and why, what the checks found, exceptions, rows of one's own."""

from collections import defaultdict
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.rules import actions, numbers, queries, sentences, trails
from rongtong.rules.forms import ExceptionForm, OverrideForm
from rongtong.rules.grid import title_of
from rongtong.rules.models import RuleResult, State
from rongtong.trees.models import Node

PAGE = 100
PERIODS, REFERENCES = 12, 6


def _require_view(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.RULE_VIEW):
        raise Unseen


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@login_required
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """All national rules, how they stand in the actor's area, and the findings that need somebody."""
    _require_view(request)
    code, today = request.GET.get("code", ""), clock.today()
    rows = list(queries.in_force(today).filter(node__isnull=True).order_by("code"))
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("met", "due", "late", "excused", "not_enough_data"), 0))
    found = queries.results(request.user).filter(queries.standing(today))
    for rule, state, count in found.order_by().values_list("rule_code", "state").annotate(Count("pk")):
        if state in counts[rule]:
            counts[rule][state] = count
    open_found = found.filter(state__in=[State.LATE, State.DUE])
    open_found = open_found.filter(rule_code=code) if code else open_found
    shown = [{"result": r, "title": title_of(r.row)} for r in open_found.order_by("-state", "due_on", "pk")[:PAGE]]
    listed: list[dict[str, Any]] = [
        {"row": row, "title": title_of(row), "counts": counts[row.code], "numbers": numbers.named(row.arguments)} for row in rows
    ]
    context = {
        "checked": [entry for entry in listed if entry["row"].predicate],
        "numbers": [entry for entry in listed if not entry["row"].predicate],
        "findings": shown,
        "code": code,
        "late": sum(one["late"] for one in counts.values()),
        "waiting": queries.exceptions(request.user).filter(decided_at__isnull=True).count(),
    }
    return render(request, "rules/list.html", context)


@login_required
@require_GET
def which(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Which row applies at a node and why: the chain with the rows it overrides, and what the check found."""
    node = get_object_or_404(nodes_of(request.user, Permission.RULE_VIEW), pk=pk)
    rows = queries.chain(code, node, clock.today())
    if not rows:
        raise Unseen
    results = list(RuleResult.objects.filter(node=node, rule_code=code).select_related("row", "node").order_by("-period")[:PERIODS])
    chosen = next((result for result in results if str(result.period) == request.GET.get("period", "")), results[0] if results else None)
    context = {
        "node": node,
        "code": code,
        "title": title_of(rows[0]),
        "rows": [
            {"row": row, "title": title_of(row), "applies": at == 0, "numbers": numbers.named(row.arguments)} for at, row in enumerate(rows)
        ],
        "results": [{"result": result, "facts": sentences.in_short(result.detail), "is_chosen": result is chosen} for result in results],
        "chosen": _chosen(request, chosen) if chosen else None,
        "exceptions": list(queries.exceptions(request.user).filter(node=node, rule_code=code)[:20]),
        "can_override": access.can(request.user, Permission.RULE_EDIT, node),
        "can_ask": access.can(request.user, Permission.NOTE_SEND, node),
    }
    return render(request, "rules/which.html", context)


def _chosen(request: HttpRequest, result: RuleResult) -> dict[str, Any]:
    """One period's finding: its facts, the records behind it, and what can be done about it."""
    references = [title_and_url(Reference.parse(text), request.user) for text in result.references[:REFERENCES]]
    is_open = result.state in {State.LATE, State.DUE}
    return {
        "result": result, "facts": sentences.facts(result.detail), "period": trails.period_of(result),
        "references": [one for one in references if one is not None], "records": trails.records_of(request.user, result),
        "mend": trails.mend_of(request.user, result) if is_open else None, "is_open": is_open,
        "kind": sentences.kind_of_period(result.row.period_kind),
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A row of its own at a node."""
    node = get_object_or_404(nodes_of(request.user, Permission.RULE_VIEW), pk=pk)
    access.require(request.user, Permission.RULE_EDIT, node, view=Permission.RULE_VIEW)
    row = queries.resolve(code, node, clock.today())
    if row is None:
        raise Unseen
    form = OverrideForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.override(by=_user(request), code=code, node=node, change=form.change(), on=form.day())
        except Refused as refusal:
            form.add_error(f"a_{refusal.field}" if f"a_{refusal.field}" in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The row holds from that day on; earlier results keep theirs."))
            return redirect("rules:which", code, node.pk)
    heading = _("Own row of %(code)s for %(name)s") % {"code": code, "name": node.name}
    return _form(request, form, node, code, heading, _("Let it hold"))


def _form(request: HttpRequest, form: Any, node: Node, code: str, heading: str, button: str) -> HttpResponse:
    context = {"form": form, "node": node, "code": code, "heading": heading, "button": button}
    return render(request, "rules/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Ask for an exception; another person decides."""
    node = get_object_or_404(nodes_of(request.user, Permission.RULE_VIEW), pk=pk)
    access.require(request.user, Permission.NOTE_SEND, node, view=Permission.RULE_VIEW)
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.request_exception(by=_user(request), code=code, node=node, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Asked. It has force when another person approved it."))
            return redirect("rules:which", code, node.pk)
    heading = _("Exception from %(code)s for %(name)s") % {"code": code, "name": node.name}
    return _form(request, form, node, code, heading, _("Ask for it"))


@login_required
@require_GET
def exceptions(request: HttpRequest) -> HttpResponse:
    """Exceptions asked for and decided."""
    _require_view(request)
    rows = queries.exceptions(request.user)
    before = request.GET.get("before", "")
    found = list((rows.filter(pk__lt=int(before)) if before.isdecimal() and len(before) < 18 else rows)[: PAGE + 1])
    listed = [
        {"row": row, "can_decide": row.decided_at is None and row.requested_by != str(_user(request).uid) and _decides(request, row.node)}
        for row in found[:PAGE]
    ]
    return render(request, "rules/exceptions.html", {"rows": listed, "more": found[PAGE - 1].pk if len(found) > PAGE else 0})


def _decides(request: HttpRequest, node: Node) -> bool:
    return access.can(request.user, Permission.RULE_EDIT, node)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or decline an exception."""
    exception = get_object_or_404(queries.exceptions(request.user), pk=pk)
    verdict = request.POST.get("verdict", "")
    if verdict not in {"approve", "decline"}:
        raise Refused(_("No decision was given"), field="verdict", remedy=_("choose approve or decline"))
    actions.decide_exception(by=_user(request), exception=exception, is_approved=verdict == "approve")
    return redirect("rules:exceptions")
