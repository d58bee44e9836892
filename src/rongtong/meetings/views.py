"""Pages of meetings: what is due and what is next, one meeting with all that belongs to it, and the steps it takes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.reference import offers_of
from rongtong.meetings import actions, agenda, both_sides, due, forms, policies, present, queries
from rongtong.meetings.filters import after, chips, cursor_of, filters_of, with_query
from rongtong.meetings.models import Meeting, MeetingKind, MeetingState
from rongtong.meetings.states import WRITES

PER_PAGE, SHOWN = 50, 5


@login_required
@require_GET
def meetings(request: HttpRequest) -> HttpResponse:
    """What is due, what is next, what waits for one's signature; then the table."""
    filters, today = filters_of(request), clock.today()
    kinds = list(MeetingKind.objects.all())
    rows = queries.mine(request.user) if filters.is_mine else queries.meetings(request.user)
    page = queries.page(after(queries.filtered(rows, filters), request.GET.get("after", "")), PER_PAGE + 1)
    has_more, page = len(page) > PER_PAGE, page[:PER_PAGE]
    can_run = access.can(request.user, Permission.MEETING_RUN)
    proposals = due.proposals(due.own_nodes(request.user, filters.node), today) if can_run else []
    context = {
        "rows": page, "kinds": kinds, "states": MeetingState.choices, "filters": filters, "chips": chips(request, filters, kinds),
        "next_query": with_query(request, after=cursor_of(page[-1])) if has_more else "", "month": request.GET.get("month", ""),
        "due": proposals[:SHOWN], "due_count": len(proposals), "upcoming": list(queries.upcoming(request.user, today)[:SHOWN]),
        "to_sign": list(queries.to_sign(request.user)[:SHOWN]), "can_run": can_run, "today": today,
        "can_view": access.can(request.user, Permission.MEETING_VIEW),
    }  # fmt: skip
    return render(request, "meetings/list.html", context)


def find(request: HttpRequest, pk: int) -> Meeting:
    """A meeting that the actor may see; else it does not exist."""
    found = Meeting.objects.select_related(*queries.RELATED, "lecturer", "series").filter(pk=pk).first()
    if found is None or not policies.sees(request.user, found):
        raise Unseen
    return found


@login_required
@require_GET
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: facts, agenda with what is written, attendance, resolutions with their matters, signatures, versions."""
    return record(request, find(request, pk))


def record(request: HttpRequest, found: Meeting, refusal: Refused | None = None) -> HttpResponse:
    """The page of a meeting; a refused step keeps it, with what and what to do."""
    may = {code: policies.may(request.user, found, code) for code in WRITES}
    day = found.held_on or found.starts_at.astimezone(clock.BUSINESS_ZONE).date()
    is_planned = found.state in queries.PLANNED
    has_business = not found.kind.is_restricted and any(topic in {"business", "decision"} for *_rest, topic, _side in found.kind.agenda)
    context = {
        "meeting": found, "may": may, "refusal": refusal, **present.parts(request.user, found),
        "clashes": _clashes(request, found) if is_planned and may["notice"] else [],
        "suggested": _suggested(request, found, day) if is_planned and may["agenda"] else [],
        "both": both_sides.figures(request.user, found.node, found.partner, day) if has_business else None,
        "today": clock.today(), "is_past": found.ends_at <= clock.now(),
        "papers": offers_of("meeting", request.user, found),
        "item_form": forms.ItemForm(actor=request.user, initial={"side": found.kind.side}) if may["agenda"] else None,
    }  # fmt: skip
    return render(request, "meetings/meeting.html", context, status=422 if refusal else 200)


def _clashes(request: HttpRequest, found: Meeting) -> list[dict[str, Any]]:
    """Who is called elsewhere at that time; the other meeting's title only to who may see it."""
    return [
        {"person": clash.person, "other": clash.other, "title": clash.other.title if policies.sees(request.user, clash.other) else ""}
        for clash in queries.clashes(found)
    ]


def _suggested(request: HttpRequest, found: Meeting, day: Any) -> list[dict[str, Any]]:
    """What could still be put on the agenda; keys are references."""
    if found.kind.is_restricted:
        return []
    have = {str(item.record) for item in found.items.all() if item.record}
    rows = agenda.suggestions(request.user, found.kind, found.node, found.partner, day)
    return [{"key": str(item.record), "item": item} for item in rows if str(item.record) not in have]


def _add(request: HttpRequest, found: Meeting) -> None:
    """Put the ticked suggestions on the agenda."""
    day = found.starts_at.astimezone(clock.BUSINESS_ZONE).date()
    chosen = set(request.POST.getlist("record"))
    for one in _suggested(request, found, day):
        if one["key"] in chosen:
            actions.add_item(by=account_of(request), meeting=found, item=one["item"])


Do = Callable[[HttpRequest, Meeting], Any]
DO: dict[str, tuple[Do, Any]] = {
    "notice": (lambda r, m: actions.notice(by=account_of(r), meeting=m), lambda: _("Everyone who should attend was told.")),
    "cancel": (
        lambda r, m: actions.cancel(by=account_of(r), meeting=m, reason=r.POST.get("reason", "")), lambda: _("The meeting is cancelled."),
    ),
    "refill": (lambda r, m: actions.set_agenda(by=account_of(r), meeting=m), lambda: _("The agenda is proposed anew.")),
    "add": (_add, lambda: _("The agenda is longer now.")),
    "sign_chair": (lambda r, m: actions.sign(by=account_of(r), meeting=m, part="chair"), lambda: _("You signed as chair.")),
    "sign_recorder": (lambda r, m: actions.sign(by=account_of(r), meeting=m, part="recorder"), lambda: _("You signed as recorder.")),
    "amend": (
        lambda r, m: actions.amend(by=account_of(r), meeting=m, reason=r.POST.get("reason", "")),
        lambda: _("The minutes are open for the change; both sign again."),
    ),
    "keep": (lambda r, m: actions.keep(by=account_of(r), meeting=m), lambda: _("The minutes stay as they were signed.")),
}  # fmt: skip


@login_required
@require_POST
def step(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Take a step."""
    found = find(request, pk)
    if code not in DO:
        raise Unseen
    do, said = DO[code]
    try:
        do(request, found)
    except Refused as refusal:
        return record(request, find(request, pk), refusal)
    messages.success(request, said())
    return redirect("meetings:meeting", pk)
