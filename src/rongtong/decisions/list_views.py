"""Pages of lists and roles: which list holds where, its matters and limits, its versions and reviews; what each organisation does."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.accounts.session import account_of
from rongtong.decisions import forms, list_actions, policies, queries, wording
from rongtong.decisions.act_views import fill
from rongtong.decisions.models import Body, Category, Limit, ListItem, MatterList
from rongtong.decisions.views import require_view
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen

PER_PAGE = 200


@login_required
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Every organisation's lists, the one that holds and whether it was looked through this year."""
    require_view(request)
    today, rows = clock.today(), list(_after(queries.lists(request.user), request.GET.get("after", ""))[: PER_PAGE + 1])
    more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
    reviewed = queries.reviewed_on([row.pk for row in rows])
    shown = [
        {"list": row, "state": _state(row), "looked": max(filter(None, (row.approved_on, reviewed.get(row.pk))), default=None)}
        for row in rows
    ]
    held = [line for line in shown if line["state"] == "met"]
    context = {
        "rows": shown, "held": len(held), "fresh": sum(line["looked"].year == today.year for line in held), "year": today.year, "next_after": f"{rows[-1].node.path}_{rows[-1].number}" if more else "",
        "can_run": access.can(request.user, policies.RUN),
    }  # fmt: skip
    return render(request, "decisions/lists.html", context)


def _after(found: Any, cursor: str) -> Any:
    """The rows behind a cursor “path_number”."""
    path, _sep, number = cursor.rpartition("_")
    if not (path.isalnum() and number.isascii() and number.isdigit() and len(number) < 6):
        return found
    return found.filter(Q(node__path__gt=path) | Q(node__path=path, number__lt=int(number)))


def _state(row: MatterList) -> str:
    today = clock.today()
    if row.approved_on is None:
        return "draft"
    return "superseded" if row.ends_on is not None and row.ends_on <= today else "met"


def list_at(request: HttpRequest, pk: int) -> MatterList:
    found = queries.lists(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def matter_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: matters the committee decides, matters it studies before, their limits; approvals and reviews."""
    found = list_at(request, pk)
    items: list[dict[str, Any]] = [
        {"item": item, "body": Body(item.body).label,
         "limits": [{"row": r, "text": wording.limit_text(r.metric, r.operator, r.value), "body": Body(r.body).label} for r in item.limits.all()]}
        for item in queries.items_of(found)
    ]  # fmt: skip
    can_run = access.can(request.user, policies.RUN, found.node)
    groups = [{"label": label, "rows": [row for row in items if row["item"].category == code]} for code, label in Category.choices]
    uid = str(account_of(request).uid)
    context = {
        "list": found, "groups": groups, "state": _state(found), "reviews": list(found.reviews.order_by("-on", "-pk")), "can_run": can_run,
        "can_edit": can_run and found.approved_on is None, "can_approve": can_run and found.approved_on is None and found.first_by != uid,
        "own": sum(row["item"].treatment == "own" for row in items), "studied": sum(row["item"].treatment != "own" for row in items),
        "assets": wording.money(found.net_assets_fen) if found.net_assets_fen else "",
        "versions": list(queries.lists(request.user).filter(node=found.node)), "used": found.items.filter(decisions__isnull=False).exists(),
    }  # fmt: skip
    return render(request, "decisions/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Start a list, or the next version of one."""
    if not access.can(request.user, policies.RUN):
        raise NotAllowed("no_decision_run")
    initial = {"title": _("List of major matters"), "starts_on": clock.today().isoformat(), "node": request.GET.get("node", "")}
    form = forms.DraftForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        return reverse("decisions:list", args=[list_actions.draft_list(by=account_of(request), **filled.cleaned_data).pk])

    hint = _("The next version begins as a copy of the one before; a first list as a copy of the shipped template.")
    return fill(request, form, _("Draft a list"), _("Draft"), reverse("decisions:lists"), do, hint)


def _editing(request: HttpRequest, pk: int) -> MatterList:
    found = list_at(request, pk)
    access.require(request.user, policies.RUN, found.node, view=policies.VIEW)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def head(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, first day, net assets."""
    found = _editing(request, pk)
    form = forms.HeadForm(request.POST or None, actor=request.user, initial=forms.HeadForm.initial_of(found))
    back = reverse("decisions:list", args=[pk])

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        list_actions.change_list(
            by=account_of(request), found=found, title=d["title"], starts_on=d["starts_on"], net_assets_fen=d["net_assets"]
        )
        return back

    return fill(request, form, _("Change the draft"), _("Keep"), back, do)


@login_required
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a matter to the draft, or change one (?item=)."""
    found = _editing(request, pk)
    old = _item(found, request.GET["item"]) if request.GET.get("item") else None
    initial = {name: getattr(old, name) for name in forms.ItemForm.base_fields} if old else {}
    form = forms.ItemForm(request.POST or None, actor=request.user, initial=initial)
    back = reverse("decisions:list", args=[pk])

    def do(filled: Any) -> str:
        list_actions.put_item(by=account_of(request), found=found, text=filled.text(), item=old)
        return back

    return fill(request, form, _("A matter of the list"), _("Keep"), back, do)


def _item(found: MatterList, text: str) -> ListItem:
    row = found.items.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 18 else None
    if row is None:
        raise Unseen
    return row


@login_required
@require_http_methods(["GET", "POST"])
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a threshold."""
    found = _editing(request, pk)
    form = forms.LimitForm(
        request.POST or None, actor=request.user, items=queries.items_of(found), initial={"item": request.GET.get("item", "")}
    )
    back = reverse("decisions:list", args=[pk])

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        row = filled.items[d["item"]]
        list_actions.put_limit(
            by=account_of(request), item=row, metric=d["metric"], operator=d["operator"], value=d["value"], body=d["body"]
        )
        return back

    return fill(request, form, _("A limit of the list"), _("Keep"), back, do)


@login_required
@require_POST
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Approve a draft, take something out of it, or give it up."""
    found, by = list_at(request, pk), account_of(request)
    if what == "approve":
        done = list_actions.approve_list(by=by, found=found)
        messages.success(request, _("Approved; it holds.") if done.approved_on else _("Approved once; another person approves too."))
    elif what == "drop":
        list_actions.drop_draft(by=by, found=found)
        return redirect("decisions:lists")
    elif what == "drop-item":
        list_actions.drop_item(by=by, found=found, item=_item(found, request.POST.get("item", "")))
    elif what == "drop-limit":
        row = Limit.objects.select_related("item__list__node").filter(item__list=found, pk=request.POST.get("limit", "")[:18] or 0).first()
        if row is None:
            raise Unseen
        list_actions.drop_limit(by=by, limit=row)
    else:
        raise Unseen
    return redirect("decisions:list", pk)


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The yearly look through."""
    found = _editing(request, pk)
    form = forms.ReviewForm(request.POST or None, actor=request.user)
    back = reverse("decisions:list", args=[pk])

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        list_actions.review_list(by=account_of(request), found=found, keeps=d["keeps"] == "yes", note=d["note"])
        return back

    return fill(request, form, _("Look “%(list)s” through") % {"list": found}, _("Record the review"), back, do)


@login_required
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """What each organisation does before its unit decides, and why."""
    require_view(request)
    nodes = list(queries.organisations(request.user).filter(path__gt=request.GET.get("after", ""))[: PER_PAGE + 1])
    more, nodes = len(nodes) > PER_PAGE, nodes[:PER_PAGE]
    found = queries.roles_at(nodes, clock.today())
    rows = [
        {"node": node, "role": wording.role_label(found[node.pk].role), "code": found[node.pk].role, "row": found[node.pk].row,
         "default": wording.role_label(found[node.pk].default.role), "why": wording.role_reason(found[node.pk].default.reason),
         "units": found[node.pk].units[:3], "is_set": found[node.pk].role != found[node.pk].default.role}
        for node in nodes
    ]  # fmt: skip
    studies = sum(row["code"] in {"pre_study", "collective_gate"} for row in rows)
    return render(
        request,
        "decisions/roles.html",
        {"rows": rows, "studies": studies, "can_run": access.can(request.user, policies.RUN), "next_after": nodes[-1].path if more else ""},
    )


@login_required
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the role of an organisation from a day on."""
    node = queries.organisations(request.user).filter(pk=pk).first()
    if node is None:
        raise Unseen
    access.require(request.user, policies.RUN, node, view=policies.VIEW)
    now = queries.role_at(node, clock.today())
    initial = {"role": now.row.role, "is_delegated": now.row.is_delegated} if now.row else {}
    form = forms.RoleForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        list_actions.set_role(by=account_of(request), node=node, text=filled.text(), on=filled.cleaned_data["on"])
        return reverse("decisions:roles")

    given = {"role": wording.role_label(now.default.role), "why": wording.role_reason(now.default.reason)}
    hint = _("By default: %(role)s, because %(why)s.") % given
    return fill(request, form, _("Decision role of %(name)s") % {"name": node.name}, _("Set"), reverse("decisions:roles"), do, hint)
