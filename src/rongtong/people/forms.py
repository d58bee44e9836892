"""Forms of ability: plain fields that give domain values."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange import parsing
from rongtong.kernel.reference import Reference
from rongtong.ledger.actions import Parts
from rongtong.ledger.forms import AnyNodeField, PostField
from rongtong.organization.fields import DayField, PersonField
from rongtong.organization.models import Person, PostKind
from rongtong.people.actions import NewCertificate, NewRating
from rongtong.people.course_actions import NewCourse
from rongtong.people.frames import LEVELS, Competence, Frame, Side
from rongtong.people.models import Answer, Evidence
from rongtong.people.policies import PARTY_KINDS

MOST_PEOPLE = 500


class ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        for name, field in self.fields.items():
            if isinstance(field, (AnyNodeField, PostField, PersonField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            if not isinstance(field.widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
                field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")
            elif isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs.setdefault("class", "form-check-input")

    def choices(self, name: str, found: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, (forms.ChoiceField, forms.MultipleChoiceField))
        field.choices = list(found)


def names_of(frame: Frame) -> list[tuple[str, str]]:
    """Competences to choose from, with their side."""
    sides = dict(Side.choices)
    return [(one.code, f"{one.code} {one.label} · {sides[one.side]}") for one in frame.competences]


class EvidenceForm(ActorForm):
    competence = forms.ChoiceField(label=gettext_lazy("Competence"))
    record = forms.ChoiceField(required=False, label=gettext_lazy("Record that shows it"))
    words = forms.CharField(max_length=300, required=False, label=gettext_lazy("In words; without a record it stays a claim"))

    def __init__(self, *args: Any, frame: Frame, records: list[tuple[Reference, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = dict(Evidence._meta.get_field("kind").choices or ())
        self.choices("competence", names_of(frame))
        self.choices(
            "record", [("", "—"), *((str(record), f"{kinds.get(record.kind, record.kind)}: {title}") for record, title in records)]
        )

    def reference(self) -> Reference | None:
        chosen = self.cleaned_data["record"]
        return Reference.parse(chosen) if chosen else None


class CertificateForm(ActorForm):
    kind = forms.CharField(max_length=80, label=gettext_lazy("Kind of certificate"))
    number = forms.CharField(max_length=60, required=False, label=gettext_lazy("Number"))
    issued_on = DayField(label=gettext_lazy("Issued on"))
    expires_on = DayField(required=False, label=gettext_lazy("No longer valid from"))
    competences = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Competences it can show")
    )
    paper = forms.CharField(max_length=120, required=False, label=gettext_lazy("Where the paper is kept"))
    file = forms.FileField(required=False, label=gettext_lazy("File"))

    def __init__(self, *args: Any, frame: Frame, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("competences", names_of(frame))

    def new(self) -> NewCertificate:
        d = self.cleaned_data
        return NewCertificate(d["kind"], d["issued_on"], d["expires_on"], d["number"], d["paper"], d["competences"], d["file"])


class RatingForm(ActorForm):
    level = forms.ChoiceField(widget=forms.RadioSelect, label=gettext_lazy("Level"))
    evidence = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("On what it rests"))
    is_claim = forms.BooleanField(required=False, label=gettext_lazy("Without a record: mark it as a claim, which counts for nothing"))
    words = forms.CharField(max_length=300, required=False, label=gettext_lazy("In words"))

    def __init__(self, *args: Any, competence: Competence, rows: list[tuple[Evidence, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows = {str(row.pk): row for row, _title in rows}
        self.code = competence.code
        self.choices("level", [(str(level), f"{level} · {text}") for level, text in competence.shown])
        self.choices("evidence", [(str(row.pk), title) for row, title in rows])
        if not rows:
            del self.fields["evidence"]

    def new(self) -> NewRating:
        d = self.cleaned_data
        chosen = [self.rows[key] for key in d.get("evidence", ())]
        return NewRating(self.code, int(d["level"]), chosen, d["is_claim"], d["words"])


class ReasonForm(ActorForm):
    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason"))


class ObjectionForm(ActorForm):
    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("What you say to it"))


class AnswerForm(ActorForm):
    answer = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("Answer"))


class BenchForm(ActorForm):
    person = PersonField(label=gettext_lazy("Person"))
    reason = forms.CharField(max_length=200, label=gettext_lazy("Why this person"))


# frame and requirements


class CompetenceForm(ActorForm):
    """A competence with a behaviour for every level, Chinese and English."""

    code = forms.CharField(max_length=20, label=gettext_lazy("Code"))
    side = forms.ChoiceField(choices=Side.choices, label=gettext_lazy("Side it belongs to"))
    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    name_en = forms.CharField(max_length=120, required=False, label=gettext_lazy("Name in English"))

    def __init__(self, *args: Any, competence: Competence | None = None, **options: Any) -> None:
        super().__init__(*args, initial=_initial(competence), **options)
        if competence is not None:
            self.fields["code"].disabled = True
        for level in LEVELS:
            label, english = _("What is observed at level %(level)d") % {"level": level}, _("The same in English")
            widget = {"attrs": {"class": "form-control"}}
            self.fields[f"level_{level}"] = forms.CharField(max_length=300, label=label, widget=forms.TextInput(**widget))
            self.fields[f"level_{level}_en"] = forms.CharField(
                max_length=300, required=False, label=english, widget=forms.TextInput(**widget)
            )

    def competence(self) -> Competence:
        d = self.cleaned_data
        texts = tuple((d[f"level_{level}"], d[f"level_{level}_en"]) for level in LEVELS)
        return Competence(d["code"], d["side"], d["name"].strip(), d["name_en"].strip(), texts)


def _initial(competence: Competence | None) -> dict[str, Any]:
    if competence is None:
        return {}
    found = {"code": competence.code, "side": competence.side, "name": competence.name, "name_en": competence.name_en}
    for level, (zh, en) in zip(LEVELS, competence.behaviours, strict=True):
        found |= {f"level_{level}": zh, f"level_{level}_en": en}
    return found


class DayForm(ActorForm):
    on = DayField(label=gettext_lazy("From"))


class StartForm(ActorForm):
    starts_on = DayField(label=gettext_lazy("In force from"))


class RequirementForm(ActorForm):
    """A level for each competence of the frame; the empty one asks for nothing."""

    post_kind = forms.ChoiceField(choices=[row for row in PostKind.choices if row[0] != PostKind.STAFF], label=gettext_lazy("Kind of post"))
    node = AnyNodeField(required=False, label=gettext_lazy("Only for this unit or organisation and what lies below (empty: everywhere)"))
    starts_on = DayField(label=gettext_lazy("In force from"))

    def __init__(self, *args: Any, frame: Frame, **options: Any) -> None:
        super().__init__(*args, **options)
        self.frame = frame
        for one in frame.competences:
            choices = [("", "—"), *((str(level), f"{level} · {text}") for level, text in one.shown)]
            widget = forms.Select(attrs={"class": "form-select"})
            self.fields[f"c_{one.code}"] = forms.ChoiceField(
                choices=choices, required=False, label=f"{one.code} {one.label}", widget=widget
            )

    def levels(self) -> dict[str, int]:
        chosen = {one.code: self.cleaned_data[f"c_{one.code}"] for one in self.frame.competences}
        return {code: int(level) for code, level in chosen.items() if level}


class ParityForm(ActorForm):
    post_kind = forms.ChoiceField(choices=[(kind, kind.label) for kind in PARTY_KINDS], label=gettext_lazy("Kind of post"))
    answer = forms.ChoiceField(choices=Answer.choices, label=gettext_lazy("Paid as its counterpart of the same rank"))
    paper = forms.CharField(max_length=120, required=False, label=gettext_lazy("Number of the pay rule"))


# courses


class CourseForm(ActorForm):
    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    title_en = forms.CharField(max_length=200, required=False, label=gettext_lazy("Title in English"))
    node = AnyNodeField(label=gettext_lazy("Who runs it"))
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    hours = forms.FloatField(label=gettext_lazy("Class hours"))
    topics = forms.CharField(max_length=300, required=False, label=gettext_lazy("Topics"))
    competences = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Competences it serves"))

    def __init__(self, *args: Any, frame: Frame, **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("competences", names_of(frame))

    def new(self) -> NewCourse:
        return NewCourse(**self.cleaned_data)


class CourseDatesForm(ActorForm):
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    hours = forms.FloatField(label=gettext_lazy("Class hours"))


class PeopleForm(ActorForm):
    """People by code: those proposed, ticked, and others, written."""

    proposed = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Proposed from gaps"))
    people = forms.CharField(
        max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("And these (codes, any separator)")
    )

    def __init__(self, *args: Any, proposed: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("proposed", proposed)
        if not proposed:
            del self.fields["proposed"]

    def clean_people(self) -> list[Person]:
        text = parsing.folded(self.cleaned_data["people"])
        for mark in "、,;\n\t":
            text = text.replace(mark, " ")
        codes = list(dict.fromkeys(text.split()))
        found = {person.code: person for person in Person.objects.filter(code__in=codes[:MOST_PEOPLE])}
        unknown = [code for code in codes if code not in found]
        if unknown:
            raise forms.ValidationError(_("“%(code)s” is not the code of a person; write it like E00012") % {"code": unknown[0]})
        return [found[code] for code in codes]

    def chosen(self) -> list[Person]:
        ticked = Person.objects.filter(code__in=self.cleaned_data.get("proposed", [])).order_by("code")
        return list(dict.fromkeys([*ticked, *self.cleaned_data["people"]]))


class FollowUpForm(ActorForm):
    title = forms.CharField(max_length=200, label=gettext_lazy("What is to be done"))
    lead = AnyNodeField(label=gettext_lazy("Lead unit"))
    leader = PostField(label=gettext_lazy("Leader"))
    handler = PostField(label=gettext_lazy("Handler"))
    due_on = DayField(label=gettext_lazy("Due on"))

    def parts(self) -> Parts:
        return Parts(self.cleaned_data["leader"], self.cleaned_data["handler"])
