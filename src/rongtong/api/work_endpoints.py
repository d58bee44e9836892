"""Routes of the work: matters, duties, plans, links, carriers, results; each list is scoped by the account behind the token."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Schema

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.api.endpoints import Filters, Page, listed, placed, require
from rongtong.api.main import api
from rongtong.api.paging import page_of_rows
from rongtong.duties import queries as duty_queries
from rongtong.duties.assigning import implementations
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import Period, parse_month
from rongtong.ledger import actions as ledger
from rongtong.ledger import queries as ledger_queries
from rongtong.ledger.models import Matter
from rongtong.ledger.states import OPEN
from rongtong.organization import queries as organization
from rongtong.organization.models import Post
from rongtong.plans import queries as plan_queries
from rongtong.trees.models import Node


@api.get("/matters", response=Page)
def matter_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Matters in your area; `state` also takes open, `period` is the month they are due in."""
    require(request, Permission.MATTER_VIEW)
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
    return listed(found, _matter, f)


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


@api.get("/duties", response=Page)
def duty_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Duties in force at your units; `state` is signed or unsigned."""
    require(request, Permission.DUTY_VIEW)
    found = _issued(request, f)
    if f.state:
        found = found.filter(signed_on__isnull=f.state != "signed")
    show = lambda row: _duty(row) | {"signed_on": row.signed_on, "starts_on": row.starts_on, "per": row.duty.per, "title": row.duty.title}
    return listed(found, show, f)


def _issued(request: HttpRequest, f: Filters) -> QuerySet[Any]:
    found = duty_queries.issues(account_of(request)).order_by()
    return placed(found.filter(duty_code=f.code) if f.code else found, f, "node")


def _duty(row: Any) -> dict[str, Any]:
    posts = {"leader_post": row.leader_post, "handler_post": row.handler_post}
    named = {name: post.code if post else None for name, post in posts.items()}
    return {"duty_code": row.duty_code, "node_code": row.node.code, "tree": row.node.tree, "is_personal": row.duty.is_personal} | named


@api.get("/duties/holes", response=Page)
def duty_holes(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Duties that nobody implements today; `state` is the kind of hole: no_post, vacant, two, no_account, no_deputy."""
    require(request, Permission.DUTY_VIEW)
    found = implementations(list(_issued(request, f).order_by("node__path", "duty_code")), clock.today())
    rows = [_duty(one.issue) | {"hole": str(one.hole), "part": one.at} for one in found if one.hole is not None]
    return page_of_rows([row for row in rows if not f.state or row["hole"] == f.state], limit=f.limit, cursor=f.cursor)


@api.get("/objectives", response=Page)
def objective_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Objectives of both sides; `period` is the year's last month, `state` the side."""
    require(request, Permission.PLAN_VIEW)
    found = plan_queries.objectives(account_of(request)).order_by().prefetch_related("key_results__indicator")
    found = found.filter(code=f.code) if f.code else found
    found = found.filter(plan__unit__code=f.unit) if f.unit else found
    found = found.filter(plan__party__code=f.party) if f.party else found
    found = found.filter(plan__year=parse_month(f.period) // 100) if f.period else found
    found = found.filter(side=f.state) if f.state else found
    return listed(found, _objective, f)


def _objective(o: Any) -> dict[str, Any]:
    results = [{"indicator_code": k.indicator.code, "baseline": k.baseline, "target": k.target} for k in o.key_results.all()]
    return {
        "code": o.code, "title": o.title, "side": o.side, "unit_code": o.plan.unit.code, "party_code": o.plan.party.code if o.plan.party else None,
        "year": o.plan.year, "owner_post": o.owner.code, "co_owner_post": o.co_owner.code if o.co_owner else None, "source": o.source,
        "due_on": o.due_on, "dropped_on": o.dropped_on, "parent_code": o.parent.code if o.parent else None, "key_results": results,
    }  # fmt: skip


@api.get("/integration-links", response=Page)
def integration_link_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """融合点: counts only in state confirmed."""
    require(request, Permission.PLAN_VIEW)
    found = plan_queries.links(account_of(request)).order_by()
    found = found.filter(code=f.code) if f.code else found
    found = found.filter(production_objective__plan__unit__code=f.unit) if f.unit else found
    found = found.filter(party_objective__plan__party__code=f.party) if f.party else found
    found = found.filter(state=f.state) if f.state else found
    show = lambda x: {
        "code": x.code, "party_objective": x.party_objective.code, "production_objective": x.production_objective.code,
        "carrier_code": x.carrier.code, "indicator_code": x.indicator.code, "target": x.target, "process": x.process, "state": x.state,
        "proposed_on": x.proposed_on, "lapses_on": x.lapses_on, "party_confirmed_on": x.party_confirmed_on,
        "production_confirmed_on": x.production_confirmed_on,
    }  # fmt: skip
    return listed(found, show, f)


@api.get("/carriers", response=Page)
def carrier_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    require(request, Permission.PLAN_VIEW)
    found = _two_placed(plan_queries.carriers(account_of(request)).order_by(), f)
    found = found.filter(state=f.state) if f.state else found
    names = ("code", "title", "baseline", "target", "starts_on", "ends_on", "state", "result", "badge", "saving_fen", "accepted_on")
    show = lambda c: {name: getattr(c, name) for name in names} | {
        "kind": c.kind.code, "unit_code": c.unit.code, "party_code": c.party.code, "owner_post": c.owner.code, "indicator_code": c.indicator.code,
    }  # fmt: skip
    return listed(found, show, f)


def _two_placed(found: QuerySet[Any], f: Filters) -> QuerySet[Any]:
    found = found.filter(code=f.code) if f.code else found
    found = found.filter(unit__code=f.unit) if f.unit else found
    return found.filter(party__code=f.party) if f.party else found


@api.get("/results", response=Page)
def result_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """成果台账; `state` is confirmed or claimed; a role that the business side has not confirmed is a claim."""
    require(request, Permission.PLAN_VIEW)
    found = _two_placed(plan_queries.results(account_of(request)).order_by(), f)
    if f.state:
        found = found.exclude(confirmed_by="") if f.state == "confirmed" else found.filter(confirmed_by="").exclude(party_role="")
    names = ("code", "title", "on", "value_fen", "party_role", "confirmed_on")
    show = lambda r: {name: getattr(r, name) for name in names} | {
        "unit_code": r.unit.code, "party_code": r.party.code if r.party else None, "carrier_code": r.carrier.code if r.carrier else None,
    }  # fmt: skip
    return listed(found, show, f)
