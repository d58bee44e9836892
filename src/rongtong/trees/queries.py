"""Questions to the trees."""

from datetime import date

from django.db.models import Q

from rongtong.trees.models import Node, Placement


def tree_at(tree: str, day: date) -> dict[int, int | None]:
    """Node to parent as they hung on a day, by the placements."""
    rows = Placement.objects.filter(node__tree=tree, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return dict(rows.order_by("node_id").values_list("node_id", "parent_id"))


def subtree_ids(node: Node) -> list[int]:
    return list(Node.objects.subtree(node).order_by().values_list("pk", flat=True))
