"""Questions to the trees."""

from datetime import date

from django.db.models import Q

from rongtong.trees.models import Node, Placement, TreeLink, TreeLinkQuerySet


def tree_at(tree: str, day: date) -> dict[int, int | None]:
    """Node to parent as they hung on a day, by the placements."""
    rows = Placement.objects.filter(node__tree=tree, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return dict(rows.order_by("node_id").values_list("node_id", "parent_id"))


def parent_at(node_id: int, day: date) -> int | None:
    """Under which node another hung on a day; None for a root, or where it was not placed."""
    rows = Placement.objects.filter(node_id=node_id, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return rows.order_by("pk").values_list("parent_id", flat=True).first()


def subtree_ids(node: Node) -> list[int]:
    """Keys of the node and everything below it."""
    return list(Node.objects.subtree(node).order_by().values_list("pk", flat=True))


def links_on(day: date) -> TreeLinkQuerySet:
    """Links between the forests in force on a day."""
    return TreeLink.objects.on(day).select_related("unit", "party").order_by("unit__path", "party__path", "pk")
