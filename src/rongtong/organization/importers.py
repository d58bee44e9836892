"""Files of units, Party organisations, links, people, posts and appointments: order does not matter, nothing is written on any error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access.policies import require_everywhere
from rongtong.access.roles import Permission
from rongtong.exchange import parsing
from rongtong.exchange.exporting import Exporter, register_exporter
from rongtong.exchange.importing import Column, Importer, Plan, Row, Rows, register_importer
from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.organization import actions, queries
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import (
    Appointment,
    BusinessUnit,
    MemberKind,
    PartyKind,
    PartyOrganisation,
    Person,
    Post,
    PostKind,
    UnitClass,
    UnitClassAssignment,
    UnitKind,
)
from rongtong.trees.models import LinkKind, Node, Placement, Tree, TreeLink

_UNIT_KINDS = {
    "集团": "group",
    "公司": "company",
    "工厂": "plant",
    "分厂": "plant",
    "车间": "workshop",
    "班组": "team",
    "部门": "department",
    "项目部": "project",
}
_PARTY_KINDS = {"党委": "committee", "党总支": "general_branch", "党支部": "branch", "党小组": "group"}
_MEMBER_KINDS = {"正式党员": "formal", "预备党员": "probationary", "入党积极分子": "applicant", "群众": "none", "非党员": "none"}
_POST_KINDS = {
    "书记": "secretary",
    "副书记": "deputy",
    "委员": "committee",
    "负责人": "head",
    "主任": "head",
    "副主任": "deputy_head",
    "部门负责人": "department_head",
    "职工": "staff",
}
_LINK_KINDS = {"独立": "own", "联合": "joint", "覆盖": "covers", "临时": "temporary"}
_APPOINTMENT_KINDS = {"正式": "formal", "任职": "formal", "代理": "acting", "主持": "acting"}


def _words(chinese: dict[str, str], values: list[str]) -> Callable[[Any], str | None]:
    return parsing.choice({**chinese, **{value: value for value in values}})


CODE = Column("code", ("编码", "代码"), True, parsing.code)
NAME = Column("name", ("名称", "姓名"), True, parsing.text)
NODE_COLUMNS = [
    CODE,
    NAME,
    Column("parent_code", ("上级编码", "上级代码"), False, parsing.code),
    Column("opened_on", ("成立日期", "启用日期"), False, parsing.day),
    Column("closed_on", ("撤销日期", "停用日期"), False, parsing.day),
]
UNITS = [
    *NODE_COLUMNS,
    Column("kind", ("单位类型", "类型"), True, _words(_UNIT_KINDS, UnitKind.values)),
    Column("class_code", ("单位类别", "类别编码"), False, parsing.code),
    Column("headcount", ("人数", "在岗人数"), False, parsing.whole),
    Column("legal_person", ("法人", "是否法人"), False, parsing.yes_no),
]
PARTIES = [
    *NODE_COLUMNS,
    Column("kind", ("组织类型", "类型"), True, _words(_PARTY_KINDS, PartyKind.values)),
    Column("members", ("党员数",), False, parsing.whole),
    Column("formal_members", ("正式党员数",), False, parsing.whole),
    Column("elected_on", ("换届日期", "选举日期"), False, parsing.day),
    Column("term_years", ("任期", "届期"), False, parsing.whole),
]
LINKS = [
    Column("unit_code", ("单位编码",), True, parsing.code),
    Column("party_code", ("党组织编码",), True, parsing.code),
    Column("kind", ("对应方式", "类型"), True, _words(_LINK_KINDS, LinkKind.values)),
    Column("share", ("份额", "占比"), False, parsing.number),
    Column("starts_on", ("开始日期",), False, parsing.day),
    Column("ends_on", ("结束日期",), False, parsing.day),
]
PEOPLE = [
    CODE,
    NAME,
    Column("member_kind", ("党员类别", "政治面貌"), False, _words(_MEMBER_KINDS, MemberKind.values)),
    Column("joined_on", ("入党日期",), False, parsing.day),
]
POSTS = [
    CODE,
    NAME,
    Column("node_code", ("单位编码", "组织编码"), True, parsing.code),
    Column("kind", ("岗位类型", "类型"), True, _words(_POST_KINDS, PostKind.values)),
]
APPOINTMENTS = [
    Column("person_code", ("人员编码", "工号"), True, parsing.code),
    Column("post_code", ("岗位编码",), True, parsing.code),
    Column("kind", ("任职方式", "类型"), False, _words(_APPOINTMENT_KINDS, ["formal", "acting"])),
    Column("starts_on", ("任职日期", "开始日期"), True, parsing.day),
    Column("ends_on", ("免职日期", "结束日期"), False, parsing.day),
]
PARTY_POST_KINDS = {PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE}


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of file becomes rows: which are already stored, which are wrong, how they are written and taken back."""

    code: str
    title: Any
    columns: list[Column]
    key: Callable[[Row], Any]
    stored: Callable[[], set[Any]]
    check: Callable[[Plan, list[Row]], None]
    write: Callable[[Actor, list[dict[str, Any]]], dict[str, list[int]]]
    take_back: Callable[[dict[str, list[int]]], None]


def _planner(kind: Kind) -> Callable[[Any, Rows], Plan]:
    def plan(actor: Any, rows: Rows) -> Plan:
        found = Plan()
        known, fresh = kind.stored(), []
        seen: dict[Any, int] = {}
        for row in rows:
            key = kind.key(row)
            if key in seen:
                found.refuse(row, kind.columns[0].name, _("The same as row %(row)d") % {"row": seen[key]}, _("keep one of the two rows"))
            elif key in known:
                found.unchanged += 1
            else:
                fresh.append(row)
            seen.setdefault(key, row.number)
        kind.check(found, fresh)
        found.creates = [{**row.values} for row in fresh]
        if found.unchanged:
            found.notices.append(_("%(count)d rows are already there and stay as they are") % {"count": found.unchanged})
        return found

    return plan


def _applier(kind: Kind) -> Callable[[Any, Any, Plan], None]:
    def apply(by: Any, batch: Any, plan: Plan) -> None:
        require_everywhere(by, Permission.ORGANIZATION_EDIT)
        batch.undo_data = kind.write(by, plan.creates)

    return apply


def _undoer(kind: Kind) -> Callable[[Any, Any], None]:
    def undo(by: Any, batch: Any) -> None:
        require_everywhere(by, Permission.ORGANIZATION_EDIT)
        from django.db.models import ProtectedError

        try:
            kind.take_back(batch.undo_data)
        except ProtectedError as held:
            record = next(iter(held.protected_objects))
            what = _("Later records depend on this batch, for example %(record)s") % {"record": record}
            raise Refused(what, remedy=_("take those back first"), code="depends") from held

    return undo


def _refuse_tree(tree: str) -> Callable[[Plan, list[Row]], None]:
    def check(plan: Plan, rows: list[Row]) -> None:
        known = set(Node.objects.filter(tree=tree).values_list("code", flat=True))
        by_code = {row["code"]: row for row in rows if row["code"]}
        for row in rows:
            parent = row["parent_code"]
            if parent and parent not in known and parent not in by_code:
                plan.refuse(row, "parent_code", _("There is no parent %(code)s") % {"code": parent}, _("add it or correct the code"))
            elif parent and _loops(row["code"], by_code):
                plan.refuse(row, "parent_code", _("%(code)s lies below itself") % {"code": row["code"]}, _("break the cycle"))
            if row["closed_on"] and row["opened_on"] and row["closed_on"] < row["opened_on"]:
                plan.refuse(row, "closed_on", _("Closed before it was opened"), _("correct one of the two dates"))
        _refuse_details(plan, rows, tree)

    return check


def _loops(code: str, by_code: dict[str, Row]) -> bool:
    seen, at = set(), code
    while at in by_code and at not in seen:
        seen.add(at)
        at = by_code[at]["parent_code"]
    return at == code


def _refuse_details(plan: Plan, rows: list[Row], tree: str) -> None:
    classes = set(UnitClass.objects.values_list("code", flat=True))
    for row in rows:
        if tree == Tree.BUSINESS and row["class_code"] and row["class_code"] not in classes:
            what = _("“%(code)s” is not a unit class") % {"code": row["class_code"]}
            plan.refuse(row, "class_code", what, _("use one of: %(codes)s") % {"codes": ", ".join(sorted(classes))})
        if tree == Tree.PARTY and (row["formal_members"] or 0) > (row["members"] or row["formal_members"] or 0):
            plan.refuse(row, "formal_members", _("More full members than members"), _("correct one of the two numbers"))


def _write_nodes(tree: str, by: Actor, rows: list[dict[str, Any]]) -> list[Node]:
    opened = clock.today()
    return trees.create_nodes(
        by=by,
        tree=tree,
        rows=[trees.NewNode(r["code"], r["name"], r["parent_code"] or "", r["opened_on"] or opened, "", r["closed_on"]) for r in rows],
    )


def write_units(by: Actor, rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    nodes = _write_nodes(Tree.BUSINESS, by, rows)
    by_code, classes = {r["code"]: r for r in rows}, {c.code: c for c in UnitClass.objects.all()}
    BusinessUnit.objects.bulk_create(
        [
            BusinessUnit(
                node=n,
                kind=by_code[n.code]["kind"],
                headcount=by_code[n.code]["headcount"],
                is_legal_person=bool(by_code[n.code]["legal_person"]),
            )
            for n in nodes
        ],
        batch_size=2000,
    )
    UnitClassAssignment.objects.bulk_create(
        [
            UnitClassAssignment(unit=n, unit_class=classes[by_code[n.code]["class_code"]], starts_on=n.opened_on)
            for n in nodes
            if by_code[n.code]["class_code"]
        ],
        batch_size=2000,
    )
    return {"nodes": [n.pk for n in nodes]}


def write_parties(by: Actor, rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    nodes = _write_nodes(Tree.PARTY, by, rows)
    by_code = {r["code"]: r for r in rows}
    fields = ("kind", "members", "formal_members", "elected_on", "term_years")
    PartyOrganisation.objects.bulk_create(
        [PartyOrganisation(node=n, **{name: by_code[n.code][name] for name in fields}) for n in nodes], batch_size=2000
    )
    return {"nodes": [n.pk for n in nodes]}


def _take_nodes_back(kept: dict[str, list[int]]) -> None:
    ids = kept["nodes"]
    for model in (
        UnitClassAssignment.objects.filter(unit_id__in=ids),
        BusinessUnit.objects.filter(pk__in=ids),
        PartyOrganisation.objects.filter(pk__in=ids),
    ):
        model.delete()
    Placement.objects.filter(node_id__in=ids).delete()
    for node in Node.objects.filter(pk__in=ids).order_by("-depth"):
        node.delete()


def _check_links(plan: Plan, rows: list[Row]) -> None:
    units, parties = ({n.code for n in Node.objects.filter(tree=tree)} for tree in (Tree.BUSINESS, Tree.PARTY))
    for row in rows:
        if row["unit_code"] not in units:
            plan.refuse(row, "unit_code", _("There is no unit %(code)s") % {"code": row["unit_code"]}, _("import the units first"))
        if row["party_code"] not in parties:
            plan.refuse(
                row, "party_code", _("There is no Party organisation %(code)s") % {"code": row["party_code"]}, _("import them first")
            )
        if row["share"] is not None and not 0 < row["share"] <= 1:
            plan.refuse(row, "share", _("The share is %(share)s") % {"share": row["share"]}, _("write a share above 0 and at most 1"))


def write_links(by: Actor, rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    units, parties = ({n.code: n for n in Node.objects.filter(tree=tree)} for tree in (Tree.BUSINESS, Tree.PARTY))
    made = []
    for row in rows:
        unit, party = units[row["unit_code"]], parties[row["party_code"]]
        start = row["starts_on"] or max(unit.opened_on, party.opened_on)
        made.append(
            trees.link(by=by, unit=unit, party=party, kind=row["kind"], share=row["share"] or 1.0, starts_on=start, ends_on=row["ends_on"])
        )
    return {"links": [link.pk for link in made]}


def write_people(by: Actor, rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    made = Person.objects.bulk_create(
        [
            Person(
                code=row["code"], name=row["name"], pinyin=actions.pinyin_of(row["name"]),
                member_kind=row["member_kind"] or MemberKind.NONE, joined_on=row["joined_on"],
            )
            for row in rows
        ],
        batch_size=2000,
    )  # fmt: skip
    return {"people": [person.pk for person in made]}


def _tree_of_post(kind: str) -> str:
    return Tree.PARTY if kind in PARTY_POST_KINDS else Tree.BUSINESS


def _check_posts(plan: Plan, rows: list[Row]) -> None:
    known = set(Node.objects.values_list("tree", "code"))
    for row in rows:
        if row["kind"] and (_tree_of_post(row["kind"]), row["node_code"]) not in known:
            what = _("There is no node %(code)s in the tree of this kind of post") % {"code": row["node_code"]}
            plan.refuse(row, "node_code", what, _("Party posts hang at Party organisations, the others at units"))


def write_posts(by: Actor, rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    nodes = {(n.tree, n.code): n for n in Node.objects.all()}
    made = []
    for row in rows:
        node = nodes[_tree_of_post(row["kind"]), row["node_code"]]
        made.append(Post(code=row["code"], name=row["name"], node=node, kind=row["kind"], opened_on=node.opened_on))
    Post.objects.bulk_create(made, batch_size=2000)
    return {"posts": [post.pk for post in made]}


def _check_appointments(plan: Plan, rows: list[Row]) -> None:
    people = set(Person.objects.values_list("code", flat=True))
    posts = set(Post.objects.values_list("code", flat=True))
    spans: dict[str, list[tuple[Any, Any, int]]] = {}
    for code, start, end in Appointment.objects.filter(kind="formal").values_list("post__code", "starts_on", "ends_on"):
        spans.setdefault(code, []).append((start, end, 0))
    for row in rows:
        for column, known in (("person_code", people), ("post_code", posts)):
            if row[column] not in known:
                plan.refuse(row, column, _("“%(code)s” is not known") % {"code": row[column]}, _("import it first or correct the code"))
        _check_span(plan, row, spans)


def _check_span(plan: Plan, row: Row, spans: dict[str, list[tuple[Any, Any, int]]]) -> None:
    start, end = row["starts_on"], row["ends_on"]
    if start is None:
        return
    if end is not None and end <= start:
        plan.refuse(row, "ends_on", _("The appointment ends before it begins"), _("correct one of the two dates"))
    if (row["kind"] or "formal") != "formal":
        return
    for other_start, other_end, number in spans.setdefault(row["post_code"], []):
        if (end is None or other_start < end) and (other_end is None or start < other_end):
            where = _("row %(row)d") % {"row": number} if number else _("a stored appointment")
            plan.refuse(row, "starts_on", _("Overlaps %(where)s of the same post") % {"where": where}, _("end one, or make it acting"))
            break
    spans[row["post_code"]].append((start, end, row.number))


def write_appointments(by: Actor, rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    people, posts = {p.code: p for p in Person.objects.select_related("account")}, {p.code: p for p in Post.objects.all()}
    made = [
        Appointment(
            person=people[r["person_code"]],
            post=posts[r["post_code"]],
            kind=r["kind"] or "formal",
            starts_on=r["starts_on"],
            ends_on=r["ends_on"],
        )
        for r in rows
    ]
    Appointment.objects.bulk_create(made, batch_size=2000)
    actions.refresh_rights(by, {row.person.pk: row.person for row in made if row.person.account_id}.values())
    return {"appointments": [row.pk for row in made]}


def _deleter(name: str, model: Any) -> Callable[[dict[str, list[int]]], None]:
    def take_back(kept: dict[str, list[int]]) -> None:
        model.objects.filter(pk__in=kept[name]).delete()

    return take_back


def _nothing(plan: Plan, rows: list[Row]) -> None:
    return


def _codes(model: Any, **where: Any) -> Callable[[], set[Any]]:
    return lambda: set(model.objects.filter(**where).values_list("code", flat=True))


def _stored_links() -> set[Any]:
    return set(TreeLink.objects.values_list("unit__code", "party__code", "starts_on"))


def _stored_appointments() -> set[Any]:
    return set(Appointment.objects.values_list("person__code", "post__code", "starts_on"))


KINDS = (
    Kind("units", gettext_lazy("Business units"), UNITS, lambda r: r["code"], _codes(Node, tree="B"), _refuse_tree("B"), write_units, _take_nodes_back),
    Kind("parties", gettext_lazy("Party organisations"), PARTIES, lambda r: r["code"], _codes(Node, tree="P"), _refuse_tree("P"), write_parties, _take_nodes_back),
    Kind("links", gettext_lazy("Tree links"), LINKS, lambda r: (r["unit_code"], r["party_code"], r["starts_on"]), _stored_links, _check_links, write_links, _deleter("links", TreeLink)),
    Kind("people", gettext_lazy("People"), PEOPLE, lambda r: r["code"], _codes(Person), _nothing, write_people, _deleter("people", Person)),
    Kind("posts", gettext_lazy("Posts"), POSTS, lambda r: r["code"], _codes(Post), _check_posts, write_posts, _deleter("posts", Post)),
    Kind("appointments", gettext_lazy("Appointments"), APPOINTMENTS, lambda r: (r["person_code"], r["post_code"], r["starts_on"]), _stored_appointments, _check_appointments, write_appointments, _deleter("appointments", Appointment)),
)  # fmt: skip


def register() -> None:
    """Importers and exporters of this package."""
    for kind in KINDS:
        register_importer(Importer(kind.code, kind.title, kind.columns, _planner(kind), _applier(kind), _undoer(kind)))
    for exporter in EXPORTERS:
        register_exporter(exporter)


def _unit_rows(actor: Any, **_: Any) -> Any:
    classes = queries.class_of(list(queries.units(actor).values_list("pk", flat=True)), clock.today())
    for u in queries.units(actor).select_related("node__parent"):
        parent = u.node.parent.code if u.node.parent else ""
        yield [
            u.node.code,
            u.node.name,
            parent,
            u.node.opened_on,
            u.node.closed_on,
            u.kind,
            classes.get(u.pk, ""),
            u.headcount,
            u.is_legal_person,
        ]


def _party_rows(actor: Any, **_: Any) -> Any:
    for p in queries.parties(actor).select_related("node__parent"):
        parent = p.node.parent.code if p.node.parent else ""
        yield [
            p.node.code,
            p.node.name,
            parent,
            p.node.opened_on,
            p.node.closed_on,
            p.kind,
            p.members,
            p.formal_members,
            p.elected_on,
            p.term_years,
        ]


def _link_rows(actor: Any, **_: Any) -> Any:
    from rongtong.access.queries import scoped

    for link in scoped(TreeLink.objects.select_related("unit", "party").order_by("pk"), actor, "unit", "party"):
        yield [link.unit.code, link.party.code, link.kind, link.share, link.starts_on, link.ends_on]


EXPORTERS = [
    Exporter("units", [c.name for c in UNITS], _unit_rows),
    Exporter("parties", [c.name for c in PARTIES], _party_rows),
    Exporter("links", [c.name for c in LINKS], _link_rows),
]
