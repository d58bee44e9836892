"""Files of tree links."""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange.importing import Plan, Row
from rongtong.kernel.act import Actor
from rongtong.organization.columns import LINKS
from rongtong.organization.file_kinds import FileKind, Span, Stored, Values, in_chunks, meets
from rongtong.organization.tree_actions import SLACK
from rongtong.trees.models import LinkKind, Node, Tree, TreeLink

_ANEW = gettext_lazy("end the stored link and add another row with its own dates")
_FIXED = {"kind": _ANEW, "share": _ANEW, "ends_on": gettext_lazy("leave the stored end, or correct it on the page")}


def _nodes(tree: str) -> dict[str, Node]:
    return {node.code: node for node in Node.objects.filter(tree=tree).order_by()}


def _prepare(rows: list[Row]) -> None:
    """An empty start is the first day on which both are open; an empty share is the whole."""
    opened = {(node.tree, node.code): node.opened_on for node in Node.objects.order_by().only("tree", "code", "opened_on")}
    for row in rows:
        days = [opened.get((Tree.BUSINESS, row["unit_code"])), opened.get((Tree.PARTY, row["party_code"]))]
        if row["starts_on"] is None:
            row.values["starts_on"] = max((day for day in days if day), default=None)
        if row["share"] is None:
            row.values["share"] = 1.0


def _stored() -> dict[Any, Stored]:
    names = ("pk", "unit__code", "party__code", "kind", "share", "starts_on", "ends_on")
    found = {}
    for pk, unit, party, kind, share, starts_on, ends_on in TreeLink.objects.order_by().values_list(*names):
        values = {"unit_code": unit, "party_code": party, "kind": kind, "share": share, "starts_on": starts_on, "ends_on": ends_on}
        found[unit, party, starts_on] = Stored(pk, values)
    return found


def _check(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    units, parties = set(_nodes(Tree.BUSINESS)), set(_nodes(Tree.PARTY))
    spans: dict[tuple[str, str], list[tuple[Span, int]]] = defaultdict(list)
    joint: dict[str, list[tuple[Span, float]]] = defaultdict(list)
    for record in stored.values():
        _remember(record.values, 0, spans, joint)
    for row in rows:
        if row["unit_code"] not in units:
            plan.refuse(row, "unit_code", _("There is no unit %(code)s") % {"code": row["unit_code"]}, _("import the units first"))
        elif row["party_code"] not in parties:
            what = _("There is no Party organisation %(code)s") % {"code": row["party_code"]}
            plan.refuse(row, "party_code", what, _("import the Party organisations first"))
        elif _is_sound(plan, row):
            _check_against(plan, row, spans, joint)
            _remember(row.values, row.number, spans, joint)


def _is_sound(plan: Plan, row: Row) -> bool:
    errors = plan.error_count
    if not 0 < row["share"] <= 1:
        plan.refuse(row, "share", _("The share is %(share)s") % {"share": row["share"]}, _("write a share above 0 and at most 1"))
    if row["ends_on"] is not None and row["ends_on"] <= row["starts_on"]:
        plan.refuse(row, "ends_on", _("The link ends before it begins"), _("correct one of the two dates"))
    if row["kind"] == LinkKind.TEMPORARY and row["ends_on"] is None:
        plan.refuse(row, "ends_on", _("A temporary link needs an end"), _("say until when"))
    return plan.error_count == errors


def _remember(values: Values, number: int, spans: Any, joint: Any) -> None:
    span = (values["starts_on"], values["ends_on"])
    spans[values["unit_code"], values["party_code"]].append((span, number))
    if values["kind"] == LinkKind.JOINT:
        joint[values["party_code"]].append((span, values["share"]))


def _check_against(plan: Plan, row: Row, spans: Any, joint: Any) -> None:
    span = (row["starts_on"], row["ends_on"])
    clash = next((number for other, number in spans[row["unit_code"], row["party_code"]] if meets(span, other)), None)
    if clash is not None:
        where = _("row %(row)d") % {"row": clash} if clash else _("a stored link")
        plan.refuse(row, "starts_on", _("Overlaps %(where)s of the same two") % {"where": where}, _("end one of them earlier"))
    if row["kind"] != LinkKind.JOINT:
        return
    others = joint[row["party_code"]]
    days = {span[0], *(other[0] for other, _share in others if other[0] > span[0] and meets(span, other))}
    total = row["share"] + max(
        sum(share for other, share in others if meets((day, None), (day, other[1])) and other[0] <= day) for day in days
    )
    if total > 1 + SLACK:
        what = _("The joint shares of %(name)s would sum to %(sum)s") % {"name": row["party_code"], "sum": f"{total:.2f}"}
        plan.refuse(row, "share", what, _("shares of one organisation sum to at most 1"))


def write_links(by: Actor, rows: list[Values]) -> list[int]:
    """Create links that were checked before."""
    units, parties = _nodes(Tree.BUSINESS), _nodes(Tree.PARTY)
    made = []
    for row in rows:
        unit, party = units[row["unit_code"]], parties[row["party_code"]]
        starts_on = row["starts_on"] or max(unit.opened_on, party.opened_on)
        made.append(
            TreeLink(unit=unit, party=party, kind=row["kind"], share=row["share"] or 1.0, starts_on=starts_on, ends_on=row["ends_on"])
        )
    TreeLink.objects.bulk_create(made, batch_size=2000)
    return [link.pk for link in made]


def _change(by: Actor, changes: list[tuple[int, Values]]) -> None:
    for pk, values in changes:
        TreeLink.objects.filter(pk=pk).update(**values)


def _remove(by: Actor, ids: list[int]) -> None:
    for chunk in in_chunks(ids):
        TreeLink.objects.filter(pk__in=chunk).delete()


LINK_FILE = FileKind(
    "links", gettext_lazy("Tree links"), LINKS, lambda row: (row["unit_code"], row["party_code"], row["starts_on"]), _stored, _check,
    write_links, _change, _remove, _FIXED, _prepare,
)  # fmt: skip
