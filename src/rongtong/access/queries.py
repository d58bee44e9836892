"""What an actor may see. `scoped` alone writes the filter; every list, count, page and API answer goes through it."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import BooleanField, Exists, F, Func, Model, OuterRef, Q, QuerySet

from rongtong.access.models import Grant, Reach, RoleTemplate, Source
from rongtong.access.roles import Permission, roles_with
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import SystemActor
from rongtong.trees.models import AFTER, Node, NodeQuerySet, TreeLink

M = TypeVar("M", bound=Model)
COUNT_SECONDS = 5.0
NARROW = 0.10  # up to this share of all nodes an IN list is faster than EXISTS (see docs/decisions)


@dataclass(frozen=True, slots=True)
class Area:
    """The nodes an actor reaches: whole subtrees by path, single nodes by id, or everything."""

    is_all: bool = False
    prefixes: tuple[str, ...] = ()
    node_ids: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self.is_all or self.prefixes or self.node_ids)

    def condition(self) -> Q:
        """The area as a condition on Node."""
        condition = Q(pk__in=self.node_ids) if self.node_ids else Q()
        for prefix in self.prefixes:
            condition |= Q(path__gte=prefix, path__lt=prefix + AFTER)
        return condition

    def holds(self, node: Node) -> bool:
        return self.is_all or node.pk in self.node_ids or any(node.path.startswith(prefix) for prefix in self.prefixes)


EVERYTHING, NOTHING = Area(is_all=True), Area()


def area_of(actor: Any, permission: Permission) -> Area:
    """The actor's area for a permission today. Remembered on the actor object, that is for one request."""
    if isinstance(actor, SystemActor):
        return EVERYTHING
    if not isinstance(actor, User) or not actor.is_active:
        return NOTHING
    memory: dict[Permission, Area] = actor.__dict__.setdefault("_areas", {})
    if permission not in memory:
        memory[permission] = _area(actor, permission)
    return memory[permission]


def grants_of(actor: User) -> list[Grant]:
    """The actor's grants in force today, remembered on the actor object."""
    memory = actor.__dict__
    if "_grants" not in memory:
        memory["_grants"] = list(Grant.objects.filter(user=actor).on(clock.today()).select_related("node").order_by("pk"))
    grants: list[Grant] = memory["_grants"]
    return grants


def _area(actor: User, permission: Permission) -> Area:
    roles = roles_with(permission)
    grants = [grant for grant in grants_of(actor) if grant.role in roles]
    if any(grant.node is None for grant in grants):
        return EVERYTHING
    prefixes = sorted({g.node.path for g in grants if g.node and g.reach == Reach.SUBTREE})
    outer = tuple(p for p in prefixes if not any(p != q and p.startswith(q) for q in prefixes))
    single = {g.node_id for g in grants if g.node_id and g.reach == Reach.NODE}
    return Area(prefixes=outer, node_ids=frozenset(single | _linked(actor, [g for g in grants if g.is_linked])))


def _linked(actor: User, grants: list[Grant]) -> set[int]:
    """Nodes of the other tree that are linked today to a node the grants reach; asked once per request, for all linked grants."""
    memory = actor.__dict__
    if grants and "_linked_nodes" not in memory:
        memory["_linked_nodes"] = _linked_of([grant for grant in grants_of(actor) if grant.is_linked and grant.node is not None])
    return {node for grant in grants for node in memory["_linked_nodes"][grant.pk]}


def _linked_of(grants: list[Grant]) -> dict[int, set[int]]:
    """Grant to the nodes linked to what it reaches."""
    reached = Q(pk__in=[])
    for grant in grants:
        assert grant.node is not None
        near = "unit" if grant.node.is_business else "party"
        reached |= Q(**{f"{near}__path__gte": grant.node.path, f"{near}__path__lt": grant.node.path + AFTER})
    rows = list(TreeLink.objects.on(clock.today()).filter(reached).values_list("unit_id", "unit__path", "party_id", "party__path"))
    return {grant.pk: set(_far_ends(grant, rows)) for grant in grants}


def _far_ends(grant: Grant, rows: Iterable[tuple[int, str, int, str]]) -> Iterator[int]:
    assert grant.node is not None
    own = grant.node.path
    for unit, unit_path, party, party_path in rows:
        near, far = (unit_path, party) if grant.node.is_business else (party_path, unit)
        if near == own or (grant.reach == Reach.SUBTREE and near.startswith(own)):
            yield far


def nodes_of(actor: Any, permission: Permission = Permission.ORGANIZATION_VIEW) -> NodeQuerySet:
    """The nodes an actor reaches, in path order."""
    area = area_of(actor, permission)
    if area.is_all:
        return Node.objects.all()
    return Node.objects.none() if area.is_empty else Node.objects.filter(area.condition())


class Among(Func):
    """`expression` is one of these keys, written as one piece of SQL: thousands of parameters cost more than the query itself."""

    output_field = BooleanField()

    def __init__(self, expression: Any, keys: Iterable[int]) -> None:
        super().__init__(expression)
        self.keys = sorted(map(int, keys))

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **_more: Any) -> tuple[str, tuple[str | int, ...]]:
        left, params = compiler.compile(self.source_expressions[0])
        written = ",".join(map(str, self.keys))
        if connection.vendor == "postgresql":
            return f"{left} = ANY('{{{written}}}'::bigint[])", tuple(params)
        return f"{left} IN ({written})", tuple(params)


def scoped(queryset: QuerySet[M], actor: Any, *fields: str, permission: Permission = Permission.ORGANIZATION_VIEW) -> QuerySet[M]:
    """The rows of which at least one of `fields` (foreign keys to Node; "pk" for Node itself) lies in the actor's area.

    The form of the filter follows the breadth of the area: none, an IN list, or EXISTS.
    """
    area = area_of(actor, permission)
    if area.is_all:
        return queryset
    if area.is_empty:
        return queryset.none()
    if queryset.model is Node and fields == ("pk",):
        return queryset.filter(area.condition())
    reached = Node.objects.filter(area.condition())
    condition = Q()
    ids = _few(actor, permission, reached)
    if ids is not None:
        for field in fields:
            condition |= Q(Among(F(field), ids))
        return queryset.filter(condition)
    for field in fields:
        condition |= Q(Exists(reached.filter(pk=OuterRef(field)).order_by()))
    return queryset.filter(condition)


def _few(actor: Any, permission: Permission, reached: QuerySet[Node]) -> list[int] | None:
    """Keys of the reached nodes where they are few, None where EXISTS is faster; asked once per area and request."""
    memory: dict[Area, list[int] | None] = actor.__dict__.setdefault("_few_nodes", {})
    area = area_of(actor, permission)
    if area not in memory:
        most = max(int(NARROW * _nodes()), 1)
        keys = list(reached.order_by().values_list("pk", flat=True)[: most + 1])
        memory[area] = keys if len(keys) <= most else None
    return memory[area]


_counted: dict[str, float] = {"at": float("-inf"), "nodes": 0.0}


def _nodes() -> float:
    """How many nodes there are, counted anew every few seconds: it only chooses between two forms of the same filter."""
    if time.monotonic() - _counted["at"] > COUNT_SECONDS:
        _counted.update(at=time.monotonic(), nodes=float(Node.objects.count()))
    return _counted["nodes"]


def waiting_grants() -> QuerySet[Grant]:
    """Requested grants that nobody has decided yet, the oldest first."""
    today = clock.today()
    rows = Grant.objects.filter(approved_at__isnull=True).exclude(source=Source.DERIVED)
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today)).select_related("user", "node").order_by("created_at", "pk")


def waiting_templates() -> QuerySet[RoleTemplate]:
    return RoleTemplate.objects.standing().filter(approved_at__isnull=True).order_by("pk")


def accounts(text: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Accounts by user name; narrowed to a name, a role held today, or a state (active, blocked, first)."""
    rows = User.objects.order_by("username")
    if text:
        rows = rows.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
    if role:
        rows = rows.filter(pk__in=Grant.objects.on(clock.today()).filter(role=role).order_by().values("user"))
    narrowed = {"active": Q(is_active=True), "blocked": Q(is_active=False), "first": Q(must_change_password=True, is_active=True)}
    return rows.filter(narrowed[state]) if state in narrowed else rows


def roles_of(users: Iterable[User]) -> dict[int, list[str]]:
    """Account to the codes of its roles in force today, each once."""
    rows = Grant.objects.on(clock.today()).filter(user__in=[user.pk for user in users]).order_by("role").values_list("user_id", "role")
    found: dict[int, list[str]] = {}
    for user, role in rows.distinct():
        found.setdefault(user, []).append(role)
    return found
