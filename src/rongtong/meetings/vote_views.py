"""Pages of votes: the list, opening one, what the tellers counted, the papers, and the appointments after an election."""

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
from rongtong.meetings import election_actions, elections, policies, vote_actions, vote_forms, vote_papers, vote_queries
from rongtong.meetings.models import Meeting, MeetingState, Vote, VoteKind
from rongtong.meetings.vote_results import Why
from rongtong.meetings.vote_rules import Floor, floor_of, kinds_for, numbers_of
from rongtong.organization import queries as organization
from rongtong.papers.writing import FORMATS, MEDIA_TYPES, write

PAGE = 50
BOTH = require_http_methods(["GET", "POST"])


def key_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def fill(request: HttpRequest, form: Any, heading: str, button: str, back: str, do: Any, hint: str = "", **more: Any) -> HttpResponse:
    """Show a form, do what it says, keep what was typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do(form))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint, **more}
    return render(request, more.get("template", "votes/form.html"), context, status=422 if form.errors else 200)


@login_required
@require_GET
def votes(request: HttpRequest) -> HttpResponse:
    """Votes of the actor's area, the latest first, with what came of them."""
    if not access.can(request.user, Permission.MEETING_VIEW):
        raise NotAllowed("no_meeting_view")
    after = key_of(request.GET.get("after", ""))
    found = vote_queries.votes(request.user)
    kind = request.GET.get("kind", "")
    found = found.filter(kind=kind) if kind in VoteKind.values else found
    rows = list((found.filter(pk__lt=after) if after else found)[: PAGE + 1])
    chips = [{"label": label, "value": value, "is_chosen": value == kind} for value, label in VoteKind.choices]
    more = rows[PAGE - 1].pk if len(rows) > PAGE else 0
    return render(request, "votes/list.html", {"rows": rows[:PAGE], "chips": chips, "kind": kind, "more": more})


@login_required
@BOTH
def open_vote(request: HttpRequest) -> HttpResponse:
    """Open a vote at a meeting: which kind, on which item, who stands."""
    meeting = vote_queries.meeting_at(request.user, key_of(request.GET.get("meeting", "")))
    if not any(policies.may(request.user, meeting, code) for code in ("vote", "change")):
        policies.require_write(request.user, meeting, "vote")
    kinds = kinds_for(meeting)
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else next(iter(kinds), "")
    form, second = _open_form(request, meeting, kind)

    def do(filled: Any) -> str:
        made = vote_actions.open_vote(by=account_of(request), new=filled.new())
        return reverse("votes:vote", args=[made.pk])

    if not kinds:
        what = _("A meeting of this kind holds no vote here; its paper file does.")
        return render(request, "votes/open.html", {"meeting": meeting, "none": what}, status=200)
    chips = [{"label": one.label, "value": one.value, "is_chosen": one == kind} for one in kinds]
    return fill(
        request, form, _("A vote at “%(title)s”") % {"title": meeting.title}, _("Open the vote"),
        reverse("meetings:meeting", args=[meeting.pk]), do, meeting=meeting, chips=chips, second=second, template="votes/open.html",
    )  # fmt: skip


def _open_form(request: HttpRequest, meeting: Meeting, kind: str) -> tuple[Any, Vote | None]:
    second = Vote.objects.filter(pk=key_of(request.GET.get("second_of", "")), meeting=meeting).prefetch_related("candidates").first()
    initial: dict[str, Any] = {}
    if second is not None and kind == VoteKind.ELECTION:
        seats, candidates = vote_queries.for_second_ballot(second)
        lines = "\n".join(one.person.code if one.person else one.name for one in candidates)
        office = next((one.office for one in second.candidates.all()), "")
        initial = {"seats": seats or "", "candidates": lines, "office": office, "is_by_election": second.is_by_election}
    form_class = {VoteKind.CADRES.value: vote_forms.CadresForm, VoteKind.ELECTION.value: vote_forms.ElectionForm}.get(
        kind, vote_forms.OpenForm
    )
    form = form_class(request.POST or None, meeting=meeting, kind=kind, initial=initial)
    if isinstance(form, vote_forms.ElectionForm):
        form.second_of = second
    if request.method == "POST" and not form.is_bound:
        form = form_class({}, meeting=meeting, kind=kind)
    return form, second


@login_required
@require_GET
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """One vote: what came of it and why, who was elected, what to do next."""
    return _vote_page(request, vote_queries.vote_at(request.user, pk))


def _vote_page(request: HttpRequest, found: Vote, refusal: Refused | None = None) -> HttpResponse:
    seats, again = vote_queries.for_second_ballot(found)
    may_write = policies.may(request.user, found.meeting, "vote") and not found.voided_reason
    elected = vote_queries.elected_of(found)
    context = {
        "vote": found, "meeting": found.meeting, "why": Why.of(found.why), "lines": vote_queries.lines_of(found),
        "can_count": may_write and found.is_valid is None, "may_void": may_write and found.appointed_on is None,
        "hints": vote_queries.standing_hints(found), "open_seats": seats, "again": again, "elected": elected, "refusal": refusal,
        "is_open": found.meeting.state == MeetingState.HELD,
        "can_appoint": bool(elected) and found.appointed_on is None and not found.voided_reason
        and access.can(request.user, Permission.ORGANIZATION_EDIT, found.meeting.node),
    }  # fmt: skip
    return render(request, "votes/vote.html", context, status=422 if refusal else 200)


@login_required
@BOTH
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """The tellers' counts."""
    found = vote_queries.vote_at(request.user, pk)
    policies.require_write(request.user, found.meeting, "vote")
    back = reverse("votes:vote", args=[pk])
    if found.kind == VoteKind.ELECTION:
        form: Any = vote_forms.ElectionCountForm(request.POST or None, vote=found)
        act: Any = vote_actions.count_election
    else:
        form = vote_forms.CountForm(request.POST or None, vote=found, counts_written=numbers_of(found.row).counts_written)
        act = vote_actions.count

    def do(filled: Any) -> str:
        act(by=account_of(request), vote=found, counts=filled.counts())
        return back

    floor, refusal = _floor(found)
    return fill(
        request, form, _("What the tellers counted"), _("Record the counts"), back, do, vote=found, meeting=found.meeting, floor=floor,
        refusal=refusal, template="votes/count.html",
    )  # fmt: skip


def _floor(found: Vote) -> tuple[Floor | None, str]:
    """Who may vote and how many came, or what has to be recorded first: said before anybody types."""
    try:
        return floor_of(found.meeting), ""
    except Refused as refusal:
        return None, str(refusal)


@login_required
@require_POST
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a vote aside."""
    found = vote_queries.vote_at(request.user, pk)
    try:
        vote_actions.void(by=account_of(request), vote=found, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _vote_page(request, found, refusal)
    messages.success(request, _("The vote counts for nothing from now on; it stays on record."))
    return redirect("votes:vote", pk)


@login_required
@require_GET
def paper(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ballots, tally sheet or result sheet as pdf or docx."""
    found = vote_queries.vote_at(request.user, pk)
    file_format = request.GET.get("format", "pdf")
    if what not in vote_papers.WHAT or file_format not in FORMATS:
        raise Unseen
    try:
        content = write(vote_papers.paper(found, what, key_of(request.GET.get("copies", "1"))), file_format)
    except Refused as refusal:
        return _vote_page(request, found, refusal)
    answer = HttpResponse(content, content_type=MEDIA_TYPES[file_format])
    answer["Content-Disposition"] = f'attachment; filename="{what}-{found.meeting.code}-{found.pk}.{file_format}"'
    return answer


@login_required
@BOTH
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint those elected: which post, from when, by which document. Says before what will happen."""
    found = vote_queries.vote_at(request.user, pk)
    access.require(request.user, Permission.ORGANIZATION_EDIT, found.meeting.node, view=Permission.MEETING_VIEW)
    posts = elections.posts_for(found)
    held = found.meeting.held_on
    serving = {key: rows[0].person.name for key, rows in organization.serving([post.pk for post in posts], held).items()} if held else {}
    elected = vote_queries.elected_of(found)
    form = vote_forms.AppointForm(request.POST or None, elected=elected, posts=posts, serving=serving, initial={"on": str(held or "")})

    def do(filled: Any) -> str:
        seats = [election_actions.Seat(one, post) for one, post in filled.chosen()]
        d = filled.cleaned_data
        election_actions.appoint_elected(by=account_of(request), vote=found, seats=seats, on=d["on"], document=d["document"])
        messages.success(request, _("Appointed; rights follow the posts."))
        return reverse("votes:vote", args=[pk])

    hint = _("Whoever serves in a chosen post ends that day; somebody re-elected to the same post goes on.")
    if not found.is_by_election:
        hint += " " + _("The new term begins on the day of the election, %(day)s.") % {"day": held}
    return fill(request, form, _("Appoint those elected"), _("Make the appointments"), reverse("votes:vote", args=[pk]), do, hint)
