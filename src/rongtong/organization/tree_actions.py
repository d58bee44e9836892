"""Acts on the two forests. Placement history is kept; the forests never meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import clean_code
from rongtong.kernel.reference import Reference
from rongtong.trees.models import SEGMENT, Counter, LinkKind, Node, Placement, TreeLink

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class NewNode:
    """A node to create; `parent` is a code of the same tree (empty: a root), which may be among the new ones."""

    code: str
    name: str
    parent: str
    opened_on: date
    name_en: str = ""
    closed_on: date | None = None


@act("trees.create_nodes")
def create_nodes(*, by: Actor, tree: str, rows: Sequence[NewNode]) -> list[Node]:
    """Create many nodes in one act; children may precede their parents. Cycles and unknown parents are refused, nothing is written."""
    access.require_everywhere(by, Permission.ORGANIZATION_EDIT)
    known = {node.code: node for node in Node.objects.filter(tree=tree)}
    ordered = in_parent_order(rows, set(known))
    numbers = _take_numbers(len(ordered))
    created = []
    for row, number in zip(ordered, numbers, strict=True):
        if row.code in known:
            raise Refused(_("The code %(code)s is already in use") % {"code": row.code}, field="code", remedy=_("choose another code"))
        parent = known.get(row.parent)
        node = _node(tree, row, parent, number)
        known[row.code] = node
        created.append(node)
    _insert(created)
    Placement.objects.bulk_create(
        [Placement(node=node, parent_id=node.parent_id, starts_on=node.opened_on, ends_on=_end(node)) for node in created], batch_size=2000
    )
    if created:
        current().about(Reference("node", str(created[0].pk)), created=len(created), codes=[node.code for node in created[:20]])
    return created


def _end(node: Node) -> date | None:
    return node.closed_on if node.closed_on and node.closed_on > node.opened_on else None


def in_parent_order(rows: Sequence[NewNode], known: set[str]) -> list[NewNode]:
    """Parents before children; Refused names the first orphan or the cycle."""
    waiting = {row.code: row for row in rows}
    if len(waiting) != len(rows):
        raise Refused(_("A code stands twice in the rows"), field="code", remedy=_("keep one row per code"))
    ordered: list[NewNode] = []
    placed = set(known)
    while waiting:
        ready = [row for row in waiting.values() if not row.parent or row.parent in placed]
        if not ready:
            raise _misplaced(waiting)
        for row in ready:
            ordered.append(row)
            placed.add(row.code)
            del waiting[row.code]
    return ordered


def _misplaced(waiting: dict[str, NewNode]) -> Refused:
    for row in waiting.values():
        if row.parent not in waiting:
            what = _("%(code)s has the parent %(parent)s, which does not exist") % {"code": row.code, "parent": row.parent}
            return Refused(what, field="parent_code", remedy=_("add the parent or correct its code"), code="orphan")
    trail, code = [], next(iter(waiting))
    while code not in trail:
        trail.append(code)
        code = waiting[code].parent
    loop = " → ".join([*trail[trail.index(code) :], code])
    return Refused(
        _("These lie in a cycle: %(loop)s") % {"loop": loop}, field="parent_code", remedy=_("let one of them hang elsewhere"), code="cycle"
    )


def _take_numbers(count: int) -> range:
    """The next `count` numbers of the tree counter; the row lock orders writers."""
    with transaction.atomic():
        counter = Counter.objects.select_for_update().get_or_create(name="node")[0]
        Counter.objects.filter(pk="node").update(value=F("value") + count)
        return range(counter.value + 1, counter.value + 1 + count)


def segment(number: int) -> str:
    """A number as one path segment.

    >>> segment(36)
    '00010'
    """
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits.rjust(SEGMENT, "0")


def _node(tree: str, row: NewNode, parent: Node | None, number: int) -> Node:
    path = (parent.path if parent else tree) + segment(number)
    if len(path) > 120:
        raise Refused(_("%(code)s lies too deep") % {"code": row.code}, field="parent_code", remedy=_("use at most 23 levels"))
    return Node(
        tree=tree, parent=parent, path=path, depth=parent.depth + 1 if parent else 0, code=clean_code(row.code), name=row.name.strip(),
        name_en=row.name_en, position=number, opened_on=row.opened_on, closed_on=row.closed_on,
    )  # fmt: skip


def _insert(nodes: list[Node]) -> None:
    """Level by level, so that parents have their keys."""
    for depth in sorted({node.depth for node in nodes}):
        level = [node for node in nodes if node.depth == depth]
        for node in level:
            node.parent_id = node.parent.pk if node.parent else None
        Node.objects.bulk_create(level, batch_size=2000)


@act("trees.create_node")
def create_node(
    *, by: Actor, tree: str, code: str, name: str, parent: Node | None, opened_on: date, name_en: str = "", position: int | None = None
) -> Node:
    """Create one node."""
    access.require(by, Permission.ORGANIZATION_EDIT, parent)
    if parent is not None and parent.tree != tree:
        raise Refused(_("A node hangs in its own tree only"), field="parent")
    code = clean_code(code)
    if Node.objects.filter(tree=tree, code=code).exists():
        raise Refused(_("The code %(code)s is already in use") % {"code": code}, field="code", remedy=_("choose another code"))
    number = _take_numbers(1)[0]
    node = _node(tree, NewNode(code, name, "", opened_on, name_en), parent, number)
    node.position = number if position is None else position
    node.save(force_insert=True)
    Placement.objects.create(node=node, parent=parent, starts_on=opened_on)
    current().about(Reference("node", str(node.pk)), code=code, name=name)
    return node


@act("trees.move_node")
def move_node(*, by: Actor, node: Node, parent: Node, on: date) -> Node:
    """Hang a node (with its subtree) under another parent from a day on; the paths of the subtree are rewritten in one statement."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, parent)
    node, parent = (Node.objects.select_for_update().get(pk=pk) for pk in (node.pk, parent.pk))
    _refuse_move(node, parent, on)
    old, shift = node.path, parent.depth + 1 - node.depth
    new = parent.path + old[-SEGMENT:]
    Node.objects.subtree(node).update(path=Concat(Value(new), Substr("path", len(old) + 1)), depth=F("depth") + shift)
    Node.objects.filter(pk=node.pk).update(parent=parent)
    Placement.objects.filter(node=node, starts_on__gte=on).delete()
    Placement.objects.filter(node=node, starts_on__lt=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).update(ends_on=on)
    Placement.objects.create(node=node, parent=parent, starts_on=on)
    node.refresh_from_db()
    current().about(Reference("node", str(node.pk)), parent=parent.code, on=str(on))
    return node


def _refuse_move(node: Node, parent: Node, on: date) -> None:
    if node.tree != parent.tree:
        raise Refused(_("Business units and Party organisations are two trees; link them instead"), field="parent")
    if parent.path.startswith(node.path):
        raise Refused(
            _("%(name)s cannot hang below itself") % {"name": node.name}, field="parent", remedy=_("choose another parent"), code="cycle"
        )
    if parent.closed_on is not None:
        raise Refused(_("%(name)s is closed") % {"name": parent.name}, field="parent", remedy=_("choose an open parent"))
    if on < node.opened_on:
        raise Refused(_("The day lies before the node was opened"), field="on", remedy=_("choose a later day"))


@act("trees.rename_node")
def rename_node(*, by: Actor, node: Node, name: str, name_en: str | None = None) -> Node:
    """Give a node another name; the earlier one stands in the audit log."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    if not name.strip():
        raise Refused(_("The name is empty"), field="name", remedy=_("write the unit's name"))
    current().about(Reference("node", str(node.pk)), before=node.name, after=name.strip())
    node.name = name.strip()
    node.name_en = node.name_en if name_en is None else name_en
    node.save(update_fields=["name", "name_en"])
    return node


@act("trees.close_node")
def close_node(*, by: Actor, node: Node, on: date) -> Node:
    """Close a node without open children; its links end the same day."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    if node.closed_on is not None or on < node.opened_on:
        raise Refused(_("%(name)s is already closed, or was opened later") % {"name": node.name}, field="on")
    below = Node.objects.filter(parent=node, closed_on__isnull=True)
    names = "、".join(below.order_by("path").values_list("name", flat=True)[:5])
    if names:
        what = _("%(name)s still has open nodes below it: %(names)s") % {"name": node.name, "names": names}
        raise Refused(what, remedy=_("move or close them first"), code="open_children")
    node.closed_on = on
    node.save(update_fields=["closed_on"])
    Placement.objects.filter(node=node, ends_on__isnull=True, starts_on__lt=on).update(ends_on=on)
    TreeLink.objects.filter(Q(unit=node) | Q(party=node), ends_on__isnull=True, starts_on__lt=on).update(ends_on=on)
    current().about(Reference("node", str(node.pk)), closed_on=str(on))
    return node


@act("trees.link")
def link(*, by: Actor, unit: Node, party: Node, kind: str, share: float, starts_on: date, ends_on: date | None = None) -> TreeLink:
    """Link a business unit with a Party organisation; the joint shares of an organisation may not exceed 1."""
    access.require(by, Permission.ORGANIZATION_EDIT, unit, party)
    if not unit.is_business or party.is_business:
        raise Refused(_("A link joins a business unit with a Party organisation"), field="unit_code")
    if kind not in LinkKind.values or not 0 < share <= 1:
        raise Refused(_("The link needs a kind (own, joint, covers, temporary) and a share above 0 and at most 1"), field="share")
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(_("The link ends before it begins"), field="ends_on", remedy=_("choose a later end"))
    spans = TreeLink.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    spans = spans if ends_on is None else spans.filter(starts_on__lt=ends_on)
    if spans.filter(unit=unit, party=party).exists():
        raise Refused(
            _("The two are already linked in this time"), field="starts_on", remedy=_("end the earlier link first"), code="overlap"
        )
    joint = sum(spans.filter(party=party, kind=LinkKind.JOINT).values_list("share", flat=True))
    if kind == LinkKind.JOINT and joint + share > 1 + 1e-9:
        what = _("The joint shares of %(name)s would sum to %(sum).2f") % {"name": party.name, "sum": joint + share}
        raise Refused(what, field="share", remedy=_("shares of one organisation sum to at most 1"), code="share")
    made = TreeLink.objects.create(unit=unit, party=party, kind=kind, share=share, starts_on=starts_on, ends_on=ends_on)
    current().about(Reference("tree_link", str(made.pk)), unit=unit.code, party=party.code, kind=kind, share=share)
    return made


@act("trees.end_link")
def end_link(*, by: Actor, link: TreeLink, on: date) -> TreeLink:
    """End a link on a day."""
    access.require(by, Permission.ORGANIZATION_EDIT, link.unit, link.party)
    if on <= link.starts_on:
        raise Refused(_("The link ends before it begins"), field="on", remedy=_("choose a later end"))
    link.ends_on = on
    link.save(update_fields=["ends_on"])
    current().about(Reference("tree_link", str(link.pk)), ends_on=str(on))
    return link
