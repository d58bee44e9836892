"""Pages of series and of the versions of minutes."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.meetings import forms, minutes, policies, series, words
from rongtong.meetings.minutes import Content
from rongtong.meetings.models import Series
from rongtong.meetings.views import find

LIST = 200


@login_required
@require_GET
def series_list(request: HttpRequest) -> HttpResponse:
    """Meetings that recur, by organisation."""
    if not access.can(request.user, Permission.MEETING_VIEW):
        raise NotAllowed("no_meeting_view")
    rows = scoped(Series.objects.select_related("kind", "node"), request.user, "node", permission=Permission.MEETING_VIEW)
    listed = list(rows.order_by("node__path", "kind__position", "pk")[:LIST])
    today, day = clock.today(), timedelta(days=1)
    shown = [
        {"row": row, "can_end": row.ends_on is None and policies.may_run(request.user, row.node), "end_on": max(today, row.starts_on + day)}
        for row in listed
    ]
    can_run = access.can(request.user, Permission.MEETING_RUN)
    return render(request, "meetings/series.html", {"rows": shown, "can_run": can_run})


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Let a meeting recur."""
    if not access.can(request.user, Permission.MEETING_RUN):
        raise NotAllowed("no_meeting_run")
    initial = {name: request.GET[name] for name in ("kind", "node") if name in request.GET}
    initial |= {"every_months": "1", "from_time": "15:00", "starts_on": clock.today().isoformat()}
    form = forms.SeriesForm(request.POST or None, actor=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = series.start(by=account_of(request), new=form.new())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            count = made.meetings.count()
            messages.success(request, _("It recurs; %(count)s meetings are made ahead.") % {"count": count})
            return redirect("meetings:series")
    context = {
        "form": form, "heading": _("A meeting that recurs"), "button": _("Let it recur"), "back": reverse("meetings:series"),
        "hint": _("A day that is not worked moves to the workday before it."),
    }  # fmt: skip
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a series; meetings made ahead are cancelled with the reason."""
    row = get_object_or_404(Series.objects.select_related("node", "kind"), pk=pk)
    on = parsing.day(request.POST.get("on", "")) or clock.today()
    series.end(by=account_of(request), series=row, on=on, reason=request.POST.get("reason", ""))
    messages.success(request, _("The series has ended."))
    return redirect("meetings:series")


@login_required
@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed versions of the minutes, one shown whole, and what a later one says differently."""
    found = find(request, pk)
    rows = {row.number: row for row in found.versions.order_by("number")}
    numbers = list(rows)
    if not numbers:
        raise Unseen
    one, other = (_number(request, name, numbers, at) for name, at in (("from", max(numbers[-1] - 1, 1)), ("to", numbers[-1])))
    old, new = Content.of(rows[one].content), Content.of(rows[other].content)
    is_whole = minutes.digest_of(new) == rows[other].digest
    context = {
        "meeting": found, "versions": list(reversed(rows.values())), "one": rows[one], "other": rows[other], "content": new,
        "changes": words.changes(minutes.changes(old, new)) if one != other else [], "is_whole": is_whole,
    }  # fmt: skip
    return render(request, "meetings/versions.html", context)


def _number(request: HttpRequest, name: str, numbers: list[int], default: int) -> int:
    text = request.GET.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and int(text) in numbers):
        raise Unseen
    return int(text)
