"""What the address says: the node (`at`) and the month (`month`) a page is about."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.indicators.lookups import latest_period
from rongtong.kernel import clock
from rongtong.kernel.errors import Unseen
from rongtong.kernel.periods import add_months, month_of, parse_month
from rongtong.trees.models import Node


@dataclass(frozen=True, slots=True)
class Scope:
    """The node and month of a page. `is_chosen` tells whether the address named the node."""

    node: Node | None
    month: int
    is_chosen: bool = False


def scope_of(request: HttpRequest, permission: Permission = Permission.OBSERVATION_VIEW) -> Scope:
    """Read `at` and `month`; without them the actor's first unit and the last month that has values."""
    at = request.GET.get("at") or request.POST.get("at") or ""
    month = request.GET.get("month") or request.POST.get("month") or ""
    node = node_at(request.user, at, permission) if at else nodes_of(request.user, permission).order_by("tree", "path").first()
    return Scope(node, parse_month(month) if month else default_month(), bool(at))


def user_of(request: HttpRequest) -> User:
    """The signed-in account; views that call this require one."""
    return cast("User", request.user)


def node_at(actor: Any, at: str, permission: Permission) -> Node:
    if not (at.isascii() and at.isdigit()):
        raise Unseen
    node = nodes_of(actor, permission).filter(pk=int(at)).first()
    if node is None:
        raise Unseen
    return node


def default_month() -> int:
    return latest_period() or add_months(month_of(clock.today()), -1)
