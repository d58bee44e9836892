"""工作联系单: requests between departments, and the calendar with its private link."""

import calendar as months
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from icalendar import Calendar, Event

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.accounts.session import account_of
from rongtong.indicators.models import Target
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.kernel.periods import Period, add_months, month_of, parse_month
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions, calendars, forms, policies, queries
from rongtong.ledger.models import Request
from rongtong.ledger.views import find, lines, require_view
from rongtong.organization import queries as organization
from rongtong.trees.models import Node

LIST = 100


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """Requests that the actor's units asked or were asked: silent ones first, with the days they wait."""
    require_view(request)
    rows = list(queries.requests(request.user)[:LIST])
    today = clock.today()
    shown = [
        {
            **line,
            "asked": line["matter"].request,
            "waits": ((line["matter"].request.answered_on or today) - line["matter"].request.asked_on).days,
        }
        for line in lines(rows)
    ]
    silent = sum(row["asked"].answered_on is None and row["asked"].answer_due_on < today for row in shown)
    mean = queries.answer_days(Request.objects.filter(pk__in=[matter.pk for matter in rows]))
    can_ask = access.can(request.user, Permission.MATTER_ASSIGN)
    return render(request, "ledger/requests.html", {"rows": shown, "silent": silent, "mean": mean, "can_ask": can_ask})


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask another department; from a missed target with the target as the reason (申请支援)."""
    if not access.can(request.user, Permission.MATTER_ASSIGN):
        raise NotAllowed("no_matter_assign")
    target = _target(request)
    initial = {name: request.GET[name] for name in ("title", "from_node", "to_node", "due_on", "detail") if name in request.GET}
    form = forms.AskForm(request.POST or None, actor=request.user, initial=_of_target(target) | initial)
    if request.method == "POST" and form.is_valid():
        more = {"record": Reference("target", str(target.pk)), "indicator": target.indicator} if target else {}
        try:
            made = actions.ask(by=account_of(request), new=form.new(**more))
        except Refused as refusal:
            field = {"to": "to_node", "from": "from_node"}.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            return redirect("ledger:matter", made.pk)
    context = {"form": form, "heading": _("Ask another department"), "button": _("Send the request"), "back": reverse("ledger:requests")}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


def _target(request: HttpRequest) -> Target | None:
    key = request.GET.get("target", "")
    if not (key.isascii() and key.isdigit()):
        return None
    found = get_object_or_404(Target.objects.select_related("unit", "indicator"), pk=int(key))
    access.require(request.user, Permission.OBSERVATION_VIEW, found.unit, view=Permission.OBSERVATION_VIEW)
    return found


def _of_target(target: Target | None) -> dict[str, str]:
    """What a request from a missed target already knows: the unit, the month, the figure."""
    if target is None:
        return {}
    words = {"indicator": target.indicator.name, "month": str(Period.month(target.period)), "target": f"{target.target:g}"}
    return {
        "title": _("Support for %(indicator)s: the target of %(month)s was missed") % words,
        "from_node": f"{target.unit.code} {target.unit.name}",
        "to_node": _party_side(target.unit),
        "detail": _("Target %(target)s of %(indicator)s in %(month)s was not reached.") % words,
        "due_on": (clock.today() + timedelta(days=30)).isoformat(),
    }


def _party_side(unit: Node) -> str:
    """Whom a unit asks first: the Party organisation that goes with it."""
    found = next(iter(organization.links_of(unit, clock.today())), None)
    return f"{found.party.code} {found.party.name}" if found else ""


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree or decline."""
    found = find(request, pk)
    actions.answer(by=account_of(request), matter=found, choice=request.POST.get("choice", ""), note=request.POST.get("note", ""))
    return redirect("ledger:matter", pk)


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """A month of due dates: one's own, and with `all=1` those of one's units."""
    account = account_of(request)
    month = parse_month(request.GET["month"]) if request.GET.get("month") else month_of(clock.today())
    starts_on = date(month // 100, month % 100, 1)
    shows_all = request.GET.get("all") == "1" and access.can(account, Permission.MATTER_VIEW)
    rows = queries.matters(account) if shows_all else calendars.own(policies.posts_of(account))
    weeks = months.Calendar().monthdatescalendar(starts_on.year, starts_on.month)
    by_day = queries.due_between(rows, weeks[0][0], weeks[-1][-1] + timedelta(days=1))
    shown = {line["matter"].pk: line for line in lines([matter for found in by_day.values() for matter in found[:5]])}
    timed = calendars.appointed(account, weeks[0][0], weeks[-1][-1], shows_all)
    cells = [[_cell(day, month, by_day.get(day, []), shown) | {"timed": timed.get(day, [])} for day in week] for week in weeks]
    context = {
        "weeks": cells, "names": _("Mon Tue Wed Thu Fri Sat Sun").split(), "month": month, "before": add_months(month, -1), "after": add_months(month, 1), "shows_all": shows_all,
        "count": sum(len(found) for day, found in by_day.items() if month_of(day) == month), "can_all": access.can(account, Permission.MATTER_VIEW),
        "has_link": calendars.link_of(account) is not None, "secret": request.session.pop("calendar_link", ""),
    }  # fmt: skip
    return render(request, "ledger/calendar.html", context)


def _cell(day: date, month: int, found: list[Any], shown: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        "day": day, "next": day + timedelta(days=1), "is_here": month_of(day) == month, "is_today": day == clock.today(), "rows": [shown[m.pk] for m in found[:5]],
        "more": max(0, len(found) - 5),
    }  # fmt: skip


@login_required
@require_POST
def make_link(request: HttpRequest) -> HttpResponse:
    """A new private address of one's calendar; the old one stops working. It is shown once."""
    secret = calendars.make_link(by=account_of(request))
    request.session["calendar_link"] = request.build_absolute_uri(reverse("calendar:feed", args=[secret]))
    return redirect("calendar:month")


@login_required
@require_POST
def withdraw_link(request: HttpRequest) -> HttpResponse:
    """The address stops working at once."""
    if calendars.withdraw_link(by=account_of(request)):
        messages.success(request, _("The address stopped working."))
    return redirect("calendar:month")


@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """One's own due dates for a calendar program; titles of restricted matters are left out."""
    account = calendars.account_of(secret)
    if account is None:
        return HttpResponse(status=404)
    made = Calendar()
    made.add("prodid", "-//Rongtong//matters//")
    made.add("version", "2.0")
    made.add("x-wr-calname", _("Rongtong: matters"))
    for found in calendars.own(policies.posts_of(account))[:1000]:
        event = Event()
        event.add("uid", f"matter-{found.pk}@rongtong")
        event.add("dtstamp", found.state_at)
        event.add("dtstart", found.due_on)
        event.add("summary", found.title if found.sensitivity == "normal" else _("a restricted matter"))
        event.add("url", request.build_absolute_uri(reverse("ledger:matter", args=[found.pk])))
        made.add_component(event)
    for event in _timed(request, account):
        made.add_component(event)
    answer = HttpResponse(made.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _timed(request: HttpRequest, account: User) -> Iterator[Event]:
    """What packages above put into the account's calendar, from a month back to a year ahead."""
    today = clock.today()
    found = calendars.appointed(account, today - timedelta(days=31), today + timedelta(days=366))
    for one in (one for rows in found.values() for one in rows):
        event = Event()
        event.add("uid", f"{one.uid}@rongtong")
        event.add("dtstamp", one.changed_at or clock.now())
        event.add("dtstart", one.starts_at)
        event.add("dtend", one.ends_at)
        event.add("summary", one.title)
        event.add("location", one.place)
        event.add("url", request.build_absolute_uri(one.url))
        yield event
