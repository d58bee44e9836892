"""Rule checks over duties: RESP-01 (a current list is issued) and RESP-02 (the four “personally”, each with a record)."""

from collections.abc import Sequence
from datetime import date

from rongtong.duties import figures
from rongtong.duties.models import Issue
from rongtong.kernel.periods import Period, PeriodKind, month_of
from rongtong.organization.models import Appointment, PostKind
from rongtong.rules.checks import Case, Finding, met, not_enough, register_check
from rongtong.rules.models import Level, State


def list_issued(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """RESP-01: the node has duties in force."""
    have = set(Issue.objects.filter(ends_on__isnull=True).values_list("node_id", flat=True))
    due_on = date(day.year, 3, 31)
    late = Finding(State.LATE if day > due_on else State.DUE, Level.AMBER, due_on, {"missing": "list"})
    return {subject.node.pk: met(due_on) if subject.node.pk in have else late for subject, _row in cases}


def four_in_person(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """RESP-02: each of the four has a record in the half-year; without a secretary or an account nothing can be told."""
    half = Period.of(PeriodKind.HALF, month_of(day))
    nodes = [subject.node.pk for subject, _row in cases]
    rows = Appointment.objects.on(day).filter(post__node__in=nodes, post__kind=PostKind.SECRETARY).select_related("person__account", "post")
    secretary = {row.post.node_id: row.person for row in rows.order_by("-kind", "pk")}
    found = {}
    for subject, row in cases:
        person = secretary.get(subject.node.pk)
        if person is None or person.account is None:
            found[subject.node.pk] = not_enough("account")
            continue
        seen = figures.in_person(person, day)
        detail = dict(seen.counts)
        if seen.kinds_shown == len(figures.PERSONALLY):
            found[subject.node.pk] = met(half.ends_on, **detail)
        else:
            found[subject.node.pk] = Finding(State.DUE, row.level, half.ends_on, detail)
    return found


def register() -> None:
    """Called from AppConfig.ready."""
    register_check("list_issued", list_issued)
    register_check("four_in_person", four_in_person)
