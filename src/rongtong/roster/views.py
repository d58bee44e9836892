"""Pages of the roster: the organisations with their figures, and the members of one on a day. Reading names is noted in the audit log."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.organization.models import PartyOrganisation
from rongtong.roster import actions, figures, forms, policies, proposing, queries
from rongtong.roster.models import Affiliation, Exclusion, Suspension
from rongtong.roster.queries import Member
from rongtong.trees.models import AFTER

PAGE, CHANGES, FEN = 50, 30, 100


def require_people(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.PERSON_VIEW):
        raise Unseen


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """Party organisations in the actor's area: members on record, what other sources say, whether dues are missing. No names."""
    require_people(request)
    text, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = figures.organisations(request.user).filter(node__path__gt=after)
    found = found.filter(node__name__icontains=text) | found.filter(node__code__istartswith=text) if text else found
    rows = list(found[: PAGE + 1])
    shown, today = rows[:PAGE], clock.today()
    compared = figures.compare(shown, today)
    unpaid = figures.unpaid([row.node for row in shown], today)
    context = {
        "rows": [{"party": row, "compared": compared[row.pk], "unpaid": unpaid.get(row.pk)} for row in shown],
        "unknown": sum(not compared[row.pk].here.is_known for row in shown),
        "differing": sum(bool(compared[row.pk].differences) for row in shown),
        "query": text, "after": shown[-1].node.path if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "roster/list.html", context)


def party_at(request: HttpRequest, pk: int) -> PartyOrganisation:
    """An organisation whose members the actor may see; 404 otherwise."""
    found = PartyOrganisation.objects.select_related("node").filter(pk=pk).first()
    if found is None or not policies.sees(request.user, found.node):
        raise Unseen
    return found


def day_of(request: HttpRequest) -> date:
    """The day that was asked for, today without one; a day nobody can read is said and is today."""
    text = request.GET.get("on", "").strip()
    try:
        return parsing.day(text) or clock.today()
    except Refused:
        messages.warning(request, forms.refuse_day(text))
        return clock.today()


@login_required
@require_GET
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Members of an organisation on a day: who votes and who does not and why, who is left out, what changed, what others say."""
    party = party_at(request, pk)
    day, today = day_of(request), clock.today()
    actions.note_reading(by=account_of(request), party=party.node, on=day)
    members = queries.members(party.node, day)
    can_edit = policies.can_edit(request.user, party.node)
    context = {
        "party": party, "node": party.node, "day": day, "is_today": day == today, "can_edit": can_edit,
        "rows": _rows(members, party, day), "voters": sum(one.votes for one in members), "should": sum(not m.is_excluded for m in members),
        "compared": figures.compare([party], day)[party.pk], "dues": _dues(party),
        "unpaid": figures.unpaid([party.node], today).get(party.pk),
        "exclusions": list(_at(Exclusion.objects.on(day), party).select_related("person")),
        "suspensions": list(Suspension.objects.on(day).filter(person__in=[m.person.pk for m in members]).select_related("person")),
        "changes": _changes(party, day), "proposed": len(proposing.proposals(party.node, today)) if can_edit else 0,
    }  # fmt: skip
    return render(request, "roster/organisation.html", context)


def _at(rows: Any, party: PartyOrganisation) -> Any:
    path = party.node.path
    return rows.filter(party__path__gte=path, party__path__lt=path + AFTER)


def _rows(members: list[Member], party: PartyOrganisation, day: date) -> list[dict[str, Any]]:
    keys = {row.person_id: row for row in _at(Affiliation.objects.on(day), party).select_related("party")}
    return [{"member": one, "affiliation": keys.get(one.person.pk)} for one in members]


def _changes(party: PartyOrganisation, day: date) -> list[dict[str, Any]]:
    """What began and ended within the year before the day, the latest first."""
    since = date(day.year - 1, day.month, 1)
    rows = _at(Affiliation.objects.all(), party).select_related("person", "party")
    began = [{"on": row.starts_on, "row": row, "is_end": False} for row in rows.filter(starts_on__gt=since, starts_on__lte=day)]
    ended = [{"on": row.ends_on, "row": row, "is_end": True} for row in rows.filter(ends_on__gt=since, ends_on__lte=day)]
    return sorted([*began, *ended], key=lambda one: (one["on"], one["row"].pk), reverse=True)[:CHANGES]


def _dues(party: PartyOrganisation) -> list[dict[str, Any]]:
    """The latest months with their amounts in yuan."""
    rows = figures.dues(party.node)
    return [{"row": row, "due": row.due_fen / FEN, "paid": row.paid_fen / FEN, "is_short": row.paid < row.payers} for row in rows]
