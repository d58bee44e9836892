"""Files of business units and of Party organisations."""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange.importing import Plan, Row
from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.organization import queries
from rongtong.organization import tree_actions as trees
from rongtong.organization.columns import PARTIES, UNITS
from rongtong.organization.file_kinds import FileKind, Stored, Values, in_chunks
from rongtong.organization.models import BusinessUnit, PartyOrganisation, UnitClass, UnitClassAssignment
from rongtong.trees.models import Node, Placement, Tree
from rongtong.trees.paths import MAX_LEVELS, NewNode, cycle_from, pinyin_of

BATCH = 2000
_UNIT_FIELDS = {"kind": "kind", "headcount": "headcount", "legal_person": "is_legal_person"}
_PARTY_FIELDS = {name: name for name in ("kind", "members", "formal_members", "elected_on", "term_years")}
_ON_PAGE = {
    "parent_code": gettext_lazy("move it on its page, which asks from which day on"),
    "opened_on": gettext_lazy("leave the day as it is stored"),
    "closed_on": gettext_lazy("close it on its page, which asks what becomes of its people and links"),
    "class_code": gettext_lazy("set the class on its page, which asks from which day on"),
}


def _stored(tree: str) -> dict[Any, Stored]:
    """Every node of a tree as its file shows it."""
    today = clock.today()
    model, fields = (BusinessUnit, _UNIT_FIELDS) if tree == Tree.BUSINESS else (PartyOrganisation, _PARTY_FIELDS)
    details = {row["pk"]: row for row in model.objects.order_by().values("pk", *fields.values())}
    classes = queries.class_of(details, today) if tree == Tree.BUSINESS else {}
    found = {}
    for node in Node.objects.filter(tree=tree).order_by().values("pk", "code", "name", "parent__code", "opened_on", "closed_on"):
        values = {name: node[name] for name in ("code", "name", "opened_on", "closed_on")} | {"parent_code": node["parent__code"]}
        values |= {column: details.get(node["pk"], {}).get(name) for column, name in fields.items()}
        if tree == Tree.BUSINESS:
            values["class_code"] = classes.get(node["pk"])
        found[node["code"]] = Stored(node["pk"], values)
    return found


def _check_tree(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    fresh = {row["code"]: row for row in rows}
    parent_of = {code: row["parent_code"] or "" for code, row in fresh.items()}
    depths = _depths(stored)
    for row in rows:
        parent = row["parent_code"]
        if parent and parent not in fresh and parent not in stored:
            plan.refuse(row, "parent_code", _("There is no parent %(code)s") % {"code": parent}, _("add it or correct the code"))
        elif parent and parent not in fresh and stored[parent].values["closed_on"] and not row["closed_on"]:
            plan.refuse(row, "parent_code", _("%(code)s is closed") % {"code": parent}, _("choose an open parent"))
        elif parent:
            _check_way_up(plan, row, parent_of, depths)
        if row["closed_on"] and row["opened_on"] and row["closed_on"] < row["opened_on"]:
            plan.refuse(row, "closed_on", _("Closed before it was opened"), _("correct one of the two dates"))


def _check_way_up(plan: Plan, row: Row, parent_of: dict[str, str], depths: dict[str, int]) -> None:
    """Up to a stored node or a root: neither in a circle nor too far."""
    at, steps = row["parent_code"], 1
    while at in parent_of and parent_of[at] and steps <= MAX_LEVELS and at != row["code"]:
        at, steps = parent_of[at], steps + 1
    if at == row["code"]:
        loop = " → ".join(cycle_from(at, parent_of))
        plan.refuse(row, "parent_code", _("These lie in a cycle: %(loop)s") % {"loop": loop}, _("let one of them hang elsewhere"))
    elif steps + depths.get(at, 0) >= MAX_LEVELS:
        plan.refuse(
            row,
            "parent_code",
            _("%(code)s lies too deep") % {"code": row["code"]},
            _("use at most %(levels)d levels") % {"levels": MAX_LEVELS},
        )


def _depths(stored: dict[Any, Stored]) -> dict[str, int]:
    codes = {record.pk: code for code, record in stored.items()}
    return {codes[pk]: depth for pk, depth in Node.objects.order_by().values_list("pk", "depth") if pk in codes}


def _check_units(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    _check_tree(plan, rows, stored)
    classes = set(UnitClass.objects.values_list("code", flat=True))
    for row in rows:
        if row["class_code"] and row["class_code"] not in classes:
            what = _("“%(code)s” is not a unit class") % {"code": row["class_code"]}
            plan.refuse(row, "class_code", what, _("use one of: %(codes)s") % {"codes": ", ".join(sorted(classes))})
        if (row["headcount"] or 0) < 0:
            plan.refuse(row, "headcount", _("The number is negative"), _("write a count of people"))


def _check_parties(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    _check_tree(plan, rows, stored)
    for row in rows:
        members, formal = row["members"], row["formal_members"]
        if members is not None and formal is not None and formal > members:
            plan.refuse(row, "formal_members", _("More full members than members"), _("correct one of the two numbers"))
        for name in ("members", "formal_members", "term_years"):
            if (row[name] or 0) < 0:
                plan.refuse(row, name, _("The number is negative"), _("write a count, or leave the cell empty where it is not known"))


def _write_nodes(tree: str, by: Actor, rows: list[Values]) -> list[Node]:
    opened = clock.today()
    new = [
        NewNode(r["code"], r["name"], r["parent_code"] or "", r["opened_on"] or r["closed_on"] or opened, "", r["closed_on"]) for r in rows
    ]
    return trees.create_nodes(by=by, tree=tree, rows=new)


def write_units(by: Actor, rows: list[Values]) -> list[int]:
    """Create business units with their details and classes."""
    nodes = _write_nodes(Tree.BUSINESS, by, rows)
    by_code = {row["code"]: row for row in rows}
    units = [
        BusinessUnit(
            node=node, kind=(row := by_code[node.code])["kind"], headcount=row["headcount"], is_legal_person=bool(row["legal_person"])
        )
        for node in nodes
    ]
    BusinessUnit.objects.bulk_create(units, batch_size=BATCH)
    _assign_classes([(node, by_code[node.code]["class_code"]) for node in nodes])
    return [node.pk for node in nodes]


def _assign_classes(pairs: list[tuple[Node, str | None]]) -> None:
    classes = {one.code: one for one in UnitClass.objects.all()}
    rows = [UnitClassAssignment(unit=node, unit_class=classes[code], starts_on=node.opened_on) for node, code in pairs if code]
    UnitClassAssignment.objects.bulk_create(rows, batch_size=BATCH)


def write_parties(by: Actor, rows: list[Values]) -> list[int]:
    """Create Party organisations with their details."""
    nodes = _write_nodes(Tree.PARTY, by, rows)
    by_code = {row["code"]: row for row in rows}
    parties = [PartyOrganisation(node=node, **{name: by_code[node.code][name] for name in _PARTY_FIELDS}) for node in nodes]
    PartyOrganisation.objects.bulk_create(parties, batch_size=BATCH)
    return [node.pk for node in nodes]


def _change_units(by: Actor, changes: list[tuple[int, Values]]) -> None:
    _rename(changes)
    _change_details(BusinessUnit, _UNIT_FIELDS, changes)
    wanted = {pk: values["class_code"] for pk, values in changes if "class_code" in values}
    UnitClassAssignment.objects.filter(unit_id__in=[pk for pk, code in wanted.items() if code is None]).delete()
    nodes = Node.objects.in_bulk(list(wanted))
    _assign_classes([(nodes[pk], code) for pk, code in wanted.items()])


def _change_parties(by: Actor, changes: list[tuple[int, Values]]) -> None:
    _rename(changes)
    _change_details(PartyOrganisation, _PARTY_FIELDS, changes)


def _rename(changes: list[tuple[int, Values]]) -> None:
    names = {pk: values["name"] for pk, values in changes if "name" in values}
    nodes = list(Node.objects.filter(pk__in=names))
    for node in nodes:
        node.name, node.pinyin = names[node.pk], pinyin_of(names[node.pk])
    Node.objects.bulk_update(nodes, ["name", "pinyin"], batch_size=500)


def _change_details(model: Any, fields: dict[str, str], changes: list[tuple[int, Values]]) -> None:
    """Cells that changed, column by column; a new election starts a new term."""
    wanted = {pk: {fields[name]: value for name, value in values.items() if name in fields} for pk, values in changes}
    by_names: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, values in wanted.items():
        if values:
            by_names[tuple(sorted(values))].append(pk)
    for names, keys in by_names.items():
        records = list(model.objects.filter(pk__in=keys))
        for record in records:
            for name in names:
                setattr(record, name, wanted[record.pk][name])
        model.objects.bulk_update(records, names, batch_size=500)


def _remove(by: Actor, ids: list[int]) -> None:
    """Take nodes back that a batch made, the lowest first."""
    for chunk in in_chunks(ids):
        UnitClassAssignment.objects.filter(unit_id__in=chunk).delete()
        BusinessUnit.objects.filter(pk__in=chunk).delete()
        PartyOrganisation.objects.filter(pk__in=chunk).delete()
        Placement.objects.filter(node_id__in=chunk).delete()
    levels: dict[int, list[int]] = defaultdict(list)
    for chunk in in_chunks(ids):
        for pk, depth in Node.objects.filter(pk__in=chunk).order_by().values_list("pk", "depth"):
            levels[depth].append(pk)
    for depth in sorted(levels, reverse=True):
        for chunk in in_chunks(levels[depth]):
            Node.objects.filter(pk__in=chunk).delete()


UNIT_FILE = FileKind(
    "units", gettext_lazy("Business units"), UNITS, lambda row: row["code"], lambda: _stored(Tree.BUSINESS), _check_units,
    write_units, _change_units, _remove, _ON_PAGE,
)  # fmt: skip
PARTY_FILE = FileKind(
    "parties", gettext_lazy("Party organisations"), PARTIES, lambda row: row["code"], lambda: _stored(Tree.PARTY), _check_parties,
    write_parties, _change_parties, _remove, _ON_PAGE,
)  # fmt: skip
