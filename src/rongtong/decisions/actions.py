"""Acts on decisions. A wrong order that happened is recorded, and found by the checks; only what cannot be true is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.decisions import consequences, queries
from rongtong.decisions.models import (
    Achieved,
    Body,
    Category,
    Decision,
    DecisionState,
    ListItem,
    Opinion,
    OpinionKind,
    Outcome,
    Study,
    StudyResult,
)
from rongtong.decisions.paths import Measure
from rongtong.decisions.policies import RUN, VIEW
from rongtong.decisions.states import AFTER_STUDY, MAY
from rongtong.decisions.whether import MAX_REASON, Answer, Answers
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.meetings.models import HELD_STATES, Meeting
from rongtong.organization.models import Person
from rongtong.trees.models import Counter, Node

MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A matter to be decided. `item` None: no list names it. A personnel matter has no title: its holder, paper file and count instead."""

    node: Node
    category: str
    proposed_on: date
    item: ListItem | None = None
    title: str = ""
    unit: Node | None = None
    amount_fen: int | None = None
    over_budget: int | None = None
    is_restricted: bool = False
    persons: int | None = None
    holder: str = ""
    paper_file: str = ""
    proposer: Person | None = None
    recorder: Person | None = None


@act("decisions.register")
def register(*, by: Actor, new: NewDecision) -> Decision:
    """Enter a matter; its path is found by the list and the limits of that day and stays with it."""
    access.require(by, RUN, new.node, view=VIEW)
    _refuse_new(new)
    path = queries.path_for(new.node, new.item, Measure(new.amount_fen, None, new.over_budget), new.proposed_on)
    item = new.item
    made = Decision.objects.create(
        code=_number(new.proposed_on.year), node=new.node, unit=new.unit, item=item, category=new.category, title=new.title.strip(),
        is_restricted=new.is_restricted, amount_fen=new.amount_fen, over_budget=new.over_budget, persons=new.persons, holder=new.holder.strip(),
        paper_file=new.paper_file.strip(), proposed_on=new.proposed_on, proposer=new.proposer, recorder=new.recorder, path=path.kind, body=path.body,
        why=path.stored(), needs_legal=bool(item and item.needs_legal), needs_staff_congress=bool(item and item.needs_staff_congress),
        entered_by=str(by.uid), entered_label=by.label,
    )  # fmt: skip
    current().about(_ref(made), path=path.kind, body=path.body, category=new.category)
    return made


def _number(year: int) -> str:
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"decision-{year}")
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"D{year}-{counter.value:04d}"


def _ref(decision: Decision) -> Reference:
    return Reference(queries.KIND, str(decision.pk))


def _refuse_new(new: NewDecision) -> None:
    if new.node.is_business:
        raise Refused(_("A decision belongs to a Party organisation"), field="node", remedy=_("name the organisation of the unit"))
    if new.unit is not None and not new.unit.is_business:
        raise Refused(_("%(name)s is not a business unit") % {"name": new.unit.name}, field="unit", remedy=_("name the unit it is about"))
    if new.category not in Category.values:
        raise Refused(_("“%(name)s” is not a category") % {"name": new.category}, field="category", remedy=", ".join(Category.values))
    if new.proposed_on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": new.proposed_on}, field="proposed_on", remedy=_("enter the day it was proposed"))
    _refuse_item(new)
    _refuse_numbers(new)
    if new.category == Category.PERSONNEL:
        _refuse_personnel(new)
    elif not new.title.strip() or len(new.title) > MAX_TITLE:
        raise Refused(_("The title is empty or longer than 200 characters"), field="title", remedy=_("name the matter in a few words"))


def _refuse_item(new: NewDecision) -> None:
    if new.item is None:
        return
    if new.item.category != new.category:
        raise Refused(_("The item of the list has another category"), field="category", remedy=_("choose the category of the item"))
    found = new.item.list
    if found.node_id != new.node.pk or found.approved_on is None:
        raise Refused(
            _("The item is of another list"), field="item", remedy=_("choose an item of this organisation's approved list"), code="item"
        )


def _refuse_numbers(new: NewDecision) -> None:
    for field, value in (("amount", new.amount_fen), ("over_budget", new.over_budget), ("persons", new.persons)):
        if value is not None and value < 0:
            raise Refused(
                _("%(value)s is below zero") % {"value": value},
                field=field,
                remedy=_("correct it, or leave it empty where it is not known"),
            )


def _refuse_personnel(new: NewDecision) -> None:
    """Contents of personnel matters are not held: no title, no amount; where the paper lies instead."""
    if new.title.strip() or new.amount_fen is not None or new.over_budget is not None:
        raise Refused(
            _("Of a personnel matter no words are held here"),
            field="title",
            remedy=_("leave title and amount empty; name the paper file"),
            code="no_words",
        )
    if not new.holder.strip() or not new.paper_file.strip():
        raise Refused(
            _("Holder or paper file number is missing"), field="paper_file", remedy=_("say who keeps the paper file and its number")
        )


def _begin(by: Actor, decision: Decision, name: str) -> Decision:
    """Lock the row; is this act possible in its state?"""
    access.require(by, RUN, decision.node, view=VIEW)
    locked = Decision.objects.select_for_update(of=("self",)).select_related("node", "unit").get(pk=decision.pk)
    if locked.state not in MAY[name]:
        what = _("The decision is now: %(state)s") % {"state": locked.get_state_display()}
        raise Conflict(what, remedy=_("look at it again"), code="state")
    return locked


def _held_on(meeting: Meeting) -> date:
    if meeting.state not in HELD_STATES or meeting.held_on is None:
        raise Refused(
            _("“%(title)s” was not held") % {"title": meeting.title}, field="meeting", remedy=_("record the meeting first"), code="not_held"
        )
    return meeting.held_on


@act("decisions.study")
def record_study(*, by: Actor, decision: Decision, meeting: Meeting, result: str, is_return: bool = False) -> Study:
    """What the committee said: before the decision, or when the changed opinion came back to it. The meeting's record is the proof."""
    locked = _begin(by, decision, "study")
    held_on = _held_on(meeting)
    if result not in StudyResult.values:
        raise Refused(_("“%(name)s” is not a result") % {"name": result}, field="result", remedy=", ".join(StudyResult.values))
    if meeting.node_id != locked.node_id:
        what = _("“%(title)s” is a meeting of another organisation") % {"title": meeting.title}
        raise Refused(what, field="meeting", remedy=_("name a meeting of %(name)s") % {"name": locked.node.name}, code="other_node")
    if is_return and (not locked.is_changed or locked.decided_on is None or held_on < locked.decided_on):
        raise Refused(
            _("No changed opinion came back before that day"),
            field="is_return",
            remedy=_("name the meeting after the change"),
            code="no_change",
        )
    try:
        with transaction.atomic():
            made = Study.objects.create(
                decision=locked, meeting=meeting, on=held_on, result=result, is_return=is_return, by_uid=str(by.uid), by_label=by.label
            )
    except IntegrityError as twice:
        raise Conflict(_("This meeting's result is recorded already"), remedy=_("look at it again"), code="twice") from twice
    if locked.decided_on is None:
        _save(locked, state=_state_after(locked))
    consequences.at(locked.node_id, locked.decided_on)
    current().about(_ref(locked), studied_on=str(held_on), result=result, is_return=is_return)
    return made


def _state_after(decision: Decision) -> str:
    """The last study by date decides, in whatever order they were entered."""
    last = decision.studies.order_by("on", "meeting__starts_at", "pk").last()
    return AFTER_STUDY[last.result] if last else DecisionState.PROPOSED


def _save(decision: Decision, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(decision, name, value)
    decision.save(update_fields=list(changes))


@dataclass(frozen=True, slots=True)
class Made:
    """What was decided, when and where. `meeting` None: there is no record of the deciding meeting."""

    outcome: str
    on: date
    body: str = ""  # as the path says, if empty
    meeting: Meeting | None = None
    chief_spoke_last: bool | None = None
    is_changed: bool = False
    counts: tuple[int, int] | None = None  # members of a board or managers' meeting, and how many of them were present


@act("decisions.decide")
def decide(*, by: Actor, decision: Decision, made: Made) -> Decision:
    """Record the decision as it was taken, also without an earlier pre-study: DEC-01 says so, nothing hides it."""
    locked = _begin(by, decision, "decide")
    _refuse_made(locked, made)
    on = _held_on(made.meeting) if made.meeting is not None else made.on
    _save(
        locked, state=DecisionState.DECIDED, decided_on=on, meeting=made.meeting, outcome=made.outcome, body=made.body or locked.body,
        chief_spoke_last=made.chief_spoke_last, is_changed=made.is_changed, body_members=made.counts[0] if made.counts else None,
        body_present=made.counts[1] if made.counts else None,
    )  # fmt: skip
    consequences.at(locked.node_id, on)
    current().about(_ref(locked), decided_on=str(on), outcome=made.outcome, is_changed=made.is_changed)
    return locked


def _refuse_made(decision: Decision, made: Made) -> None:
    if made.outcome not in Outcome.values:
        raise Refused(_("“%(name)s” is not an outcome") % {"name": made.outcome}, field="outcome", remedy=", ".join(Outcome.values))
    if made.body and made.body not in Body.values:
        raise Refused(_("“%(name)s” is not a deciding body") % {"name": made.body}, field="body", remedy=", ".join(Body.values))
    if made.counts is not None and not 0 <= made.counts[1] <= max(made.counts[0], 0) < 1000:
        what = _("%(present)s present of %(members)s members") % {"present": made.counts[1], "members": made.counts[0]}
        raise Refused(what, field="body_present", remedy=_("no more can be present than there are members"), code="counts")
    if made.counts is not None and made.counts[0] == 0:
        raise Refused(_("A body without members decides nothing"), field="body_members", remedy=_("fill in how many there are"))
    if made.on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": made.on}, field="on", remedy=_("record a decision once it is taken"), code="ahead")
    if made.on < decision.proposed_on and made.meeting is None:
        what = _("%(day)s lies before the proposal of %(proposed)s") % {"day": made.on, "proposed": decision.proposed_on}
        raise Refused(what, field="on", remedy=_("correct the day"), code="before_proposal")
    if made.is_changed and not decision.studies.exists():
        raise Refused(
            _("There is no opinion of the committee that could have been changed"),
            field="is_changed",
            remedy=_("record the pre-study first"),
        )


@act("decisions.opinion")
def record_opinion(*, by: Actor, decision: Decision, kind: str, paper_number: str, on: date) -> Opinion:
    """That a department gave its opinion; the words stay on paper."""
    locked = _begin(by, decision, "opinion")
    if kind not in OpinionKind.values:
        raise Refused(_("“%(name)s” is not a kind of opinion") % {"name": kind}, field="kind", remedy=", ".join(OpinionKind.values))
    number = paper_number.strip()
    if not number or len(number) > 80:
        raise Refused(
            _("The paper number is empty or longer than 80 characters"), field="paper_number", remedy=_("write the number on the paper")
        )
    if on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": on}, field="on", remedy=_("enter the day on the paper"))
    try:
        with transaction.atomic():
            made = Opinion.objects.create(decision=locked, kind=kind, paper_number=number, on=on, by_label=by.label)
    except IntegrityError as twice:
        raise Conflict(_("This paper is recorded already"), remedy=_("look at it again"), code="twice") from twice
    current().about(_ref(locked), opinion=kind, paper=number)
    return made


@act("decisions.answer")
def answer_whether(*, by: Actor, decision: Decision, answers: Iterable[Answer]) -> Decision:
    """四个是否: the four questions with their reasons; a no needs one. Of personnel matters no words are held."""
    locked = _begin(by, decision, "answer")
    given = Answers.of(answers)
    if locked.category == Category.PERSONNEL:
        raise Refused(
            _("Of a personnel matter no words are held here"), field="line", remedy=_("they stay in the paper file"), code="no_words"
        )
    for one in given.rows:
        if len(one.reason) > MAX_REASON:
            raise Refused(_("The reason is longer than 200 characters"), field=one.question, remedy=_("say it in a sentence"))
        if one.yes is False and not one.reason.strip():
            raise Refused(_("A no has no reason"), field=one.question, remedy=_("say in a sentence why"), code="reason")
    _save(locked, whether=given.stored())
    current().about(_ref(locked), answered=given.is_complete)
    return locked


@act("decisions.staff_congress")
def record_staff_congress(*, by: Actor, decision: Decision, on: date) -> Decision:
    """The day the staff congress dealt with it."""
    locked = _begin(by, decision, "opinion")
    if on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": on}, field="on", remedy=_("enter the day it met"))
    _save(locked, staff_congress_on=on)
    current().about(_ref(locked), staff_congress_on=str(on))
    return locked


@act("decisions.execute")
def add_execution(*, by: Actor, decision: Decision, title: str, due_on: date, parts: ledger.Parts) -> Matter:
    """Carrying out becomes a matter with a leader and a handler; of inside information only those who take part see it."""
    locked = _begin(by, decision, "execute")
    if locked.outcome != Outcome.ADOPTED:
        raise Refused(
            _("It was not adopted; there is nothing to carry out"), field="title", remedy=_("look at the outcome"), code="outcome"
        )
    if locked.category == Category.PERSONNEL:
        raise Refused(
            _("Of a personnel matter no words are held here"), field="title", remedy=_("it is carried out on paper"), code="no_words"
        )
    lead, partner = (locked.unit, locked.node) if locked.unit is not None else (locked.node, None)
    new = ledger.NewMatter(
        title, Side.BOTH if partner else Side.PARTY, lead, due_on, parts, partner, origin=Origin.RESOLUTION, record=_ref(locked),
        starts_on=min(clock.today(), due_on), is_restricted=locked.is_restricted,
    )  # fmt: skip
    made = ledger.deploy(by=by, new=new)
    consequences.at(locked.node_id, locked.decided_on)
    current().about(_ref(locked), matter=made.code)
    return made


@act("decisions.assess")
def assess(*, by: Actor, decision: Decision, achieved: str, on: date) -> Decision:
    """Looked at afterwards: was the purpose reached? Nothing that is still being carried out is assessed."""
    locked = _begin(by, decision, "assess")
    if achieved not in Achieved.values:
        raise Refused(_("“%(name)s” is not an assessment") % {"name": achieved}, field="achieved", remedy=", ".join(Achieved.values))
    assert locked.decided_on is not None
    if on < locked.decided_on or on > clock.today():
        raise Refused(_("%(day)s lies before the decision or ahead") % {"day": on}, field="on", remedy=_("enter the day of the assessment"))
    still = [matter for matter in queries.execution([locked.pk]).get(locked.pk, []) if matter.is_open]
    if still:
        what = _("“%(title)s” is still being carried out") % {"title": still[0].title}
        raise Refused(what, field="achieved", remedy=_("close its matters first"), code="open")
    _save(locked, state=DecisionState.ASSESSED, achieved=achieved, assessed_on=on)
    current().about(_ref(locked), achieved=achieved)
    return locked


@act("decisions.archive")
def archive(*, by: Actor, decision: Decision, number: str) -> Decision:
    """Its papers are filed under a number; afterwards nothing is written any more."""
    locked = _begin(by, decision, "archive")
    text = number.strip()
    if not text or len(text) > 80:
        raise Refused(
            _("The archive number is empty or longer than 80 characters"), field="number", remedy=_("write the number of the file")
        )
    _save(locked, state=DecisionState.ARCHIVED, archived_on=clock.today(), archive_number=text)
    current().about(_ref(locked), archive=text)
    return locked


@act("decisions.void")
def void(*, by: Actor, decision: Decision, reason: str) -> Decision:
    """Entered by mistake or withdrawn before it was decided; it stays readable with its reason."""
    locked = _begin(by, decision, "void")
    text = reason.strip()
    if not text or len(text) > 300:
        raise Refused(
            _("The reason is empty or longer than 300 characters"), field="reason", remedy=_("say in a sentence why"), code="reason"
        )
    _save(locked, state=DecisionState.VOID, void_reason=text)
    current().about(_ref(locked), why=text)
    return locked
