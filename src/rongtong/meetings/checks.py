"""Rule checks over meetings: how often, in which days, by whom, and what was agreed. Every number comes from the row.

Missing is not zero, and yet "not one meeting in a year" must be found. So a period counts as kept here when it began no earlier than the
month of the first recorded meeting, and the organisation was open on its first day; only then is what is missing late. A meeting whose
attendance did not reach its quorum does not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet

from rongtong.ledger.models import Matter
from rongtong.ledger.states import State as MatterState
from rongtong.meetings.models import HELD_STATES, Meeting
from rongtong.meetings.voting import share_of
from rongtong.organization.models import Post, PostKind
from rongtong.rules import queries as rules
from rongtong.rules.checks import (
    Case,
    Finding,
    Span,
    Subject,
    after_grace,
    met,
    not_done,
    not_enough,
    register_check,
    register_period_check,
)
from rongtong.rules.models import Level, Notice, RuleRow, State
from rongtong.trees.models import Node, paths_above

FEW = 400  # so many nodes are named in a question; for more it is asked for all
SHOWN = 5
UNCOUNTED = (MatterState.DRAFT, MatterState.VOID, MatterState.SUSPENDED)


def held(first: date, last: date, cases: Sequence[Case] = ()) -> QuerySet[Meeting]:
    """Meetings held in [first, last] that count, at the nodes of the cases if they are few."""
    rows = Meeting.objects.filter(held_on__gte=first, held_on__lte=last, state__in=HELD_STATES).exclude(is_valid=False).order_by()
    return rows.filter(node__in=[subject.node.pk for subject, _row in cases]) if 0 < len(cases) <= FEW else rows


def kept_since() -> date | None:
    """The first day of the month of the first meeting that is recorded here at all."""
    first: date | None = Meeting.objects.filter(held_on__isnull=False).aggregate(first=Min("held_on"))["first"]
    return first.replace(day=1) if first else None


def unknown(subject: Subject, starts_on: date, since: date | None) -> Finding | None:
    """Why nothing can be said of a span in which nothing was found; None if it was kept here throughout."""
    if since is None or starts_on < since:
        return not_enough("meetings")
    return not_enough("opened") if subject.node.opened_on > starts_on else None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many meetings a node held, and the first and last of them as records behind the number."""

    count: int
    first: int
    last: int

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(f"meeting:{pk}" for pk in dict.fromkeys((self.last, self.first)))


def counted(rows: QuerySet[Meeting]) -> dict[tuple[int, str], Counted]:
    """(node, kind) to what was held."""
    grouped = rows.values("node_id", "kind__code").annotate(count=Count("pk"), first=Min("pk"), last=Max("pk"))
    return {(r["node_id"], r["kind__code"]): Counted(r["count"], r["first"], r["last"]) for r in grouped}


def meeting_count(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-01 to 05, 09, 17, 18: at least so many meetings of a kind in the period."""
    kinds = {row.arguments["meeting"] for _subject, row in cases}
    found = counted(held(span.period.starts_on, span.until, cases).filter(kind__code__in=kinds))
    since = kept_since()
    committees = _with_committee(span.until) if any(row.arguments.get("needs_committee") for _subject, row in cases) else set()
    answer = {}
    for subject, row in cases:
        if row.arguments.get("needs_committee") and subject.node.pk not in committees:
            answer[subject.node.pk] = Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"reason": "no_committee"})
            continue
        one = found.get((subject.node.pk, row.arguments["meeting"]))
        answer[subject.node.pk] = enough(subject, row, span, one, since)
    return answer


def _with_committee(day: date) -> set[int]:
    """Branches that have a committee: a seat of a committee member is open."""
    posts = Post.objects.filter(kind=PostKind.COMMITTEE, opened_on__lte=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    return set(posts.order_by().values_list("node_id", flat=True))


def enough(subject: Subject, row: RuleRow, span: Span, one: Counted | None, since: date | None) -> Finding:
    """Met by the row's count, or what a missing one means on that day."""
    count, wanted = one.count if one else 0, row.min_count or 1
    detail = {"held": count, "wanted": wanted}
    if one is not None and count >= wanted:
        return Finding(State.MET, Level.GREEN, span.period.ends_on, detail, one.references)
    dark = unknown(subject, span.period.starts_on, since)
    return dark or not_done(row, span, span.period.ends_on, detail)


@dataclass(frozen=True, slots=True)
class Window:
    """In which days a yearly meeting counts, when it turns amber and when it is late."""

    starts_on: date
    counts_until: date
    amber_on: date
    late_after: date
    opens_on: date | None = None  # of the superior's notice
    document: str = ""


def window_of(row: RuleRow, year: int, notice: Notice | None) -> Window:
    """The yearly meeting of a year is held until the row's last day in the next one; a notice names narrower days."""
    last = _day_of(row.arguments["red_after"], year + 1)
    starts_on = _day_of(row.arguments["red_after"], year) + timedelta(days=1)
    if notice is None:
        return Window(starts_on, last, _day_of(row.arguments["amber_after"], year) + timedelta(days=1), last)
    return Window(starts_on, max(last, notice.closes_on), notice.opens_on, notice.closes_on, notice.opens_on, notice.document)


def _day_of(text: str, year: int) -> date:
    """ "03-31" in a year; 29 February is the 28th where there is none."""
    month, _, day = text.partition("-")
    return date(year, int(month), min(int(day), 28) if int(month) == 2 and year % 4 else int(day))


def _windows(cases: Sequence[Case], span: Span) -> dict[int, Window]:
    year = span.period.ends_on.year
    given = rules.notices({row.code for _subject, row in cases}, [year])
    return {
        subject.node.pk: window_of(row, year, rules.nearest(given.get((row.code, year), {}), subject.node)) for subject, row in cases
    }  # fmt: skip


def _yearly(cases: Sequence[Case], windows: dict[int, Window], span: Span) -> dict[int, list[dict[str, Any]]]:
    """Node to the meetings of its rule's kind in its window until today, the earliest first."""
    first, last = min(w.starts_on for w in windows.values()), max(w.counts_until for w in windows.values())
    kinds = {row.arguments["meeting"] for _subject, row in cases}
    rows = held(first, min(last, span.day), cases).filter(kind__code__in=kinds).order_by("held_on", "pk")
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    told: Iterable[Any] = rows.values("node_id", "pk", "held_on", "should", "present", "excellent", "appraised")
    for one in told:
        window = windows.get(one["node_id"])
        if window is not None and window.starts_on <= one["held_on"] <= window.counts_until:
            found[one["node_id"]].append(one)
    return found


def meeting_in_window(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-06, 08, 11: the yearly meeting, in the days of the superior's notice or else of the row, with enough present where it says so."""
    windows = _windows(cases, span)
    found, since = _yearly(cases, windows, span), kept_since()
    return {
        subject.node.pk: _in_window(subject, row, span, windows[subject.node.pk], found.get(subject.node.pk, []), since)
        for subject, row in cases
    }


def _in_window(subject: Subject, row: RuleRow, span: Span, window: Window, rows: list[dict[str, Any]], since: date | None) -> Finding:
    least = row.arguments.get("attendance_min")
    good = [one for one in rows if least is None or _is_attended(one, least)]
    if good:
        return _held_when(good[0], window)
    detail: dict[str, Any] = {"held": 0, "wanted": row.min_count or 1} | _facts_of(window)
    if rows:
        detail |= {"present": rows[-1]["present"], "should": rows[-1]["should"], "attendance_min": least}
    elif dark := unknown(subject, window.starts_on, since):
        return dark
    return _open_window(row, span, window, detail)


def _facts_of(window: Window) -> dict[str, Any]:
    return {"opens_on": str(window.opens_on), "notice": window.document} if window.opens_on else {}


def _is_attended(one: dict[str, Any], least: float) -> bool:
    return bool(one["should"]) and one["present"] is not None and one["present"] >= share_of(least) * one["should"]


def _held_when(one: dict[str, Any], window: Window) -> Finding:
    """Held; amber where it was before the notice's days or after the last one: a person looks at the superior's consent."""
    early = window.opens_on is not None and one["held_on"] < window.opens_on
    after = one["held_on"] > window.late_after
    detail = {"held_on": str(one["held_on"])} | ({"hint": "early" if early else "after"} if early or after else {}) | _facts_of(window)
    return Finding(State.MET, Level.AMBER if early or after else Level.GREEN, window.late_after, detail, (f"meeting:{one['pk']}",))


def _open_window(row: RuleRow, span: Span, window: Window, detail: dict[str, Any]) -> Finding:
    if span.day > window.late_after + timedelta(days=row.grace_days):
        return Finding(State.LATE, row.level, window.late_after, detail)
    if span.day >= window.amber_on:
        return Finding(State.DUE, Level.AMBER, window.late_after, detail)
    return Finding(State.NOT_APPLICABLE, Level.GREEN, window.late_after, {**detail, "reason": "running"})


def appraisal_in_window(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-07: the appraisal was done, and not too many are excellent; more than the share asks for a person's look, never judges."""
    windows = _windows(cases, span)
    found, since = _yearly(cases, windows, span), kept_since()
    answer = {}
    for subject, row in cases:
        window, rows = windows[subject.node.pk], found.get(subject.node.pk, [])
        done = _in_window(subject, row, span, window, rows, since)
        answer[subject.node.pk] = _tally(row, span, window, rows[-1], done) if rows else done
    return answer


def _tally(row: RuleRow, span: Span, window: Window, one: dict[str, Any], done: Finding) -> Finding:
    if one["appraised"] is None or one["excellent"] is None:
        return not_enough("tally")
    detail = {**done.detail, "excellent": one["excellent"], "appraised": one["appraised"]}
    if one["excellent"] <= share_of(row.arguments["excellent_share_max"]) * one["appraised"]:
        return Finding(done.state, done.level, done.due_on, detail, done.references)
    state = State.LATE if span.day > window.late_after else State.DUE
    return Finding(state, Level.AMBER, window.late_after, {**detail, "hint": "excellent"}, done.references)


def items_closed(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """OL-16: what meetings agreed and somebody leads is closed on time; amber after the grace, red after the row's days."""
    by_node: dict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = Matter.objects.filter(resolution__isnull=False, starts_on__lte=day).exclude(state__in=UNCOUNTED).order_by("due_on", "pk")
    late = rows.filter(due_on__lt=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    for node, due_on, pk in late.values_list("resolution__meeting__node_id", "due_on", "pk"):
        by_node[node].append((due_on, pk))
    agreed = dict(rows.order_by().values_list(F("resolution__meeting__node_id")).annotate(count=Count("pk")))
    return {subject.node.pk: _items(row, day, by_node.get(subject.node.pk, []), agreed.get(subject.node.pk, 0)) for subject, row in cases}


def _items(row: RuleRow, day: date, late: list[tuple[date, int]], agreed: int) -> Finding:
    if not agreed:
        return Finding(State.NOT_APPLICABLE, Level.GREEN, detail={"reason": "nothing_agreed"})
    if not late:
        return met(agreed=agreed)
    oldest = late[0][0]
    due_on = oldest + timedelta(days=row.grace_days)
    found = after_grace(row, oldest, day, due_on, {"agreed": agreed, "overdue": len(late)}, Level.AMBER)
    level = Level.RED if (day - oldest).days > row.arguments["red_after_days"] else found.level
    return Finding(found.state, level, found.due_on, found.detail, tuple(f"matter:{pk}" for _due, pk in late[:SHOWN]))


def register() -> None:
    """Called from AppConfig.ready."""
    for check in (meeting_count, meeting_in_window, appraisal_in_window):
        register_period_check(check.__name__, check)
    register_check("items_closed", items_closed)


def nodes_of(meeting: Meeting) -> list[int]:
    """Whose rules a meeting may change: its own node, the partner, and those above it."""
    nodes = [meeting.node, *([meeting.partner] if meeting.partner else [])]
    paths = {path for node in nodes for path in (node.path, *paths_above(node.path))}
    return list(Node.objects.filter(path__in=paths).order_by().values_list("pk", flat=True))
