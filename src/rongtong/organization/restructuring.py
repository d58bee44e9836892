"""Close, merge, split: what becomes of children, posts, links, and of the records of packages above, is settled or the act is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.models import Grant
from rongtong.access.roles import Permission
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import (
    Appointment,
    BusinessUnit,
    PartyOrganisation,
    Post,
    Succession,
    SuccessionKind,
    UnitClassAssignment,
)
from rongtong.trees.models import LinkKind, Node, Placement, TreeLink
from rongtong.trees.paths import NewNode

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Still:
    """Something still open at a node: what it is, the first few names, what settles it, and which acts pass it on by themselves."""

    what: str
    names: tuple[str, ...]
    count: int
    remedy: str
    passes_in: frozenset[str] = frozenset()

    def __str__(self) -> str:
        shown = "、".join(self.names) + ("…" if self.count > len(self.names) else "")
        return f"{self.what}: {shown}"


OpenThings = Callable[[Node, date], Sequence[Still]]
_holders: list[OpenThings] = []


def register_open_things(holder: OpenThings) -> None:
    """Packages above say what of theirs is still open at a node (matters, duties): it blocks closing until it is settled."""
    if holder not in _holders:
        _holders.append(holder)


def still_open(node: Node, on: date) -> list[Still]:
    """Everything that keeps a node from being closed on a day."""
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    below = Node.objects.filter(parent=node).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on)).order_by("path")
    serving = Appointment.objects.filter(post__node=node).filter(later).select_related("person", "post").order_by("post__code", "starts_on")
    linked = TreeLink.objects.filter(Q(unit=node) | Q(party=node)).filter(later).select_related("unit", "party").order_by("pk")
    found = [
        _still(_("below it"), [n.name for n in below], _("move or close what lies below, or name a successor"), "merge", "split"),
        _still(_("people serving"), [f"{row.person.name} ({row.post.name})" for row in serving], _("end their appointments")),
        _still(
            _("links"),
            [(row.party if node.is_business else row.unit).name for row in linked],
            _("end the links, or name a successor"),
            "merge",
        ),
    ]
    return [one for one in found if one] + [one for holder in _holders for one in holder(node, on)]


def _still(what: str, names: list[str], remedy: str, *passes_in: str) -> Still | None:
    return Still(what, tuple(names[:SHOWN]), len(names), remedy, frozenset(passes_in)) if names else None


def blocking(node: Node, on: date, kind: str) -> list[Still]:
    """What must be settled by hand before this kind of act (close, merge, split)."""
    return [one for one in still_open(node, on) if kind not in one.passes_in]


def stays(node: Node) -> dict[str, int]:
    """What a closed node keeps: given rights, which only the security administrator ends."""
    return {"grants": Grant.objects.filter(node=node).exclude(source="derived").filter(ends_on__isnull=True).count()}


def _refuse_open(node: Node, found: Sequence[Still]) -> None:
    if found:
        what = _("%(name)s cannot be closed: %(open)s") % {"name": node.name, "open": "; ".join(map(str, found))}
        raise Refused(what, field="on", remedy="; ".join(dict.fromkeys(one.remedy for one in found)), code="still_open")


@act("organization.close_node")
def close_node(*, by: Actor, node: Node, on: date, successor: Node | None = None) -> Node:
    """Close a unit or organisation. With a successor its children and links pass on (a merge); people and matters are settled before."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    if successor is not None:
        return merge(by=by, node=node, into=successor, on=on).from_node
    _refuse_day(node, on)
    _refuse_open(node, blocking(node, on, "close"))
    return _close(node, on)


def _refuse_day(node: Node, on: date) -> None:
    if node.closed_on is not None:
        raise Refused(_("%(name)s is already closed") % {"name": node.name}, field="on", remedy=_("nothing is left to do"), code="closed")
    if on <= node.opened_on:
        what = _("%(name)s was opened on %(day)s") % {"name": node.name, "day": node.opened_on}
        raise Refused(what, field="on", remedy=_("choose a later day"), code="too_early")


def _close(node: Node, on: date) -> Node:
    Post.objects.filter(node=node, closed_on__isnull=True, opened_on__lte=on).update(closed_on=on)
    UnitClassAssignment.objects.filter(unit=node, ends_on__isnull=True, starts_on__lt=on).update(ends_on=on)
    Placement.objects.filter(node=node, ends_on__isnull=True, starts_on__lt=on).update(ends_on=on)
    node.closed_on = on
    node.save(update_fields=["closed_on"])
    current().about(Reference("node", str(node.pk)), closed_on=str(on))
    return node


@act("organization.merge")
def merge(*, by: Actor, node: Node, into: Node, on: date) -> Succession:
    """Close a unit or organisation into another: children move over, links pass on; people still serving are refused."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, into)
    if node.tree != into.tree or node.pk == into.pk or into.path.startswith(node.path) or into.closed_on is not None:
        what = _("%(name)s cannot pass to %(into)s") % {"name": node.name, "into": into.name}
        raise Refused(what, field="successor", remedy=_("choose another open node of the same tree, not below it"), code="successor")
    _refuse_day(node, on)
    _refuse_open(node, blocking(node, on, "merge"))
    for child in Node.objects.filter(parent=node, closed_on__isnull=True).order_by("path"):
        trees.move_node(by=by, node=child, parent=into, on=on)
    _pass_links(by, node, into, on)
    _close(node, on)
    made = Succession.objects.create(kind=SuccessionKind.MERGE, from_node=node, to_node=into, on=on)
    current().about(Reference("node", str(node.pk)), merged_into=into.code)
    return made


def _pass_links(by: Actor, node: Node, into: Node, on: date) -> None:
    """Every open link of the node ends; the successor gets it from that day on, unless it already has one with the same partner."""
    near, far = ("unit", "party") if node.is_business else ("party", "unit")
    for old in TreeLink.objects.on(on).filter(**{near: node}).select_related("unit", "party").order_by("pk"):
        ends_on, partner = old.ends_on, getattr(old, far)
        if old.starts_on < on:
            trees.end_link(by=by, link=old, on=on)
        else:
            old.delete()
        if not TreeLink.objects.on(on).filter(**{near: into, far: partner}).exists():
            kind = LinkKind.JOINT if old.kind == LinkKind.OWN and node.is_business and _has_other(partner, into, on) else old.kind
            trees.link(by=by, **{near: into, far: partner}, kind=kind, share=old.share, starts_on=on, ends_on=ends_on)


def _has_other(party: Node, unit: Node, on: date) -> bool:
    return TreeLink.objects.on(on).filter(party=party).exclude(unit=unit).exists()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the nodes a split makes: code, name, and the codes of the children it takes."""

    code: str
    name: str
    children: tuple[str, ...] = field(default=())


@act("organization.split")
def split(*, by: Actor, node: Node, parts: Sequence[Part], on: date) -> list[Succession]:
    """Replace a unit or organisation by two or more of its kind; each child goes to exactly one of them, links are set anew."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    _refuse_day(node, on)
    _refuse_parts(node, parts)
    _refuse_open(node, blocking(node, on, "split"))
    children = {child.code: child for child in Node.objects.filter(parent=node, closed_on__isnull=True)}
    made = []
    for part in parts:
        new = _like(by, node, part, on)
        for code in part.children:
            trees.move_node(by=by, node=children[code], parent=new, on=on)
        made.append(Succession(kind=SuccessionKind.SPLIT, from_node=node, to_node=new, on=on))
    _close(node, on)
    current().about(Reference("node", str(node.pk)), split_into=[part.code for part in parts])
    return Succession.objects.bulk_create(made)


def _refuse_parts(node: Node, parts: Sequence[Part]) -> None:
    if len(parts) < 2:
        raise Refused(_("A split makes at least two"), field="parts", remedy=_("name another part, or rename instead"), code="parts")
    below = sorted(Node.objects.filter(parent=node, closed_on__isnull=True).values_list("code", flat=True))
    taken = sorted(code for part in parts for code in part.children)
    if below != taken:
        left, odd = set(below) - set(taken), [code for code in taken if code not in below or taken.count(code) > 1]
        what = _("Every child goes to exactly one part; not settled: %(codes)s") % {"codes": ", ".join(sorted({*left, *odd}))}
        raise Refused(what, field="children", remedy=_("assign each child once"), code="children")


def _like(by: Actor, node: Node, part: Part, on: date) -> Node:
    """A new node beside the old one, of its kind and class."""
    row = NewNode(part.code, part.name, "", on)
    new = trees.create_node(by=by, tree=node.tree, code=row.code, name=row.name, parent=node.parent, opened_on=on)
    if node.is_business:
        old = BusinessUnit.objects.get(pk=node.pk)
        BusinessUnit.objects.create(node=new, kind=old.kind, is_legal_person=old.is_legal_person, manager_title=old.manager_title)
        for row_of_class in UnitClassAssignment.objects.filter(unit=node).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)):
            UnitClassAssignment.objects.create(unit=new, unit_class=row_of_class.unit_class, starts_on=on)
    else:
        PartyOrganisation.objects.create(node=new, kind=PartyOrganisation.objects.get(pk=node.pk).kind)
    return new
