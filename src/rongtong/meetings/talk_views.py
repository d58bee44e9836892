"""Pages of talks: which pairs of a branch have talked this year and which have not; recording one takes two names and a day."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.meetings import elections, policies, talk_actions, talk_forms, talks
from rongtong.meetings.models import TalkPair
from rongtong.meetings.vote_views import BOTH, fill, key_of
from rongtong.organization.models import PartyKind, PartyOrganisation, Person

PAGE, LATEST = 50, 20
FIRST_YEAR = 2000


def require_both(request: HttpRequest) -> None:
    """Who talked with whom is about people: both permissions."""
    if not all(access.can(request.user, one) for one in (Permission.MEETING_VIEW, Permission.PERSON_VIEW)):
        raise NotAllowed("no_meeting_view")


def year_of(request: HttpRequest) -> int:
    this = clock.today().year
    year = key_of(request.GET.get("year", ""))
    return year if FIRST_YEAR <= year <= this else this


@login_required
@require_GET
def branches(request: HttpRequest) -> HttpResponse:
    """Branches with how far their talks of the year are; in the order of the tree, never of the figures."""
    require_both(request)
    year, after = year_of(request), request.GET.get("after", "")
    found = elections.organisations(request.user).filter(kind=PartyKind.BRANCH, node__path__gt=after)
    rows = list(found[: PAGE + 1])
    coverage = talks.talk_coverage([row.node for row in rows[:PAGE]], year)
    shown: list[dict[str, Any]] = [{"party": row, "coverage": coverage[row.pk], "pairs": _pairs(coverage[row.pk])} for row in rows[:PAGE]]
    context = {
        "rows": shown, "year": year, "years": [clock.today().year, clock.today().year - 1],
        "open": sum(one["coverage"].is_known and not one["coverage"].is_complete for one in shown),
        "unknown": sum(not one["coverage"].is_known for one in shown), "heads": [TalkPair(code).label for code in TalkPair.values],
        "after": rows[PAGE - 1].node.path if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "talks/list.html", context)


def _pairs(coverage: talks.Coverage) -> list[dict[str, Any]]:
    return [
        {"label": TalkPair(code).label, "covered": coverage.covered.get(code), "expected": coverage.expected.get(code)}
        for code in TalkPair.values
    ]


def branch_at(request: HttpRequest, pk: int) -> PartyOrganisation:
    """A branch where the actor may see both meetings and people; 404 otherwise."""
    found = elections.organisations(request.user).filter(pk=pk).first()
    if found is None or not access.can(request.user, Permission.PERSON_VIEW, found.node):
        raise Unseen
    return found


@login_required
@require_GET
def branch(request: HttpRequest, pk: int) -> HttpResponse:
    """The matrix of one branch and year: days only."""
    party, year = branch_at(request, pk), year_of(request)
    node = party.node
    talk_actions.note_reading(by=account_of(request), node=node, year=year)  # restricted: who read it is kept
    belonging = talks.people_of([node], talks.day_for(year))
    coverage, people = talks.talk_coverage([node], year, belonging)[pk], belonging[pk]
    latest = list(talks.talks_in([node], year).select_related("first", "second").order_by("-on", "-pk")[:LATEST])
    context = {
        "party": party, "node": node, "year": year, "years": [clock.today().year, clock.today().year - 1], "coverage": coverage,
        "pairs": _pairs(coverage), "committee": people.committee, "matrix": _matrix(people, coverage),
        "others": [
            {"person": one, "with_committee": coverage.with_committee.get(one.pk), "with_member": coverage.with_member.get(one.pk)}
            for one in people.others
        ],
        "latest": latest, "can_record": policies.may_run(request.user, node) or _own(request, people) is not None,
        "may_void": policies.may_run(request.user, node), "has_member_pairs": len(people.others) > 1,
    }  # fmt: skip
    return render(request, "talks/branch.html", context)


def _matrix(people: talks.People, coverage: talks.Coverage) -> list[dict[str, Any]]:
    """Committee by committee: the day of the last talk, or none yet; nothing on the diagonal."""
    return [
        {
            "person": row,
            "cells": [
                {
                    "person": column,
                    "is_self": row.pk == column.pk,
                    "on": coverage.last.get((min(row.pk, column.pk), max(row.pk, column.pk))),
                }
                for column in people.committee
            ],
        }
        for row in people.committee
    ]


def _own(request: HttpRequest, people: talks.People) -> Person | None:
    """The actor's own person, if of this branch."""
    return next((one for one in (*people.committee, *people.others) if one.account_id == request.user.pk), None)


@login_required
@BOTH
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Two names and a day; the first name is one's own where it can be."""
    party = branch_at(request, pk)
    people = talks.people_of([party.node], clock.today())[pk]
    own = _own(request, people)
    if own is None and not policies.may_run(request.user, party.node):
        raise NotAllowed("no_meeting_run")
    initial = {"first": own.pk if own else "", "second": request.GET.get("with", ""), "on": clock.today().isoformat()}
    form = talk_forms.TalkForm(request.POST or None, people=[*people.committee, *people.others], initial=initial)
    back = reverse("talks:at", args=[pk])

    def do(filled: Any) -> str:
        first, second = filled.two()
        made = talk_actions.record_talk(by=account_of(request), node=party.node, first=first, second=second, on=filled.cleaned_data["on"])
        messages.success(request, _("Recorded: %(pair)s, %(day)s.") % {"pair": made.get_pair_display(), "day": made.on})
        return back

    heading = _("A talk at %(name)s") % {"name": party.node.name}
    return fill(request, form, heading, _("Record the talk"), back, do, _("Only who and when. What was said is not written down here."))


@login_required
@require_POST
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a talk entered by mistake."""
    found = talks.talks(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    try:
        talk_actions.void_talk(by=account_of(request), talk=found)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The talk was taken back."))
    return redirect("talks:at", found.node_id)
