"""Pages of the organisation: both trees side by side, a node, people, what is vacant or uncovered."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from rongtong.access.policies import can
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.organization import actions, queries
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, Person, Post
from rongtong.trees.models import Node, Tree, TreeLink

PAGE = 50
LEVELS = 3


@login_required
@require_GET
def trees(request: HttpRequest) -> HttpResponse:
    """Both trees side by side to three levels, each node with what it is linked to."""
    today = clock.today()
    seen = nodes_of(request.user).open_on(today)
    linked: dict[int, list[Node]] = defaultdict(list)
    for link in TreeLink.objects.on(today).select_related("unit", "party").order_by("pk"):
        linked[link.unit_id].append(link.party)
        linked[link.party_id].append(link.unit)
    counts = {
        "uncovered": len(queries.uncovered_units(request.user, today)),
        "teams": len(queries.teams_without_member(request.user, today)),
    }
    counts["vacant"] = queries.vacancies(request.user, today).count()
    context = {"business": _branches(seen, Tree.BUSINESS, linked), "party": _branches(seen, Tree.PARTY, linked), "counts": counts}
    return render(request, "organization/trees.html", context)


def _branches(seen: Any, tree: str, linked: dict[int, list[Node]]) -> list[dict[str, Any]]:
    rows = list(seen.filter(tree=tree).order_by("depth", "position", "path")[:2000])
    top = min((node.depth for node in rows), default=0)
    items: dict[int, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for node in rows:
        if node.depth > top + LEVELS:
            continue
        item: dict[str, Any] = {"node": node, "links": linked.get(node.pk, []), "below": []}
        items[node.pk] = item
        (items[node.parent_id]["below"] if node.parent_id in items else roots).append(item)
    return roots


@login_required
@require_GET
def node(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit or Party organisation: what it is, its links, posts and people, what lies below."""
    found = get_object_or_404(nodes_of(request.user), pk=pk)
    today = clock.today()
    posts = list(Post.objects.filter(node=found).exclude(kind="staff").order_by("kind", "code"))
    serving = queries.serving([post.pk for post in posts], today)
    detail = BusinessUnit if found.is_business else PartyOrganisation
    context = {
        "node": found,
        "ancestors": Node.objects.ancestors(found),
        "detail": detail.objects.filter(pk=found.pk).first(),
        "class_code": queries.class_of([found.pk], today).get(found.pk, ""),
        "links": queries.links_of(found, today),
        "posts": [{"post": post, "serving": serving.get(post.pk, [])} for post in posts],
        "children": nodes_of(request.user).filter(parent=found, closed_on__isnull=True).order_by("position")[:200],
        "sees_people": can(request.user, Permission.PERSON_VIEW, found),
        "can_edit": can(request.user, Permission.ORGANIZATION_EDIT, found),
    }
    return render(request, "organization/node.html", context)


@login_required
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """People who serve in the actor's area, by code, with keyset paging."""
    if not can(request.user, Permission.PERSON_VIEW):
        raise Unseen
    query, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = queries.persons(request.user)
    if query:
        found = found.filter(Q(name__icontains=query) | Q(pinyin__icontains=query.lower()) | Q(code__iexact=query))
    rows = list(found.filter(code__gt=after).order_by("code")[: PAGE + 1])
    more = rows[PAGE - 1].code if len(rows) > PAGE else ""
    return render(request, "organization/persons.html", {"persons": rows[:PAGE], "more": more, "query": query})


@login_required
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's posts over time."""
    found = get_object_or_404(queries.persons(request.user), pk=pk)
    held = Appointment.objects.filter(person=found).select_related("post__node").order_by("-starts_on")
    is_dual = any(one.pk == found.pk for one, _rows in queries.dual_roles(request.user, clock.today()))
    return render(request, "organization/person.html", {"person": found, "held": held, "is_dual": is_dual})


@login_required
@require_GET
def vacancies(request: HttpRequest) -> HttpResponse:
    """Posts in which nobody serves, units that should have a body, teams without a member."""
    today = clock.today()
    if not can(request.user, Permission.PERSON_VIEW):
        raise Unseen
    vacant = list(queries.vacancies(request.user, today).order_by("node__path")[:200])
    last = {row.post_id: row for row in Appointment.objects.filter(post__in=vacant).order_by("ends_on")}
    context = {
        "vacant": [
            {"post": post, "last": last.get(post.pk), "can_edit": can(request.user, Permission.ORGANIZATION_EDIT, post.node)}
            for post in vacant
        ],
        "uncovered": queries.uncovered_units(request.user, today),
        "teams": queries.teams_without_member(request.user, today),
        "today": today,
    }
    return render(request, "organization/vacancies.html", context)


@login_required
@require_POST
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint somebody to a vacant post, by code."""
    post = get_object_or_404(queries.posts(request.user), pk=pk)
    code = request.POST.get("person", "").split(" ")[0]
    found = Person.objects.filter(code=code).first()
    starts_on = parsing.day(request.POST.get("starts_on", "")) or clock.today()
    if found is None:
        raise Refused(f"“{code}” is not the code of a person", field="person", remedy="write the person's code, for example E00012")
    actions.appoint(by=account_of(request), person=found, post=post, starts_on=starts_on)
    return HttpResponseRedirect(reverse("organization:node", args=[post.node_id]))
