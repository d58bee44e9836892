"""How a Party organisation stands on the way to its next election: the term, its papers, what is due next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel.periods import add_months
from rongtong.meetings.models import TermStep, TermStepKind, Vote, VoteKind
from rongtong.organization.models import PartyKind, PartyOrganisation, Post, anniversary
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleException, RuleRow
from rongtong.trees.models import Node

ELECTED_KINDS = (PartyKind.COMMITTEE, PartyKind.GENERAL_BRANCH, PartyKind.BRANCH)
ELECTION_ROW, TERM_RULE = "ELECTION", "ORG-04"
DONE = "done"


@dataclass(frozen=True, slots=True)
class Term:
    """A term and how near its end is: green, amber (the first step before), orange (the second), red (over), none (not known)."""

    elected_on: date | None
    ends_on: date | None  # without extension
    expires_on: date | None
    tone: str
    days_left: int | None
    remind_from: date | None


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last day of the month where it is shorter.

    >>> months_before(date(2026, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    code = add_months(day.year * 100 + day.month, -months)
    following = add_months(code, 1)
    last = date(following // 100, following % 100, 1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def term_of(party: PartyOrganisation, today: date) -> Term:
    """The present term by its rule row: steps of so many months before the end."""
    return terms_of([party], today)[party.pk]


def terms_of(parties: Iterable[PartyOrganisation], today: date) -> dict[int, Term]:
    """Terms of many organisations at the cost of one question."""
    resolver = rules.Resolver(today, ELECTION_ROW)
    return {party.pk: _term(party, today, resolver.resolve(ELECTION_ROW, party.node)) for party in parties}


def _term(party: PartyOrganisation, today: date, row: RuleRow | None) -> Term:
    if party.elected_on is None or not party.term_years:
        return Term(party.elected_on, None, None, "none", None, None)
    steps = [int(months) for months in (row.arguments.get("steps_months", []) if row else [])]
    expiry = party.expires_on
    assert expiry is not None
    tone = "green"
    for word, months in zip(("amber", "orange"), steps, strict=False):
        tone = word if today >= months_before(expiry, months) else tone
    ends_on = anniversary(party.elected_on, party.term_years)
    remind = months_before(expiry, steps[0]) if steps else None
    return Term(party.elected_on, ends_on, expiry, "red" if today > expiry else tone, (expiry - today).days, remind)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path: what it is, whether it is done (and by what), or the sentence that says what to do now."""

    code: str
    title: str
    state: str  # done, now, later
    detail: str = ""


def path_of(party: PartyOrganisation, term: Term, papers: list[TermStep], elections: list[Vote], today: date) -> list[Step]:
    """The steps in their order; the first open one whose time has come is `now`."""
    by_kind = {paper.kind: paper for paper in reversed(papers) if paper.term_from == party.elected_on}
    newest = next((vote for vote in elections if vote.is_valid and not vote.is_by_election and vote.meeting.held_on), None)
    held_on = newest.meeting.held_on if newest is not None else None
    is_held = held_on is not None and (party.elected_on is None or held_on > party.elected_on)
    marks = [
        ("remind", _("The superior reminds"), _paper(by_kind.get(TermStepKind.REMINDER))),
        ("request", _("Request to hold the election"), _paper(by_kind.get(TermStepKind.REQUEST_ELECTION))),
        ("reply", _("Reply of the superior"), _paper(by_kind.get(TermStepKind.REPLY_ELECTION))),
        ("hold", _("Election at the members' assembly"), str(held_on) if is_held else ""),
        ("report", _("Report of the result"), _paper(by_kind.get(TermStepKind.REPORT))),
        ("appoint", _("Appointments; the new term begins"), ""),
    ]
    is_time = term.remind_from is None or today >= term.remind_from or is_held
    steps, is_open = [], False
    for code, title, done in marks:
        state = DONE if done else "now" if is_time and not is_open else "later"
        is_open = is_open or state == "now"
        steps.append(Step(code, title, state, done))
    return steps


def _paper(step: TermStep | None) -> str:
    return "" if step is None else f"{step.on} {step.document}".strip()


def second_extension(node: Node, today: date) -> RuleException | None:
    """An approved exception to the rule on terms: the only way beyond the first extension."""
    rows = RuleException.objects.filter(node=node, rule_code=TERM_RULE, is_approved=True, starts_on__lte=today, ends_on__gt=today)
    return rows.order_by("-ends_on").first()


def organisations(actor: Any) -> QuerySet[PartyOrganisation]:
    """Open organisations that hold elections, in the actor's area for meetings."""
    rows = PartyOrganisation.objects.filter(kind__in=ELECTED_KINDS, node__closed_on__isnull=True).select_related("node")
    return scoped(rows.order_by("node__path"), actor, "node", permission=Permission.MEETING_VIEW)


def elections_at(node: Node) -> list[Vote]:
    """Elections of an organisation, the latest first."""
    rows = Vote.objects.filter(meeting__node=node, kind=VoteKind.ELECTION, voided_reason="").select_related("meeting", "row")
    return list(rows.prefetch_related("candidates").order_by("-meeting__starts_at", "-pk")[:50])


def posts_for(vote: Vote) -> list[Post]:
    """Open posts of the office that was voted on, at the same organisation."""
    office = next((one.office for one in vote.candidates.all()), "")
    return list(Post.objects.filter(node=vote.meeting.node_id, kind=office, closed_on__isnull=True).order_by("code"))
