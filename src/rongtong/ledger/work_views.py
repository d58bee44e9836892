"""Pages around the list: a week's progress, steps on many matters, saved views, hand-overs."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange import parsing
from rongtong.exchange.exporting import Cell, write_table
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import title_and_url
from rongtong.ledger import actions, handing, many, queries, weekly
from rongtong.ledger.filters import chips, filters_of, soon_of, with_query
from rongtong.ledger.models import HandOver, Matter, View
from rongtong.ledger.views import PER_PAGE, find, lines, require_view
from rongtong.organization import queries as organization
from rongtong.organization.models import Post

PARTS = (
    ("came", gettext_lazy("New this week")), ("in_hand", gettext_lazy("In hand")), ("closed", gettext_lazy("Closed out this week")),
)  # fmt: skip


@login_required
@require_GET
def week(request: HttpRequest) -> HttpResponseBase:
    """周进度: new, in hand, closed out; for a unit or all of the actor's area, this week or an earlier one."""
    require_view(request)
    filters, today = filters_of(request), clock.today()
    asked = weekly.Week.of(_day(request.GET.get("week", "")) or today)
    rows = queries.filtered(queries.matters(request.user), filters, today, soon_of([], today)[0])
    rows = rows if request.GET.get("routine") == "1" else rows.filter(queries.marked("full"))
    found = weekly.progress(rows, asked, today)
    if request.GET.get("export"):
        return _week_file(request, found, asked)
    parts = [
        {"code": code, "title": title, "count": count, "rows": _told(getattr(found, code), asked)}
        for (code, title), count in zip(PARTS, found.counts, strict=True)
    ]
    context = {
        "week": asked, "parts": parts, "found": found, "chips": chips(request, filters), "most": weekly.MOST, "here": with_query(request),
        "before": with_query(request, week=(asked.starts_on - timedelta(days=7)).isoformat()),
        "after": with_query(request, week=(asked.starts_on + timedelta(days=7)).isoformat()) if asked.ends_on < today else "",
        "has_routine": request.GET.get("routine") == "1", "routine": with_query(request, routine="" if request.GET.get("routine") else "1"),
        "export": with_query(request) + "&export=xlsx",
    }  # fmt: skip
    return render(request, "ledger/week.html", context)


def _day(text: str) -> date | None:
    return parsing.day(text) if text else None


def _told(rows: Sequence[Matter], asked: weekly.Week) -> list[dict[str, Any]]:
    words = weekly.last_words(rows, asked.ends_on)
    return [{**line, "said": words.get(line["matter"].pk)} for line in lines(list(rows))]


def _week_file(request: HttpRequest, found: weekly.Progress, asked: weekly.Week) -> HttpResponseBase:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    names = ("list", "code", "title", "lead", "leader", "handler", "due_on", "state", "progress", "said", "closed_on")
    path = write_table(names, _week_rows(found, asked), request.GET["export"], None, sheet="week")
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"week-{asked.starts_on}.{request.GET['export']}")


def _week_rows(found: weekly.Progress, asked: weekly.Week) -> Iterator[tuple[Cell, ...]]:
    for code, title in PARTS:
        for row in _told(getattr(found, code), asked):
            m, said = row["matter"], row["said"]
            people = ["、".join(a.person.name for a in row[part]) for part in ("leader", "handler")]
            yield (
                str(title), m.code, m.title, m.lead.name, *people, m.due_on, m.get_state_display(), m.progress, said.note if said else "",
                m.closed_on,
            )  # fmt: skip


@login_required
@require_POST
def step_many(request: HttpRequest) -> HttpResponse:
    """The same step on everything that is ticked; all or none."""
    keys = [int(key) for key in request.POST.getlist("pk") if key.isascii() and key.isdigit()][:PER_PAGE]
    back = f"{reverse('ledger:table')}?{request.POST.get('here', '')}"
    try:
        if not keys:
            raise Refused(_("Nothing is ticked"), remedy=_("tick the matters first"))
        chosen = [find(request, key) for key in keys]
        given = many.Given(request.POST.get("note", ""), _post(request))
        count = many.step_many(by=account_of(request), matters=chosen, code=request.POST.get("step", "urge"), given=given)
    except Refused as refusal:
        messages.error(request, _("Nothing was changed: %(why)s") % {"why": refusal})
        return HttpResponseRedirect(back)
    messages.success(request, _("Done for %(count)s matters") % {"count": count})
    return HttpResponseRedirect(back)


def _post(request: HttpRequest) -> Post | None:
    code = parsing.folded(request.POST.get("handler", "")).split(" ")[0]
    if not code:
        return None
    found = organization.open_posts(request.user, clock.today()).filter(code__iexact=code).first()
    if found is None:
        raise Refused(_("There is no open post %(code)s in your area; choose one of the list") % {"code": code}, field="handler")
    return found


@login_required
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the table under a name."""
    view = actions.save_view(by=account_of(request), name=request.POST.get("name", ""), query=request.POST.get("query", ""))
    return HttpResponseRedirect(f"{reverse('ledger:table')}?{view.query}")


@login_required
@require_POST
def drop_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own saved views."""
    view = View.objects.filter(pk=pk, owner=str(account_of(request).uid)).first()
    if view is None:
        raise Unseen
    actions.drop_view(by=account_of(request), view=view)
    return redirect("ledger:table")


def _hand_over_at(request: HttpRequest, pk: int) -> HandOver:
    rows = HandOver.objects.select_related("appointment__person", "appointment__post__node")
    found = get_object_or_404(rows, pk=pk)
    if not handing.sees(request.user, found):
        raise Unseen
    return found


@login_required
@require_GET
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """交接单: what the post carried on the last day, part by part; what the leaver says; and the button to take it over."""
    found = _hand_over_at(request, pk)
    by_part: dict[str, list[dict[str, Any]]] = {}
    for item in handing.Item.of(found.items):
        shown = title_and_url(item.record, request.user)
        by_part.setdefault(item.part, []).append(
            {"title": shown[0] if shown else "", "url": shown[1] if shown else "", "due_on": item.due_on}
        )
    row, today = found.appointment, clock.today()
    context = {
        "hand_over": found, "parts": [{"title": handing.title_of(code), "rows": rows} for code, rows in by_part.items()],
        "successors": [a for a in organization.serving([row.post_id], today).get(row.post_id, []) if a.person_id != row.person_id],
        "has_left": row.ends_on is not None and row.ends_on <= today,
        "can_take": found.taken_on is None and handing.may_take(request.user, found),
        "can_note": found.taken_on is None and not handing.may_take(request.user, found),
    }  # fmt: skip
    return render(request, "ledger/hand_over.html", context)


@login_required
@require_POST
def note_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the successor has to know."""
    handing.add_note(by=account_of(request), found=_hand_over_at(request, pk), note=request.POST.get("note", ""))
    return redirect("ledger:hand_over", pk)


@login_required
@require_POST
def take_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it over."""
    handing.take(by=account_of(request), found=_hand_over_at(request, pk))
    messages.success(request, _("Taken over."))
    return redirect("ledger:hand_over", pk)
