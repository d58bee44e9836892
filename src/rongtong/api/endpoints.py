"""Routes: each list is scoped by the account behind the token, in the order of its key."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Schema

from rongtong.access.policies import can
from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.api.main import api
from rongtong.api.paging import page, page_of_rows
from rongtong.indicators import actions as indicators
from rongtong.indicators import queries as indicator_queries
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import Indicator, Target
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, parse_month
from rongtong.ledger import actions as ledger
from rongtong.ledger import queries as ledger_queries
from rongtong.ledger.models import Matter
from rongtong.ledger.states import OPEN
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, Post
from rongtong.panel import queries as panel
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleRow
from rongtong.trees.models import Node, TreeLink


class Page(Schema):
    """A page of a list; `next` is the cursor of the next one, null at the end; `count` is at most 10,000 unless count=exact."""

    items: list[dict[str, Any]]
    next: str | None
    count: int


class Filters(Schema):
    """Filters of every list; those that a list does not know are ignored by it."""

    code: str = ""
    unit: str = ""
    party: str = ""
    period: str = ""
    state: str = ""
    limit: int = 100
    cursor: str = ""
    count: str = ""


def _listed(queryset: QuerySet[Any], show: Any, f: Filters) -> dict[str, Any]:
    return page(queryset, show, limit=f.limit, cursor=f.cursor, count=f.count)


def _placed(queryset: QuerySet[Any], f: Filters, field: str) -> QuerySet[Any]:
    """Narrow to the unit or Party organisation named by code."""
    prefix = f"{field}__" if field else ""
    if f.unit:
        queryset = queryset.filter(**{f"{prefix}code": f.unit, f"{prefix}tree": "B"})
    if f.party:
        queryset = queryset.filter(**{f"{prefix}code": f.party, f"{prefix}tree": "P"})
    return queryset


@api.get("/units", response=Page)
def units(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    found = organization.units(account_of(request)).select_related("node__parent")
    found = found.filter(node__code=f.code) if f.code else found
    return _listed(
        _placed(found, f, "node"),
        lambda u: {**_node(u.node), "kind": u.kind, "headcount": u.headcount, "is_legal_person": u.is_legal_person},
        f,
    )


@api.get("/parties", response=Page)
def parties(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    found = organization.parties(account_of(request)).select_related("node__parent")
    found = found.filter(node__code=f.code) if f.code else found
    names = ("kind", "members", "formal_members", "elected_on", "term_years")
    return _listed(_placed(found, f, "node"), lambda p: _node(p.node) | {name: getattr(p, name) for name in names}, f)


def _node(node: Node) -> dict[str, Any]:
    parent = node.parent.code if node.parent else None
    return {"code": node.code, "name": node.name, "parent_code": parent, "opened_on": node.opened_on, "closed_on": node.closed_on}


@api.get("/links", response=Page)
def links(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Tree links 对应关系."""
    found = scoped(TreeLink.objects.select_related("unit", "party"), account_of(request), "unit", "party")
    found = found.filter(unit__code=f.unit) if f.unit else found
    found = found.filter(party__code=f.party) if f.party else found
    show = lambda x: {
        "unit_code": x.unit.code,
        "party_code": x.party.code,
        "kind": x.kind,
        "share": x.share,
        "starts_on": x.starts_on,
        "ends_on": x.ends_on,
    }
    return _listed(found, show, f)


@api.get("/persons", response=Page)
def persons(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.PERSON_VIEW)
    found = organization.persons(account_of(request))
    found = found.filter(code=f.code) if f.code else found
    return _listed(found, lambda p: {"code": p.code, "name": p.name, "member_kind": p.member_kind, "joined_on": p.joined_on}, f)


@api.get("/posts", response=Page)
def posts(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    found = organization.posts(account_of(request))
    found = _placed(found.filter(code=f.code) if f.code else found, f, "node")
    show = lambda p: {
        "code": p.code,
        "name": p.name,
        "node_code": p.node.code,
        "kind": p.kind,
        "opened_on": p.opened_on,
        "closed_on": p.closed_on,
    }
    return _listed(found, show, f)


@api.get("/appointments", response=Page)
def appointments(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.PERSON_VIEW)
    found = scoped(
        Appointment.objects.select_related("person", "post"), account_of(request), "post__node", permission=Permission.PERSON_VIEW
    )
    found = _placed(found.filter(post__code=f.code) if f.code else found, f, "post__node")
    show = lambda a: {
        "person_code": a.person.code,
        "post_code": a.post.code,
        "kind": a.kind,
        "starts_on": a.starts_on,
        "ends_on": a.ends_on,
    }
    return _listed(found, show, f)


@api.get("/indicators", response=Page)
def indicator_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.INDICATOR_VIEW)
    found = Indicator.objects.filter(code=f.code) if f.code else Indicator.objects.all()
    names = (
        "code",
        "name",
        "name_en",
        "subsystem",
        "dimension",
        "direction",
        "kind",
        "aggregate",
        "hold_months",
        "is_on",
        "is_veto",
        "definition",
    )
    return _listed(found, lambda i: {name: getattr(i, name) for name in names} | {"unit": i.unit_text}, f)


@api.get("/observations", response=Page)
def observations(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.OBSERVATION_VIEW)
    found = indicator_queries.current(account_of(request)).select_related("node", "indicator")
    return _listed(_dated(_placed(found, f, "node"), f), _observation, f)


def _dated(queryset: QuerySet[Any], f: Filters) -> QuerySet[Any]:
    queryset = queryset.filter(indicator__code=f.code) if f.code else queryset
    return queryset.filter(period=parse_month(f.period)) if f.period else queryset


def _observation(o: Any) -> dict[str, Any]:
    return {
        "node_code": o.node.code, "tree": o.node.tree, "indicator_code": o.indicator.code, "period": f"{o.period // 100}-{o.period % 100:02d}",
        "value": o.value, "numerator": o.numerator, "denominator": o.denominator, "source": o.source, "revision": o.revision,
        "is_correction": o.is_correction, "entered_at": o.entered_at,
    }  # fmt: skip


class NewObservation(Schema, extra="forbid"):
    """One value; give `value`, or numerator and denominator of a ratio. Other fields are refused."""

    node_code: str
    tree: str = Field("B", pattern="^[BP]$", description="B business unit, P Party organisation")
    indicator_code: str
    period: str = Field(description="YYYY-MM")
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    note: str = ""


@api.post("/observations", response={201: dict[str, Any]})
def add_observations(request: HttpRequest, body: NewObservation | list[NewObservation]) -> tuple[int, dict[str, Any]]:
    """Enter values as the account may; with `Idempotency-Key` a repeated request changes nothing."""
    rows = body if isinstance(body, list) else [body]
    if not rows:
        raise Refused("there are no observations", field="body", remedy="send at least one")
    account = account_of(request)
    entries = [_entry(account, row) for row in rows]
    note = "; ".join(sorted({row.note for row in rows if row.note}))
    key: dict[str, Any] = {"key": request.headers["Idempotency-Key"][:200]} if request.headers.get("Idempotency-Key") else {}
    changed = indicators.enter(by=account, rows=entries, note=note, **key)
    return 201, {"received": len(rows), "changed": changed}


def _entry(account: Any, row: NewObservation) -> Entry:
    node = (
        scoped(Node.objects.all(), account, "pk", permission=Permission.OBSERVATION_VIEW).filter(tree=row.tree, code=row.node_code).first()
    )
    if node is None:
        raise Refused(
            f"there is no node {row.node_code} in your area", field="node_code", remedy="check code and tree", code="node_unknown"
        )
    indicator = Indicator.objects.filter(code=row.indicator_code).first()
    if indicator is None:
        raise Refused(
            f"there is no indicator {row.indicator_code}", field="indicator_code", remedy="see /api/v1/indicators", code="indicator_unknown"
        )
    return Entry(node.pk, indicator.pk, parse_month(row.period), row.value, row.numerator, row.denominator)


@api.get("/targets", response=Page)
def targets(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.OBSERVATION_VIEW)
    found = scoped(Target.objects.select_related("unit", "indicator"), account_of(request), "unit", permission=Permission.OBSERVATION_VIEW)
    found = _dated(_placed(found, f, "unit"), f)
    show = lambda t: {
        "unit_code": t.unit.code,
        "indicator_code": t.indicator.code,
        "period": t.period,
        "target": t.target,
        "floor": t.floor,
        "stretch": t.stretch,
    }
    return _listed(found, show, f)


@api.get("/runs", response=Page)
def runs(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.RUN_VIEW)
    found = panel.runs(account_of(request))
    found = found.filter(state=f.state) if f.state else found
    found = found.filter(period=parse_month(f.period)) if f.period else found
    names = ("number", "period", "first_period", "state", "input_hash", "method", "counts", "created_at", "published_at")
    return _listed(found, lambda r: {"id": r.pk} | {name: getattr(r, name) for name in names}, f)


@api.get("/runs/{run_id}/scores", response=Page)
def run_scores(request: HttpRequest, run_id: int, f: Query[Filters]) -> dict[str, Any]:
    """Scores of units in your area; null is not enough data, never 0."""
    return _run_rows(request, run_id, f, panel.scores)


@api.get("/runs/{run_id}/obstacles", response=Page)
def run_obstacles(request: HttpRequest, run_id: int, f: Query[Filters]) -> dict[str, Any]:
    return _run_rows(request, run_id, f, panel.obstacles)


@api.get("/runs/{run_id}/rollup", response=Page)
def run_rollup(request: HttpRequest, run_id: int, f: Query[Filters]) -> dict[str, Any]:
    return _run_rows(request, run_id, f, panel.rollup)


def _run_rows(request: HttpRequest, run_id: int, f: Filters, read: Any) -> dict[str, Any]:
    account = account_of(request)
    try:
        run = get_object_or_404(panel.runs(account), pk=run_id)
    except Http404:
        raise Unseen from None
    node = None
    if f.unit or f.party:
        node = _placed(scoped(Node.objects.all(), account, "pk"), f, "").first()
        if node is None:
            return page_of_rows([], limit=f.limit, cursor=f.cursor)
    rows = read(account, run, node=node, period=parse_month(f.period) if f.period else None)
    named = dict(Node.objects.filter(pk__in={row["node_id"] for row in rows}).values_list("pk", "code"))
    codes = dict(Indicator.objects.values_list("pk", "code"))
    shown = [_run_row(row, named, codes) for row in rows]
    return page_of_rows(shown, limit=f.limit, cursor=f.cursor)


def _run_row(row: dict[str, Any], named: dict[int, str], codes: dict[int, str]) -> dict[str, Any]:
    found = {"node_code": named[row["node_id"]], **{key: value for key, value in row.items() if key not in {"node_id", "indicator_id"}}}
    return found | ({"indicator_code": codes.get(row["indicator_id"])} if "indicator_id" in row else {})


@api.get("/rules", response=Page)
def rule_rows(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    _require(request, Permission.RULE_VIEW)
    found = RuleRow.objects.select_related("node").filter(
        Q(node__isnull=True) | Q(node__in=scoped(Node.objects.all(), account_of(request), "pk"))
    )
    found = found.filter(code=f.code) if f.code else found
    names = ("code", "title", "title_en", "arguments", "applies_to", "level", "is_verified", "starts_on", "ends_on")
    return _listed(found, lambda r: {name: getattr(r, name) for name in names} | {"node_code": r.node.code if r.node else None}, f)


@api.get("/rules/results", response=Page)
def rule_results(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """States: met due late excused not_applicable not_enough_data."""
    _require(request, Permission.RULE_VIEW)
    found = _placed(rules.results(account_of(request)), f, "node")
    found = found.filter(rule_code=f.code) if f.code else found
    found = found.filter(state=f.state) if f.state else found
    found = found.filter(period=parse_month(f.period)) if f.period else found
    names = ("rule_code", "period", "state", "level", "due_on", "detail")
    return _listed(found, lambda r: {name: getattr(r, name) for name in names} | {"node_code": r.node.code}, f)


@api.get("/matters", response=Page)
def matter_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Matters in your area; `state` also takes open, `period` is the month they are due in."""
    _require(request, Permission.MATTER_VIEW)
    found = ledger_queries.matters(account_of(request)).order_by()
    found = found.filter(code=f.code) if f.code else found
    for code, tree in ((f.unit, "B"), (f.party, "P")):
        if code:
            found = found.filter(Q(lead__code=code, lead__tree=tree) | Q(partner__code=code, partner__tree=tree))
    if f.state:
        found = found.filter(state__in=OPEN if f.state == "open" else [f.state])
    if f.period:
        month = Period.month(parse_month(f.period))
        found = found.filter(due_on__gte=month.starts_on, due_on__lte=month.ends_on)
    return _listed(found, _matter, f)


def _matter(m: Matter) -> dict[str, Any]:
    nodes = {node.tree: node.code for node in (m.lead, m.partner) if node is not None}
    posts = {f"{name}_post": post.code if post else None for name, post in _posts_of(m).items()}
    names = ("code", "title", "side", "origin", "state", "starts_on", "due_on", "progress", "closed_on", "urged", "is_light", "is_personal")
    fields = {name: getattr(m, name) for name in names}
    return fields | posts | {"lead_code": m.lead.code, "unit_code": nodes.get("B"), "party_code": nodes.get("P")}


def _posts_of(m: Matter) -> dict[str, Post | None]:
    return {"leader": m.leader_post, "handler": m.handler_post, "reviewer": m.reviewer_post}


class NewMatter(Schema, extra="forbid"):
    """A new matter; with leader_post and handler_post it is assigned at once, else it is a draft."""

    title: str
    side: str = Field("both", description="party, production or both")
    unit: str = Field("", description="code of a business unit")
    party: str = Field("", description="code of a Party organisation; the lead, if no unit is named")
    due_on: date
    leader_post: str = ""
    handler_post: str = ""
    reviewer_post: str = ""
    origin: str = "free"
    standard: str = ""
    detail: str = ""


@api.post("/matters", response={201: dict[str, Any]})
def add_matter(request: HttpRequest, body: NewMatter) -> tuple[int, dict[str, Any]]:
    """Start a matter as the account may; with `Idempotency-Key` a repeated request answers with the same matter."""
    account = account_of(request)
    nodes = [_lead(account, tree, code) for tree, code in (("B", body.unit), ("P", body.party)) if code]
    if not nodes:
        raise Refused("no unit is named", field="unit", remedy="give the code of a unit or a Party organisation")
    parts = ledger.Parts(*(_post(account, name, code) for name, code in _codes(body).items()))
    new = ledger.NewMatter(
        body.title, body.side, nodes[0], body.due_on, parts, nodes[1] if len(nodes) > 1 else None, origin=body.origin, standard=body.standard,
        detail=body.detail,
    )  # fmt: skip
    key: dict[str, Any] = {"key": request.headers["Idempotency-Key"][:200]} if request.headers.get("Idempotency-Key") else {}
    act = ledger.deploy if parts.leader and parts.handler else ledger.create
    made = act(by=account, new=new, **key)
    return 201, _matter(Matter.objects.select_related(*ledger_queries.RELATED).get(pk=made.pk))


def _codes(body: NewMatter) -> dict[str, str]:
    return {"leader_post": body.leader_post, "handler_post": body.handler_post, "reviewer_post": body.reviewer_post}


def _lead(account: Any, tree: str, code: str) -> Node:
    found = scoped(Node.objects.all(), account, "pk", permission=Permission.MATTER_VIEW).filter(tree=tree, code=code).first()
    if found is None:
        field = "unit" if tree == "B" else "party"
        raise Refused(f"there is no {field} {code} in your area", field=field, remedy="check the code", code="node_unknown")
    return found


def _post(account: Any, field: str, code: str) -> Post | None:
    if not code:
        return None
    found = organization.posts(account).filter(code=code, closed_on__isnull=True).first()
    if found is None:
        raise Refused(f"there is no open post {code} in your area", field=field, remedy="see /api/v1/posts", code="post_unknown")
    return found


def _require(request: HttpRequest, permission: Permission) -> None:
    if not can(account_of(request), permission):
        raise NotAllowed(f"no_{permission.replace('.', '_')}")
