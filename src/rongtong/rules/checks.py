"""The closed list of predicates, and running them. A check reminds; a person decides."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.periods import add_months, month_of
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Appointment, PartyKind, PartyOrganisation, Post, PostKind, anniversary
from rongtong.rules import queries
from rongtong.rules.models import RuleResult, RuleRow

MET, DUE, LATE, NOT_APPLICABLE, NOT_ENOUGH = "met", "due", "late", "not_applicable", "not_enough_data"


@dataclass(frozen=True, slots=True)
class Finding:
    """State of a rule at a node, when it is due, and the facts that say so."""

    state: str
    level: str = "green"
    due_on: date | None = None
    detail: dict[str, Any] = field(default_factory=dict)


Check = Callable[[PartyOrganisation, RuleRow, date], Finding]
_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Packages above register predicates over their own records."""
    _checks[name] = check


def _form(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    if party.members is None:
        return Finding(NOT_ENOUGH, "info", detail={"missing": "members"})
    arguments, detail = row.arguments, {"members": party.members, "formal": party.formal_members}
    if party.kind == PartyKind.BRANCH:
        fits = (party.formal_members or 0) >= arguments["branch_formal_min"] and party.members <= arguments["branch_members_max"]
    else:
        key = "committee_min" if party.kind == PartyKind.COMMITTEE else "general_branch_min"
        fits = party.members >= arguments[key]
    return Finding(MET, detail=detail) if fits else Finding(LATE, row.level, detail=detail)


def _committee_size(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    if party.kind == PartyKind.BRANCH and (party.formal_members or 0) < row.arguments["committee_from_formal"]:
        return Finding(NOT_APPLICABLE, detail={"formal": party.formal_members})
    kinds = [PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE]
    serving = Appointment.objects.on(day).filter(post__node=party.node, post__kind__in=kinds).values("person_id").distinct().count()
    low, high = row.arguments[party.kind]
    detail = {"serving": serving, "low": low, "high": high}
    return Finding(MET, detail=detail) if low <= serving <= high else Finding(LATE, row.level, detail=detail)


def _expiry(party: PartyOrganisation, row: RuleRow) -> date | None:
    years = party.term_years or row.arguments.get("term_years", {}).get(party.kind)
    if party.elected_on is None or not years:
        return None
    end = anniversary(party.elected_on, years)
    return max(end, party.extended_to) if party.extended_to else end


def _reminder(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    expiry = _expiry(party, row)
    if expiry is None:
        return Finding(NOT_ENOUGH, "info", detail={"missing": "elected_on"})
    before = add_months(month_of(expiry), -int(row.arguments["months_before"]))
    due = date(before // 100, before % 100, min(expiry.day, 28))
    detail = {"expires_on": str(expiry), "reminded_on": str(party.reminded_on or "")}
    if day < due:
        return Finding(NOT_APPLICABLE, due_on=due, detail=detail)
    done = party.reminded_on is not None and party.reminded_on >= due - timedelta(days=31)
    return Finding(MET, due_on=due, detail=detail) if done else Finding(LATE if day > expiry else DUE, row.level, due, detail)


def _term(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    expiry = _expiry(party, row)
    if expiry is None:
        return Finding(NOT_ENOUGH, "info", detail={"missing": "elected_on"})
    detail = {"expires_on": str(expiry), "elected_on": str(party.elected_on)}
    return Finding(MET, due_on=expiry, detail=detail) if day <= expiry else Finding(LATE, row.level, expiry, detail)


def _seats(party: PartyOrganisation, row: RuleRow, day: date) -> Finding:
    kinds = [PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE]
    posts = list(Post.objects.filter(node=party.node, kind__in=kinds, closed_on__isnull=True).order_by("pk"))
    if not posts:
        return Finding(NOT_ENOUGH, "info", detail={"missing": "posts"})
    filled = set(Appointment.objects.on(day).filter(post__in=posts).values_list("post_id", flat=True))
    empty = {post.name: _vacant_since(post, day) for post in posts if post.pk not in filled}
    if not empty:
        return Finding(MET, detail={"seats": len(posts)})
    longest = max((day - since).days for since in empty.values())
    detail = {"vacant": {name: str(since) for name, since in empty.items()}, "days": longest}
    due = min(empty.values()) + timedelta(days=row.grace_days)
    if longest <= row.grace_days:
        return Finding(DUE, "amber", due, detail)
    return Finding(LATE, "red" if longest > row.arguments["red_after_days"] else row.level, due, detail)


def _vacant_since(post: Post, day: date) -> date:
    last = Appointment.objects.filter(post=post, ends_on__lte=day).order_by("-ends_on").first()
    return last.ends_on if last and last.ends_on else post.opened_on


for _name, _check in (
    ("form_fits_members", _form),
    ("committee_size", _committee_size),
    ("reminder_before_expiry", _reminder),
    ("term_kept", _term),
    ("seats_filled", _seats),
):
    register_check(_name, _check)


@act("rules.install")
def install(*, by: Actor) -> int:
    """Add the shipped national rows that are not there yet."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    data = tomllib.loads(files("rongtong.rules").joinpath("data/rules.toml").read_text(encoding="utf-8"))
    have = set(RuleRow.objects.filter(node__isnull=True).values_list("code", flat=True))
    rows = [_row(rule, data["starts_on"]) for rule in data["rule"] if rule["code"] not in have]
    RuleRow.objects.bulk_create(rows)
    current().about(Reference("rule_row", "shipped"), added=len(rows))
    return len(rows)


def _row(rule: dict[str, Any], starts_on: date) -> RuleRow:
    return RuleRow(
        code=rule["code"], title=rule["title"], title_en=rule["title_en"], predicate=rule["predicate"], arguments=rule["arguments"],
        applies_to=rule["applies_to"], period_kind=rule.get("period", ""), grace_days=rule.get("grace_days", 0), level=rule["level"],
        source_text=rule["source"], starts_on=starts_on,
    )  # fmt: skip


@act("rules.run_checks")
def run_checks(*, by: Actor, on: date | None = None) -> int:
    """Evaluate every rule at every open Party organisation; results of the month are replaced. Returns how many there are."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    day = on or clock.today()
    period = month_of(day)
    open_parties = PartyOrganisation.objects.select_related("node").filter(node__closed_on__isnull=True).order_by("node__path")
    found = [result for party in open_parties for result in _evaluate(party, day, period)]
    RuleResult.objects.filter(period=period).delete()
    RuleResult.objects.bulk_create(found, batch_size=2000)
    current().about(Reference("month", str(period)), results=len(found))
    return len(found)


def _evaluate(party: PartyOrganisation, day: date, period: int) -> list[RuleResult]:
    results = []
    for code in sorted(queries.in_force(day).filter(node__isnull=True).values_list("code", flat=True)):
        row = queries.resolve(code, party.node, day)
        if row is None or party.kind not in row.applies_to:
            continue
        check = _checks.get(row.predicate)
        found = check(party, row, day) if check else Finding(NOT_ENOUGH, "info", detail={"missing": "records"})
        results.append(
            RuleResult(
                node=party.node, row=row, rule_code=code, period=period, state=found.state, level=found.level,
                due_on=found.due_on, detail=found.detail,
            )
        )  # fmt: skip
    return results
