"""Pages on which a meeting is written: prepared, changed, held, attended, minuted, resolved. The ones a phone needs are one page each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import Side
from rongtong.meetings import actions, agenda, attending, checking, due, forms, policies
from rongtong.meetings.actions import Present, Words
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import AgendaItem, Meeting, Presence, Resolution, Topic
from rongtong.meetings.present import groups
from rongtong.meetings.views import find, record
from rongtong.organization.models import Person
from rongtong.plans import actions as plans
from rongtong.plans import queries as plan_queries
from rongtong.ui.fragments import is_fragment

GIVEN = ("kind", "node", "partner", "day", "from_time", "place", "title")


def require_part(request: HttpRequest, meeting: Meeting, code: str) -> None:
    """A page of a form is only for who may write it: 403 to who has no part, a sentence where the state forbids it."""
    policies.require_write(request.user, meeting, code)


@login_required
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest) -> HttpResponse:
    """Two steps: what, where and when; then the agenda and who should attend, before anything is stored."""
    if not access.can(request.user, Permission.MEETING_RUN):
        raise NotAllowed("no_meeting_run")
    initial = {"from_time": "09:00", "node": _own(request)} | {name: request.GET[name] for name in GIVEN if name in request.GET}
    form = forms.MeetingForm(request.POST or None, actor=request.user, initial=initial)
    step, context = 1, {}
    if request.method == "POST" and form.is_valid() and not request.POST.get("back"):
        try:
            new = form.new()
            policies.require_run(account_of(request), new.node)
            checking.new_meeting(new.kind, new.node, new.partner, new.starts_at, new.until)
            if request.POST.get("confirm"):
                return redirect("meetings:meeting", actions.prepare(by=account_of(request), new=form.new(_ticked(request, new))).pk)
            step, context = 2, _preview(request, new)
        except Refused as refusal:
            field = {"starts_at": "from_time", "ends_at": "to_time"}.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, str(refusal))
    context |= {"form": form, "step": step, "errors": bool(form.errors)}
    return render(request, "meetings/prepare.html", context, status=422 if form.errors else 200)


def _own(request: HttpRequest) -> str:
    """The organisation that the account runs meetings of, if it is one."""
    nodes = due.own_nodes(request.user) if request.method == "GET" else []
    return f"{nodes[0].code} {nodes[0].name}" if nodes else ""


def _preview(request: HttpRequest, new: actions.NewMeeting) -> dict[str, Any]:
    """What will be stored: the proposed agenda, who should attend, who chairs."""
    people = attending.expected(new.kind, new.node, new.partner, new.day)
    return {
        "new": new, "proposed": list(enumerate(agenda.proposed(request.user, new.kind, new.node, new.partner, new.day))),
        "people": people,
        "sides": Side.choices, "chair": new.chair or attending.chair_of(new.node, new.day),
    }  # fmt: skip


def _ticked(request: HttpRequest, new: actions.NewMeeting) -> tuple[NewItem, ...]:
    """The proposed items that stayed ticked, in their order, and what was typed beside them."""
    rows = agenda.proposed(request.user, new.kind, new.node, new.partner, new.day)
    chosen = set(request.POST.getlist("item"))
    more = [line.strip() for line in request.POST.get("more", "").splitlines() if line.strip()][:20]
    side = request.POST.get("more_side") or new.kind.side
    topic = Topic.OTHER if side == Side.PARTY else Topic.BUSINESS
    added = [] if new.kind.is_restricted else [NewItem(line, side, topic) for line in more]
    return (*(row for at, row in enumerate(rows) if str(at) in chosen), *added)


def fill(request: HttpRequest, found: Meeting, form: Any, heading: str, button: str, do: Any, hint: str = "") -> HttpResponse:
    """Show a form of a meeting, do what it says, keep what was typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            do(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("meetings:meeting", found.pk)
    back = reverse("meetings:meeting", args=[found.pk])
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time, place, chair, before it is held."""
    found = find(request, pk)
    require_part(request, found, "change")
    form = forms.PlanForm(request.POST or None, actor=request.user, initial=forms.PlanForm.of(found))
    hint = _("Whoever was called is told of another time or place.")
    return fill(
        request, found, form, _("Change: %(title)s") % {"title": found.title}, _("Save the change"),
        lambda f: actions.change(by=account_of(request), meeting=found, plan=f.plan()), hint,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that it was held, and how; later correct it until it is signed."""
    found = find(request, pk)
    code = "facts" if found.held_on else "hold"
    require_part(request, found, code)
    form = forms.FactsForm(request.POST or None, actor=request.user, meeting=found, initial=forms.FactsForm.of(found))

    def do(filled: Any) -> None:
        if code == "hold":
            actions.hold(by=account_of(request), meeting=found, held_on=filled.day(), facts=filled.facts())
        else:
            actions.set_facts(by=account_of(request), meeting=found, facts=filled.facts())

    button = _("It was held") if code == "hold" else _("Save how it was")
    return fill(request, found, form, _("How it was: %(title)s") % {"title": found.title}, button, do)


@login_required
@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Everyone present by one tap, then the exceptions; who sits in by name."""
    found = find(request, pk)
    require_part(request, found, "attendance")
    refusal, typed = None, {}
    if request.method == "POST":
        try:
            rows = _rows(request, found)
            actions.record_attendance(by=account_of(request), meeting=found, rows=rows)
        except Refused as wrong:
            refusal, typed = wrong, {key: value for key, value in request.POST.items() if key[:1] in {"p", "r"}}
        else:
            messages.success(request, _("Attendance is recorded."))
            return redirect("meetings:attendance" if request.POST.get("all") else "meetings:meeting", pk)
    people = list(found.attendance.select_related("person").order_by("person__pinyin", "pk"))
    lines = [
        {
            "row": row, "presence": typed.get(f"p{row.person_id}", row.presence), "reason": typed.get(f"r{row.person_id}", row.reason),
            "is_wrong": refusal is not None and refusal.field == f"p{row.person_id}",
        }
        for row in people
    ]  # fmt: skip
    context = {
        "meeting": found,
        "lines": lines,
        "groups": groups(people),
        "refusal": refusal,
        "open": sum(not row.presence for row in people),
    }
    return render(request, "meetings/attendance.html", context, status=422 if refusal else 200)


def _rows(request: HttpRequest, found: Meeting) -> list[Present]:
    """The lines as they were sent: those not recorded become present where one tap said so."""
    post, rows = request.POST, []
    for row in found.attendance.select_related("person").order_by("pk"):
        sent = post.get(f"p{row.person_id}", row.presence)
        presence = Presence.PRESENT.value if post.get("all") and not sent else sent
        reason = post.get(f"r{row.person_id}", row.reason) if presence in {Presence.LEAVE, Presence.ABSENT} else ""
        if (presence, reason) != (row.presence, row.reason):
            rows.append(Present(row.person, presence, reason))
    return rows + [Present(person, Presence.SIT_IN) for person in _sitting_in(post.get("sit_in", ""))]


def _sitting_in(text: str) -> list[Person]:
    """Persons by code, as the type-ahead writes them: “code name”, several with a semicolon."""
    codes = [part.strip().split(" ")[0] for part in text.replace("；", ";").split(";") if part.strip()]
    found = {person.code: person for person in Person.objects.filter(code__in=codes)}
    unknown = [code for code in codes if code not in found]
    if unknown:
        what = _("There is no person with the code %(code)s") % {"code": unknown[0]}
        raise Refused(what, field="sit_in", remedy=_("choose one of the list"), code="unknown")
    return [found[code] for code in codes]


@login_required
@require_GET
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes on one page, item by item, each saved by itself; made for a phone."""
    found = find(request, pk)
    require_part(request, found, "minutes")
    return render(request, "meetings/minutes.html", _minutes(request, found))


def _minutes(request: HttpRequest, found: Meeting) -> dict[str, Any]:
    rows = [{"item": item, "mark": checking.mark(item)} for item in found.items.order_by("position")]
    form = forms.ItemForm(actor=request.user, initial={"side": found.kind.side})
    return {"meeting": found, "rows": rows, "form": form, "open": found.attendance.filter(presence="").count()}


@login_required
@require_POST
def write(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Save what is written on one item: a tick in its place, or the whole page where there is no script."""
    found = find(request, pk)
    row = AgendaItem.objects.filter(pk=item, meeting=found).first()
    if row is None:
        raise Unseen
    words = Words(**{name: request.POST.get(name) for name in ("points", "differing", "speaker", "was")})
    context: dict[str, Any] = {"item": row, "meeting": found}
    try:
        row = actions.write_minutes(by=account_of(request), meeting=found, item=row, words=words)
    except Refused as refusal:
        context |= {"refusal": refusal, "mark": words.was or ""}
        if not is_fragment(request):
            raise
    else:
        context["mark"] = checking.mark(row)
        if not is_fragment(request):
            return redirect(f"{reverse('meetings:minutes', args=[pk])}#i{item}")
    return render(request, "meetings/_saved.html", context)


@login_required
@require_POST
def add_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One more item, also while the meeting is on."""
    found = find(request, pk)
    form = forms.ItemForm(request.POST, actor=request.user)
    require_part(request, found, "add_item")
    if not form.is_valid():
        return record(request, found, Refused(_("The item has no title"), field="title", remedy=_("say it in a sentence")))
    made = actions.add_item(by=account_of(request), meeting=found, item=form.item())
    is_on = found.state == "held"
    return redirect(f"{reverse('meetings:minutes', args=[pk])}#i{made.pk}" if is_on else reverse("meetings:meeting", args=[pk]))


@login_required
@require_http_methods(["GET", "POST"])
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was agreed, with its owner."""
    found = find(request, pk)
    require_part(request, found, "resolve")
    initial = {name: request.GET[name] for name in ("item", "text") if name in request.GET}
    form = forms.ResolutionForm(request.POST or None, actor=request.user, meeting=found, initial=initial)
    hint = _("With leader, handler and due date it becomes a matter of the ledger at once.")
    return fill(
        request, found, form, _("What was agreed: %(title)s") % {"title": found.title}, _("Record the resolution"),
        lambda f: actions.resolve(by=account_of(request), meeting=found, new=f.new()), hint,
    )  # fmt: skip


def _resolution(request: HttpRequest, pk: int) -> tuple[Meeting, Resolution]:
    row = Resolution.objects.select_related("meeting", "matter", "item").filter(pk=pk).first()
    if row is None:
        raise Unseen
    return find(request, row.meeting_id), row


@login_required
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the owner of a resolution."""
    found, row = _resolution(request, pk)
    require_part(request, found, "resolve")
    form = forms.OwnerForm(request.POST or None, actor=request.user)
    return fill(
        request, found, form, _("Who sees to it: %(text)s") % {"text": row.text}, _("Name the owner"),
        lambda f: actions.own(by=account_of(request), resolution=row, new=f.new(row.text)),
    )  # fmt: skip


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """No follow-up needed, reworded, taken back, or noted as a step of togetherness."""
    found, row = _resolution(request, pk)
    by, post = account_of(request), request.POST
    acts: dict[str, Callable[[], Any]] = {
        "none": lambda: actions.no_follow_up(by=by, resolution=row),
        "reword": lambda: actions.reword(by=by, resolution=row, text=post.get("text", "")),
        "drop": lambda: actions.drop_resolution(by=by, resolution=row, reason=post.get("reason", "")),
        "together": lambda: _note_together(request, found, row),
    }
    if code not in acts:
        raise Unseen
    try:
        acts[code]()
    except Refused as refusal:
        return record(request, find(request, found.pk), refusal)
    messages.success(request, _("Done; it stands in the history."))
    return redirect("meetings:meeting", found.pk)


def _note_together(request: HttpRequest, found: Meeting, row: Resolution) -> None:
    """The meeting stands for its host's side, the resolution for the other; only a meeting of both sides proves togetherness."""
    key = request.POST.get("link", "")
    link = plan_queries.links(request.user).filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    if link is None:
        raise Refused(_("No link was chosen"), field="link", remedy=_("choose one of the list"), code="unknown")
    if not found.has_both_sides or row.matter is None or found.held_on is None:
        what = _("This meeting did not bring both sides together")
        raise Refused(what, remedy=_("an item of the other side must leave a resolution with an owner"), code="one_side")
    records = [Reference("meeting", str(found.pk)), Reference("resolution", str(row.pk))]
    plans.note_together(
        by=account_of(request), link=link, kind=request.POST.get("kind", ""), on=found.held_on,
        records=list(reversed(records)) if found.node.is_business else records, matter=row.matter,
    )  # fmt: skip
