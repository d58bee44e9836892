"""The form of a talk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.organization.fields import DayField
from rongtong.organization.models import Person


class TalkForm(forms.Form):
    """Two people of the branch and a day."""

    first = forms.ChoiceField(label=pgettext_lazy("talk", "Who"), widget=forms.Select(attrs={"class": "form-select"}))
    second = forms.ChoiceField(label=gettext_lazy("With whom"), widget=forms.Select(attrs={"class": "form-select"}))
    on = DayField(label=gettext_lazy("On which day"))

    def __init__(self, *args: Any, people: Sequence[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(one.pk): one for one in people}
        names = [one.name for one in people]
        choices = [("", "—"), *((str(one.pk), one.name if names.count(one.name) == 1 else f"{one.name} {one.code}") for one in people)]
        for name in ("first", "second"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["on"].widget.attrs["class"] = "form-control"

    def two(self) -> tuple[Person, Person]:
        return self.people[self.cleaned_data["first"]], self.people[self.cleaned_data["second"]]
