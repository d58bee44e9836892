"""Pages of duties: who implements what, one duty with its chain, the lists and what issuing costs, a leader's two sides."""

from collections import Counter
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.duties import actions, figures, policies, queries
from rongtong.duties.assigning import HOLE_WORDS, PLACES, Implementation, implementations, open_posts_of, posts_for
from rongtong.duties.models import DutyList, Issue, Subject
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.ledger import queries as ledger
from rongtong.ledger.forms import PostField
from rongtong.ledger.models import Side
from rongtong.ledger.policies import posts_of
from rongtong.ledger.states import OPEN
from rongtong.ledger.views import lines
from rongtong.organization.models import Person
from rongtong.organization.queries import dual_role_of
from rongtong.trees.models import AFTER, Node

ROWS, RECENT = 120, 24


def _require(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.DUTY_VIEW):
        raise NotAllowed("no_duty_view")


@login_required
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """谁去落实: duties against units; every cell says who, or which hole. A hole leads to the page that mends it."""
    _require(request)
    node = _node(request)
    subject = request.GET.get("subject", "")
    rows = queries.issues(request.user)
    if node is not None:
        rows = rows.filter(node__path__gte=node.path, node__path__lt=node.path + AFTER)
    shown = list(rows.filter(duty__subject=subject) if subject in Subject.values else rows)
    found = implementations(shown, clock.today())
    holes = [one for one in found if one.hole is not None]
    only_holes = request.GET.get("holes") == "1"
    context = {
        **_grid(found, only_holes), "count": len(found), "holes": len(holes), "by_hole": _by_hole(holes), "node": node, "subject": subject,
        "subjects": Subject.choices, "only_holes": only_holes, "unsigned": sum(one.issue.signed_on is None for one in found),
        "can_issue": access.can(request.user, Permission.DUTY_ISSUE), "latest": queries.latest_list(),
    }  # fmt: skip
    return render(request, "duties/matrix.html", context)


def _node(request: HttpRequest) -> Node | None:
    at = request.GET.get("at", "")
    if not at:
        return None
    found = nodes_of(request.user, Permission.DUTY_VIEW).filter(pk=int(at)).first() if at.isascii() and at.isdigit() else None
    if found is None:
        raise Unseen
    return found


def _by_hole(holes: list[Implementation]) -> list[dict[str, Any]]:
    counts = Counter(one.hole for one in holes if one.hole is not None)
    return [{"word": HOLE_WORDS[hole], "count": count} for hole, count in counts.most_common()]


def _grid(found: list[Implementation], only_holes: bool) -> dict[str, Any]:
    """Units as rows, duties as columns, holes counted on both edges."""
    duties = {one.issue.duty_code: one.issue.duty for one in sorted(found, key=lambda one: one.issue.duty_code)}
    by_node: dict[int, dict[str, Implementation]] = {}
    for one in found:
        by_node.setdefault(one.issue.node_id, {})[one.issue.duty_code] = one
    rows: list[dict[str, Any]] = []
    for cells in by_node.values():
        open_holes = sum(cell.hole is not None for cell in cells.values())
        if open_holes or not only_holes:
            place = next(iter(cells.values())).issue.node
            rows.append({"node": place, "cells": [cells.get(code) for code in duties], "holes": open_holes})
    totals = [sum(cells[code].hole is not None for cells in by_node.values() if code in cells) for code in duties]
    rows.sort(key=lambda row: -row["holes"])
    return {"rows": rows[:ROWS], "duties": list(duties.values()), "totals": totals, "more": max(0, len(rows) - ROWS)}


class NameForm(django_forms.Form):
    """Which post leads, which one handles."""

    leader = PostField(required=False, label=gettext_lazy("Leader"))
    handler = PostField(required=False, label=gettext_lazy("Handler"))

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("leader", "handler"):
            field = self.fields[name]
            assert isinstance(field, PostField)
            field.actor = actor
            field.widget.attrs["list"] = f"list-{name}"


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """One duty at one unit: the chain of who implements it, the hole and its button, and what it brought."""
    row = get_object_or_404(
        Issue.objects.select_related("duty__indicator", "duty__duty_list", "node", "leader_post", "handler_post"), pk=pk
    )
    if not access.can(request.user, Permission.DUTY_VIEW, row.node) and not {row.leader_post_id, row.handler_post_id} & posts_of(
        request.user
    ):
        raise Unseen
    [found] = implementations([row], clock.today())
    fitting = posts_for(row.duty, open_posts_of([row.node], clock.today()).get(row.node_id, []))
    posts = {"leader": row.leader_post or fitting[0], "handler": row.handler_post or fitting[1]}
    initial = {name: f"{post.code} {post.name}" for name, post in posts.items() if post is not None}
    form = NameForm(request.POST or None, actor=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.name_posts(by=account_of(request), of=row, leader=form.cleaned_data["leader"], handler=form.cleaned_data["handler"])
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Done; the handler was told."))
            return redirect("duties:issue", pk)
    matters = queries.occurrences([row]).get(row.pk, [])[:RECENT]
    history = (
        Issue.objects.filter(node=row.node, duty_code=row.duty_code).exclude(pk=row.pk).select_related("duty__duty_list", "leader_post")
    )
    context = {
        "issue": row, "found": found, "form": form, "may_name": policies.may_name(request.user, row), "matters": lines(matters),
        "history": list(history.order_by("-starts_on")[:20]), "can_sign": row.leader_post_id in posts_of(request.user) and row.signed_on is None,
        "hole_word": HOLE_WORDS.get(found.hole) if found.hole else "", "empty_post": row.leader_post if found.at == "leader" else row.handler_post,
        "can_edit": access.can(request.user, Permission.ORGANIZATION_EDIT, row.node),
    }  # fmt: skip
    return render(request, "duties/issue.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """From the note “issued to you” to one's own page."""
    person = Person.objects.filter(account_id=request.user.pk).first()
    return redirect("duties:leader", person.pk) if person else redirect("duties:matrix")


@login_required
@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Sign for all one's unsigned duties, or for those named."""
    mine_now = posts_of(request.user)
    rows = Issue.objects.filter(leader_post__in=mine_now, ends_on__isnull=True, signed_on__isnull=True)
    keys = [int(key) for key in request.POST.getlist("pk") if key.isascii() and key.isdigit()]
    chosen = list(rows.filter(pk__in=keys) if keys else rows)
    if chosen:
        actions.sign(by=account_of(request), issues=chosen)
    return redirect("duties:mine")


@login_required
@require_GET
def leader(request: HttpRequest, pk: int) -> HttpResponse:
    """一岗双责: both lists of a leader side by side with evidence; the figures only for the leader and the superior."""
    person = get_object_or_404(Person.objects.select_related("account"), pk=pk)
    today = clock.today()
    posts = figures.places_of(person, today)
    if not policies.sees_figures_of(request.user, person, posts):
        raise Unseen
    rows = list(queries.led_by(person, today))
    found = queries.occurrences(rows)
    sides = [
        {"side": side, "label": Side(side).label, "rows": _owed(rows, found, side)} for side in (Side.PARTY, Side.BOTH, Side.PRODUCTION)
    ]
    place = posts[0].post.node if posts else None
    context = {
        "person": person, "posts": posts, "sides": [one for one in sides if one["rows"]], "is_self": person.account_id == request.user.pk,
        "is_dual": bool(dual_role_of(person, today)), "loads": _loads(figures.two_loads(person, today)), "in_person": figures.in_person(person, today),
        "kinds": KINDS, "regularity": figures.regularity(person, today, place) if place else None,
        "unsigned": [row for row in rows if row.signed_on is None and row.leader_post_id in posts_of(request.user)],
        "open": lines(list(ledger.of_person(person, today).filter(state__in=OPEN)[:RECENT])),
    }  # fmt: skip
    return render(request, "duties/leader.html", context)


KINDS = {
    "deploy": gettext_lazy("deployed in person"), "inquire": gettext_lazy("inquired in person"),
    "coordinate": gettext_lazy("coordinated in person"), "supervise": gettext_lazy("supervised in person"),
}  # fmt: skip


def _owed(rows: list[Issue], found: dict[int, list[Any]], side: str) -> list[dict[str, Any]]:
    return [
        {"issue": row, "latest": next(iter(found.get(row.pk, [])), None), "done": sum(m.closed_on is not None for m in found.get(row.pk, [])),
         "all": len(found.get(row.pk, []))}
        for row in rows if row.duty.side == side
    ]  # fmt: skip


def _loads(loads: dict[str, list[figures.Load]]) -> list[dict[str, Any]]:
    """Side, months, and the sums of the year; shares stay empty where nothing was due."""
    return [
        {
            "side": side, "label": Side(side).label, "months": months, "due": sum(m.due for m in months),
            "on_time": sum(m.on_time for m in months), "followed": sum(m.followed for m in months),
        }
        for side, months in loads.items()
    ]  # fmt: skip


@login_required
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Every list with its versions."""
    _require(request)
    return render(
        request, "duties/lists.html", {"lists": list(queries.lists()), "can_issue": access.can(request.user, Permission.DUTY_ISSUE)}
    )


@login_required
@require_http_methods(["GET", "POST"])
def duty_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A list in one version; before it is issued, what it costs (填报准入)."""
    _require(request)
    found = get_object_or_404(DutyList, pk=pk)
    root = _root(request)
    may_issue = root is not None and access.can(request.user, Permission.DUTY_ISSUE, root)
    if request.method == "POST":
        if root is None:
            raise Unseen
        count = actions.issue(by=account_of(request), of=found, root=root, on=clock.today())
        messages.success(request, _("%(count)s duties issued") % {"count": count})
        return redirect("duties:matrix")
    context = {
        "list": found, "duties": [{"duty": duty, "place": PLACES[duty.subject]} for duty in found.duties.select_related("indicator")],
        "root": root, "burden": queries.burden(found, root, clock.today()) if root and may_issue else None, "may_issue": may_issue,
    }  # fmt: skip
    return render(request, "duties/list.html", context)


def _root(request: HttpRequest) -> Node | None:
    """The subtree to issue to: the one of the address, else the uppermost node that the actor may issue at."""
    at = request.POST.get("at") or request.GET.get("at") or ""
    nodes = nodes_of(request.user, Permission.DUTY_ISSUE)
    if at.isascii() and at.isdigit():
        return nodes.filter(pk=int(at)).first()
    return nodes.filter(closed_on__isnull=True).order_by("depth", "tree", "path").first()
