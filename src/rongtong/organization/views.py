"""Pages of the organisation: both trees side by side, a node, what is vacant or uncovered."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from rongtong.access import policies as access
from rongtong.access.queries import area_of, nodes_of
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.errors import Unseen
from rongtong.organization import policies, queries
from rongtong.organization.edit_views import last_holders
from rongtong.organization.models import BusinessUnit, PartyOrganisation, Post, PostKind, Succession
from rongtong.trees.models import Node, NodeQuerySet, TreeLink, paths_above

BRANCH = 100
LIST = 200


@login_required
@require_GET
def trees(request: HttpRequest) -> HttpResponse:
    """Both trees side by side with their links; a branch opens in place, or by its address without script."""
    if not access.can(request.user, Permission.ORGANIZATION_VIEW):
        raise Unseen
    seen = nodes_of(request.user).open_on(clock.today())
    key = _key(request.GET.get("open", ""))
    opened = seen.filter(pk=key).first() if key else None
    names = request.GET.get("q", "").strip()
    counted = seen.order_by().values_list("tree").annotate(count=Count("pk"))
    context: dict[str, Any] = {
        "query": names, "vacant": queries.vacancies(request.user, clock.today()).count(), "counts": {"B": 0, "P": 0} | dict(counted),
        "can_export": access.can(request.user, Permission.EXPORT), "can_import": access.can(request.user, Permission.IMPORT),
    }  # fmt: skip
    seen = seen.select_related("unit", "party")
    if names:
        context |= _by_tree(_items(seen, list(seen.named(names).order_by("path")[:BRANCH]), {}))
    else:
        context |= _forest(request.user, seen, opened)
    return render(request, "organization/trees.html", context)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _by_tree(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"business": [i for i in items if i["node"].is_business], "party": [i for i in items if not i["node"].is_business]}


def _forest(actor: Any, seen: NodeQuerySet, opened: Node | None) -> dict[str, Any]:
    """The roots of what the actor sees, their children, and the way down to an opened node."""
    roots = _roots(actor, seen)
    way = [*paths_above(opened.path), opened.path] if opened else []
    below: dict[int, list[Node]] = defaultdict(list)
    shown = seen.filter(Q(parent__in=[root.pk for root in roots]) | Q(parent__path__in=way))
    rows = list(shown.order_by("parent_id", "position", "pk")[: 10 * BRANCH])
    for node in rows:
        below[node.parent_id or 0].append(node)
    return _by_tree(_items(seen, roots, below))


def _roots(actor: Any, seen: NodeQuerySet) -> list[Node]:
    """The uppermost nodes in the actor's area."""
    area = area_of(actor, Permission.ORGANIZATION_VIEW)
    if area.is_all:
        return list(seen.filter(parent__isnull=True).order_by("path"))
    tops = list(seen.filter(Q(path__in=area.prefixes) | Q(pk__in=sorted(area.node_ids)[: 10 * BRANCH])))
    paths = {node.path for node in tops}
    outer = {node.pk: node for node in tops if not paths.intersection(paths_above(node.path))}
    return sorted(outer.values(), key=lambda node: node.path)[: 2 * BRANCH]


def _items(seen: NodeQuerySet, top: Sequence[Node], below: dict[int, list[Node]]) -> list[dict[str, Any]]:
    """Nodes as the template shows them: links today, whether something lies below, and what is already opened."""
    shown = {node.pk: node for node in [*top, *(child for children in below.values() for child in children)]}
    partners: dict[int, list[Node]] = defaultdict(list)
    for link in _links(shown):
        partners[link.unit_id].append(link.party)
        partners[link.party_id].append(link.unit)
    parents = set(seen.filter(parent_id__in=list(shown)).order_by().values_list("parent_id", flat=True).distinct())

    def item(node: Node) -> dict[str, Any]:
        inner = [item(child) for child in below.get(node.pk, [])]
        return {"node": node, "links": partners.get(node.pk, []), "has_more": node.pk in parents and not inner, "below": inner}

    return [item(node) for node in top]


def _links(shown: dict[int, Node]) -> list[TreeLink]:
    """Today's links of the shown nodes, with one question."""
    if not shown:
        return []
    keys = list(shown)
    near = TreeLink.objects.on(clock.today()).filter(Q(unit_id__in=keys) | Q(party_id__in=keys))
    return list(near.select_related("unit", "party").order_by("pk"))


@login_required
@require_GET
def branch(request: HttpRequest, pk: int) -> HttpResponse:
    """What lies directly below a node, a page at a time: the fragment that a tree opens in place."""
    seen = nodes_of(request.user).open_on(clock.today()).select_related("unit", "party")
    parent = get_object_or_404(nodes_of(request.user), pk=pk)
    after = _key(request.GET.get("after", ""))
    rows = seen.filter(parent=parent).order_by("position", "pk")
    last = rows.filter(pk=after).first() if after else None
    rows = rows.filter(position__gt=last.position) if last else rows
    found = list(rows[: BRANCH + 1])
    more = found[BRANCH - 1].pk if len(found) > BRANCH else 0
    return render(request, "organization/_level.html", {"items": _items(seen, found[:BRANCH], {}), "more": more, "parent": parent})


@login_required
@require_GET
def node(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit or Party organisation: what it is, its links, posts and people, what lies below, what it came from."""
    found = get_object_or_404(nodes_of(request.user), pk=pk)
    today = clock.today()
    posts = list(Post.objects.filter(node=found, closed_on__isnull=True).exclude(kind=PostKind.STAFF).order_by("kind", "code")[:LIST])
    serving = queries.serving([post.pk for post in posts], today)
    detail = BusinessUnit if found.is_business else PartyOrganisation
    context = {
        "node": found,
        "ancestors": [above for above in Node.objects.ancestors(found) if access.can(request.user, Permission.ORGANIZATION_VIEW, above)],
        "detail": detail.objects.filter(pk=found.pk).first(),
        "class_name": queries.class_names().get(queries.class_of([found.pk], today).get(found.pk, ""), ""),
        "links": queries.links_of(found, today),
        "posts": [{"post": post, "serving": serving.get(post.pk, [])} for post in posts],
        "children": list(nodes_of(request.user).open_on(today).filter(parent=found).order_by("position", "pk")[:LIST]),
        "successions": _successions(found),
        "sees_people": policies.sees_people_at(request.user, found),
        "can_edit": policies.can_edit(request.user, found) and found.closed_on is None,
    }
    return render(request, "organization/node.html", context)


def _successions(node: Node) -> list[dict[str, Any]]:
    """What the node came from and what it became."""
    came = Succession.objects.filter(to_node=node).select_related("from_node")
    became = Succession.objects.filter(from_node=node).select_related("to_node")
    return [{"row": row, "other": row.from_node, "is_origin": True} for row in came] + [
        {"row": row, "other": row.to_node, "is_origin": False} for row in became
    ]


@login_required
@require_GET
def vacancies(request: HttpRequest) -> HttpResponse:
    """Posts in which nobody serves, units that should have a body, teams without a member; each with the next step."""
    if not access.can(request.user, Permission.PERSON_VIEW):
        raise Unseen
    today = clock.today()
    found = queries.vacancies(request.user, today)
    vacant = list(found.order_by("node__path", "code")[:LIST])
    uncovered = queries.uncovered_units(request.user, today)
    teams = queries.teams_without_member(request.user, today)
    last = last_holders([post.pk for post in vacant])
    context = {
        "count": found.count() if len(vacant) == LIST else len(vacant),
        "vacant": [{"post": p, "last": last.get(p.pk), "can_edit": policies.can_edit(request.user, p.node)} for p in vacant],
        "uncovered": _with_edit(request.user, uncovered[:LIST]),
        "uncovered_count": len(uncovered),
        "teams": _with_edit(request.user, list(teams[:LIST])),
        "team_count": teams.count(),
    }
    return render(request, "organization/vacancies.html", context)


def _with_edit(actor: Any, nodes: Sequence[Node]) -> list[dict[str, Any]]:
    return [{"node": node, "can_edit": policies.can_edit(actor, node)} for node in nodes]
