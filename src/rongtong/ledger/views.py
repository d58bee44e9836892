"""Pages of the ledger: inbox, table, board, supervision, one matter with its history."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange.exporting import export_rows
from rongtong.files import storing
from rongtong.indicators import queries as observed
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import actions, forms, handing, many, policies, queries
from rongtong.ledger.filters import ALL, OPEN_WORD, chips, filters_of, soon_of, with_query
from rongtong.ledger.models import Evidence, Matter, Origin, Side, View
from rongtong.ledger.numbers import Reader
from rongtong.ledger.states import LIGHT_WORDS, MOVES, OPEN, Light, State
from rongtong.notifications.models import Note
from rongtong.organization import queries as organization

PER_PAGE, COLUMN, NOTES, MOST = 50, 30, 50, 1000
COLUMNS = {
    "light": gettext_lazy("Light"), "state": gettext_lazy("State"), "lead": gettext_lazy("Lead unit"), "leader": gettext_lazy("Leader"),
    "handler": gettext_lazy("Handler"), "reviewer": gettext_lazy("Reviewer"), "due": gettext_lazy("Due on"), "progress": gettext_lazy("Progress"),
}  # fmt: skip


def lines(rows: list[Matter], reader: Reader | None = None) -> list[dict[str, Any]]:
    """Matters as lists show them: light, people who serve today, or that nobody does."""
    today = clock.today()
    people = queries.people_of(rows, today)
    soon = soon_of(rows, today, reader)
    return [
        {
            "matter": m, "light": queries.light_of(m, today, soon.get(m.lead_id, 0)), "leader": people.get(m.leader_post_id or 0, []),
            "handler": people.get(m.handler_post_id or 0, []), "reviewer": people.get(m.reviewer_post_id or 0, []), "days": (m.due_on - today).days,
        }
        for m in rows
    ]  # fmt: skip


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.MATTER_VIEW):
        raise NotAllowed("no_matter_view")


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What I do, what waits for my decision, what I wait for, and the notes."""
    account = account_of(request)
    reader = Reader(clock.today())
    found = queries.inbox(account, reader=reader)
    own = Note.objects.filter(to_id=account.pk)
    ready = {line["matter"].pk: line for line in lines([*found.do, *found.decide, *found.wait, *found.back], reader)}
    do, decide, wait, back = ([ready[m.pk] for m in rows] for rows in (found.do, found.decide, found.wait, found.back))
    hand_overs = list(handing.of_actor(account, clock.today())[:20])
    context = {
        "do": do, "decide": decide, "wait": wait, "back": back, "hand_overs": hand_overs, "today": clock.today(),
        "waiting": len(found.do) + len(found.decide) + len(hand_overs),
        "late": sum(m.due_on < clock.today() for m in found.do), "unread": list(own.filter(read_at__isnull=True).order_by("-pk")[:NOTES]),
        "read": list(own.filter(read_at__isnull=False).order_by("-pk")[:10]),
    }  # fmt: skip
    return render(request, "ledger/inbox.html", context)


@login_required
@require_GET
def table(request: HttpRequest) -> HttpResponseBase:
    """Every matter in the actor's area: chips, saved views, keyset pages, bulk urging, export of what is seen."""
    require_view(request)
    filters = filters_of(request, OPEN_WORD)
    if request.GET.get("export"):
        return _export(request, filters)
    today = clock.today()
    rows = queries.filtered(queries.matters(request.user), filters, today, soon_of([], today)[0])
    counts = [some.order_by()[: MOST + 1].count() for some in (rows, rows.filter(queries.light_condition(Light.RED, today, 0)))]
    page = queries.page(_after(rows, request.GET.get("after", "")), PER_PAGE + 1)
    has_more, page = len(page) > PER_PAGE, page[:PER_PAGE]
    context = {
        "rows": lines(page), "chips": chips(request, filters, OPEN_WORD), "filters": filters, "count": counts[0], "late": counts[1], "most": MOST,
        "state": request.GET.get("state", "" if filters.light else OPEN_WORD), "columns": _columns(request), "all_columns": COLUMNS,
        "steps": many.STEPS, "states": State.choices, "sides": Side.choices,
        "origins": Origin.choices, "lights": LIGHT_WORDS, "views": list(View.objects.filter(owner=str(account_of(request).uid))),
        "next_query": with_query(request, after=f"{page[-1].due_on}_{page[-1].pk}") if has_more else "",
        "export_query": with_query(request, export="xlsx"), "here": with_query(request), "can_create": _creates(request),
    }  # fmt: skip
    return render(request, "ledger/table.html", context)


def _columns(request: HttpRequest) -> list[str]:
    """The columns of the address, or all of them; the matter itself always stands first."""
    wanted = request.GET.getlist("column")
    return [name for name in COLUMNS if name in wanted] or list(COLUMNS)


def _creates(request: HttpRequest) -> bool:
    return access.can(request.user, Permission.MATTER_ASSIGN)


def _after(rows: Any, cursor: str) -> Any:
    """The rows behind a cursor “due_id”."""
    if not cursor:
        return rows
    day, _sep, key = cursor.partition("_")
    try:
        from datetime import date

        due_on, pk = date.fromisoformat(day), int(key)
    except ValueError as wrong:
        raise Refused(_("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor") from wrong
    return rows.filter(due_on__gte=due_on).filter(Q(due_on__gt=due_on) | Q(pk__gt=pk))


def _export(request: HttpRequest, filters: queries.Filters) -> HttpResponseBase:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET["export"]
    path = export_rows("matters", request.user, file_format, filters=filters)
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"matters.{file_format}")


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The same query as columns by state."""
    require_view(request)
    filters = filters_of(request)
    today = clock.today()
    rows = queries.filtered(queries.matters(request.user), filters, today, soon_of([], today)[0])
    found = {state: list(rows.filter(state=state)[: COLUMN + 1]) for state in OPEN if state != State.SUSPENDED}
    ready = lines([matter for column in found.values() for matter in column[:COLUMN]])
    columns = [
        {"title": State(state).label, "rows": [line for line in ready if line["matter"].state == state], "has_more": len(column) > COLUMN}
        for state, column in found.items()
    ]
    return render(request, "ledger/board.html", {"columns": columns, "chips": chips(request, filters), "here": with_query(request)})


@login_required
@require_GET
def supervision(request: HttpRequest) -> HttpResponse:
    """督办: red, yellow, green by unit, this week's list, and the closed-loop figures of the last twelve months."""
    require_view(request)
    filters = filters_of(request)
    today = clock.today()
    soon = soon_of([], today)[0]
    rows = queries.filtered(queries.matters(request.user), filters, today, soon)
    year = today.replace(year=today.year - 1, day=min(today.day, 28))
    late = list(rows.filter(state__in=OPEN, due_on__lt=today)[:COLUMN])
    week = list(rows.filter(state__in=OPEN, due_on__gte=today, due_on__lte=today + timedelta(days=7))[:COLUMN])
    ready = {line["matter"].pk: line for line in lines([*late, *week])}
    context = {
        "lights": queries.lights(rows, today, soon), "units": queries.by_unit(rows, today, soon), "loop": queries.loop(rows, year, today),
        "since": year, "span": with_query(request, state=ALL, **{"from": year.isoformat(), "to": today.isoformat()}), "late": [ready[m.pk] for m in late], "week": [ready[m.pk] for m in week], "chips": chips(request, filters), "can_urge": _creates(request), "here": with_query(request),
    }  # fmt: skip
    return render(request, "ledger/supervision.html", context)


def find(request: HttpRequest, pk: int) -> Matter:
    """A matter that the actor may see; else it does not exist."""
    found = Matter.objects.select_related(*queries.RELATED, "parent", "request__from_node").filter(pk=pk).first()
    if found is None or not policies.sees(request.user, found):
        raise Unseen
    return found


@login_required
@require_GET
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter: facts, state with its main step, what happened, evidence."""
    return _record(request, find(request, pk))


def _record(request: HttpRequest, found: Matter, refusal: Refused | None = None, failed: str = "", form: Any = None) -> HttpResponse:
    today = clock.today()
    people = queries.people_of([found], today)
    moves = [
        {"move": move, "form": form if move.code == failed else _step_form(request, found, move.code), "fields": forms.NEEDS[move.code]}
        for move in policies.moves_open_to(request.user, found)
    ]
    origin = found.origin_reference
    request_row = getattr(found, "request", None)
    parts = policies.parts_of(request.user, found)
    context = {
        "matter": found, "light": queries.light_of(found, today, soon_of([found], today).get(found.lead_id, 0)), "people": people,
        "leader": people.get(found.leader_post_id or 0, []), "handler": people.get(found.handler_post_id or 0, []),
        "reviewer": people.get(found.reviewer_post_id or 0, []), "moves": moves, "refusal": refusal, "asked": request_row,
        "steps": _steps(found),
        "evidence": _evidence(request, found), "supports": [s.node for s in found.supports.select_related("node")],
        "origin": title_and_url(origin, request.user) if origin else None, "parts_below": list(found.parts.order_by("due_on", "pk")[:50]),
        "can_attach": found.is_open and bool(parts), "at_hand": _records_at_hand(request, found) if found.is_open and parts else [], "can_answer": bool(request_row and not request_row.answered_on and found.is_open and parts),
    }  # fmt: skip
    return render(request, "ledger/matter.html", context, status=422 if refusal else 200)


EXTRA = {
    "draft": gettext_lazy("Drafted"), "prove": gettext_lazy("Proved by a record"), "ask": gettext_lazy("Asked"),
    "answer_agreed": gettext_lazy("Answered: agreed"), "answer_declined": gettext_lazy("Answered: declined"),
    "disprove": gettext_lazy("The record that proved it was voided"),
}  # fmt: skip


def _steps(found: Matter) -> list[dict[str, Any]]:
    """The history in words, with who led and handled at that moment."""
    rows = found.steps.select_related("leader__person", "handler__person").order_by("-pk")[:100]
    labels = {code: move.label for code, move in MOVES.items()} | EXTRA
    return [
        {
            "label": labels.get(row.kind, row.kind), "from_state": row.from_state, "to_state": row.to_state, "note": row.note,
            "state": State(row.to_state).label if row.to_state in State.values else "", "due_on": row.due_on, "at": row.at, "by": row.by_label,
            "leader": row.leader.person.name if row.leader else "", "handler": row.handler.person.name if row.handler else "",
        }
        for row in rows
    ]  # fmt: skip


def _step_form(request: HttpRequest, found: Matter, code: str) -> forms.StepForm:
    initial: dict[str, Any] = {"progress": found.progress} if code == "report" else {}
    if code in {"assign", "hand_over"}:
        posts = {"leader": found.leader_post, "handler": found.handler_post, "reviewer": found.reviewer_post}
        initial = {name: f"{post.code} {post.name}" for name, post in posts.items() if post is not None}
    return forms.StepForm(actor=request.user, initial=initial, auto_id=f"{code}-%s")


def _evidence(request: HttpRequest, found: Matter) -> list[dict[str, Any]]:
    rows = found.evidence.select_related("file").order_by("pk")
    return [{"row": row, "record": title_and_url(row.record, request.user) if row.record else None} for row in rows]


Do = Callable[[Any, Matter, forms.StepForm], Any]
DO: dict[str, Do] = {
    "assign": lambda by, m, f: actions.assign(by=by, matter=m, parts=f.parts()),
    "acknowledge": lambda by, m, f: actions.acknowledge(by=by, matter=m),
    "report": lambda by, m, f: actions.report(by=by, matter=m, progress=f.cleaned_data["progress"] or 0, note=f.cleaned_data["note"]),
    "submit": lambda by, m, f: actions.submit(by=by, matter=m, note=f.cleaned_data["note"]),
    "return": lambda by, m, f: actions.send_back(by=by, matter=m, note=f.cleaned_data["note"]),
    "close": lambda by, m, f: actions.close(by=by, matter=m, note=f.cleaned_data["note"], outcome=f.cleaned_data["outcome"]),
    "ask_extension": lambda by, m, f: actions.ask_extension(by=by, matter=m, due_on=_day(f), note=f.cleaned_data["note"]),
    "extend": lambda by, m, f: actions.extend(by=by, matter=m, note=f.cleaned_data["note"]),
    "refuse_extension": lambda by, m, f: actions.refuse_extension(by=by, matter=m, note=f.cleaned_data["note"]),
    "urge": lambda by, m, f: actions.urge(by=by, matter=m, note=f.cleaned_data["note"]),
    "suspend": lambda by, m, f: actions.suspend(by=by, matter=m, note=f.cleaned_data["note"]),
    "resume": lambda by, m, f: actions.resume(by=by, matter=m, note=f.cleaned_data["note"]),
    "hand_over": lambda by, m, f: actions.hand_over(by=by, matter=m, parts=f.parts(), note=f.cleaned_data["note"]),
    "look_back": lambda by, m, f: actions.look_back(by=by, matter=m, note=f.cleaned_data["note"]),
    "reopen": lambda by, m, f: actions.reopen(by=by, matter=m, due_on=_day(f), note=f.cleaned_data["note"]),
    "void": lambda by, m, f: actions.void(by=by, matter=m, note=f.cleaned_data["note"]),
    "remark": lambda by, m, f: actions.remark(by=by, matter=m, note=f.cleaned_data["note"]),
}


def _day(form: forms.StepForm) -> Any:
    day = form.cleaned_data["due_on"]
    if day is None:
        raise Refused(_("There is no day"), field="due_on", remedy=_("write it as YYYY-MM-DD"))
    return day


@login_required
@require_POST
def step(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Take a step; what was typed stays in the form if it is refused."""
    found = find(request, pk)
    if code not in DO:
        raise Unseen
    form = forms.StepForm(request.POST, actor=request.user, auto_id=f"{code}-%s")
    if not form.is_valid():
        return _record(request, found, Refused(_("Please look at the marked fields")), code, form)
    try:
        DO[code](account_of(request), found, form)
    except Refused as refusal:
        return _record(request, find(request, pk), refusal, code, form)
    messages.success(request, _("Done; it stands in the history."))
    return redirect("ledger:matter", pk)


@login_required
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach a file as evidence."""
    found = find(request, pk)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Refused(_("No file was chosen"), field="file", remedy=_("choose one"))
        actions.add_file(by=account_of(request), matter=found, upload=upload, note=request.POST.get("note", ""))
    except Refused as refusal:
        return _record(request, found, refusal)
    return redirect("ledger:matter", pk)


@login_required
@require_POST
def refer(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a record of the system as evidence."""
    found = find(request, pk)
    try:
        actions.add_record(
            by=account_of(request), matter=found, record=Reference.parse(request.POST.get("record", "")), note=request.POST.get("note", "")
        )
    except Refused as refusal:
        return _record(request, found, refusal)
    return redirect("ledger:matter", pk)


def _records_at_hand(request: HttpRequest, found: Matter) -> list[tuple[str, str]]:
    """Records that could prove this matter: the latest values of its indicator at its units, and what it came from."""
    nodes = [node for node in (found.lead, found.partner) if node is not None]
    rows = list(observed.current(request.user).filter(node__in=nodes, indicator=found.indicator)[:6]) if found.indicator_id else []
    listed = [(f"observation:{row.pk}", f"{row.node.name} {row.indicator} {Period.month(row.period)}") for row in rows]
    origin = found.origin_reference
    shown = title_and_url(origin, request.user) if origin else None
    return ([(str(origin), shown[0])] if shown else []) + listed


@login_required
@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Download a file of a matter that the actor sees."""
    row = get_object_or_404(Evidence.objects.select_related("matter__lead", "matter__partner", "file"), pk=pk, file__isnull=False)
    if not policies.sees(request.user, row.matter) or row.file is None:
        raise Unseen
    path = storing.path_of(row.file)
    if not path.is_file():
        raise Refused(_("The file is missing in the data folder"), remedy=_("restore it from the backup"))
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=row.file.name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new matter; assigned at once where leader and handler are named."""
    if not _creates(request):
        raise NotAllowed("no_matter_assign")
    initial = {
        name: request.GET[name] for name in ("title", "lead", "partner", "side", "origin", "due_on", "detail") if name in request.GET
    }
    initial = _known(request, initial) | initial
    form = forms.MatterForm(request.POST or None, actor=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            new = form.new()
            act = actions.deploy if new.parts.handler and new.parts.leader else actions.create
            made = act(by=account_of(request), new=new)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("ledger:matter", made.pk)
    context = {"form": form, "heading": _("A new matter"), "button": _("Assign, or keep as a draft"), "back": reverse("ledger:table")}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


def _known(request: HttpRequest, given: dict[str, str]) -> dict[str, str]:
    """What follows from the lead unit of the address: who answers for it, and a month to do it in."""
    node = nodes_of(request.user, Permission.MATTER_VIEW).filter(code=given.get("lead", "").split(" ")[0]).first()
    if node is None:
        return {}
    post = organization.leading_post(node)
    return {
        "leader": f"{post.code} {post.name}" if post else "",
        "due_on": (clock.today() + timedelta(days=30)).isoformat(),
    }


@login_required
@require_GET
def posts(request: HttpRequest) -> JsonResponse:
    """Type-ahead over open posts by code, name, unit, and who serves there."""
    text = request.GET.get("q", "").strip()
    today = clock.today()
    found = organization.open_posts(request.user, today)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__istartswith=text) | Q(node__pinyin__contains=text.lower()))
    rows = list(found.exclude(kind="staff")[:20]) or list(found[:20])
    sees = access.can(request.user, Permission.PERSON_VIEW)
    serving = organization.serving([row.pk for row in rows], today) if sees else {}
    items = [
        {"label": f"{row.code} {row.name}", "hint": "、".join(a.person.name for a in serving.get(row.pk, [])), "id": row.pk} for row in rows
    ]
    return JsonResponse({"items": items})


def link_to(**params: Any) -> str:
    """The address of the form for a new matter with fields already filled."""
    return f"{reverse('ledger:create')}?{urlencode(params)}"
