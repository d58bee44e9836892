"""Forms for forms: plain fields that give domain values."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.burden.actions import NewForm, NewQuestion
from rongtong.burden.facts import facts
from rongtong.burden.models import AnswerKind, Reach
from rongtong.trees.models import Node


class PlaceField(forms.CharField):
    """An open unit or Party organisation from which the actor issues forms; typed as “code name”, or its code."""

    def __init__(self, **options: Any) -> None:
        attrs = {"data-suggest": reverse_lazy("web:nodes"), "autocomplete": "off", "list": "list-root"}
        super().__init__(max_length=200, widget=forms.TextInput(attrs=attrs), **options)
        self.actor: Any = None

    def clean(self, value: Any) -> Node:
        code = super().clean(value).strip().split(" ")[0]
        rows = nodes_of(self.actor, Permission.FORM_ISSUE).filter(code__iexact=code, closed_on__isnull=True)
        found = rows.order_by("tree", "pk").first()
        if found is None:
            raise forms.ValidationError(_("There is no place %(code)s from which you issue forms; choose one of the list") % {"code": code})
        return found


class _Styled(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")


class DraftForm(_Styled):
    """What the form is for and to whom it goes."""

    title = forms.CharField(max_length=120, label=gettext_lazy("Name of the form"))
    why = forms.CharField(max_length=300, label=gettext_lazy("What it is needed for"))
    root = PlaceField(label=gettext_lazy("From which unit or Party organisation"))
    reach = forms.ChoiceField(choices=Reach.choices, label=gettext_lazy("To whom"))
    due_on = forms.DateField(
        label=gettext_lazy("Due on"), widget=forms.DateInput(attrs={"placeholder": "YYYY-MM-DD"}), input_formats=["%Y-%m-%d", "%Y/%m/%d"]
    )

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["root"]
        assert isinstance(field, PlaceField)
        field.actor = actor

    def new(self) -> NewForm:
        d = self.cleaned_data
        due_on: date = d["due_on"]
        return NewForm(d["title"], d["why"], d["root"], due_on, d["reach"])


def _facts() -> list[tuple[str, str]]:
    return [("", "—"), *((fact.code, f"{fact.name} ({fact.code})") for fact in facts() if fact.is_filled_in)]


class QuestionForm(_Styled):
    """A question: a held fact, or words with the minutes they cost."""

    fact = forms.ChoiceField(choices=_facts, required=False, label=gettext_lazy("Held by the system (nobody types it)"))
    words = forms.CharField(max_length=200, required=False, label=gettext_lazy("Or a question in words"))
    kind = forms.ChoiceField(
        choices=[choice for choice in AnswerKind.choices if choice[0] != AnswerKind.HELD], required=False, label=gettext_lazy("Answer")
    )
    minutes = forms.FloatField(required=False, label=gettext_lazy("Minutes for one answer"))

    def new(self) -> NewQuestion:
        d = self.cleaned_data
        if d["fact"]:
            return NewQuestion(d["words"], AnswerKind.HELD, d["fact"])
        return NewQuestion(d["words"], d["kind"] or AnswerKind.TEXT, "", d["minutes"])
