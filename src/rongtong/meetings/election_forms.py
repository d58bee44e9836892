"""Forms of the path to a re-election."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from rongtong.organization.fields import DayField


class PaperForm(forms.Form):
    """A day and the number of a paper."""

    on = DayField(label=gettext_lazy("Day on the paper"))
    document = forms.CharField(max_length=80, label=gettext_lazy("Number of the paper"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-control")


class ReminderForm(PaperForm):
    """A reminder may have been a telephone call."""

    document = forms.CharField(max_length=80, required=False, label=gettext_lazy("Number of the letter (empty: by telephone)"))


class ExtensionForm(PaperForm):
    """Until when."""

    field_order = ("to", "on", "document")
    to = DayField(label=gettext_lazy("Until which day"))


class StartForm(forms.Form):
    """When and where the assembly meets."""

    on = DayField(label=gettext_lazy("Day"))
    at = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TextInput(attrs={"placeholder": "14:00", "class": "form-control"}))
    place = forms.CharField(max_length=120, required=False, label=gettext_lazy("Place"))
    is_by_election = forms.BooleanField(
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        label=gettext_lazy("By-election (fills a seat, starts no term)"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-control")
