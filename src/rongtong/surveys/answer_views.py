"""Answering: one block of questions a step, on a phone. What was chosen so far travels in a sealed cookie of the browser and is kept nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.organization.models import Person
from rongtong.surveys import actions, content, policies, queries, sealing
from rongtong.surveys.content import MOST_WORDS, RANGES, Option
from rongtong.surveys.models import Invitation, Question, QuestionKind, Wave, WaveState

COOKIE, COOKIE_PAD, COOKIE_DAYS = "survey", 512, 30
STEPS = {QuestionKind.SCALE: 1, QuestionKind.POINTS: 10, QuestionKind.SHARE: 10}


@login_required
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The questionnaires that wait for the person; nobody else sees this list."""
    return render(request, "surveys/mine.html", {"waves": queries.open_for(request.user)})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page shows it: its choices, what was chosen, what is wrong."""

    question: Question
    choices: tuple[tuple[str, str], ...]
    chosen: str
    error: str = ""


@dataclass(slots=True)
class Sitting:
    """One person answering one wave in one browser."""

    wave: Wave
    ticket: str
    blocks: list[list[Question]]
    draft: dict[str, str] = field(default_factory=dict)

    def first_open(self) -> int:
        """The first block with something to answer, the last one if all is answered."""
        for at, block in enumerate(self.blocks):
            if any(question.kind != QuestionKind.TEXT and question.code not in self.draft for question in block):
                return at
        return len(self.blocks) - 1

    def of_question(self, code: str) -> int:
        return next((at for at, block in enumerate(self.blocks) if any(q.code == code for q in block)), 0)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One block of questions at a time; the last step sends everything at once."""
    wave = Wave.objects.filter(uid=uid).exclude(state=WaveState.DRAFT).select_related("questionnaire", "root").first()
    if wave is None:
        raise Unseen
    if request.method == "GET" and policies.why_not_answered(wave, clock.today()):
        return render(request, "surveys/over.html", {"wave": wave})
    sitting, is_used = _sit(request, wave)
    if request.method == "GET" and is_used:
        return render(request, "surveys/over.html", {"wave": wave, "is_used": True})
    return _take(request, sitting) if request.method == "POST" else _show(request, sitting, _part(request.GET.get("part", ""), sitting))


def _sit(request: HttpRequest, wave: Wave) -> tuple[Sitting, bool]:
    """The person's own ticket, and whether it was used; whoever was not asked sees no such page."""
    blocks = [
        list(rows) for _block, rows in groupby(wave.questionnaire.questions.order_by("position"), key=lambda question: question.block)
    ]
    person = Person.objects.filter(account=account_of(request)).values_list("pk", flat=True).first()
    if policies.why_not_answered(wave, clock.today()):
        return Sitting(wave, request.POST.get("ticket", ""), blocks), False  # the act says why not
    if person is None:
        raise Unseen
    ticket = sealing.ticket(wave.uid, person)
    receipt = Invitation.objects.filter(wave=wave, ticket=sealing.stub(ticket)).first()
    if receipt is None:
        raise Unseen
    sitting = Sitting(wave, ticket, blocks)
    sitting.draft = _draft(request, sitting)
    return sitting, receipt.answered_on is not None


def _name(wave: Wave) -> str:
    return f"{COOKIE}-{wave.uid.hex[:12]}"


def _draft(request: HttpRequest, sitting: Sitting) -> dict[str, str]:
    """What the browser kept; nothing if it is another person's, or cannot be read."""
    kept = request.COOKIES.get(_name(sitting.wave), "")
    if not kept:
        return {}
    try:
        held = sealing.unseal(sitting.wave.uid, kept)
    except Refused:
        return {}
    return dict(held["draft"]) if held.get("for") == sealing.stub(sitting.ticket)[:16] else {}


def _keep(response: HttpResponse, sitting: Sitting) -> HttpResponse:
    held = {"for": sealing.stub(sitting.ticket)[:16], "draft": sitting.draft}
    sealed = sealing.seal(sitting.wave.uid, held, COOKIE_PAD)
    path = reverse("surveys:answer", args=[sitting.wave.uid])
    response.set_cookie(_name(sitting.wave), sealed, max_age=COOKIE_DAYS * 86400, path=path, httponly=True, samesite="Lax")
    return response


def _part(text: str, sitting: Sitting) -> int:
    """The block of the address, never one beyond the first that is open."""
    wanted = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 3 else sitting.first_open()
    return max(0, min(wanted, sitting.first_open()))


def _take(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """Check a block, keep it in the browser, go on; after the last one everything is sent."""
    wave = sitting.wave
    if policies.why_not_answered(wave, clock.today()):
        actions.answer(by=actions.RESPONDENT, wave=wave, ticket=sitting.ticket, given={})
    text = request.POST.get("part", "")
    at = min(int(text) - 1, len(sitting.blocks) - 1) if text.isascii() and text.isdigit() and 0 < len(text) < 3 else 0
    block = sitting.blocks[max(at, 0)]
    sitting.draft |= {q.code: request.POST[q.code].strip()[: 2 * MOST_WORDS] for q in block if q.code in request.POST}
    errors = _errors(block, sitting.draft)
    if errors:
        return _show(request, sitting, at, errors)
    if at < len(sitting.blocks) - 1:
        return _keep(redirect(f"{reverse('surveys:answer', args=[wave.uid])}?part={at + 2}"), sitting)
    return _send(request, sitting)


def _errors(block: Sequence[Question], draft: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for question in block:
        try:
            content.cleaned([question], draft)
        except Refused as refusal:
            found[question.code] = str(refusal)
    return found


def _send(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    wave = sitting.wave
    try:
        actions.answer(by=actions.RESPONDENT, wave=wave, ticket=request.POST.get("ticket", ""), given=sitting.draft)
    except Refused as refusal:
        if not refusal.field:
            raise
        return _show(request, sitting, sitting.of_question(refusal.field), {refusal.field: str(refusal)})
    messages.success(request, _("Thank you. Your answer was taken; it stands under no name and no time, and nobody can find it again."))
    response = redirect("surveys:mine")
    response.delete_cookie(_name(wave), path=reverse("surveys:answer", args=[wave.uid]))
    return response


def _show(request: HttpRequest, sitting: Sitting, at: int, errors: Mapping[str, str] | None = None) -> HttpResponse:
    block = sitting.blocks[at]
    asked = [Asked(q, _choices(q), sitting.draft.get(q.code, ""), (errors or {}).get(q.code, "")) for q in block]
    context: dict[str, Any] = {
        "wave": sitting.wave, "asked": asked, "part": at + 1, "parts": len(sitting.blocks), "before": at, "ticket": sitting.ticket,
        "title": block[0].part, "is_last": at == len(sitting.blocks) - 1, "errors": errors, "most": MOST_WORDS,
    }  # fmt: skip
    return render(request, "surveys/answer.html", context, status=422 if errors else 200)


def _choices(question: Question) -> tuple[tuple[str, str], ...]:
    """What can be chosen: values with their labels; none for words."""
    if question.kind == QuestionKind.CHOICE:
        return tuple((option.code, option.label) for option in Option.of(question))
    if question.kind == QuestionKind.TEXT:
        return ()
    kind = QuestionKind(question.kind)
    low, high = RANGES[kind]
    return tuple((str(value), str(value)) for value in range(low, high + 1, STEPS[kind]))
