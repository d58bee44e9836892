"""Acts on surveys: install questionnaires, draft, copy, launch, answer, close, release."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, SystemActor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.surveys import content, launching, mixing, policies, sealing
from rongtong.surveys.models import Answer, Cell, CellPart, Invitation, Question, Questionnaire, Wave, WaveState
from rongtong.surveys.numbers import numbers_at
from rongtong.surveys.policies import RUN, VIEW
from rongtong.trees.models import Node

RESPONDENT = SystemActor("respondent", "匿名答卷人")  # stands in the audit log for whoever answers
MOST_DAYS = 92


def _ref(wave: Wave) -> Reference:
    return Reference("survey_wave", str(wave.pk))


@act("surveys.install")
def install(*, by: Actor) -> int:
    """Add the shipped questionnaires, or versions of them, that are not there yet; returns how many were added."""
    access.require_everywhere(by, RUN)
    data = tomllib.loads(files("rongtong.surveys").joinpath("data/questionnaires.toml").read_text(encoding="utf-8"))
    have = set(Questionnaire.objects.values_list("code", "version"))
    fresh = [row for row in data["questionnaire"] if (row["code"], row["version"]) not in have]
    for row in fresh:
        names = ("code", "version", "title", "title_en", "purpose", "purpose_en", "minutes")
        made = Questionnaire.objects.create(**{name: row[name] for name in names})
        rows = [Question(questionnaire=made, position=at, **values) for at, values in enumerate(_shipped(row), start=1)]
        Question.objects.bulk_create(rows)
        Questionnaire.objects.filter(code=made.code, version__lt=made.version).update(is_closed=True)
    current().about(Reference("questionnaire", "shipped"), added=len(fresh))
    return len(fresh)


def _shipped(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for block in row["block"]:
        head = {"block": block["title"], "block_en": block["title_en"], "kind": block["kind"], "aspect": block["aspect"]}
        head |= {name: block.get(name, "") for name in ("low", "low_en", "high", "high_en")} | {"options": block.get("options", [])}
        for side in ("business", "party", "none"):
            for code, text, english in block.get(side, ()):
                yield head | {"code": code, "text": text, "text_en": english, "side": "" if side == "none" else side}


# preparing


@dataclass(frozen=True, slots=True)
class NewWave:
    """What is asked of whom, and until when. Groups are the nodes `depth` levels below the root."""

    questionnaire: Questionnaire
    title: str
    root: Node
    closes_on: date
    depth: int = 1
    by_role: bool = True


@act("surveys.draft")
def draft(*, by: Actor, new: NewWave) -> Wave:
    """Prepare a wave; nobody is asked before it is launched."""
    access.require(by, RUN, new.root, view=VIEW)
    _refuse(new)
    return _made(by, new, None)


@act("surveys.copy")
def copy(*, by: Actor, wave: Wave, title: str, closes_on: date) -> Wave:
    """The same questionnaire to the same place again; who is asked, and in which cells, is found anew at launch."""
    policies.require_run(by, wave)
    newest = Questionnaire.objects.filter(code=wave.questionnaire.code, is_closed=False).first() or wave.questionnaire
    new = NewWave(newest, title, wave.root, closes_on, wave.depth, wave.by_role)
    _refuse(new)
    return _made(by, new, wave)


def _refuse(new: NewWave) -> None:
    if not new.title.strip() or len(new.title) > 120:
        raise Refused(_("The title is empty or too long"), field="title", remedy=_("say in a few words what is asked"), code="title")
    if new.root.closed_on is not None:
        raise Refused(_("%(node)s is closed") % {"node": new.root}, field="root", remedy=_("choose an open unit"), code="closed_node")
    if new.questionnaire.is_closed:
        what = _("This version of the questionnaire was replaced")
        raise Refused(what, field="questionnaire", remedy=_("choose the latest version"), code="replaced")
    if not 0 <= new.depth <= 6:
        raise Refused(_("Groups lie 0 to 6 levels below the root"), field="depth", remedy=_("choose a level"), code="depth")
    _refuse_end(new.closes_on)


def _refuse_end(closes_on: date) -> None:
    if not clock.today() <= closes_on <= clock.today() + timedelta(days=MOST_DAYS):
        what = _("The last day lies in the past, or more than %(days)s days away") % {"days": MOST_DAYS}
        raise Refused(what, field="closes_on", remedy=_("choose a day from today on"), code="closes_on")


def _made(by: Actor, new: NewWave, source: Wave | None) -> Wave:
    numbers = numbers_at(new.root, clock.today())
    made = Wave.objects.create(
        questionnaire=new.questionnaire, title=new.title.strip(), root=new.root, depth=new.depth, by_role=new.by_role, closes_on=new.closes_on,
        k_score=numbers.k_score, k_text=numbers.k_text, copied_from=source, created_label=by.label,
    )  # fmt: skip
    current().about(_ref(made), root=new.root.code, questionnaire=f"{new.questionnaire.code} {new.questionnaire.version}", k=made.k_score)
    return made


@act("surveys.drop")
def drop(*, by: Actor, wave: Wave) -> None:
    """Take back a draft: nobody was asked yet."""
    policies.require_run(by, wave)
    current().about(_ref(wave), title=wave.title)
    if not Wave.objects.filter(pk=wave.pk, state=WaveState.DRAFT).delete()[0]:
        raise Conflict(_("The wave was launched already"), remedy=_("close it instead"), code="state")


# asking


@act("surveys.launch")
def launch(*, by: Actor, wave: Wave, seen: str) -> Wave:
    """Freeze who is asked, the cells and k, and ask. `seen` is the digest of what was shown: nothing goes out unseen."""
    policies.require_run(by, wave)
    _refuse_end(wave.closes_on)
    numbers = numbers_at(wave.root, clock.today())
    wave.k_score, wave.k_text = numbers.k_score, numbers.k_text
    plan = launching.plan_of(wave, clock.today())
    launching.refuse(plan, numbers.gap_days, clock.today())
    if plan.digest != seen:
        raise Refused(_("What launching costs, or who is asked, has changed since you looked"), remedy=_("look at it again"), code="unseen")
    fields = {
        "state": WaveState.LAUNCHED,
        "launched_on": clock.today(),
        "launched_label": by.label,
        "hours": plan.hours,
        "invited": len(plan.people),
    }
    fields |= {"k_score": numbers.k_score, "k_text": numbers.k_text}
    if not Wave.objects.filter(pk=wave.pk, state=WaveState.DRAFT).update(**fields):
        raise Conflict(_("The wave was launched already"), remedy=_("look at it again"), code="state")
    sealing.make(wave.uid)
    _freeze(wave, plan)
    _invite(wave, plan)
    current().about(_ref(wave), invited=len(plan.people), cells=len(plan.atoms), hours=plan.hours, k=numbers.k_score)
    return Wave.objects.get(pk=wave.pk)


def _freeze(wave: Wave, plan: launching.Plan) -> None:
    """Cells with their parts, and a receipt for each person under its ticket, in an order that says nothing."""
    nodes = launching.nodes_of(plan)
    rows = [Cell(wave=wave, position=at, invited=atom.count) for at, atom in enumerate(plan.atoms, start=1)]
    cells = Cell.objects.bulk_create(rows)
    cell_of = {key: cell for cell, atom in zip(cells, plan.atoms, strict=True) for key in atom.keys}
    parts = [
        CellPart(cell=cell, wave=wave, node=nodes[path], role=role)
        for cell, atom in zip(cells, plan.atoms, strict=True)
        for path, role in launching.places(atom)
    ]
    CellPart.objects.bulk_create(parts)
    codes = sealing.tickets(wave.uid, [one.person for one in plan.people])
    receipts = [
        Invitation(wave=wave, ticket=sealing.stub(code), cell=cell_of[one.path, one.role])
        for one, code in zip(plan.people, codes, strict=True)
    ]
    mixing.chance.shuffle(receipts)
    Invitation.objects.bulk_create(receipts, batch_size=2000)


def _invite(wave: Wave, plan: launching.Plan) -> None:
    """Tell those who have an account; whoever has none finds the questionnaire after the first sign-in."""
    users = User.objects.filter(person__in=[one.person for one in plan.people], is_active=True).order_by("pk")
    text = _("You are asked: %(title)s. It takes %(minutes)s minutes, and nobody can see what you answer; open until %(day)s.")
    values = {"title": wave.title, "minutes": wave.questionnaire.minutes, "day": wave.closes_on}
    about, url = Reference("survey_invitation", str(wave.pk)), reverse("surveys:answer", args=[wave.uid])
    for user in users:
        current().tell(Message(str(user.uid), "survey", text % values, about, {"url": url}))


@act("surveys.answer")
def answer(*, by: Actor, wave: Wave, ticket: str, given: Mapping[str, str]) -> None:
    """Take one answered sheet for one ticket. The log says that somebody answered, not who; the ticket's receipt says the day, not what."""
    current().by = RESPONDENT  # whoever calls: no account may stand beside an answer
    invitation = Invitation.objects.filter(wave=wave, ticket=sealing.stub(ticket)).select_related("cell").first()
    if invitation is None:
        raise Refused(
            _("This ticket is not one of this survey's"), remedy=_("open the questionnaire from your own first page"), code="ticket"
        )
    reason = policies.why_not_answered(wave, clock.today())
    if reason:
        raise Conflict(_("This survey is closed; no answer is taken any more"), remedy=_("nothing has to be done"), code=reason)
    sheet = content.cleaned(list(wave.questionnaire.questions.all()), given)
    cell = Cell.objects.select_for_update().get(pk=invitation.cell_id)
    _refuse_closed(wave)
    if not Invitation.objects.filter(pk=invitation.pk, answered_on__isnull=True).update(answered_on=clock.today()):
        raise Conflict(
            _("This questionnaire was answered already"), remedy=_("one answer a person is taken; nothing has to be done"), code="twice"
        )
    mixing.take(wave, cell, sheet)
    current().about(_ref(wave))


def _refuse_closed(wave: Wave) -> None:
    """Asked again under the cell's lock: the wave may have been closed meanwhile."""
    if not Wave.objects.filter(pk=wave.pk, state=WaveState.LAUNCHED).exists():
        raise Conflict(_("This survey is closed; no answer is taken any more"), remedy=_("nothing has to be done"), code="closed")


# the end


@act("surveys.close")
def close(*, by: Actor, wave: Wave) -> Wave:
    """Take no more answers, count them in cells of at least k, and forget the key: from here on nobody can find out who answered."""
    policies.require_run(by, wave)
    list(Cell.objects.select_for_update().filter(wave=wave).order_by("pk").values_list("pk", flat=True))
    found = Wave.objects.select_related("questionnaire", "root").get(pk=wave.pk)
    if found.state != WaveState.LAUNCHED:
        raise Conflict(_("Only a wave that is being answered can be closed"), remedy=_("look at it again"), code="state")
    mixing.drain(found)
    found.state, found.closed_on = WaveState.CLOSED, clock.today()
    found.save(update_fields=["state", "closed_on", "answered", "discarded", "comments_discarded"])
    transaction.on_commit(lambda: sealing.forget(found.uid))
    current().about(_ref(found), answered=found.answered, discarded=found.discarded, comments_discarded=found.comments_discarded)
    return found


@act("surveys.release")
def release(*, by: Actor, wave: Wave) -> Wave:
    """Show the results to whoever sees surveys there. The single sheets are deleted: what is left are sums over cells of at least k."""
    policies.require_run(by, wave)
    if not Wave.objects.filter(pk=wave.pk, state=WaveState.CLOSED).update(state=WaveState.RELEASED, released_on=clock.today()):
        raise Conflict(_("Only a closed wave can be released"), remedy=_("close it first"), code="state")
    Answer.objects.filter(wave=wave).delete()
    sealing.forget(wave.uid)  # once more, should the machine have stopped right after the close
    current().about(_ref(wave))
    return Wave.objects.get(pk=wave.pk)
