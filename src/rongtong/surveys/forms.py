"""Forms of surveys: plain fields that give domain values."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from rongtong.ledger.forms import AnyNodeField
from rongtong.organization.fields import DayField
from rongtong.surveys.actions import NewWave
from rongtong.surveys.models import Questionnaire

LEVELS = (
    ("0", gettext_lazy("none: everyone together")), ("1", gettext_lazy("one level below")), ("2", gettext_lazy("two levels below")),
    ("3", gettext_lazy("three levels below")),
)  # fmt: skip


class _Form(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            if isinstance(field, AnyNodeField):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            is_choice, is_box = isinstance(field, forms.ChoiceField), isinstance(field, forms.BooleanField)
            field.widget.attrs.setdefault("class", "form-select" if is_choice else "form-check-input" if is_box else "form-control")


class WaveForm(_Form):
    """What is asked of whom until when."""

    questionnaire = forms.ChoiceField(label=gettext_lazy("Questionnaire"))
    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    root = AnyNodeField(label=gettext_lazy("Everyone under"))
    depth = forms.ChoiceField(choices=LEVELS, initial="1", label=gettext_lazy("Groups"))
    by_role = forms.BooleanField(required=False, initial=True, label=gettext_lazy("also by leaders, Party members and other employees"))
    closes_on = DayField(label=gettext_lazy("Last day to answer"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["questionnaire"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(row.pk), str(row)) for row in Questionnaire.objects.filter(is_closed=False)]

    def new(self) -> NewWave:
        d = self.cleaned_data
        chosen = Questionnaire.objects.get(pk=d["questionnaire"])
        return NewWave(chosen, d["title"], d["root"], d["closes_on"], int(d["depth"]), d["by_role"])


class CopyForm(_Form):
    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    closes_on = DayField(label=gettext_lazy("Last day to answer"))
