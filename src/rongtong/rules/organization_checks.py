"""The checks ORG-01 to ORG-05, over the records of the organisation. Every number comes from the row."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Max

from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, PartyKind, PartyOrganisation, Post, PostKind, UnitKind, anniversary
from rongtong.rules.checks import Case, Finding, after_grace, met, months_before, not_enough, register_check
from rongtong.rules.models import Level, RuleRow, State
from rongtong.trees.models import LinkKind, TreeLink

SEATS = organization.PARTY_POSTS


def form_fits_members(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-01: does the form of an organisation fit its members; does a unit with enough full members have one."""
    units = [subject.node.pk for subject, _row in cases if subject.unit is not None]
    formal = organization.formal_members_at(day) if units else {}
    linked = set(TreeLink.objects.on(day).exclude(kind=LinkKind.COVERS).values_list("unit_id", flat=True)) if units else set()
    found = {}
    for subject, row in cases:
        if subject.party is not None:
            found[subject.node.pk] = _form(subject.party, row, day)
        else:
            found[subject.node.pk] = _coverage(subject, row, day, formal.get(subject.node.pk), subject.node.pk in linked)
    return found


def _form(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    number = party.formal_members if party.kind == PartyKind.BRANCH else party.members
    if number is None or party.members is None:
        return not_enough("members")
    a = row.arguments
    detail: dict[str, Any] = {"members": party.members, "formal_members": party.formal_members}
    if party.kind == PartyKind.BRANCH:
        hint = "merge" if number < a["branch_formal_min"] else "split" if party.members > a["branch_members_max"] else ""
    elif party.kind == PartyKind.GENERAL_BRANCH:
        hint = "approval" if number < a["general_branch_min"] else "committee" if number > a["general_branch_max"] else ""
    else:
        hint = "approval" if number < a["committee_min"] else ""
    if not hint:
        return met(**detail)
    opened = party.node.opened_on
    return after_grace(row, opened, day, opened + timedelta(days=row.grace_days), {**detail, "hint": hint})


def _coverage(subject: Any, row: RuleRow, day: date, formal: int | None, is_linked: bool) -> Finding:
    if subject.unit.kind == UnitKind.TEAM:
        return Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"reason": "team"})
    if is_linked:
        return met(formal_members=formal)
    if formal is None:
        return not_enough("appointments")
    if formal < row.arguments["body_needed_from"]:
        return Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"formal_members": formal})
    opened = subject.node.opened_on
    return after_grace(row, opened, day, opened + timedelta(days=row.grace_days), {"formal_members": formal, "hint": "set_up"})


def committee_size(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-02: how many serve in the committee, one secretary, not too many deputies."""
    serving: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    nodes = {subject.node.pk for subject, _row in cases}
    rows = Appointment.objects.on(day).filter(post__kind__in=SEATS).order_by()
    for node, kind, person in rows.values_list("post__node_id", "post__kind", "person_id"):
        if node in nodes:
            serving[node][kind].add(person)
    return {subject.node.pk: _size(subject.party, row, serving.get(subject.node.pk, {}), day) for subject, row in cases if subject.party}


def _size(party: PartyOrganisation, row: RuleRow, serving: dict[str, set[int]], day: date) -> Finding:
    a = row.arguments
    if party.kind == PartyKind.BRANCH:
        if party.formal_members is None:
            return not_enough("members")
        if party.formal_members < a["committee_from_formal"]:
            return Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"formal_members": party.formal_members})
    if not serving:
        return not_enough("posts")
    people = len(set().union(*serving.values()))
    secretaries, deputies = len(serving.get(PostKind.SECRETARY, ())), len(serving.get(PostKind.DEPUTY, ()))
    low, high = a[party.kind]
    detail = {"serving": people, "low": low, "high": high, "secretaries": secretaries, "deputies": deputies}
    if low <= people <= high and secretaries == a["secretaries"] and deputies <= a["deputies_max"][party.kind]:
        return met(**detail)
    opened = party.node.opened_on
    return after_grace(row, opened, day, opened + timedelta(days=row.grace_days), detail)


def expiry_of(party: PartyOrganisation, row: RuleRow) -> date | None:
    """Last day of the term; its length is the organisation's own or the rule's."""
    years = party.term_years or row.arguments["term_years"].get(party.kind)
    if party.elected_on is None or not years:
        return None
    end = anniversary(party.elected_on, int(years))
    return max(end, party.extended_to) if party.extended_to else end


def reminder_before_expiry(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-03: the superior reminded in good time (the reminder of an earlier term was cleared by its re-election)."""
    return {subject.node.pk: _reminder(subject.party, row, day) for subject, row in cases if subject.party}


def _reminder(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    expiry = expiry_of(party, row)
    if expiry is None:
        return not_enough("elected_on")
    due = months_before(expiry, int(row.arguments["months_before"]))
    detail = {"expires_on": str(expiry), "reminded_on": str(party.reminded_on or "")}
    if party.reminded_on is not None:
        return met(due, **detail)
    if day <= due:
        is_near = due - day <= timedelta(days=row.amber_days or 0)
        return Finding(State.DUE, Level.AMBER, due, detail) if is_near else Finding(State.NOT_APPLICABLE, Level.GREEN, due, detail)
    return Finding(State.LATE, row.level, due, detail)


def term_kept(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-04: re-elected on time, or with an approved extension."""
    return {subject.node.pk: _term(subject.party, row, day) for subject, row in cases if subject.party}


def _term(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    expiry = expiry_of(party, row)
    if expiry is None:
        return not_enough("elected_on")
    detail = {"elected_on": str(party.elected_on), "expires_on": str(expiry), "extended": party.extended_to is not None}
    if day > expiry:
        return Finding(State.LATE, row.level, expiry, detail)
    if day > months_before(expiry, int(row.arguments["months_amber"])):
        return Finding(State.DUE, Level.AMBER, expiry, detail)
    return met(expiry, **detail)


def seats_filled(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """ORG-05: no seat of secretary, deputy or member stays empty for long."""
    nodes = [subject.node.pk for subject, _row in cases]
    seats: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.filter(kind__in=SEATS, closed_on__isnull=True, opened_on__lte=day).order_by("code"):
        seats[post.node_id].append(post)
    serving = set(Appointment.objects.on(day).filter(post__kind__in=SEATS).values_list("post_id", flat=True))
    ended = Appointment.objects.filter(post__kind__in=SEATS, ends_on__lte=day).order_by().values("post_id").annotate(last=Max("ends_on"))
    last = dict(ended.values_list("post_id", "last"))
    rows = {subject.node.pk: row for subject, row in cases}
    return {node: _seats(seats.get(node, []), serving, last, rows[node], day) for node in nodes}


def _seats(posts: list[Post], serving: set[int], last: dict[int, date], row: RuleRow, day: date) -> Finding:
    if not posts:
        return not_enough("posts")
    empty = [(last.get(post.pk) or post.opened_on, post) for post in posts if post.pk not in serving]
    if not empty:
        return met(seats=len(posts))
    since = min(day_of for day_of, _post in empty)
    detail = {"vacant": {post.name: str(day_of) for day_of, post in empty}, "days": (day - since).days}
    level = Level.RED if (day - since).days > row.arguments["red_after_days"] else row.level
    found = after_grace(row, since, day, since + timedelta(days=row.grace_days), detail, level)
    return Finding(found.state, found.level, found.due_on, found.detail, tuple(f"post:{post.pk}" for _day, post in empty))


def register() -> None:
    """Called from AppConfig.ready."""
    for check in (form_fits_members, committee_size, reminder_before_expiry, term_kept, seats_filled):
        register_check(check.__name__, check)
