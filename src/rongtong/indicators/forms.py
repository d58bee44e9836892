"""Forms of indicators: they return domain values or raise Refused with a sentence."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange import parsing
from rongtong.indicators.entries import Entry, checked
from rongtong.indicators.models import Indicator
from rongtong.kernel.errors import Refused
from rongtong.trees.models import Node

FIELDS = ("value", "numerator", "denominator")
MAX_CELL = 60


class CloseForm(forms.Form):
    """The month to close."""

    month = forms.CharField(max_length=20, label=gettext_lazy("Month"))

    def period(self) -> int:
        if not self.is_valid():
            raise Refused(_("No month is given"), field="month", remedy=_("write it as YYYY-MM"), code="period")
        return parsing.month(self.cleaned_data["month"]) or 0


class TargetForm(forms.Form):
    """A unit's target of one month."""

    indicator = forms.CharField(max_length=64, label=gettext_lazy("Indicator"))
    target = forms.CharField(max_length=MAX_CELL, label=gettext_lazy("Target"))
    floor = forms.CharField(max_length=MAX_CELL, required=False, label=gettext_lazy("Floor"))
    stretch = forms.CharField(max_length=MAX_CELL, required=False, label=gettext_lazy("Stretch"))

    def numbers(self) -> dict[str, float | None]:
        if not self.is_valid():
            raise Refused(_("A target needs an indicator and a number"), field="target", remedy=_("fill in both"), code="form")
        return {name: in_unit(self.cleaned_data[name], None) for name in ("target", "floor", "stretch")}


def in_unit(text: str, indicator: Indicator | None) -> float | None:
    """A typed number; a percent sign is right only where the unit is percent (or not known)."""
    found = parsing.quantity(text)
    if isinstance(found, parsing.Percent) and indicator is not None and not indicator.is_percent:
        raise parsing.percent_refused(found, indicator.unit_text)
    return None if found is None else float(found)


def upload_of(request: HttpRequest) -> "UploadedFile[bytes]":
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise Refused(_("No file was chosen"), field="file", remedy=_("choose an xlsx or csv file"), code="file_absent")
    return upload


def cells_of(data: QueryDict) -> dict[str, str]:
    """Typed cells of the grid: "CODE:field" to text."""
    cells = {}
    for name, text in data.items():
        code, _colon, field = name.partition(":")
        if field in FIELDS and code and isinstance(text, str):
            cells[name] = text.strip()[:MAX_CELL]
    return cells


def entries_of(cells: dict[str, str], node: Node, period: int, indicators: list[Indicator]) -> tuple[list[Entry], dict[str, str]]:
    """Entries of the filled rows, and the sentence for every cell that cannot be."""
    entries, errors = [], {}
    for indicator in indicators:
        texts = {field: cells.get(f"{indicator.code}:{field}", "") for field in FIELDS}
        if not any(texts.values()):
            continue
        try:
            entries.append(_entry(texts, node, period, indicator))
        except Refused as refusal:
            field = refusal.field if refusal.field in FIELDS else _field_of(texts)
            errors[f"{indicator.code}:{field}"] = str(refusal)
    return entries, errors


def _entry(texts: dict[str, str], node: Node, period: int, indicator: Indicator) -> Entry:
    numbers: dict[str, Any] = {}
    for field, text in texts.items():
        try:
            numbers[field] = in_unit(text, indicator) if field == "value" else parsing.number(text)
        except Refused as refusal:
            raise Refused(refusal.what, field=field, remedy=refusal.remedy, code=refusal.code) from None
    return checked(Entry(node.pk, indicator.pk, period, **numbers), indicator)


def _field_of(texts: dict[str, str]) -> str:
    return next((field for field, text in texts.items() if text), "value")
