"""The form that asks for a paper."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.organization.fields import NodeField
from rongtong.reports.models import Format, PaperKind

_TEXT = {"class": "form-control"}
_SELECT = {"class": "form-select"}


class OrderForm(forms.Form):
    """Which paper, of whom, for which year."""

    kind = forms.ChoiceField(label=_("Paper"), choices=PaperKind.choices, widget=forms.Select(_SELECT))
    node = NodeField(label=_("Party organisation or unit"))
    year = forms.IntegerField(label=_("Year"), min_value=1949, max_value=2199, widget=forms.TextInput({**_TEXT, "inputmode": "numeric"}))
    file_format = forms.ChoiceField(label=_("Format"), choices=Format.choices, widget=forms.Select(_SELECT))

    inspection = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["node"]
        assert isinstance(field, NodeField)
        field.actor = actor
        field.widget.attrs["class"] = "form-control"
        self.fields["year"].initial = clock.today().year
