"""Pages of courses: the list, one course with its people, planning, the attendance grid, and what it leaves to be done."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.accounts.session import account_of
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.periods import FIRST_YEAR, LAST_YEAR
from rongtong.ledger.models import Matter
from rongtong.ledger.policies import sees as sees_matter
from rongtong.organization.models import Person
from rongtong.people import course_actions, forms, policies, queries
from rongtong.people.course_actions import Was
from rongtong.people.filling import fill
from rongtong.people.models import Course, CourseAttendance, CourseState, Presence
from rongtong.people.needs import proposals, reached_by

PAGE = 50


@login_required
@require_GET
def courses(request: HttpRequest) -> HttpResponse:
    """Courses of a year, the latest first; those of the reader's area and those the reader was asked to."""
    today = clock.today()
    text = request.GET.get("year", "")
    year = _key(text) if FIRST_YEAR <= _key(text) <= LAST_YEAR else today.year
    found = queries.courses(request.user).filter(starts_on__year=year)
    read = list(_after(found, request.GET.get("after", ""))[: PAGE + 1])
    rows = read[:PAGE]
    names = {one.code: one.label for one in queries.frame_on(today).competences}
    context = {
        "year": year, "rows": [{"course": row, "serves": [names.get(code, code) for code in row.serves]} for row in rows],
        "after": f"{rows[-1].starts_on.isoformat()}.{rows[-1].pk}" if len(read) > PAGE else "", "held": found.filter(state=CourseState.HELD).count(),
        "planned": found.filter(state=CourseState.PLANNED).count(), "may_plan": access.can(request.user, policies.TRAIN),
    }  # fmt: skip
    return render(request, "people/courses.html", context)


def _after(rows: QuerySet[Course], text: str) -> QuerySet[Course]:
    """The latest first, after the course that the address names by its first day and its key."""
    on, _dot, key = text.partition(".")
    try:
        day = date.fromisoformat(on)
    except ValueError:
        return rows
    return rows.filter(Q(starts_on__lt=day) | Q(starts_on=day, pk__lt=_key(key)))


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def course_at(request: HttpRequest, pk: int) -> Course:
    found = queries.courses(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


def _own(request: HttpRequest, pk: int) -> Course:
    found = course_at(request, pk)
    policies.require_training(request.user, found.node)
    return found


@login_required
@require_GET
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """One course. Names of those asked are for whoever runs it and for oneself; everybody else sees how many came."""
    found = course_at(request, pk)
    runs = access.can(request.user, policies.TRAIN, found.node)
    rows = list(found.attendance.select_related("person").order_by("person__code"))
    shown = rows if runs else [row for row in rows if policies.is_self(request.user, row.person)]
    names = {one.code: one.label for one in queries.frame_on(clock.today()).competences}
    matters = Matter.objects.filter(origin_kind="course", origin_id=str(found.pk)).select_related("lead", "partner").order_by("pk")
    context = {
        "course": found, "runs": runs, "rows": shown, "asked": len(rows), "present": sum(row.presence == Presence.PRESENT for row in rows),
        "open": sum(row.presence == Presence.INVITED for row in rows), "serves": [names.get(code, code) for code in found.serves],
        "matters": [row for row in matters if sees_matter(request.user, row)], "is_over": found.ends_on <= clock.today(),
    }  # fmt: skip
    return render(request, "people/course.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a course; proposals for who needs it come next."""
    access.require_everywhere(request.user, policies.TRAIN)
    by = account_of(request)
    form = forms.CourseForm(
        request.POST or None,
        actor=request.user,
        frame=queries.frame_on(clock.today()),
        initial={"competences": request.GET.getlist("serves")},
    )

    def do(filled: Any) -> str:
        made = course_actions.plan_course(by=by, new=filled.new())
        return reverse("people:course_people", args=[made.pk])

    hint = _("Next you see whom the gaps of posts propose for it; nobody is asked before you choose.")
    return fill(request, form, _("Plan a course"), _("Plan it"), reverse("people:courses"), do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask people to a course: proposed from gaps, and others by code."""
    found, by, today = _own(request, pk), account_of(request), clock.today()
    rows, unproven = proposals(found, today, reached_by(found.node, today))
    names = {one.code: one.label for one in queries.frame_on(today).competences}
    seen = [row for row in rows if policies.in_line(request.user, row.person)]
    offered = [
        (row.person.code, f"{row.person.code} {row.person.name} · {'、'.join(names.get(code, code) for code in row.codes)}") for row in seen
    ]
    form = forms.PeopleForm(request.POST or None, actor=request.user, proposed=offered)
    hint = _("%(count)d holders of posts are shown to be short of what it serves; of %(unproven)d nothing is proven: assess them first.")

    def do(filled: Any) -> None:
        added = course_actions.invite(by=by, course=found, people=filled.chosen())
        messages.success(request, _("%(count)d people were added.") % {"count": added})

    heading, back = _("Ask people to “%(title)s”") % {"title": found}, reverse("people:course", args=[pk])
    return fill(request, form, heading, _("Ask them"), back, do, hint % {"count": len(seen), "unproven": unproven})


@login_required
@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was there, everybody on one page; empty hours are the whole course."""
    found, by = _own(request, pk), account_of(request)
    rows = list(found.attendance.select_related("person").order_by("person__code"))
    error = ""
    if request.method == "POST":
        try:
            course_actions.enter_attendance(by=by, course=found, entries=_entries(request, rows))
        except Refused as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("Saved. Hours count once nobody is left open."))
            return redirect("people:course", pk)
    lines = [{"row": row, "presence": request.POST.get(f"p{row.person_id}", row.presence), "hours": _shown(request, row)} for row in rows]
    context = {"course": found, "lines": lines, "error": error, "is_over": found.ends_on <= clock.today()}
    return render(request, "people/attendance.html", context, status=422 if error else 200)


def _entries(request: HttpRequest, rows: list[CourseAttendance]) -> dict[int, Was]:
    """What was entered of each person; the button for all means present with the whole hours where nothing else is said."""
    entries = {}
    for row in rows:
        presence = request.POST.get(f"p{row.person_id}", row.presence)
        if request.POST.get("all") and presence == Presence.INVITED:
            presence = Presence.PRESENT
        written = request.POST.get(f"h{row.person_id}", "").strip()
        entries[row.person_id] = Was(presence, parsing.number(written) if written and presence == Presence.PRESENT else None)
    return entries


def _shown(request: HttpRequest, row: CourseAttendance) -> str:
    return request.POST.get(f"h{row.person_id}", "" if row.hours is None else f"{row.hours:g}")


@login_required
@require_POST
def take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the list who was asked by mistake."""
    found = _own(request, pk)
    person = Person.objects.filter(pk=_key(request.POST.get("person", ""))).first()
    if person is None:
        raise Unseen
    course_actions.uninvite(by=account_of(request), course=found, person=person)
    return redirect("people:course", pk)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Move a planned course, or call it off."""
    found, by, back = _own(request, pk), account_of(request), reverse("people:course", args=[pk])
    if what == "cancel":
        form: Any = forms.ReasonForm(request.POST or None, actor=request.user)
        return fill(
            request, form, _("Call “%(title)s” off") % {"title": found}, _("Cancel the course"), back,
            lambda f: course_actions.cancel_course(by=by, course=found, reason=f.cleaned_data["reason"]) and None,
        )  # fmt: skip
    if what != "dates":
        raise Unseen
    initial = {"starts_on": found.starts_on.isoformat(), "ends_on": found.ends_on.isoformat(), "hours": found.hours}
    form = forms.CourseDatesForm(request.POST or None, actor=request.user, initial=initial)
    return fill(
        request, form, _("Days and hours of “%(title)s”") % {"title": found}, _("Save"), back,
        lambda f: course_actions.change_course(by=by, course=found, **f.cleaned_data) and None,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a matter with an owner, so that what was learnt is used."""
    found, by = _own(request, pk), account_of(request)
    form = forms.FollowUpForm(request.POST or None, actor=request.user)

    def do(filled: Any) -> None:
        d = filled.cleaned_data
        course_actions.follow_up(by=by, course=found, title=d["title"], lead=d["lead"], due_on=d["due_on"], parts=filled.parts())

    return fill(
        request, form, _("What “%(title)s” leaves to be done") % {"title": found}, _("Assign it"), reverse("people:course", args=[pk]), do
    )
