"""Matters as files: export of what is seen; import of new ones, each assigned where its posts are named."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange import parsing
from rongtong.exchange.exporting import Cell, Exporter, register_exporter
from rongtong.exchange.importing import Column, Importer, Plan, Row, Rows, register_importer
from rongtong.exchange.models import Batch
from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.ledger import actions, policies, queries
from rongtong.ledger.filters import soon_of
from rongtong.ledger.models import Evidence, Matter, Origin, Side, Step
from rongtong.ledger.states import State
from rongtong.organization.models import Post
from rongtong.trees.models import Node

COLUMNS = (
    Column("title", ("事项", "标题"), True),
    Column("side", ("侧别",)),
    Column("lead_code", ("牵头单位", "牵头单位代码"), True),
    Column("partner_code", ("另一侧单位", "另一侧单位代码")),
    Column("leader_post", ("责任领导岗位",)),
    Column("handler_post", ("经办岗位",)),
    Column("reviewer_post", ("审核岗位",)),
    Column("due_on", ("完成时限", "截止日期"), True, parsing.day),
    Column("standard", ("标准",)),
    Column("detail", ("说明",)),
    Column("origin", ("来源",)),
)
EXPORTED = (
    "code", "title", "side", "origin", "state", "lead_code", "partner_code", "leader_post", "handler_post", "reviewer_post", "starts_on",
    "due_on", "progress", "closed_on", "urged", "standard",
)  # fmt: skip


def rows(actor: Any, filters: queries.Filters | None = None, **_more: Any) -> Iterable[tuple[Cell, ...]]:
    """The matters that the actor sees, narrowed as the page was."""
    today = clock.today()
    found = queries.filtered(queries.matters(actor), filters or queries.Filters(), today, soon_of([], today)[0])
    for m in found.iterator(chunk_size=2000):
        posts = [post.code if post else "" for post in (m.leader_post, m.handler_post, m.reviewer_post)]
        yield (
            m.code, m.title, m.side, m.origin, m.state, m.lead.code, m.partner.code if m.partner else "", *posts, m.starts_on, m.due_on,
            m.progress, m.closed_on, m.urged, m.standard,
        )  # fmt: skip


class _Known:
    """Nodes and open posts by code, read once."""

    def __init__(self) -> None:
        self.nodes: dict[str, list[Node]] = {}
        for node in Node.objects.filter(closed_on__isnull=True).order_by("tree", "pk"):
            self.nodes.setdefault(node.code, []).append(node)
        self.posts = {post.code: post for post in Post.objects.filter(closed_on__isnull=True)}


def plan(actor: Any, source: Rows) -> Plan:
    """Every row is a new matter; a matter that stands already (title, lead unit and due date) is left alone."""
    known, result = _Known(), Plan()
    stored = set(Matter.objects.exclude(state=State.VOID).values_list("title", "lead__code", "due_on"))
    for row in source:
        if (row["title"], row["lead_code"], row["due_on"]) in stored:
            result.unchanged += 1
        elif (new := _new(actor, row, known, result)) is not None:
            stored.add((row["title"], row["lead_code"], row["due_on"]))
            result.creates.append(new)
    return result


def _new(actor: Any, row: Row, known: _Known, result: Plan) -> actions.NewMatter | None:
    before = result.error_count
    lead, partner = (_node(row, name, known, result) for name in ("lead_code", "partner_code"))
    posts = [_post(row, name, known, result) for name in ("leader_post", "handler_post", "reviewer_post")]
    side, origin = row["side"] or Side.BOTH.value, row["origin"] or Origin.FREE.value
    for name, value, words in (("side", side, Side.values), ("origin", origin, Origin.values)):
        if value not in words:
            result.refuse(
                row, name, _("“%(value)s” is not known") % {"value": value}, _("use one of: %(known)s") % {"known": ", ".join(words)}
            )
    if row["due_on"] < clock.today():
        result.refuse(row, "due_on", _("%(day)s has passed") % {"day": row["due_on"]}, _("choose a later day"))
    if lead is not None and not policies.may_create(actor, lead, partner):
        result.refuse(row, "lead_code", _("You may not start matters at %(name)s") % {"name": lead.name}, _("leave the row out"))
    if result.error_count > before or lead is None:
        return None
    new = actions.NewMatter(
        row["title"], side, lead, row["due_on"], actions.Parts(*posts), partner, standard=row["standard"] or "", detail=row["detail"] or "",
        origin=origin,
    )  # fmt: skip
    return _checked(row, new, result)


def _checked(row: Row, new: actions.NewMatter, result: Plan) -> actions.NewMatter | None:
    try:
        actions.check(new)
    except Refused as refusal:
        result.refuse(row, refusal.field, refusal.what, refusal.remedy)
        return None
    return new


def _node(row: Row, column: str, known: _Known, result: Plan) -> Node | None:
    code = row[column]
    found = known.nodes.get(code or "", [])
    if code and not found:
        result.refuse(row, column, _("There is no open unit %(code)s") % {"code": code}, _("correct the code"))
    return found[0] if found else None


def _post(row: Row, column: str, known: _Known, result: Plan) -> Post | None:
    code = row[column]
    if code and code not in known.posts:
        result.refuse(row, column, _("There is no open post %(code)s") % {"code": code}, _("correct the code"))
    return known.posts.get(code or "")


def apply(by: Actor, batch: Batch, found: Plan) -> None:
    """Draft and, where leader and handler are named, assign; undo knows what was made."""
    made = []
    for new in found.creates:
        act = actions.deploy if new.parts.leader and new.parts.handler else actions.create
        made.append(act(by=by, new=new).pk)
    batch.undo_data = {"matters": made}


def undo(by: Actor, batch: Batch) -> None:
    """Void what the batch made; refused once somebody has worked on one of them."""
    keys = list((batch.undo_data or {}).get("matters", []))
    worked = Step.objects.filter(matter__in=keys).exclude(kind__in=["draft", "assign"]).select_related("matter").first()
    proof = Evidence.objects.filter(matter__in=keys).select_related("matter").first()
    later = worked or proof
    if later is not None:
        what = _("Somebody already works on “%(title)s”") % {"title": later.matter.title}
        raise Refused(what, remedy=_("void the matters one by one"), code="used")
    for matter in Matter.objects.filter(pk__in=keys).exclude(state=State.VOID).select_related("lead", "partner").order_by("pk"):
        actions.void(by=by, matter=matter, note=_("the import was undone"))


def register() -> None:
    """Called from AppConfig.ready."""
    register_exporter(Exporter("matters", EXPORTED, rows))
    register_importer(Importer("matters", gettext_lazy("Matters"), COLUMNS, plan, apply, undo))
