"""Checks over means and the form of a legal person, where the organisation's own records can tell: two-way entry, share of Party staff.
Payroll, Party-work funds, department staffing and the articles of association are not kept here; what is missing is said."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from rongtong.organization.models import Appointment
from rongtong.organization.queries import BUSINESS_POSTS, PARTY_POSTS
from rongtong.rules.checks import Case, Finding, Subject, met, not_enough, register_check
from rongtong.rules.models import Level, RuleRow, State
from rongtong.trees.models import LinkKind, Node, TreeLink

STAFF = "RES-02"  # of the shares, the one that posts and head-counts can tell
_MISSING = {"RES-01": "payroll", "RES-03": "staffing"}


def articles_clause(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-06: whether the articles hold the clause; no articles are kept here."""
    return {subject.node.pk: not_enough("papers") for subject, _row in cases}


def two_way_entry(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-07: leaders who hold both a Party and a business post at a legal person. For information: one shoulder by itself is never a fault."""
    nodes = {subject.node.pk for subject, _row in cases}
    parties: dict[int, set[int]] = defaultdict(set)
    links = TreeLink.objects.on(day).filter(kind__in=[LinkKind.OWN, LinkKind.JOINT], unit__in=nodes)
    for unit, party in links.values_list("unit_id", "party_id"):
        parties[party].add(unit)
    sides: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    rows = Appointment.objects.on(day).filter(post__node__in=nodes | parties.keys(), post__kind__in=(*PARTY_POSTS, *BUSINESS_POSTS))
    for node, kind, person in rows.order_by().values_list("post__node_id", "post__kind", "person_id"):
        for unit in {node} & nodes | parties.get(node, set()):
            sides[unit][kind in BUSINESS_POSTS].add(person)
    return {subject.node.pk: _crossed(*sides[subject.node.pk]) for subject, _row in cases}


def _crossed(party: set[int], business: set[int]) -> Finding:
    if not party or not business:
        return not_enough("posts")
    both = len(party & business)
    if both:
        return met(crossed=both, leaders=len(party | business))
    return Finding(State.DUE, Level.INFO, detail={"crossed": 0, "leaders": len(party | business)})


def share_at_least(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """RES-02: people who serve in Party posts only, over the head-count, at a legal person with all below it; RES-01 and 03: not kept."""
    told = [case for case in cases if case[1].code == STAFF]
    found = {subject.node.pk: not_enough(_MISSING.get(row.code, "means")) for subject, row in cases}
    if told:
        counts = _staff_and_heads(day)
        found |= {subject.node.pk: _share(subject, row, counts) for subject, row in told}
    return found


def _staff_and_heads(day: date) -> dict[str, tuple[set[int], int]]:
    """Path of a unit to the Party-only staff linked to it and its own head-count."""
    posts = list(Appointment.objects.on(day).order_by().values_list("post__node_id", "post__node__tree", "person_id"))
    in_business = {person for _node, tree, person in posts if tree == "B"}
    staff: dict[int, set[int]] = defaultdict(set)
    for node, tree, person in posts:
        if tree == "P" and person not in in_business:
            staff[node].add(person)
    linked: dict[int, set[int]] = defaultdict(set)
    for unit, party in TreeLink.objects.on(day).exclude(kind=LinkKind.TEMPORARY).values_list("unit_id", "party_id"):
        linked[unit] |= staff.get(party, set())
    units = Node.objects.filter(tree="B").open_on(day).values_list("pk", "path", "unit__headcount")
    return {path: (linked.get(pk, set()), heads or 0) for pk, path, heads in units}


def _share(subject: Subject, row: RuleRow, counts: dict[str, tuple[set[int], int]]) -> Finding:
    inside = [one for path, one in counts.items() if path.startswith(subject.node.path)]
    heads, staff = sum(count for _people, count in inside), set().union(*(people for people, _count in inside))
    if not heads:
        return not_enough("headcount")
    detail = {"staff": len(staff), "headcount": heads, "share": round(len(staff) / heads, 4), "wanted": row.arguments["share"]}
    if len(staff) >= row.arguments["share"] * heads:
        return met(**detail)
    return Finding(State.DUE, row.level, detail=detail)


def register() -> None:
    """Called from AppConfig.ready."""
    for check in (articles_clause, two_way_entry, share_at_least):
        register_check(check.__name__, check)
