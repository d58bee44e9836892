"""Questions to forms: what waits at the actor's places, what was issued, what a form costs, and its table of answers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse

from rongtong.access.models import Grant
from rongtong.access.queries import scoped
from rongtong.access.roles import Permission, roles_with
from rongtong.accounts.models import User
from rongtong.burden import answers, facts
from rongtong.burden.askings import Asking
from rongtong.burden.costs import Cost, Item, cost
from rongtong.burden.models import AnswerKind, Form, FormState, Question, Reach, Sheet
from rongtong.trees.models import AFTER, Node, NodeQuerySet

UNIT = "unit"  # the payer of a form is the place itself


def forms(actor: Any) -> QuerySet[Form]:
    """Forms that were made at the actor's places, the newest first; with how many sheets came back."""
    rows = Form.objects.select_related("root").order_by("-made_at", "-pk")
    rows = scoped(rows, actor, "root", permission=Permission.FORM_VIEW)
    return rows.annotate(sheets_out=Count("sheets"), sheets_in=Count("sheets", filter=Q(sheets__handed_in_on__isnull=False)))


def sheets(actor: Any, permission: Permission = Permission.FORM_VIEW) -> QuerySet[Sheet]:
    """Sheets at the actor's places of forms that were issued; what is due first in front."""
    rows = Sheet.objects.select_related("form__root", "node").exclude(form__state=FormState.DRAFT)
    return scoped(rows.order_by("form__due_on", "form_id", "node__path"), actor, "node", permission=permission)


def waiting(actor: Any) -> QuerySet[Sheet]:
    """Sheets that the actor may fill in and nobody handed in."""
    return sheets(actor, Permission.FORM_FILL).filter(form__state=FormState.ISSUED, handed_in_on__isnull=True)


def places(form: Form, day: date) -> NodeQuerySet:
    """The open nodes that a form goes to."""
    rows = Node.objects.open_on(day).order_by("path")
    if form.reach == Reach.NODE:
        return rows.filter(pk=form.root_id)
    if form.reach == Reach.BELOW:
        return rows.filter(parent=form.root_id)
    return rows.filter(path__gte=form.root.path, path__lt=form.root.path + AFTER)


def url_of(form: Form) -> str:
    return reverse("burden:form", args=[form.pk])


def cost_of(form: Form, questions: Sequence[Question], day: date) -> Cost:
    """What issuing this form costs today; another form of the same title is not left out: that is what asking twice means."""
    nodes = frozenset(places(form, day).order_by().values_list("pk", flat=True))
    items = [Item(q.fact, q.words, UNIT, nodes, q.minutes) for q in questions]
    found = cost(items, day, source=form.title, url=url_of(form), leave_out=[url_of(form)])
    return found if items else Cost(len(nodes), 0, 0.0, (), (), ())


def askings(nodes: Collection[int], day: date) -> Iterable[Asking]:
    """What forms in force ask of these nodes: the asker of this package."""
    rows = Question.objects.filter(form__state=FormState.ISSUED, form__due_on__gte=day, form__sheets__node__in=list(nodes))
    rows = rows.exclude(kind=AnswerKind.HELD).order_by("pk").distinct().select_related("form")
    reached: dict[int, frozenset[int]] = {}
    for question in rows:
        if question.form_id not in reached:
            at = Sheet.objects.filter(form=question.form_id, node__in=list(nodes)).order_by().values_list("node_id", flat=True)
            reached[question.form_id] = frozenset(at)
        yield Asking(question.fact, question.words, UNIT, question.form.title, url_of(question.form), reached[question.form_id])


@dataclass(frozen=True, slots=True)
class Line:
    """One question at one place: its answer in words, and whether the system filled it in."""

    question: Question
    text: str
    is_held: bool
    value: Any = None


def lines(sheet: Sheet, questions: Sequence[Question], day: date) -> list[Line]:
    """A sheet as it reads: held facts from where they are kept, the others as they were typed."""
    return table([sheet], questions, day)[0][1]


def table(rows: Sequence[Sheet], questions: Sequence[Question], day: date) -> list[tuple[Sheet, list[Line]]]:
    """Many sheets of one form; the facts of a sheet that was handed in are those of that day, so that the record of it reads as it was."""
    codes = {q.fact for q in questions if q.kind == AnswerKind.HELD}
    days = {sheet.handed_in_on or day for sheet in rows}
    held: dict[tuple[date, str, int], str] = {}
    for one in days:
        nodes = [sheet.node for sheet in rows if (sheet.handed_in_on or day) == one]
        held |= {(one, *key): text for key, text in facts.filled_in(codes, nodes, one).items()}
    return [(sheet, [_line(sheet, q, held, sheet.handed_in_on or day) for q in questions]) for sheet in rows]


def _line(sheet: Sheet, question: Question, held: dict[tuple[date, str, int], str], day: date) -> Line:
    if question.kind == AnswerKind.HELD:
        return Line(question, held.get((day, question.fact, sheet.node_id), ""), True)
    value = answers.Answers.of(sheet.answers).of_question(question)
    return Line(question, answers.shown(question, value), False, value)


def fillers(node_ids: Collection[int], day: date) -> list[User]:
    """Accounts that may fill in at exactly these places by a grant of their own there."""
    grants = Grant.objects.on(day).filter(node__in=list(node_ids), role__in=roles_with(Permission.FORM_FILL))
    return list(User.objects.filter(pk__in=grants.order_by().values("user_id"), is_active=True).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Year:
    """What forms cost in a year: how many were issued, over how many sheets, in person-hours as shown at issue."""

    forms: int
    sheets: int
    hours: float


def year(actor: Any, of: int) -> Year:
    """The forms issued in a year at the actor's places; withdrawn ones are left out."""
    rows = scoped(Form.objects.filter(issued_on__year=of, state=FormState.ISSUED), actor, "root", permission=Permission.FORM_VIEW)
    found = rows.order_by().aggregate(forms=Count("pk"), sheets=Sum("places"), hours=Sum(F("hours")))
    return Year(int(found["forms"] or 0), int(found["sheets"] or 0), float(found["hours"] or 0.0))


def export(actor: Any, form: Form | None = None, **_more: Any) -> Iterable[tuple[Any, ...]]:
    """One row an answer: form, place, question, answer, by whom it was filled in, when it was handed in."""
    from rongtong.kernel import clock

    rows = sheets(actor).order_by("form_id", "node__path")
    rows = rows.filter(form=form) if form is not None else rows
    by_form: dict[int, list[Sheet]] = {}
    for sheet in rows:
        by_form.setdefault(sheet.form_id, []).append(sheet)
    for found in by_form.values():
        questions = list(found[0].form.questions.order_by("position"))
        for sheet, filled in table(found, questions, clock.today()):
            for line in filled:
                source = "system" if line.is_held else "typed"
                yield (sheet.form.title, sheet.node.code, sheet.node.name, line.question.words, line.text, source, sheet.handed_in_on)


EXPORTED = ("form", "node_code", "node", "question", "answer", "filled_in_by", "handed_in_on")
