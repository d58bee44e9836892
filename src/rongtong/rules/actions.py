"""Acts on rules: install the shipped rows, override one at a node, run the checks, ask for an exception and decide on it."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import month_of
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Appointment, PostKind
from rongtong.rules import evaluating, queries
from rongtong.rules.evaluating import NEEDS_SOMEBODY, Found
from rongtong.rules.models import ChangedMonth, Level, Reminder, RuleException, RuleRow, State
from rongtong.trees.models import Node

BATCH = 2000
TOLD = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.HEAD, PostKind.DEPARTMENT_HEAD)
MAX_REASON = 300


@act("rules.install")
def install(*, by: Actor) -> int:
    """Add the shipped national rows that are not there yet; returns how many were added."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    data = tomllib.loads(files("rongtong.rules").joinpath("data/rules.toml").read_text(encoding="utf-8"))
    have = set(RuleRow.objects.filter(node__isnull=True).values_list("code", flat=True))
    rows = [_row(rule, data["starts_on"]) for rule in data["rule"] if rule["code"] not in have]
    RuleRow.objects.bulk_create(rows)
    current().about(Reference("rule_row", "shipped"), added=len(rows))
    return len(rows)


def _row(rule: Mapping[str, Any], starts_on: date) -> RuleRow:
    return RuleRow(
        code=rule["code"], title=rule["title"], title_en=rule["title_en"], predicate=rule["predicate"], arguments=rule["arguments"],
        applies_to=rule["applies_to"], period_kind=rule.get("period", ""), min_count=rule.get("min_count"), window=rule.get("window", []),
        grace_days=rule.get("grace_days", 0), amber_days=rule.get("amber_days"), level=rule["level"], source_text=rule["source"],
        is_verified=rule["verified"], verified_by="published text" if rule["verified"] else "",
        starts_on=rule.get("starts_on", starts_on), ends_on=rule.get("ends_on"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a row of one's own says differently; None leaves the overridden value."""

    arguments: Mapping[str, Any] | None = None
    min_count: int | None = None
    grace_days: int | None = None
    level: str | None = None
    source_text: str = ""


@act("rules.override")
def override(*, by: Actor, code: str, node: Node | None, change: RowChange, on: date) -> RuleRow:
    """Let a row of its own hold at a node (and below) from a day on; nationally, if no node is named. The earlier row of the place ends."""
    access.require(by, Permission.RULE_EDIT, node, view=Permission.RULE_VIEW)
    base = queries.resolve(code, node, on) if node else RuleRow.objects.on(on).filter(code=code, node__isnull=True).first()
    if base is None:
        raise Refused(
            _("There is no rule %(code)s on %(day)s") % {"code": code, "day": on}, field="code", remedy=_("choose a rule of the list")
        )
    _refuse_change(base, change)
    RuleRow.objects.filter(code=code, node=node, starts_on__gte=on).exclude(results__isnull=False).delete()
    later = RuleRow.objects.filter(code=code, node=node, starts_on__gte=on).first()
    if later is not None:
        what = _("A row from %(day)s was already used by a check") % {"day": later.starts_on}
        raise Refused(what, field="on", remedy=_("choose a later day"), code="used")
    RuleRow.objects.filter(code=code, node=node).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).update(ends_on=on)
    made = _changed(base, node, change, on)
    made.save(force_insert=True)
    current().about(Reference("rule_row", str(made.pk)), code=code, node=node.code if node else "", arguments=dict(change.arguments or {}))
    return made


def _refuse_change(base: RuleRow, change: RowChange) -> None:
    if change.level is not None and change.level not in Level.values:
        raise Refused(_("“%(level)s” is not a level") % {"level": change.level}, field="level", remedy=_("use green, amber, red or info"))
    for name, value in (change.arguments or {}).items():
        if name not in base.arguments:
            allowed = ", ".join(base.arguments)
            what = _("The rule %(code)s has no number “%(name)s”") % {"code": base.code, "name": name}
            raise Refused(what, field=name, remedy=_("use one of: %(names)s") % {"names": allowed}, code="argument")
        if _shape(value) != _shape(base.arguments[name]):
            what = _("“%(name)s” has another form than the row it overrides") % {"name": name}
            raise Refused(what, field=name, remedy=_("write it like %(example)s") % {"example": base.arguments[name]}, code="argument")


def _shape(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, list, dict)):
        return type(value)
    if isinstance(value, list):
        return [_shape(one) for one in value]
    return {name: _shape(one) for name, one in value.items()} if isinstance(value, dict) else float


def _changed(base: RuleRow, node: Node | None, change: RowChange, on: date) -> RuleRow:
    copied = ("code", "title", "title_en", "predicate", "applies_to", "period_kind", "window", "amber_days", "article")
    made = RuleRow(
        node=node, starts_on=on, arguments={**base.arguments, **(change.arguments or {})}, **{n: getattr(base, n) for n in copied}
    )
    made.min_count = base.min_count if change.min_count is None else change.min_count
    made.grace_days = base.grace_days if change.grace_days is None else change.grace_days
    made.level = change.level or base.level
    made.source_text = change.source_text or _("own rule, instead of: %(source)s") % {"source": base.source_text}
    made.source_text = made.source_text[:300]
    return made


@act("rules.verify")
def verify(*, by: Actor, row: RuleRow) -> RuleRow:
    """Say that a person compared a row with the printed regulation."""
    access.require(by, Permission.RULE_EDIT, row.node, view=Permission.RULE_VIEW)
    row.is_verified, row.verified_by = True, by.label[:120]
    row.save(update_fields=["is_verified", "verified_by"])
    current().about(Reference("rule_row", str(row.pk)), code=row.code)
    return row


@act("rules.run_checks")
def run_checks(*, by: Actor, on: date | None = None, since: int | None = None) -> int:
    """Evaluate every rule at every open node it applies to, for the periods around a day and those whose records changed; with `since`,
    for every period from that month on. Returns how many results there are."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    day = on or clock.today()
    scope = evaluating.since(since, day) if since is not None else evaluating.nightly(day)
    found = evaluating.evaluate(scope)
    changed = evaluating.write(found, scope)
    ChangedMonth.objects.filter(month__lte=month_of(day)).delete()
    now = {(kind, period.code) for kind, period in evaluating.nightly(day).asked}
    told = _remind([one for one in found if (one.row.period_kind, one.period) in now])
    current().about(Reference("month", str(month_of(day))), results=len(found), changed=changed, told=told)
    return len(found)


@act("rules.run_for")
def run_for(*, by: Actor, nodes: Collection[int], day: date, codes: Collection[str] = ()) -> int:
    """Look again at the periods around a day at some nodes (all rules there, if none is named); returns how many results changed."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    changed = evaluating.renew(nodes, day, codes)
    current().about(Reference("month", str(month_of(day))), nodes=sorted(nodes)[:50], changed=changed)
    return changed


def _remind(found: list[Found]) -> int:
    """Tell those who lead a node, once per finding and state."""
    open_found = [one for one in found if one.finding.state in NEEDS_SOMEBODY]
    leaders: dict[int, set[str]] = defaultdict(set)
    serving = Appointment.objects.on(clock.today()).filter(post__kind__in=TOLD, person__account__is_active=True).order_by()
    for node, account in serving.values_list("post__node_id", "person__account__uid"):
        leaders[node].add(str(account))
    seen = Reminder.objects.filter(period__in={one.period for one in open_found})
    told = set(seen.values_list("to_uid", "node_id", "rule_code", "period", "state"))
    fresh = [
        (uid, one)
        for one in open_found
        for uid in sorted(leaders.get(one.node.pk, ()))
        if (uid, *one.key, str(one.finding.state)) not in told
    ]
    rows = [Reminder(to_uid=uid, node=f.node, rule_code=f.row.code, period=f.period, state=f.finding.state) for uid, f in fresh]
    Reminder.objects.bulk_create(rows, batch_size=BATCH)
    for uid, one in fresh:
        current().tell(_message(uid, one))
    return len(fresh)


def _message(uid: str, one: Found) -> Message:
    values = {"name": one.node.name, "rule": one.row.title, "state": State(one.finding.state).label}
    text = _("%(name)s: “%(rule)s” is %(state)s") % values
    if one.finding.due_on is not None:
        text += _(" (day: %(day)s)") % {"day": one.finding.due_on}
    url = f"{reverse('rules:which', args=[one.row.code, one.node.pk])}?period={one.period}"
    return Message(uid, "rule", text, Reference("node", str(one.node.pk)), {"url": url})


@act("rules.request_exception")
def request_exception(
    *, by: Actor, code: str, node: Node, starts_on: date, ends_on: date, reason: str, document: str = ""
) -> RuleException:  # fmt: skip
    """Ask that a rule be set aside at a node for a time; it has no force until another person approves it."""
    access.require(by, Permission.NOTE_SEND, node, view=Permission.RULE_VIEW)
    if queries.resolve(code, node, starts_on) is None:
        raise Refused(_("There is no rule %(code)s here") % {"code": code}, field="code", remedy=_("choose a rule of the list"))
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Refused(_("The reason is empty or longer than 300 characters"), field="reason", remedy=_("say in a sentence why"))
    if ends_on <= starts_on:
        raise Refused(_("The exception ends before it begins"), field="ends_on", remedy=_("choose a later end"), code="span")
    made = RuleException.objects.create(
        node=node, rule_code=code, starts_on=starts_on, ends_on=ends_on, reason=reason.strip(), document=document.strip()[:80],
        requested_by=str(by.uid), requested_label=by.label,
    )  # fmt: skip
    current().about(Reference("rule_exception", str(made.pk)), code=code, node=node.code, until=str(ends_on))
    return made


@act("rules.decide_exception")
def decide_exception(*, by: Actor, exception: RuleException, is_approved: bool) -> RuleException:
    """Approve or decline; never by whoever asked."""
    access.require(by, Permission.RULE_EDIT, exception.node, view=Permission.RULE_VIEW)
    exception = RuleException.objects.select_for_update().select_related("node").get(pk=exception.pk)
    if exception.decided_at is not None:
        raise Refused(_("It was already decided by %(who)s") % {"who": exception.decided_label}, remedy=_("ask anew if it is still needed"))
    if str(by.uid) == exception.requested_by:
        raise Refused(_("Whoever asks for an exception cannot decide on it"), remedy=_("let another person decide"), code="two_persons")
    exception.decided_by, exception.decided_label, exception.decided_at = str(by.uid), by.label, clock.now()
    exception.is_approved = is_approved
    try:
        with transaction.atomic():
            exception.save(update_fields=["decided_by", "decided_label", "decided_at", "is_approved"])
    except IntegrityError as refused:  # the database's own two-person rule
        raise Refused(
            _("Whoever asks for an exception cannot decide on it"), remedy=_("let another person decide"), code="two_persons"
        ) from refused
    if is_approved:
        _excuse(exception)
    current().about(Reference("rule_exception", str(exception.pk)), is_approved=is_approved)
    return exception


def _excuse(exception: RuleException) -> None:
    """What it covers until today is excused at once; the next run of the checks says the same."""
    today = clock.today()
    scope = evaluating.since(month_of(min(exception.starts_on, today)), today)
    scope = replace(scope, nodes=frozenset({exception.node_id}), codes=frozenset({exception.rule_code}))
    evaluating.write(evaluating.evaluate(scope), scope)
