"""Two forests in one table: business units and Party organisations, their history, and the dated links between them.

A path is the tree's letter and one fixed-width base-36 segment per level, so a subtree is one range of an index:
`path >= node.path AND path < node.path + "~"`.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rongtong.kernel.language import in_language

OPEN_END = date(9999, 12, 31)
SEGMENT = 5
AFTER = "~"  # sorts after every base-36 digit in byte order


class Tree(models.TextChoices):
    BUSINESS = "B", _("business units")
    PARTY = "P", _("Party organisations")


class Counter(models.Model):
    """A locked source of consecutive numbers."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class NodeQuerySet(models.QuerySet["Node"]):
    def subtree(self, node: "Node") -> "NodeQuerySet":
        """The node and everything below it."""
        return self.filter(path__gte=node.path, path__lt=node.path + AFTER)

    def ancestors(self, node: "Node") -> "NodeQuerySet":
        """The nodes above it, root first, itself not included."""
        return self.filter(path__in=paths_above(node.path)).order_by("path")

    def open_on(self, day: date) -> "NodeQuerySet":
        return self.filter(opened_on__lte=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))

    def named(self, text: str) -> "NodeQuerySet":
        """Nodes whose name (Chinese, English, pinyin or its initials) holds the text, or whose code begins with it."""
        text = text.strip()
        latin = text.lower().replace(" ", "")
        found = Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__istartswith=text)
        return self.filter(found | Q(pinyin__contains=latin) if latin.isascii() and latin else found)


def paths_above(path: str) -> list[str]:
    """Paths of the ancestors of a path, root first.

    >>> paths_above("B0000100002")
    ['B00001']
    """
    return [path[:end] for end in range(1 + SEGMENT, len(path), SEGMENT)]


class Node(models.Model):
    """A place in one of the two trees. What it is (unit, Party organisation) is a one-to-one detail in `organization`."""

    tree = models.CharField(max_length=1, choices=Tree.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, unique=True)
    depth = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200, blank=True)
    pinyin = models.CharField(max_length=800, blank=True)  # full pinyin and initials, for type-ahead
    position = models.PositiveIntegerField(default=0)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    objects = NodeQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["tree", "code"], name="trees_code_once"),
            models.CheckConstraint(condition=Q(path__startswith=F("tree")), name="trees_path_in_tree"),
            models.CheckConstraint(condition=Q(tree__in=Tree.values), name="trees_known_tree"),
            models.CheckConstraint(condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="trees_close_after_open"),
        ]
        indexes = [models.Index(fields=["parent", "position", "id"], name="trees_siblings")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Its name in the language of the page, where it has one."""
        return in_language(self.name, self.name_en)

    @property
    def is_business(self) -> bool:
        return self.tree == Tree.BUSINESS


class Placement(models.Model):
    """Where a node hung, when: half-open spans that never overlap."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="placements")
    parent = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "node_placement"
        ordering = ["node_id", "starts_on"]
        constraints = [models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="placement_span")]

    def __str__(self) -> str:
        return f"{self.node_id} from {self.starts_on}"


class LinkKind(models.TextChoices):
    OWN = "own", _("own")
    JOINT = "joint", _("joint")
    COVERS = "covers", _("covers")
    TEMPORARY = "temporary", _("temporary")


class TreeLinkQuerySet(models.QuerySet["TreeLink"]):
    def on(self, day: date) -> "TreeLinkQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class TreeLink(models.Model):
    """对应关系: which Party organisation goes with which business unit, how, with what share, from when to when."""

    unit = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="links_to_party")
    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="links_to_units")
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    share = models.FloatField(default=1.0)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = TreeLinkQuerySet.as_manager()

    class Meta:
        ordering = ["unit_id", "party_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0) & Q(share__lte=1), name="link_share_0_1"),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="link_known_kind"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="link_span"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind} {self.party_id}"
