"""Forms of schemes: plain fields that give domain values. The draft itself is edited as one form of rows (`editing`)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from rongtong.organization.fields import DayField
from rongtong.organization.models import UnitClass
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.shipping import templates


class _Form(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")


class NewForm(_Form):
    """A new scheme from one of the shipped ones."""

    template = forms.ChoiceField(label=gettext_lazy("Start from"))
    unit_class = forms.ChoiceField(label=gettext_lazy("Class of units"))
    code = forms.CharField(max_length=40, label=gettext_lazy("Code"))
    name = forms.CharField(max_length=120, label=gettext_lazy("Name"))
    name_en = forms.CharField(max_length=200, required=False, label=gettext_lazy("Name in English"))
    starts_on = DayField(label=gettext_lazy("Holds from"))
    document = forms.CharField(max_length=120, required=False, label=gettext_lazy("Number of the paper"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.classes = {row.code: row for row in UnitClass.objects.order_by("code")}
        for name, choices in (
            ("template", [(row.code, row.label) for row in templates()]),
            ("unit_class", [(code, row.label) for code, row in self.classes.items()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def new(self) -> NewScheme:
        d = self.cleaned_data
        return NewScheme(d["code"], d["name"], self.classes[d["unit_class"]], d["name_en"])

    def paper(self) -> Paper:
        return Paper(self.cleaned_data["starts_on"], self.cleaned_data["document"])


class PaperForm(_Form):
    """What stands around the contents of a draft."""

    starts_on = DayField(label=gettext_lazy("Holds from"))
    document = forms.CharField(max_length=120, required=False, label=gettext_lazy("Number of the paper"))
    note = forms.CharField(max_length=300, required=False, label=gettext_lazy("Remark"))

    def paper(self) -> Paper:
        d = self.cleaned_data
        return Paper(d["starts_on"], d["document"], d["note"])


class ReasonForm(_Form):
    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason"))
