"""Forms of responsibility lists: what the next version says differently, and one duty more."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.duties.actions import MOST_MINUTES, DutyChange, NewDuty
from rongtong.duties.models import Duty, Subject
from rongtong.ledger.models import Side

PERIODS = (
    ("month", gettext_lazy("each month")), ("quarter", gettext_lazy("each quarter")), ("half", gettext_lazy("each half-year")),
    ("year", gettext_lazy("each year")),
)  # fmt: skip


class _Styled(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs["class"] = "form-check-input" if isinstance(field, forms.BooleanField) else kind


class ChangeForm(_Styled):
    """One duty as the next version has it."""

    standard = forms.CharField(max_length=200, required=False, label=gettext_lazy("Standard"))
    per = forms.ChoiceField(choices=PERIODS, label=gettext_lazy("How often"))
    minutes = forms.IntegerField(min_value=0, max_value=MOST_MINUTES, label=gettext_lazy("minutes each"))
    is_personal = forms.BooleanField(required=False, label=gettext_lazy("led in person"))
    is_dropped = forms.BooleanField(required=False, label=gettext_lazy("drop"))

    def __init__(self, *args: Any, duty: Duty, **options: Any) -> None:
        initial = {"standard": duty.standard, "per": duty.per, "minutes": duty.minutes, "is_personal": duty.is_personal}
        super().__init__(*args, initial=initial, **options)
        self.duty = duty
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}: {duty}" if name else ""

    def change(self) -> DutyChange:
        """Only what differs from the version before."""
        d, was = self.cleaned_data, self.duty
        return DutyChange(
            d["standard"] if d["standard"] != was.standard else None, d["per"] if d["per"] != was.per else None, d["is_dropped"],
            minutes=d["minutes"] if d["minutes"] != was.minutes else None, is_personal=d["is_personal"] if d["is_personal"] != was.is_personal else None,
        )  # fmt: skip


class AddForm(_Styled):
    """One duty more; an empty title adds none."""

    title = forms.CharField(max_length=160, required=False, label=gettext_lazy("Duty"))
    code = forms.CharField(max_length=20, required=False, label=gettext_lazy("Code"))
    subject = forms.ChoiceField(choices=Subject.choices, required=False, label=gettext_lazy("Who owes it"))
    standard = forms.CharField(max_length=200, required=False, label=gettext_lazy("Standard"))
    basis = forms.CharField(max_length=200, required=False, label=gettext_lazy("Basis"))
    per = forms.ChoiceField(choices=PERIODS, required=False, label=gettext_lazy("How often"))
    side = forms.ChoiceField(choices=Side.choices, required=False, label=pgettext_lazy("plan", "Side"))
    minutes = forms.IntegerField(min_value=0, max_value=MOST_MINUTES, required=False, label=gettext_lazy("minutes each"))
    is_personal = forms.BooleanField(required=False, label=gettext_lazy("led in person"))

    def clean(self) -> dict[str, Any]:
        d: dict[str, Any] = super().clean() or {}
        if d.get("title") and not d.get("code"):
            self.add_error("code", _("Write a code, like D-15"))
        return d

    def new(self) -> NewDuty | None:
        d = self.cleaned_data
        if not d["title"].strip():
            return None
        return NewDuty(
            d["code"], d["subject"] or Subject.BRANCH_SECRETARY, d["title"], d["per"] or "quarter", d["side"] or Side.BOTH, d["standard"], d["basis"],
            d["minutes"] or 0, d["is_personal"],
        )  # fmt: skip
