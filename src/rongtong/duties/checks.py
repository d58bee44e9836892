"""Rule checks over duties: RESP-01 (a current list is issued) and RESP-02 (the four “personally”, each with a record)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from rongtong.duties.models import Issue
from rongtong.ledger.models import Step
from rongtong.ledger.states import PERSONALLY
from rongtong.ledger.states import State as MatterState
from rongtong.organization.models import Appointment, PostKind
from rongtong.rules.checks import Case, Finding, Span, met, not_done, not_enough, register_check, register_period_check
from rongtong.rules.models import Level, State

_NAMES = {kind: name for name, kinds in PERSONALLY.items() for kind in kinds}
_UNCOUNTED = (MatterState.DRAFT, MatterState.VOID, MatterState.SUSPENDED)


def list_issued(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """RESP-01: the node has duties in force."""
    have = set(Issue.objects.filter(ends_on__isnull=True).values_list("node_id", flat=True))
    due_on = date(day.year, 3, 31)
    late = Finding(State.LATE if day > due_on else State.DUE, Level.AMBER, due_on, {"missing": "list"})
    return {subject.node.pk: met(due_on) if subject.node.pk in have else late for subject, _row in cases}


def four_in_person(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """RESP-02: each of the four has a record in the half-year; without a secretary or an account nothing can be told."""
    nodes = {subject.node.pk for subject, _row in cases}
    rows = Appointment.objects.on(span.until).filter(post__kind=PostKind.SECRETARY, post__node__in=nodes).order_by("-kind", "pk")
    account = {
        node: (person, str(uid) if uid else "")
        for node, person, uid in rows.values_list("post__node_id", "person_id", "person__account__uid")
    }
    shown = _shown({person: uid for person, uid in account.values() if uid}, span)
    found = {}
    for subject, row in cases:
        person, uid = account.get(subject.node.pk, (0, ""))
        if not uid:
            found[subject.node.pk] = not_enough("account")
            continue
        # how often is for the secretary and the superior only; whoever sees the rule sees whether it is met
        is_met = all(shown[person][name] for name in PERSONALLY)
        found[subject.node.pk] = met(span.period.ends_on) if is_met else not_done(row, span, span.period.ends_on, {})
    return found


def _shown(people: dict[int, str], span: Span) -> dict[int, Counter[str]]:
    """Person to how often each of the four was shown, by steps of the own account in matters that the person led on their due day."""
    served: dict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
    spans = Appointment.objects.filter(person__in=people).values_list("post_id", "person_id", "starts_on", "ends_on")
    for post, person, starts, ends in spans.order_by("pk"):
        served[post].append((person, starts, ends))
    first, last = span.period.starts_on, span.until
    rows = Step.objects.filter(on__gte=first, on__lte=last, matter__due_on__gte=first, matter__due_on__lte=span.period.ends_on)
    rows = rows.filter(kind__in=_NAMES).exclude(by_part="handler").exclude(matter__state__in=_UNCOUNTED)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for kind, uid, post, due in rows.order_by().values_list("kind", "by_uid", "matter__leader_post_id", "matter__due_on"):
        for person, starts, ends in served.get(post or 0, ()):
            if people[person] == uid and starts <= due and (ends is None or due < ends):
                found[person][_NAMES[kind]] += 1
    return found


def register() -> None:
    """Called from AppConfig.ready."""
    register_check("list_issued", list_issued)
    register_period_check("four_in_person", four_in_person)
