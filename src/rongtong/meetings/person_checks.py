"""Rule checks over who did what in person: chaired, lectured, talked, attended the own branch, studied. They name an organisation, never
rank people: a finding holds counts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Max, Min

from rongtong.kernel.periods import Period, PeriodKind
from rongtong.meetings import study
from rongtong.meetings.checks import Counted, enough, held, kept_since, unknown
from rongtong.meetings.models import HELD_STATES, Attendance, Presence
from rongtong.meetings.talks import talk_coverage
from rongtong.organization.models import Appointment, PartyKind, PostKind
from rongtong.organization.queries import PARTY_POSTS
from rongtong.roster.models import Affiliation
from rongtong.rules.checks import Case, Finding, Span, Subject, not_done, not_enough, register_period_check
from rongtong.rules.models import Level, RuleRow, State
from rongtong.trees.models import Node, paths_above


def chaired_in_person(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-12: the secretary, not a deputy, chaired an item on Party building. Without a secretary nothing can be asked."""
    rows = held(span.period.starts_on, span.until, cases).filter(is_personal=True)
    grouped = rows.values("node_id").annotate(count=Count("pk"), first=Min("pk"), last=Max("pk"))
    found = {r["node_id"]: Counted(r["count"], r["first"], r["last"]) for r in grouped}
    served = _served(span)
    since = kept_since()
    return {
        subject.node.pk: enough(subject, row, span, found.get(subject.node.pk), since)
        if subject.node.pk in served or subject.node.pk in found
        else not_enough("secretary")
        for subject, row in cases
    }


def _served(span: Span) -> dict[int, set[int]]:
    """Organisation to those who were its secretary at some time of the period."""
    rows = Appointment.objects.filter(post__kind=PostKind.SECRETARY, starts_on__lte=span.until)
    rows = rows.exclude(ends_on__lte=span.period.starts_on).order_by()
    found: dict[int, set[int]] = defaultdict(set)
    for node, person in rows.values_list("post__node_id", "person_id"):
        found[node].add(person)
    return found


def lecture_in_person(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-13: the committee's secretary gave a lecture, at whatever organisation."""
    served, since = _served(span), kept_since()
    given: dict[int, list[int]] = defaultdict(list)
    rows = held(span.period.starts_on, span.until).filter(kind__code="lecture", lecturer__isnull=False).order_by("pk")
    for pk, lecturer in rows.values_list("pk", "lecturer_id"):
        given[lecturer].append(pk)
    found = {}
    for subject, row in cases:
        people = served.get(subject.node.pk, set())
        pks = sorted(pk for person in people for pk in given.get(person, ()))
        one = Counted(len(pks), pks[0], pks[-1]) if pks else None
        found[subject.node.pk] = enough(subject, row, span, one, since) if people else not_enough("secretary")
    return found


def talks_complete(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-10: every pair of the year has talked. Only that and when is held."""
    coverage = talk_coverage([subject.node for subject, _row in cases], span.period.ends_on.year, day=span.until)
    since, found = kept_since(), {}
    for subject, row in cases:
        one = coverage[subject.node.pk]
        if not one.is_known:
            found[subject.node.pk] = not_enough("affiliations")
            continue
        pairs = row.arguments["pairs"]
        expected, covered = (sum(of.get(pair, 0) for pair in pairs) for of in (one.expected, one.covered))
        detail = {"talked": covered, "expected": expected}
        if covered >= expected:
            found[subject.node.pk] = Finding(State.MET, Level.GREEN, span.period.ends_on, detail)
            continue
        dark = unknown(subject, span.period.starts_on, since)
        found[subject.node.pk] = dark or not_done(row, span, span.period.ends_on, detail)
    return found


def own_branch_attendance(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-15: leaders of a committee took part in the life of the branch they belong to; told by how many of them, not who."""
    nodes = [subject.node.pk for subject, _row in cases]
    leaders: dict[int, set[int]] = defaultdict(set)
    serving = Appointment.objects.on(span.until).filter(post__node__in=nodes, post__kind__in=PARTY_POSTS).order_by()
    for node, person in serving.values_list("post__node_id", "person_id"):
        leaders[node].add(person)
    everyone = {person for people in leaders.values() for person in people}
    branch = _branches(everyone, span.until)
    times = _attended(everyone, branch, span)
    return {subject.node.pk: _double_life(subject, row, span, leaders.get(subject.node.pk, set()), branch, times) for subject, row in cases}


def _branches(people: set[int], day: date) -> dict[int, str]:
    """Person to the path of the branch; whoever belongs to a group belongs to the branch above it."""
    rows = Affiliation.objects.on(day).filter(person__in=people).order_by("pk")
    found = {}
    for person, kind, own, above in rows.values_list("person_id", "party__party__kind", "party__path", "party__parent__path"):
        found[person] = above if kind == PartyKind.GROUP and above else own
    return found


def _attended(people: set[int], branch: dict[int, str], span: Span) -> dict[int, int]:
    """Person to the number of meetings of the own branch, or of a group in it, at which the person was present."""
    rows = Attendance.objects.filter(
        person__in=people, presence=Presence.PRESENT, meeting__state__in=HELD_STATES, meeting__held_on__gte=span.period.starts_on,
        meeting__held_on__lte=span.until,
    )  # fmt: skip
    found: dict[int, int] = defaultdict(int)
    for person, path in rows.order_by().values_list("person_id", "meeting__node__path"):
        found[person] += person in branch and path.startswith(branch[person])
    return found


def _double_life(subject: Subject, row: RuleRow, span: Span, people: set[int], branch: dict[int, str], times: dict[int, int]) -> Finding:
    known = people & branch.keys()
    if not known:
        return not_enough("affiliations")
    least = int(row.arguments["times_min"])
    done = sum(times.get(person, 0) >= least for person in known)
    detail = {"leaders": len(people), "enough": done, "times_min": least}
    if done == len(people):
        return Finding(State.MET, Level.GREEN, span.period.ends_on, detail)
    if not any(times.get(person) for person in known):
        return not_enough("attendance")
    return not_done(row, span, span.period.ends_on, detail)


def training_hours(cases: Sequence[Case], span: Span) -> dict[int, Finding]:
    """OL-14: hours of members against the year's norm, over the branches of an organisation. Hours of a secretary's own courses are not
    kept yet; the finding says so."""
    year = Period.of(PeriodKind.YEAR, span.period.code)
    studied = study.studied(year.starts_on, span.until)
    paths = dict(Node.objects.filter(pk__in=list(studied)).values_list("pk", "path")) if studied else {}
    found: dict[int, Finding] = {}
    total: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for branch, one in studied.items():
        for path in (paths[branch], *paths_above(paths[branch])):
            total[path][0] += one.members
            total[path][1] += one.hours
    since = kept_since()
    for subject, row in cases:
        members, hours = total.get(subject.node.path, (0.0, 0.0))
        found[subject.node.pk] = _trained(subject, row, span, members, hours, since)
    return found


def _trained(subject: Subject, row: RuleRow, span: Span, members: float, hours: float, since: date | None) -> Finding:
    if not members:
        return not_enough("affiliations")
    mean = hours / members
    detail = {"hours": round(mean, 1), "hours_wanted": row.arguments["member_hours"], "not_told": "secretary_hours"}
    if mean >= row.arguments["member_hours"]:
        return Finding(State.MET, Level.GREEN, span.period.ends_on, detail)
    return unknown(subject, span.period.starts_on, since) or not_done(row, span, span.period.ends_on, detail)


def register() -> None:
    """Called from AppConfig.ready."""
    for check in (chaired_in_person, lecture_in_person, talks_complete, own_branch_attendance, training_hours):
        register_period_check(check.__name__, check)
