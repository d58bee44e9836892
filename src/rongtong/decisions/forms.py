"""Forms of decisions: plain fields that give domain values."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.decisions.actions import Made, NewDecision
from rongtong.decisions.list_actions import ItemText, RoleText
from rongtong.decisions.models import (
    Achieved,
    Body,
    Category,
    ListItem,
    MatterList,
    Metric,
    Operator,
    OpinionKind,
    Outcome,
    Role,
    StudyResult,
    Treatment,
)
from rongtong.decisions.whether import MAX_REASON, QUESTIONS, Answer, Answers
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.ledger.actions import Parts
from rongtong.ledger.forms import AnyNodeField, PostField
from rongtong.meetings.models import Meeting
from rongtong.organization.fields import DayField, PersonField
from rongtong.trees.models import Node

FEN, MOST = 100, 10**15
_YES_NO = [("", "—"), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]


class HundredthsField(forms.CharField):
    """A number with at most two decimals, kept as a whole number of hundredths: yuan as fen, percent as hundredths. Empty: not known."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        try:
            found = parsing.number(text)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        if found is None:
            return None
        if not 0 <= found <= MOST / FEN:
            raise forms.ValidationError(_("Write a number from 0 on, or leave it empty where it is not known"))
        if abs(found * FEN - round(found * FEN)) > 1e-3:
            raise forms.ValidationError(_("Write at most two decimals"))
        return round(found * FEN)


class ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            if isinstance(field, (AnyNodeField, PostField, PersonField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            kind = (
                "form-select"
                if isinstance(field, forms.ChoiceField)
                else "form-check-input"
                if isinstance(field, forms.BooleanField)
                else "form-control"
            )
            field.widget.attrs.setdefault("class", kind)

    def choices(self, name: str, found: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = found


class OptionalPerson(PersonField):
    """A person, or nobody named."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) if str(value or "").strip() else None


class PathForm(ActorForm):
    """The first step: what it is and how much, so that the path can be said before anything is written."""

    item = forms.ChoiceField(required=False, label=gettext_lazy("Item of the list"))
    amount = HundredthsField(required=False, label=gettext_lazy("Amount, yuan"))
    over_budget = HundredthsField(required=False, label=gettext_lazy("Above the budget by, %"))

    def __init__(self, *args: Any, items: list[ListItem], **options: Any) -> None:
        super().__init__(*args, **options)
        self.items = {str(item.pk): item for item in items}
        listed = [(key, f"{item.get_category_display()} · {item}") for key, item in self.items.items()]
        self.choices("item", [("", _("no item of the list names it")), *listed])

    def item_chosen(self) -> ListItem | None:
        return self.items.get(self.cleaned_data["item"])


class RegisterForm(ActorForm):
    """The second step: what is kept of it."""

    category = forms.ChoiceField(choices=Category.choices, required=False, label=gettext_lazy("Category"))
    title = forms.CharField(max_length=200, required=False, label=pgettext_lazy("decision", "Matter"))
    is_restricted = forms.BooleanField(required=False, label=gettext_lazy("Inside information: title only for who sees decisions here"))
    unit = AnyNodeField(required=False, label=gettext_lazy("Business unit it is about"))
    proposed_on = DayField(label=gettext_lazy("Proposed on"))
    proposer = OptionalPerson(required=False, label=gettext_lazy("Proposer"))
    recorder = OptionalPerson(required=False, label=gettext_lazy("Recorder"))
    persons = forms.IntegerField(required=False, min_value=0, max_value=999, label=gettext_lazy("How many people it is about"))
    holder = forms.CharField(max_length=80, required=False, label=gettext_lazy("Holder of the paper file"))
    paper_file = forms.CharField(max_length=80, required=False, label=gettext_lazy("Paper file number"))

    def __init__(self, *args: Any, item: ListItem | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.item = item
        personnel = item is not None and item.category == Category.PERSONNEL
        gone = ("title", "is_restricted") if personnel else ("persons", "holder", "paper_file") if item is not None else ()
        self.fields["title"].required = item is not None
        for name in (*gone, *(("category",) if item is not None else ())):
            del self.fields[name]

    def new(self, node: Node, amount_fen: int | None, over_budget: int | None) -> NewDecision:
        d = self.cleaned_data
        words = {name: d[name] for name in ("title", "is_restricted", "persons", "holder", "paper_file") if name in d}
        return NewDecision(
            node, self.item.category if self.item else d["category"], d["proposed_on"], self.item, unit=d["unit"], amount_fen=amount_fen,
            over_budget=over_budget, proposer=d["proposer"], recorder=d["recorder"], **words,
        )  # fmt: skip


class _MeetingForm(ActorForm):
    """Names a held meeting as proof."""

    needs_meeting = True

    def __init__(self, *args: Any, meetings: QuerySet[Meeting], **options: Any) -> None:
        super().__init__(*args, **options)
        self.found = {str(m.pk): m for m in meetings[:100]}
        listed = [(key, f"{m.held_on} {m.title}") for key, m in self.found.items()]
        self.choices("meeting", listed if self.needs_meeting else [("", _("no record of the meeting")), *listed])


class StudyForm(_MeetingForm):
    meeting = forms.ChoiceField(label=gettext_lazy("Meeting of the committee"))
    result = forms.ChoiceField(choices=StudyResult.choices, label=gettext_lazy("Result"))
    is_return = forms.BooleanField(required=False, label=gettext_lazy("The opinion was changed by the deciding body and came back"))

    def meeting_chosen(self) -> Meeting:
        return self.found[self.cleaned_data["meeting"]]


class DecideForm(_MeetingForm):
    needs_meeting = False
    meeting = forms.ChoiceField(required=False, label=gettext_lazy("Deciding meeting"))
    on = DayField(label=gettext_lazy("Decided on (the meeting's day, where one is named)"))
    body = forms.ChoiceField(choices=Body.choices, label=gettext_lazy("Deciding body"))
    outcome = forms.ChoiceField(choices=Outcome.choices, label=gettext_lazy("Outcome"))
    chief_spoke_last = forms.ChoiceField(choices=_YES_NO, required=False, label=gettext_lazy("The chief spoke last"))
    is_changed = forms.BooleanField(required=False, label=gettext_lazy("Decided otherwise than the committee's opinion"))
    body_members = forms.IntegerField(
        required=False, min_value=1, max_value=999, label=gettext_lazy("Members of the board or managers' meeting")
    )
    body_present = forms.IntegerField(required=False, min_value=0, max_value=999, label=gettext_lazy("of them present"))

    def clean(self) -> dict[str, Any]:
        d: dict[str, Any] = super().clean() or self.cleaned_data
        if (d.get("body_members") is None) != (d.get("body_present") is None) and not self.errors:
            self.add_error("body_present", _("Fill in both counts, or neither"))
        return d

    def made(self) -> Made:
        d = self.cleaned_data
        counts = None if d["body_members"] is None else (d["body_members"], d["body_present"])
        last = {"yes": True, "no": False}.get(d["chief_spoke_last"])
        return Made(d["outcome"], d["on"], d["body"], self.found.get(d["meeting"]), last, d["is_changed"], counts)


class OpinionForm(ActorForm):
    kind = forms.ChoiceField(choices=OpinionKind.choices, label=gettext_lazy("Opinion"))
    paper_number = forms.CharField(max_length=80, label=gettext_lazy("Paper number"))
    on = DayField(label=gettext_lazy("Of the day"))


class WhetherForm(ActorForm):
    """四个是否: a yes or no and a reason each."""

    def __init__(self, *args: Any, answers: Answers, **options: Any) -> None:
        initial: dict[str, Any] = {}
        for one in answers.rows:
            initial[one.question] = {True: "yes", False: "no", None: ""}[one.yes]
            initial[f"{one.question}_reason"] = one.reason
        super().__init__(*args, initial=initial, **options)

    line = forms.ChoiceField(choices=_YES_NO, required=False, label=QUESTIONS["line"])
    line_reason = forms.CharField(max_length=MAX_REASON, required=False, label=gettext_lazy("Reason"))
    value = forms.ChoiceField(choices=_YES_NO, required=False, label=QUESTIONS["value"])
    value_reason = forms.CharField(max_length=MAX_REASON, required=False, label=gettext_lazy("Reason"))
    public = forms.ChoiceField(choices=_YES_NO, required=False, label=QUESTIONS["public"])
    public_reason = forms.CharField(max_length=MAX_REASON, required=False, label=gettext_lazy("Reason"))
    staff = forms.ChoiceField(choices=_YES_NO, required=False, label=QUESTIONS["staff"])
    staff_reason = forms.CharField(max_length=MAX_REASON, required=False, label=gettext_lazy("Reason"))

    def answers(self) -> list[Answer]:
        d = self.cleaned_data
        return [Answer(name, {"yes": True, "no": False}.get(d[name]), d[f"{name}_reason"].strip()) for name in QUESTIONS]


class DayForm(ActorForm):
    on = DayField(label=gettext_lazy("Day"))


class ExecutionForm(ActorForm):
    title = forms.CharField(max_length=200, label=gettext_lazy("What is to be done"))
    leader = PostField(label=gettext_lazy("Leader"))
    handler = PostField(label=gettext_lazy("Handler"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    due_on = DayField(label=gettext_lazy("Due on"))

    def parts(self) -> Parts:
        return Parts(self.cleaned_data["leader"], self.cleaned_data["handler"], self.cleaned_data["reviewer"])


class AssessForm(ActorForm):
    achieved = forms.ChoiceField(choices=Achieved.choices, label=gettext_lazy("Was the purpose reached?"))
    on = DayField(label=gettext_lazy("Day"))


class ArchiveForm(ActorForm):
    number = forms.CharField(max_length=80, label=gettext_lazy("Archive number"))


class ReasonForm(ActorForm):
    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason"))


# lists and roles


class DraftForm(ActorForm):
    node = AnyNodeField(label=gettext_lazy("Party organisation"))
    title = forms.CharField(max_length=120, label=gettext_lazy("Name of the list"))
    starts_on = DayField(label=gettext_lazy("Holds from"))


class HeadForm(ActorForm):
    title = forms.CharField(max_length=120, label=gettext_lazy("Name of the list"))
    starts_on = DayField(label=gettext_lazy("Holds from"))
    net_assets = HundredthsField(required=False, label=gettext_lazy("Net assets at the last year's end, yuan"))

    @staticmethod
    def initial_of(found: MatterList) -> dict[str, Any]:
        assets = f"{found.net_assets_fen / FEN:.2f}" if found.net_assets_fen else ""
        return {"title": found.title, "starts_on": found.starts_on.isoformat(), "net_assets": assets}


class ItemForm(ActorForm):
    category = forms.ChoiceField(choices=Category.choices, label=gettext_lazy("Category"))
    treatment = forms.ChoiceField(choices=Treatment.choices, label=gettext_lazy("What the committee does"))
    title = forms.CharField(max_length=200, label=pgettext_lazy("decision", "Matter"))
    title_en = forms.CharField(max_length=200, required=False, label=gettext_lazy("In English"))
    body = forms.ChoiceField(choices=Body.choices, label=gettext_lazy("Who decides where no limit says another"))
    needs_legal = forms.BooleanField(required=False, label=gettext_lazy("Needs a legal opinion"))
    needs_staff_congress = forms.BooleanField(required=False, label=gettext_lazy("Goes to the staff congress"))

    def text(self) -> ItemText:
        return ItemText(**self.cleaned_data)


class LimitForm(ActorForm):
    item = forms.ChoiceField(label=gettext_lazy("Item of the list"))
    metric = forms.ChoiceField(choices=Metric.choices, label=gettext_lazy("What is compared"))
    operator = forms.ChoiceField(choices=Operator.choices, label=gettext_lazy("How"))
    value = HundredthsField(label=gettext_lazy("Limit: yuan for an amount, % for a share"))
    body = forms.ChoiceField(choices=Body.choices, label=gettext_lazy("Who decides from there on"))

    def __init__(self, *args: Any, items: list[ListItem], **options: Any) -> None:
        super().__init__(*args, **options)
        self.items = {str(item.pk): item for item in items}
        self.choices("item", [(key, str(item)) for key, item in self.items.items()])


class ReviewForm(ActorForm):
    keeps = forms.ChoiceField(
        choices=[("yes", gettext_lazy("It stays as it is")), ("no", gettext_lazy("It is to be changed"))],
        label=gettext_lazy("What came of it"),
    )
    note = forms.CharField(max_length=300, required=False, label=gettext_lazy("In a sentence"))


class RoleForm(ActorForm):
    role = forms.ChoiceField(required=False, label=gettext_lazy("Decision role"))
    is_delegated = forms.BooleanField(required=False, label=gettext_lazy("Power over people, money or property was given to its unit"))
    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason"))
    document = forms.CharField(max_length=80, required=False, label=gettext_lazy("Document number"))
    on = DayField(label=gettext_lazy("From"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("role", [("", _("as the default says")), *((str(role.value), str(role.label)) for role in Role)])
        self.fields["on"].initial = clock.today().isoformat()

    def text(self) -> RoleText:
        d = self.cleaned_data
        return RoleText(d["role"], d["is_delegated"], d["reason"], d["document"])
