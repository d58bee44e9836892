"""Routes: each list is scoped by the account behind the token, in the order of its key."""

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
from rongtong.kernel.periods import parse_month
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment
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


def listed(queryset: QuerySet[Any], show: Any, f: Filters) -> dict[str, Any]:
    return page(queryset, show, limit=f.limit, cursor=f.cursor, count=f.count)


def placed(queryset: QuerySet[Any], f: Filters, field: str) -> QuerySet[Any]:
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
    return listed(
        placed(found, f, "node"),
        lambda u: {**_node(u.node), "kind": u.kind, "headcount": u.headcount, "is_legal_person": u.is_legal_person},
        f,
    )


@api.get("/parties", response=Page)
def parties(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    found = organization.parties(account_of(request)).select_related("node__parent")
    found = found.filter(node__code=f.code) if f.code else found
    names = ("kind", "members", "formal_members", "elected_on", "term_years")
    return listed(placed(found, f, "node"), lambda p: _node(p.node) | {name: getattr(p, name) for name in names}, f)


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
    return listed(found, show, f)


@api.get("/persons", response=Page)
def persons(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    require(request, Permission.PERSON_VIEW)
    found = organization.persons(account_of(request))
    found = found.filter(code=f.code) if f.code else found
    return listed(found, lambda p: {"code": p.code, "name": p.name, "member_kind": p.member_kind, "joined_on": p.joined_on}, f)


@api.get("/posts", response=Page)
def posts(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    found = organization.posts(account_of(request))
    found = placed(found.filter(code=f.code) if f.code else found, f, "node")
    show = lambda p: {
        "code": p.code,
        "name": p.name,
        "node_code": p.node.code,
        "kind": p.kind,
        "opened_on": p.opened_on,
        "closed_on": p.closed_on,
    }
    return listed(found, show, f)


@api.get("/appointments", response=Page)
def appointments(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    require(request, Permission.PERSON_VIEW)
    found = scoped(
        Appointment.objects.select_related("person", "post"), account_of(request), "post__node", permission=Permission.PERSON_VIEW
    )
    found = placed(found.filter(post__code=f.code) if f.code else found, f, "post__node")
    show = lambda a: {
        "person_code": a.person.code,
        "post_code": a.post.code,
        "kind": a.kind,
        "starts_on": a.starts_on,
        "ends_on": a.ends_on,
    }
    return listed(found, show, f)


@api.get("/indicators", response=Page)
def indicator_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    require(request, Permission.INDICATOR_VIEW)
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
    return listed(found, lambda i: {name: getattr(i, name) for name in names} | {"unit": i.unit_text}, f)


@api.get("/observations", response=Page)
def observations(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    require(request, Permission.OBSERVATION_VIEW)
    found = indicator_queries.current(account_of(request)).select_related("node", "indicator")
    return listed(_dated(placed(found, f, "node"), f), _observation, f)


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
    require(request, Permission.OBSERVATION_VIEW)
    found = scoped(Target.objects.select_related("unit", "indicator"), account_of(request), "unit", permission=Permission.OBSERVATION_VIEW)
    found = _dated(placed(found, f, "unit"), f)
    show = lambda t: {
        "unit_code": t.unit.code,
        "indicator_code": t.indicator.code,
        "period": t.period,
        "target": t.target,
        "floor": t.floor,
        "stretch": t.stretch,
    }
    return listed(found, show, f)


@api.get("/runs", response=Page)
def runs(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    require(request, Permission.RUN_VIEW)
    found = panel.runs(account_of(request))
    found = found.filter(state=f.state) if f.state else found
    found = found.filter(period=parse_month(f.period)) if f.period else found
    names = ("number", "period", "first_period", "state", "input_hash", "method", "counts", "created_at", "published_at")
    return listed(found, lambda r: {"id": r.pk} | {name: getattr(r, name) for name in names}, f)


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
        node = placed(scoped(Node.objects.all(), account, "pk"), f, "").first()
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
    require(request, Permission.RULE_VIEW)
    found = RuleRow.objects.select_related("node").filter(
        Q(node__isnull=True) | Q(node__in=scoped(Node.objects.all(), account_of(request), "pk"))
    )
    found = found.filter(code=f.code) if f.code else found
    names = ("code", "title", "title_en", "arguments", "applies_to", "level", "is_verified", "starts_on", "ends_on")
    return listed(found, lambda r: {name: getattr(r, name) for name in names} | {"node_code": r.node.code if r.node else None}, f)


@api.get("/rules/results", response=Page)
def rule_results(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """States: met due late excused not_applicable not_enough_data."""
    require(request, Permission.RULE_VIEW)
    found = placed(rules.results(account_of(request)), f, "node")
    found = found.filter(rule_code=f.code) if f.code else found
    found = found.filter(state=f.state) if f.state else found
    found = found.filter(period=parse_month(f.period)) if f.period else found
    names = ("rule_code", "period", "state", "level", "due_on", "detail")
    return listed(found, lambda r: {name: getattr(r, name) for name in names} | {"node_code": r.node.code}, f)


def require(request: HttpRequest, permission: Permission) -> None:
    if not can(account_of(request), permission):
        raise NotAllowed(f"no_{permission.replace('.', '_')}")
