"""Acts on forms: draft, ask, take back a question, issue once its cost was seen, fill in, hand in, withdraw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.burden import answers, policies, queries
from rongtong.burden.facts import facts_of
from rongtong.burden.models import AnswerKind, Form, FormState, Question, Reach, Sheet
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.kernel.reference import Reference
from rongtong.trees.models import Node

MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class NewForm:
    """What is asked for, why, of which places, until when."""

    title: str
    why: str
    root: Node
    due_on: date
    reach: str = Reach.BELOW


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A held fact, or a question in words with the minutes that answering it takes."""

    words: str = ""
    kind: str = AnswerKind.TEXT
    fact: str = ""
    minutes: float | None = None


@act("burden.draft")
def draft(*, by: Actor, new: NewForm) -> Form:
    """Begin a form; nobody is asked yet."""
    access.require(by, Permission.FORM_ISSUE, new.root, view=Permission.FORM_VIEW)
    if new.reach not in Reach.values:
        raise Refused(_("“%(reach)s” is not a reach") % {"reach": new.reach}, field="reach", remedy=", ".join(Reach.values))
    if new.due_on < clock.today():
        raise Refused(_("%(day)s has passed") % {"day": new.due_on}, field="due_on", remedy=_("choose a later day"))
    made = Form.objects.create(
        title=_sentence(new.title, "title", 120), why=_sentence(new.why, "why", 300), root=new.root, reach=new.reach, due_on=new.due_on,
        made_by=str(by.uid), made_label=by.label,
    )  # fmt: skip
    current().about(Reference("form", str(made.pk)), root=new.root.code)
    return made


def _sentence(text: str, field: str, most: int) -> str:
    plain = text.strip()
    if not plain or len(plain) > most:
        what = _("The text is empty or longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=field, remedy=_("say it in a sentence"))
    return plain


def _locked(form: Form) -> Form:
    return Form.objects.select_for_update(of=("self",)).select_related("root").get(pk=form.pk)


def _draft_of(by: Actor, form: Form) -> Form:
    policies.require_issue(by, form)
    found = _locked(form)
    if found.state != FormState.DRAFT:
        raise Conflict(_("The form was issued already"), remedy=_("make a new one"), code="state")
    return found


@act("burden.ask")
def ask(*, by: Actor, form: Form, new: NewQuestion) -> Question:
    """Add a question. A held fact is filled in by the system; the other kinds need the minutes they cost."""
    found = _draft_of(by, form)
    words, fact, minutes = _checked(new)
    last = found.questions.aggregate(last=Max("position"))["last"] or 0
    made = Question.objects.create(form=found, position=last + 1, words=words, kind=new.kind, fact=fact, minutes=minutes)
    current().about(Reference("form", str(found.pk)), question=words, fact=fact)
    return made


def _checked(new: NewQuestion) -> tuple[str, str, float]:
    if new.kind not in AnswerKind.values:
        raise Refused(_("“%(kind)s” is not a kind of answer") % {"kind": new.kind}, field="kind", remedy=", ".join(AnswerKind.values))
    if new.kind == AnswerKind.HELD:
        return _held(new)
    if new.minutes is None or not 0 < new.minutes <= MOST_MINUTES:
        raise Refused(
            _("Nobody answers in no time"), field="minutes", remedy=_("write how many minutes one answer takes"), code="no_minutes"
        )
    return _sentence(new.words, "words", 200), new.fact, new.minutes


def _held(new: NewQuestion) -> tuple[str, str, float]:
    fact = facts_of({new.fact}).get(new.fact)
    if fact is None:
        raise Refused(
            _("The system holds no fact “%(fact)s”") % {"fact": new.fact}, field="fact", remedy=_("choose one of the list"), code="no_fact"
        )
    if not fact.is_filled_in:
        what = _("“%(fact)s” is kept in many records and cannot be filled in") % {"fact": fact.name}
        raise Refused(what, field="fact", remedy=_("look it up: %(where)s") % {"where": fact.kept_in}, code="many")
    return new.words.strip()[:200] or str(fact.name), fact.code, 0.0


@act("burden.unask")
def unask(*, by: Actor, question: Question) -> Form:
    """Take a question back; the rest of the draft stays."""
    found = _draft_of(by, question.form)
    current().about(Reference("form", str(found.pk)), taken_back=question.words)
    question.delete()
    return found


@act("burden.issue")
def issue(*, by: Actor, form: Form, seen: str, reason: str = "") -> Form:
    """填报准入: send the form out. `seen` is the digest of the cost that the issuer was shown; what changed since is shown again first."""
    found = _draft_of(by, form)
    questions, today = list(found.questions.order_by("position")), clock.today()
    if not questions:
        raise Refused(_("The form asks nothing"), field="questions", remedy=_("add a question"), code="empty")
    if found.due_on < today:
        raise Refused(_("%(day)s has passed") % {"day": found.due_on}, field="due_on", remedy=_("make a new form"), code="late")
    cost = queries.cost_of(found, questions, today)
    if not cost.places:
        raise Refused(_("The form reaches no open place"), field="root", remedy=_("choose another one"), code="nobody")
    if seen != cost.digest:
        raise Conflict(_("What the form costs has changed"), remedy=_("look at it again, then issue it"), code="unseen_cost")
    if cost.needs_reason and not reason.strip():
        raise Refused(
            _("The form asks for what stands in the system or is asked elsewhere"), field="reason",
            remedy=_("take those questions back, or say why they are needed"), code="asked_twice",
        )  # fmt: skip
    nodes = list(queries.places(found, today))
    Sheet.objects.bulk_create([Sheet(form=found, node=node) for node in nodes], batch_size=1000)
    _save_issue(by, found, cost.places, cost.hours, reason.strip()[:300])
    _tell(by, found, [node.pk for node in nodes])
    current().about(Reference("form", str(found.pk)), places=cost.places, hours=round(cost.hours, 1), reason=found.reason)
    return found


def _save_issue(by: Actor, form: Form, places: int, hours: float, reason: str) -> None:
    form.state, form.issued_on, form.issued_label = FormState.ISSUED, clock.today(), by.label
    form.places, form.hours, form.reason = places, hours, reason
    form.save(update_fields=["state", "issued_on", "issued_label", "places", "hours", "reason"])


def _tell(by: Actor, form: Form, node_ids: list[int]) -> None:
    """One note an account, whatever the number of places it fills in for."""
    text = _("To fill in until %(day)s: %(form)s. %(why)s") % {"day": form.due_on, "form": form.title, "why": form.why}
    for account in queries.fillers(node_ids, clock.today()):
        if str(account.uid) != str(by.uid):
            about, params = Reference("form", str(form.pk)), {"url": reverse("burden:forms")}
            current().tell(Message(str(account.uid), "form", text, about, params))


@act("burden.withdraw")
def withdraw(*, by: Actor, form: Form, reason: str) -> Form:
    """Nobody has to fill it in any more; what came back stays readable."""
    policies.require_issue(by, form)
    found = _locked(form)
    if found.state != FormState.ISSUED:
        raise Conflict(_("The form is now: %(state)s") % {"state": found.get_state_display()}, remedy=_("look at it again"), code="state")
    found.state, found.withdrawn_reason = FormState.WITHDRAWN, _sentence(reason, "reason", 300)
    found.save(update_fields=["state", "withdrawn_reason"])
    current().about(Reference("form", str(found.pk)), why=found.withdrawn_reason)
    return found


@act("burden.fill")
def fill(*, by: Actor, sheet: Sheet, typed: Mapping[int, str], hand_in: bool = False) -> Sheet:
    """Keep what was typed; handed in, it is complete and changes no more."""
    access.require(by, Permission.FORM_FILL, sheet.node, view=Permission.FORM_VIEW)
    found = Sheet.objects.select_for_update(of=("self",)).select_related("form", "node").get(pk=sheet.pk)
    _refuse_closed(by, found)
    questions = list(found.form.questions.order_by("position"))
    read = answers.read(questions, typed)
    missing = read.missing(questions) if hand_in else []
    if missing:
        names = "、".join(q.words for q in missing[:3])
        what = _("Not answered yet: %(questions)s") % {"questions": names}
        raise Refused(what, field=f"q{missing[0].pk}", remedy=_("answer, or keep it for later"), code="missing")
    found.answers, found.saved_at = read.stored(), clock.now()
    if hand_in:
        found.handed_in_on, found.handed_in_by, found.handed_in_label = clock.today(), str(by.uid), by.label
    found.save(update_fields=["answers", "saved_at", "handed_in_on", "handed_in_by", "handed_in_label"])
    current().about(Reference("form", str(found.form_id)), node=found.node.code, handed_in=hand_in)
    return found


def _refuse_closed(by: Actor, sheet: Sheet) -> None:
    reason = policies.why_not_fill(by, sheet)
    if reason == "no_form_fill":
        raise NotAllowed(reason)
    if reason == "withdrawn":
        raise Conflict(_("The form was withdrawn"), remedy=_("there is nothing more to do"), code="state")
    if reason:
        raise Conflict(_("The sheet was handed in already"), remedy=_("ask the issuer to give it back"), code="state")


@act("burden.give_back")
def give_back(*, by: Actor, sheet: Sheet, reason: str) -> Sheet:
    """The issuer gives a sheet back to be corrected, and says why."""
    policies.require_issue(by, sheet.form)
    found = Sheet.objects.select_for_update(of=("self",)).select_related("form__root", "node").get(pk=sheet.pk)
    if found.handed_in_on is None:
        raise Conflict(_("The sheet was not handed in"), remedy=_("look at it again"), code="state")
    why = _sentence(reason, "reason", 300)
    found.handed_in_on, found.handed_in_by, found.handed_in_label = None, "", ""
    found.save(update_fields=["handed_in_on", "handed_in_by", "handed_in_label"])
    text = _("Given back: %(form)s (%(place)s). %(why)s") % {"form": found.form.title, "place": found.node.name, "why": why}
    for account in queries.fillers([found.node_id], clock.today()):
        about, params = Reference("form", str(found.form_id)), {"url": reverse("burden:sheet", args=[found.pk])}
        current().tell(Message(str(account.uid), "form", text, about, params))
    current().about(Reference("form", str(found.form_id)), node=found.node.code, why=why)
    return found
