"""Pages of decisions: the table with its first sentence, one decision with its path over time, and the wizard that says the path first."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of, scoped
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.decisions import actions, forms, policies, queries, wording
from rongtong.decisions.models import Category, Decision, DecisionState, Outcome
from rongtong.decisions.paths import Measure, Path
from rongtong.decisions.timeline import steps_of
from rongtong.decisions.whether import Answers
from rongtong.exchange.exporting import export_rows
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.ledger import policies as ledger
from rongtong.ledger.views import lines
from rongtong.trees.models import Node

PER_PAGE, NOTICED = 50, 5
YEAR_FROM, YEAR_TO = 1949, 2199


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, policies.VIEW):
        raise NotAllowed("no_decision_view")


def year_of(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    if not YEAR_FROM <= found <= YEAR_TO:
        raise Refused(_("“%(text)s” is not a year") % {"text": text}, field="year", remedy=_("write it as 2026"), code="year")
    return found


@login_required
@require_GET
def table(request: HttpRequest) -> HttpResponseBase:
    """Listed matters of the year, how many were studied before, what waits; narrowed by chips, exported as seen."""
    require_view(request)
    year, whole = year_of(request), queries.of_year(queries.decisions(request.user), year_of(request))
    found = _narrowed(request, whole)
    if request.GET.get("export"):
        return _export(request, found)
    rows = list(_after(found, request.GET.get("after", ""))[: PER_PAGE + 1])
    more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    studies = queries.studies_of([d.pk for d in rows])
    late = queries.overdue([d.pk for d in rows], clock.today())
    context = {
        "rows": [_line(request, d, studies.get(d.pk, []), d.pk in late) for d in rows], "year": year, "standing": queries.standing(whole),
        "states": DecisionState.choices, "categories": Category.choices, "chosen": {n: request.GET.get(n, "") for n in ("state", "category", "order")},
        "next_after": f"{rows[-1].proposed_on}_{rows[-1].pk}" if more else "", "can_run": access.can(request.user, policies.RUN),
        "here": _query(request), "lists": list(queries.not_looked_through(request.user, clock.today().year)[:NOTICED]),
    }  # fmt: skip
    return render(request, "decisions/table.html", context)


def _narrowed(request: HttpRequest, found: Any) -> Any:
    get = request.GET
    if get.get("state") in DecisionState.values:
        found = found.filter(state=get["state"])
    return found.filter(category=get["category"]) if get.get("category") in Category.values else found


def _query(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name in ("after", "export"):
        query.pop(name, None)
    return query.urlencode()


def _after(found: Any, cursor: str) -> Any:
    """The rows behind a cursor “day_id”."""
    if not cursor:
        return found
    day, _sep, key = cursor.partition("_")
    try:
        on, pk = date.fromisoformat(day), int(key)
    except ValueError as wrong:
        raise Refused(_("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor") from wrong
    return found.filter(proposed_on__lte=on).exclude(proposed_on=on, pk__gte=pk)


def _line(request: HttpRequest, d: Decision, studies: Any, is_late: bool) -> dict[str, Any]:
    before = [study for study in studies if not study.is_return]
    order = ""
    if d.needs_study and d.decided_on is not None:
        order = "met" if queries.was_studied(d, studies) else "late"
    return {
        "decision": d,
        "title": policies.title_for(request.user, d),
        "study": before[-1] if before else None,
        "order": order,
        "is_late": is_late,
    }


def _export(request: HttpRequest, found: Any) -> HttpResponseBase:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET["export"]
    path = export_rows("decisions", request.user, file_format, found=found)
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"decisions.{file_format}")


def decision_at(request: HttpRequest, pk: int) -> Decision:
    found = queries.decisions(request.user).select_related("proposer", "recorder", "meeting__kind", "item__list").filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision: its path and why, what happened when, what is to be done next."""
    found = decision_at(request, pk)
    reads = policies.reads(request.user, found)
    studies, opinions = queries.studies_of([pk]).get(pk, []), list(found.opinions.all())
    matters = [m for m in queries.execution([pk]).get(pk, []) if reads and ledger.sees(request.user, m)]
    path = Path.read(found.path, found.body, found.why)
    context = {
        "d": found, "title": policies.title_for(request.user, found), "reads": reads, "may": policies.open_to(request.user, found),
        "path": wording.path_sentence(path), "why": wording.why_sentence(path), "compared": wording.lines(path), "studies": studies,
        "opinions": opinions, "whether": Answers.read(found.whether), "matters": lines(matters), "amount": _amount(found) if reads else None,
        "steps": steps_of(found, studies, opinions, matters), "order": _line(request, found, studies, False)["order"],
        "waits_return": found.is_changed and not queries.has_returned(studies), "next": _next(found, studies, matters),
    }  # fmt: skip
    return render(request, "decisions/decision.html", context)


def _amount(found: Decision) -> str:
    return wording.money(found.amount_fen) if found.amount_fen is not None else ""


def _next(found: Decision, studies: Any, matters: list[Any]) -> str:
    """The one main act."""
    if found.is_changed and not queries.has_returned(studies):
        return "study"
    if found.state in {DecisionState.PROPOSED, DecisionState.REVISING}:
        return "study" if found.needs_study else "decide"
    if found.state == DecisionState.DECIDED:
        is_carried = bool(matters) or found.category == Category.PERSONNEL or found.outcome != Outcome.ADOPTED
        return "" if any(m.is_open for m in matters) else "assess" if is_carried else "execute"
    return {DecisionState.STUDIED: "decide", DecisionState.ASSESSED: "archive"}.get(DecisionState(found.state), "")


# the wizard


def may_register(request: HttpRequest) -> tuple[list[Node], list[Node]]:
    """Organisations whose decisions the actor records: those with a list in force, and the others."""
    nodes = scoped(Node.objects.filter(tree="P", closed_on__isnull=True), request.user, "pk", permission=policies.RUN)
    found = list(nodes.exclude(party__kind="group").order_by("path")[:200])
    listed = queries.lists_on([node.pk for node in found], clock.today())
    return [node for node in found if node.pk in listed], [node for node in found if node.pk not in listed]


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """First what it is and how much: the page says the path. Then what is kept of it."""
    if not access.can(request.user, policies.RUN):
        raise NotAllowed("no_decision_run")
    node = _chosen(request)
    held = queries.list_on(node, clock.today()) if node is not None else None
    items = queries.items_of(held) if held else []
    first = forms.PathForm(request.GET if "item" in request.GET else None, actor=request.user, items=items, initial={"item": ""})
    listed, others = ([], []) if node else may_register(request)
    context: dict[str, Any] = {"listed": listed, "others": others, "node": node, "list": held, "first": first}
    if node is not None and first.is_bound and first.is_valid():
        return _second(request, node, first, context)
    return render(request, "decisions/register.html", context, status=422 if first.errors else 200)


def _chosen(request: HttpRequest) -> Node | None:
    text = request.GET.get("at", "")
    if not text:
        nodes = [node for found in may_register(request) for node in found]
        return nodes[0] if len(nodes) == 1 else None
    found = nodes_of(request.user, policies.VIEW).filter(tree="P", pk=int(text)).first() if text.isascii() and text.isdigit() else None
    if found is None:
        raise Unseen
    access.require(request.user, policies.RUN, found, view=policies.VIEW)
    return found


def _second(request: HttpRequest, node: Node, first: forms.PathForm, context: dict[str, Any]) -> HttpResponse:
    d, item = first.cleaned_data, first.item_chosen()
    path = queries.path_for(node, item, Measure(d["amount"], None, d["over_budget"]), clock.today())
    form = forms.RegisterForm(request.POST or None, actor=request.user, item=item, initial={"proposed_on": clock.today().isoformat()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.register(by=account_of(request), new=form.new(node, d["amount"], d["over_budget"]))
            messages.success(request, _("Entered as %(code)s.") % {"code": made.code})
            return redirect("decisions:decision", made.pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context |= {
        "form": form, "item": item, "path": wording.path_sentence(path), "why": wording.why_sentence(path), "compared": wording.lines(path),
    }  # fmt: skip
    return render(request, "decisions/register.html", context, status=422 if form.errors else 200)
