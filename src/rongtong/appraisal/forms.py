"""Forms of appraisal: plain fields that give domain values."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.appraisal.actions import NewRound, Timetable
from rongtong.appraisal.models import Mark, Purpose, Round, Statement
from rongtong.appraisal.publishing import Answer
from rongtong.appraisal.reporting import Given, Said
from rongtong.appraisal.using import NewUse
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import parse_month
from rongtong.kernel.reference import Reference
from rongtong.ledger.actions import Parts
from rongtong.ledger.forms import AnyNodeField, PostField
from rongtong.organization.fields import DayField
from rongtong.schemes.data import Criterion, FactKind, GradeBand, Rule
from rongtong.schemes.models import SchemeVersion

LONG = forms.Textarea(attrs={"rows": 3})


class MonthField(forms.CharField):
    """A month as 2026-01; gives yyyymm."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=12, widget=forms.TextInput(attrs={"placeholder": "2026-01", "inputmode": "numeric"}), **options)

    def clean(self, value: Any) -> int:
        try:
            return parse_month(super().clean(value))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class RecordField(forms.CharField):
    """A record by its kind and number (meeting:12), as its page shows it; empty is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=100, required=False, widget=forms.TextInput(attrs={"placeholder": "meeting:12"}), **options)

    def clean(self, value: Any) -> Reference | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = Reference.parse(text)
        if not found.id:
            raise forms.ValidationError(_("“%(text)s” is not a record; write it as meeting:12") % {"text": text})
        return found


class ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        for name, field in self.fields.items():
            if isinstance(field, (AnyNodeField, PostField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            if isinstance(field, (forms.BooleanField, forms.MultipleChoiceField)):
                kind = "form-check-input"
            field.widget.attrs.setdefault("class", kind)

    def choices(self, name: str, found: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(found)


class DatesForm(ActorForm):
    """The timetable of a round."""

    report_until = DayField(label=gettext_lazy("Self-report until"))
    review_until = DayField(label=gettext_lazy("Review until"))
    publish_on = DayField(label=gettext_lazy("Published on"))
    objection_until = DayField(label=gettext_lazy("Objections until"))
    final_on = DayField(label=gettext_lazy("Final on"))

    def timetable(self) -> Timetable:
        names = ("report_until", "review_until", "publish_on", "objection_until", "final_on")
        return Timetable(*(self.cleaned_data[name] for name in names))


class PlanForm(DatesForm):
    """A round: title, below which unit, which months, which schemes, and when."""

    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    node = AnyNodeField(label=gettext_lazy("Units below"))
    first = MonthField(label=gettext_lazy("First month"))
    last = MonthField(label=gettext_lazy("Last month"))
    versions = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Schemes, one for each class"))
    field_order = ("title", "node", "first", "last", "versions")

    def __init__(self, *args: Any, versions: Sequence[SchemeVersion], **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {str(row.pk): row for row in versions}
        self.choices("versions", ((key, f"{row.unit_class} · {row.scheme} v{row.number}") for key, row in self.known.items()))

    def new(self) -> NewRound:
        d = self.cleaned_data
        versions = [self.known[key] for key in d["versions"]]
        return NewRound(d["title"], d["node"], d["first"], d["last"], versions, self.timetable())


class ReasonForm(ActorForm):
    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason"))


class ProposeForm(ActorForm):
    quota_reason = forms.CharField(max_length=300, required=False, label=gettext_lazy("Why more units have a grade than its quota"))


class SayForm(ActorForm):
    """What the unit says to a criterion."""

    text = forms.CharField(max_length=500, required=False, widget=LONG, label=gettext_lazy("In words"))
    claimed = forms.FloatField(required=False, label=gettext_lazy("What you claim, 0 to 100"))
    record = RecordField(label=gettext_lazy("The record that shows it"))

    def __init__(self, *args: Any, criterion: Criterion, said: Statement | None, **options: Any) -> None:
        if said is not None:
            record = f"{said.record_kind}:{said.record_id}" if said.record_kind else ""
            options["initial"] = {"text": said.text, "claimed": said.claimed, "record": record}
        super().__init__(*args, **options)
        if criterion.kind != FactKind.MANUAL:
            del self.fields["claimed"]

    def said(self) -> Said:
        d = self.cleaned_data
        return Said(d["text"], d.get("claimed"), d["record"])


class ReportForm(ActorForm):
    text = forms.CharField(max_length=1000, required=False, widget=LONG, label=gettext_lazy("The year in a few sentences"))


class ReviewForm(ActorForm):
    """Everything of a sheet that a reviewer enters, criterion by criterion."""

    def __init__(self, *args: Any, criteria: Sequence[Criterion], marks: dict[str, Mark], **options: Any) -> None:
        super().__init__(*args, **options)
        self.criteria = criteria
        for one in criteria:
            self._add(one, marks.get(one.code))

    def _add(self, one: Criterion, mark: Mark | None) -> None:
        number, text = {"class": "form-control", "step": "any"}, {"class": "form-control"}
        unit = _("events") if one.kind == FactKind.EVENT else _("0 to 100")
        fields = self.fields
        fields[f"value-{one.code}"] = forms.FloatField(
            required=False, label=f"{one.label} · {unit}", initial=mark.value if mark else None, widget=forms.NumberInput(number)
        )
        fields[f"text-{one.code}"] = forms.CharField(
            required=False, max_length=500, label=_("Why, or why there can be no value"), initial=mark.text if mark else "",
            widget=forms.TextInput(text),
        )  # fmt: skip
        if one.kind == FactKind.EVENT:
            fields[f"basis-{one.code}"] = forms.CharField(
                required=False,
                max_length=120,
                label=_("Document it stands on"),
                initial=mark.basis if mark else "",
                widget=forms.TextInput(text),
            )
        if one.rule == Rule.VETO:
            fields[f"approver-{one.code}"] = forms.CharField(
                required=False, max_length=120, label=_("Who approved that it is applied"), initial=mark.approver if mark else "",
                widget=forms.TextInput(text),
            )  # fmt: skip

    def given(self) -> list[Given]:
        """What was filled in; a criterion left empty is not reviewed yet."""
        d = self.cleaned_data
        found = [
            Given(
                one.code, d[f"value-{one.code}"], d[f"text-{one.code}"], d.get(f"basis-{one.code}", ""), d.get(f"approver-{one.code}", "")
            )
            for one in self.criteria
        ]
        return [one for one in found if one.value is not None or one.text.strip() or one.basis.strip()]


class AdjustForm(ActorForm):
    grade = forms.ChoiceField(label=gettext_lazy("Grade"))
    reason = forms.CharField(max_length=500, widget=LONG, label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, bands: Sequence[GradeBand], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("grade", ((band.code, band.label) for band in bands))


class ObjectForm(ActorForm):
    criterion = forms.ChoiceField(required=False, label=gettext_lazy("What is disputed"))
    text = forms.CharField(max_length=500, widget=LONG, label=gettext_lazy("Why"))

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("criterion", [("", _("the grade as a whole")), *((one.code, one.label) for one in criteria)])


class AnswerForm(ActorForm):
    is_accepted = forms.ChoiceField(label=gettext_lazy("Answer"))
    value = forms.FloatField(required=False, label=gettext_lazy("The value that holds now"))
    grade = forms.ChoiceField(required=False, label=gettext_lazy("The grade that holds now"))
    text = forms.CharField(max_length=500, widget=LONG, label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, criterion: Criterion | None, bands: Sequence[GradeBand], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("is_accepted", [("no", _("not upheld")), ("yes", _("upheld"))])
        self.choices("grade", [("", "—"), *((band.code, band.label) for band in bands)])
        if criterion is not None:
            del self.fields["grade"]
        if criterion is None or criterion.kind not in (FactKind.MANUAL, FactKind.EVENT):
            del self.fields["value"]

    def answer(self) -> Answer:
        d = self.cleaned_data
        return Answer(d["is_accepted"] == "yes", d["text"], d.get("value"), d.get("grade", ""))


class PayForm(ActorForm):
    """A coefficient for every grade, from a document."""

    basis = forms.CharField(max_length=120, label=gettext_lazy("Document it stands on"))

    def __init__(self, *args: Any, grades: dict[str, float | None], **options: Any) -> None:
        super().__init__(*args, **options)
        self.grades = list(grades)
        for code, value in grades.items():
            widget = forms.NumberInput({"class": "form-control", "step": "any"})
            label = _("Coefficient of the grade %(grade)s") % {"grade": code}
            self.fields[f"grade-{code}"] = forms.FloatField(required=False, label=label, initial=value, widget=widget)

    def coefficients(self) -> dict[str, float]:
        found = {code: self.cleaned_data[f"grade-{code}"] for code in self.grades}
        return {code: value for code, value in found.items() if value is not None}


class UseForm(ActorForm):
    purpose = forms.ChoiceField(label=gettext_lazy("Used for"))
    text = forms.CharField(max_length=300, label=gettext_lazy("What was done"))
    basis = forms.CharField(max_length=120, required=False, label=gettext_lazy("Document it stands on"))
    record = RecordField(label=gettext_lazy("The record it led to"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        by_hand = (Purpose.TRAINING, Purpose.POSTS, Purpose.HONOURS)
        self.choices("purpose", ((one.value, str(one.label)) for one in by_hand))

    def new(self) -> NewUse:
        d = self.cleaned_data
        return NewUse(d["purpose"], d["text"], d["basis"], d["record"])


class RectifyForm(ActorForm):
    criterion = forms.ChoiceField(label=gettext_lazy("What cost points"))
    leader = PostField(label=gettext_lazy("Leader"))
    handler = PostField(label=gettext_lazy("Handler"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    due_on = DayField(label=gettext_lazy("Due on"))

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("criterion", ((one.code, one.label) for one in criteria))

    def parts(self) -> Parts:
        return Parts(self.cleaned_data["leader"], self.cleaned_data["handler"], self.cleaned_data["reviewer"])


def dates_of(round_: Round) -> dict[str, str]:
    names = ("report_until", "review_until", "publish_on", "objection_until", "final_on")
    return {name: getattr(round_, name).isoformat() for name in names}
