"""Re-election of an organisation as a path: the term, its papers, what is due next and the button for it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.ledger.models import Side
from rongtong.meetings import actions, election_actions, election_forms, elections, policies
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import Meeting, MeetingKind, MeetingState, TermStep, TermStepKind, Topic
from rongtong.meetings.vote_views import BOTH, fill
from rongtong.organization.models import PartyOrganisation
from rongtong.trees.models import Node

PAGE = 50
PLANNED = (MeetingState.PREPARED, MeetingState.NOTICED, MeetingState.HELD)


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """Organisations that hold elections, in the order of the tree, with the end of their terms."""
    if not access.can(request.user, Permission.MEETING_VIEW):
        raise NotAllowed("no_meeting_view")
    text, after, today = request.GET.get("q", "").strip(), request.GET.get("after", ""), clock.today()
    found = elections.organisations(request.user).filter(node__path__gt=after)
    found = found.filter(node__name__icontains=text) | found.filter(node__code__istartswith=text) if text else found
    rows = list(found[: PAGE + 1])
    terms = elections.terms_of(rows[:PAGE], today)
    shown: list[dict[str, Any]] = [{"party": row, "term": terms[row.pk]} for row in rows[:PAGE]]
    context = {
        "rows": shown, "near": sum(one["term"].tone in {"amber", "orange"} for one in shown),
        "over": sum(one["term"].tone == "red" for one in shown), "unknown": sum(one["term"].tone == "none" for one in shown),
        "query": text, "after": rows[PAGE - 1].node.path if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "elections/list.html", context)


def party_at(request: HttpRequest, pk: int) -> PartyOrganisation:
    found = elections.organisations(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def path(request: HttpRequest, pk: int) -> HttpResponse:
    """The path of one organisation."""
    party, today = party_at(request, pk), clock.today()
    node = party.node
    term = elections.term_of(party, today)
    papers = list(TermStep.objects.filter(node=node)[:50])
    held = elections.elections_at(node)
    may_run = policies.may_run(request.user, node)
    may_edit = access.can(request.user, Permission.ORGANIZATION_EDIT, node)
    kinds = {paper.kind for paper in papers if paper.term_from == party.elected_on}
    context = {
        "party": party, "node": node, "term": term, "papers": papers, "elections": held, "may_run": may_run, "may_edit": may_edit,
        "steps": elections.path_of(party, term, papers, held, today),
        "planned": Meeting.objects.filter(node=node, items__topic=Topic.ELECTION, state__in=PLANNED).order_by("starts_at", "pk").distinct().first(),
        "has_request": TermStepKind.REQUEST_EXTENSION in kinds and party.extended_to is None,
        "has_asked": TermStepKind.REQUEST_ELECTION in kinds,
        "exception": elections.second_extension(node, today), "rule": elections.TERM_RULE,
    }  # fmt: skip
    return render(request, "elections/path.html", context)


Do = Callable[[User, Node, dict[str, Any]], Any]


def _remind(by: User, node: Node, d: dict[str, Any]) -> Any:
    return election_actions.remind(by=by, node=node, on=d["on"], document=d["document"])


def _request(by: User, node: Node, d: dict[str, Any]) -> Any:
    return election_actions.record_paper(by=by, node=node, kind=TermStepKind.REQUEST_ELECTION, on=d["on"], document=d["document"])


def _reply(by: User, node: Node, d: dict[str, Any]) -> Any:
    return election_actions.reply(by=by, node=node, on=d["on"], document=d["document"])


def _report(by: User, node: Node, d: dict[str, Any]) -> Any:
    return election_actions.record_paper(by=by, node=node, kind=TermStepKind.REPORT, on=d["on"], document=d["document"])


def _extend(by: User, node: Node, d: dict[str, Any]) -> Any:
    return election_actions.request_extension(by=by, node=node, on=d["on"], to=d["to"], document=d["document"])


def _approve(by: User, node: Node, d: dict[str, Any]) -> Any:
    return election_actions.approve_extension(by=by, node=node, on=d["on"], document=d["document"])


# what -> form, permission of the organisation itself or of the superior, heading, button, act
STEPS: dict[str, tuple[type[election_forms.PaperForm], Permission, Any, Any, Do]] = {
    "remind": (
        election_forms.ReminderForm, Permission.ORGANIZATION_EDIT, gettext_lazy("Reminder of the re-election of %(name)s"),
        gettext_lazy("Record the reminder"), _remind,
    ),
    "request": (
        election_forms.PaperForm, Permission.MEETING_RUN, gettext_lazy("Request of %(name)s to hold the election"),
        gettext_lazy("Record the request"), _request,
    ),
    "reply": (
        election_forms.PaperForm, Permission.ORGANIZATION_EDIT, gettext_lazy("Reply to the request of %(name)s"),
        gettext_lazy("Record the reply"), _reply,
    ),
    "report": (
        election_forms.PaperForm, Permission.MEETING_RUN, gettext_lazy("Report of the election of %(name)s"),
        gettext_lazy("Record the report"), _report,
    ),
    "extend": (
        election_forms.ExtensionForm, Permission.MEETING_RUN, gettext_lazy("Request of %(name)s for a later election"),
        gettext_lazy("Record the request"), _extend,
    ),
    "approve": (
        election_forms.PaperForm, Permission.ORGANIZATION_EDIT, gettext_lazy("Approve the extension of %(name)s"),
        gettext_lazy("Extend the term"), _approve,
    ),
}  # fmt: skip


@login_required
@BOTH
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Record one paper of the path."""
    party = party_at(request, pk)
    if what not in STEPS:
        raise Unseen
    form_class, permission, heading, button, act = STEPS[what]
    access.require(request.user, permission, party.node, view=Permission.MEETING_VIEW)
    back = reverse("elections:path", args=[pk])

    def do(filled: Any) -> str:
        act(account_of(request), party.node, filled.cleaned_data)
        messages.success(request, _("Done; it stands in the audit log."))
        return back

    form = form_class(request.POST or None, initial={"on": clock.today().isoformat()})
    return fill(request, form, str(heading) % {"name": party.node.name}, str(button), back, do)


@login_required
@BOTH
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare the assembly that elects, with its item on the agenda; candidates and ballots follow there."""
    party = party_at(request, pk)
    policies.require_run(request.user, party.node)
    form = election_forms.StartForm(request.POST or None, initial={"on": "", "at": "14:00"})

    def do(filled: Any) -> str:
        made = _prepare(account_of(request), party.node, filled.cleaned_data)
        return reverse("meetings:meeting", args=[made.pk])

    heading = _("Prepare the election meeting of %(name)s") % {"name": party.node.name}
    return fill(request, form, heading, _("Prepare the meeting"), reverse("elections:path", args=[pk]), do)


def _prepare(by: User, node: Node, d: dict[str, Any]) -> Meeting:
    kind = MeetingKind.objects.get(code="assembly")
    starts_at = datetime.combine(d["on"], d["at"], tzinfo=clock.BUSINESS_ZONE)
    title = f"{node.name}{'补选' if d['is_by_election'] else '换届选举'}党员大会"
    items = [NewItem("选举办法与监票人、计票人", Side.PARTY, Topic.ELECTION), NewItem("选举", Side.PARTY, Topic.ELECTION)]
    new = actions.NewMeeting(kind=kind, node=node, starts_at=starts_at, title=title, place=d["place"], items=items)
    return actions.prepare(by=by, new=new)
