"""Acts on the two forests (here, because trees lie below access and know no rights). Placement history is kept; the forests never meet."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.functions import Concat, Length, Substr
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import clean_code
from rongtong.kernel.reference import Reference
from rongtong.organization import policies
from rongtong.trees import queries as trees
from rongtong.trees.models import SEGMENT, Counter, LinkKind, Node, Placement, Tree, TreeLink
from rongtong.trees.paths import MAX_PATH, NewNode, child_path, in_parent_order, pinyin_of, too_deep

BATCH = 2000
SLACK = 1e-9  # shares are written with a few decimals


@act("trees.create_nodes")
def create_nodes(*, by: Actor, tree: str, rows: Sequence[NewNode]) -> list[Node]:
    """Create many nodes in one act; children may precede their parents. Cycles and unknown parents are refused, nothing is written."""
    policies.require_edit_at_root(by)
    numbers = _take_numbers(len(rows))
    known = {node.code: node for node in Node.objects.filter(tree=tree)}
    cleaned = [_cleaned(row) for row in rows]
    taken = next((row.code for row in cleaned if row.code in known), None)
    if taken is not None:
        raise _code_in_use(taken)
    created = []
    for row, number in zip(in_parent_order(cleaned, known), numbers, strict=True):
        node = _node(tree, row, known.get(row.parent), number)
        known[row.code] = node
        created.append(node)
    _insert(created)
    if created:
        current().about(Reference("node", str(created[0].pk)), created=len(created), codes=[node.code for node in created[:20]])
    return created


def _cleaned(row: NewNode) -> NewNode:
    name = row.name.strip()
    if not name:
        raise Refused(_("%(code)s has no name") % {"code": row.code}, field="name", remedy=_("write the unit's name"), code="name_empty")
    return NewNode(clean_code(row.code), name, row.parent, row.opened_on, row.name_en.strip(), row.closed_on)


def _code_in_use(code: str) -> Refused:
    what = _("The code %(code)s is already in use") % {"code": code}
    return Refused(what, field="code", remedy=_("choose another code"), code="duplicate")


def _lock() -> Counter:
    """One writer at a time changes the shape of the forests: two moves that cross could make a cycle."""
    Counter.objects.get_or_create(name="node")
    return Counter.objects.select_for_update().get(name="node")


def _take_numbers(count: int) -> range:
    """The next `count` numbers of the tree counter."""
    counter = _lock()
    Counter.objects.filter(pk="node").update(value=F("value") + count)
    return range(counter.value + 1, counter.value + 1 + count)


def _node(tree: str, row: NewNode, parent: Node | None, number: int) -> Node:
    if parent is not None and parent.closed_on is not None and row.closed_on is None:
        raise Refused(
            _("%(name)s is closed") % {"name": parent.name}, field="parent_code", remedy=_("choose an open parent"), code="closed"
        )
    path = child_path(parent.path if parent else tree, number, row.code)
    return Node(
        tree=tree, parent=parent, path=path, depth=parent.depth + 1 if parent else 0, code=row.code, name=row.name, pinyin=pinyin_of(row.name),
        name_en=row.name_en, position=number, opened_on=row.opened_on, closed_on=row.closed_on,
    )  # fmt: skip


def _insert(nodes: list[Node]) -> None:
    """Level by level, so that parents have their keys; then the placements."""
    for depth in sorted({node.depth for node in nodes}):
        level = [node for node in nodes if node.depth == depth]
        for node in level:
            node.parent_id = node.parent.pk if node.parent else None
        Node.objects.bulk_create(level, batch_size=BATCH)
    placed = [Placement(node=node, parent_id=node.parent_id, starts_on=node.opened_on, ends_on=_end(node)) for node in nodes]
    Placement.objects.bulk_create(placed, batch_size=BATCH)


def _end(node: Node) -> date | None:
    return node.closed_on if node.closed_on and node.closed_on > node.opened_on else None


@act("trees.create_node")
def create_node(
    *, by: Actor, tree: str, code: str, name: str, parent: Node | None, opened_on: date, name_en: str = "", position: int | None = None
) -> Node:  # fmt: skip
    """Create one node; a root only by whoever may edit the whole enterprise."""
    policies.require_edit(by, parent)
    if parent is not None and parent.tree != tree:
        raise Refused(_("A node hangs in its own tree only"), field="parent", remedy=_("choose a parent of the same tree"))
    number = _take_numbers(1)[0]
    row = _cleaned(NewNode(code, name, "", opened_on, name_en))
    if Node.objects.filter(tree=tree, code=row.code).exists():
        raise _code_in_use(row.code)
    node = _node(tree, row, Node.objects.get(pk=parent.pk) if parent else None, number)
    node.position = number if position is None else position
    _insert([node])
    current().about(Reference("node", str(node.pk)), code=node.code, name=node.name)
    return node


@act("trees.move_node")
def move_node(*, by: Actor, node: Node, parent: Node, on: date) -> Node:
    """Hang a node (with its subtree) under another parent from a day on; the paths of the subtree are rewritten in one statement."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, parent)
    _lock()
    node, parent = (Node.objects.select_for_update().get(pk=pk) for pk in (node.pk, parent.pk))
    _refuse_move(node, parent, on)
    old, shift = node.path, parent.depth + 1 - node.depth
    new = parent.path + old[-SEGMENT:]
    if len(new) > len(old):
        _refuse_depth(node, len(new) - len(old))
    deeper = {"depth": F("depth") + shift} if shift else {}
    Node.objects.subtree(node).update(path=Concat(Value(new), Substr("path", len(old) + 1)), **deeper)
    Node.objects.filter(pk=node.pk).update(parent=parent)
    Placement.objects.filter(node=node, starts_on__gte=on).delete()
    Placement.objects.filter(node=node, starts_on__lt=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).update(ends_on=on)
    Placement.objects.create(node=node, parent=parent, starts_on=on)
    node.refresh_from_db()
    current().about(Reference("node", str(node.pk)), parent=parent.code, on=str(on))
    return node


def _refuse_move(node: Node, parent: Node, on: date) -> None:
    if node.tree != parent.tree:
        what = _("Business units and Party organisations are two trees and never meet")
        raise Refused(what, field="parent", remedy=_("link the two instead"), code="tree")
    if parent.path.startswith(node.path):
        what = _("%(name)s cannot hang below itself") % {"name": node.name}
        raise Refused(what, field="parent", remedy=_("choose another parent"), code="cycle")
    for closed in (node, parent):
        if closed.closed_on is not None:
            raise Refused(_("%(name)s is closed") % {"name": closed.name}, field="parent", remedy=_("choose an open one"), code="closed")
    if on > clock.today():
        raise Refused(_("The day lies in the future"), field="on", remedy=_("move it on the day itself, or date it back"), code="future")
    if on < max(node.opened_on, parent.opened_on):
        what = _("One of the two was not open yet on %(day)s") % {"day": on}
        raise Refused(what, field="on", remedy=_("choose a later day"), code="too_early")
    _refuse_past_cycle(node, parent, on)


def _refuse_past_cycle(node: Node, parent: Node, on: date) -> None:
    """A move dated back must not make a cycle on any day between then and now."""
    later = Placement.objects.filter(starts_on__gt=on, node__tree=node.tree).exclude(starts_on=F("node__opened_on"))
    days = {on, *later.order_by().values_list("starts_on", flat=True).distinct()} if on < clock.today() else set()
    for day in sorted(days):
        at: int | None = parent.pk
        while at is not None and at != node.pk:
            at = trees.parent_at(at, day)
        if at == node.pk:
            values = {"parent": parent.name, "name": node.name, "day": day}
            what = _("On %(day)s %(parent)s itself hung below %(name)s") % values
            raise Refused(what, field="on", remedy=_("choose a later day"), code="cycle")


def _refuse_depth(node: Node, growth: int) -> None:
    deepest = Node.objects.subtree(node).aggregate(most=Max(Length("path")))["most"]
    if deepest + growth > MAX_PATH:
        raise too_deep(node.code)


@act("trees.rename_node")
def rename_node(*, by: Actor, node: Node, name: str, name_en: str | None = None) -> Node:
    """Give a node another name; the earlier one stands in the audit log."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    if not name.strip():
        raise Refused(_("The name is empty"), field="name", remedy=_("write the unit's name"), code="name_empty")
    current().about(Reference("node", str(node.pk)), before=node.name, after=name.strip())
    node.name, node.pinyin = name.strip(), pinyin_of(name.strip())
    node.name_en = node.name_en if name_en is None else name_en.strip()
    node.save(update_fields=["name", "name_en", "pinyin"])
    return node


@act("trees.link")
def link(*, by: Actor, unit: Node, party: Node, kind: str, share: float, starts_on: date, ends_on: date | None = None) -> TreeLink:
    """Link a business unit with a Party organisation; the joint shares of an organisation never sum to more than 1."""
    access.require(by, Permission.ORGANIZATION_EDIT, unit, party)
    _lock()
    _refuse_link(unit, party, kind, share, starts_on, ends_on)
    spans = _meeting(starts_on, ends_on)
    if spans.filter(unit=unit, party=party).exists():
        raise Refused(
            _("The two are already linked in this time"), field="starts_on", remedy=_("end the earlier link first"), code="overlap"
        )
    if kind == LinkKind.JOINT:
        _refuse_shares(party, share, starts_on, spans)
    made = TreeLink.objects.create(unit=unit, party=party, kind=kind, share=share, starts_on=starts_on, ends_on=ends_on)
    current().about(Reference("tree_link", str(made.pk)), unit=unit.code, party=party.code, kind=kind, share=share)
    return made


def _refuse_link(unit: Node, party: Node, kind: str, share: float, starts_on: date, ends_on: date | None) -> None:
    if unit.tree != Tree.BUSINESS or party.tree != Tree.PARTY:
        what = _("A link joins a business unit with a Party organisation")
        raise Refused(what, field="unit_code", remedy=_("choose one node of each tree"), code="tree")
    if kind not in LinkKind.values:
        what = _("“%(kind)s” is not a kind of link") % {"kind": kind}
        raise Refused(what, field="kind", remedy=_("use own, joint, covers or temporary"), code="choice")
    if not 0 < share <= 1:
        raise Refused(
            _("The share is %(share)s") % {"share": share}, field="share", remedy=_("write a share above 0 and at most 1"), code="share"
        )
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(_("The link ends before it begins"), field="ends_on", remedy=_("choose a later end"), code="span")
    if kind == LinkKind.TEMPORARY and ends_on is None:
        raise Refused(_("A temporary link needs an end"), field="ends_on", remedy=_("say until when"), code="span")


def _meeting(starts_on: date, ends_on: date | None) -> QuerySet[TreeLink]:
    spans = TreeLink.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    return spans if ends_on is None else spans.filter(starts_on__lt=ends_on)


def _refuse_shares(party: Node, share: float, starts_on: date, spans: QuerySet[TreeLink]) -> None:
    """The sum is greatest on a day on which one of the links begins."""
    joint = list(spans.filter(party=party, kind=LinkKind.JOINT).values_list("share", "starts_on", "ends_on"))
    for day in sorted({starts_on, *(begin for _share, begin, _end in joint if begin > starts_on)}):
        total = share + sum(part for part, begin, end in joint if begin <= day and (end is None or end > day))
        if total > 1 + SLACK:
            values = {"name": party.name, "sum": f"{total:.2f}", "day": day, "left": f"{max(0.0, 1 - (total - share)):.2f}"}
            what = _("The joint shares of %(name)s would sum to %(sum)s on %(day)s") % values
            raise Refused(what, field="share", remedy=_("at most %(left)s is left; lower a share or end a link") % values, code="share")


@act("trees.end_link")
def end_link(*, by: Actor, link: TreeLink, on: date) -> TreeLink:
    """End a link on a day."""
    access.require(by, Permission.ORGANIZATION_EDIT, link.unit, link.party)
    if on <= link.starts_on or (link.ends_on is not None and on > link.ends_on):
        what = _("The link runs from %(start)s and cannot end on %(day)s") % {"start": link.starts_on, "day": on}
        raise Refused(what, field="on", remedy=_("choose a day inside it"), code="span")
    link.ends_on = on
    link.save(update_fields=["ends_on"])
    current().about(Reference("tree_link", str(link.pk)), ends_on=str(on))
    return link
