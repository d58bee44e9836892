"""Forms of rules: an override of numbers, an exception."""

import json
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.kernel import clock
from rongtong.organization.fields import DayField, NodeField
from rongtong.rules.actions import RowChange
from rongtong.rules.grid import title_of
from rongtong.rules.models import RuleRow
from rongtong.rules.numbers import NAMES
from rongtong.trees.models import Tree

_TEXT = {"class": "form-control"}


class OverrideForm(forms.Form):
    """One field for each number of the rule, written as in the row it overrides."""

    def __init__(self, *args: Any, row: RuleRow, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row = row
        for name, value in row.arguments.items():
            self.fields[f"a_{name}"] = forms.CharField(
                label=NAMES.get(name, name), initial=json.dumps(value, ensure_ascii=False), widget=forms.TextInput(_TEXT)
            )
        if row.min_count is not None:
            self.fields["min_count"] = forms.IntegerField(
                min_value=0,
                max_value=1000,
                initial=row.min_count,
                label=gettext_lazy("At least so many times"),
                widget=forms.TextInput(_TEXT),
            )
        self.fields["grace_days"] = forms.IntegerField(
            min_value=0, max_value=3660, initial=row.grace_days, label=gettext_lazy("Days of grace"), widget=forms.TextInput(_TEXT)
        )
        self.fields["source_text"] = forms.CharField(
            max_length=300, label=gettext_lazy("Source (our own rule, document number)"), widget=forms.TextInput(_TEXT)
        )
        self.fields["on"] = DayField(label=gettext_lazy("From which day on"), initial=clock.today().isoformat())
        self.fields["on"].widget.attrs.update(_TEXT)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = dict(self.cleaned_data)
        for name in self.row.arguments:
            try:
                data[f"a_{name}"] = json.loads(data.get(f"a_{name}", ""))
            except ValueError:
                self.add_error(
                    f"a_{name}", _("Write it like %(example)s") % {"example": json.dumps(self.row.arguments[name], ensure_ascii=False)}
                )
        return data

    def change(self) -> RowChange:
        """What differs from the row."""
        data = self.cleaned_data
        numbers = {name: data[f"a_{name}"] for name, value in self.row.arguments.items() if data[f"a_{name}"] != value}
        return RowChange(numbers, data.get("min_count"), data["grace_days"], None, data["source_text"])

    def day(self) -> date:
        found: date = self.cleaned_data["on"]
        return found


class ExceptionForm(forms.Form):
    """From when to when, why, and on which paper."""

    starts_on = DayField(label=gettext_lazy("From which day on"))
    ends_on = DayField(label=gettext_lazy("Until (that day not included)"))
    reason = forms.CharField(max_length=300, label=gettext_lazy("Why"), widget=forms.TextInput(_TEXT))
    document = forms.CharField(max_length=80, required=False, label=gettext_lazy("Number of the paper"), widget=forms.TextInput(_TEXT))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs.update(_TEXT)
        self.fields["starts_on"].initial = clock.today().isoformat()


class NoticeForm(forms.Form):
    """Which yearly meetings, of which organisation and those below it, in which days, on which paper."""

    codes = forms.MultipleChoiceField(label=gettext_lazy("Which meetings"), widget=forms.CheckboxSelectMultiple())
    node = NodeField(label=gettext_lazy("For which organisation and those below it"))
    year = forms.IntegerField(min_value=2000, max_value=2199, label=gettext_lazy("Of which year"), widget=forms.TextInput(_TEXT))
    opens_on = DayField(label=gettext_lazy("First day"))
    closes_on = DayField(label=gettext_lazy("Last day"))
    document = forms.CharField(max_length=80, label=gettext_lazy("Number of the notice"), widget=forms.TextInput(_TEXT))

    def __init__(self, *args: Any, actor: Any, rules: list[RuleRow], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["codes"].choices = [(row.code, f"{row.code} {title_of(row)}") for row in rules]  # type: ignore[attr-defined]
        node = self.fields["node"]
        assert isinstance(node, NodeField)
        node.actor, node.tree = actor, Tree.PARTY
        self.fields["year"].initial = clock.today().year
        for name in ("node", "opens_on", "closes_on"):
            self.fields[name].widget.attrs.update(_TEXT)
