"""Forms of those who define: an indicator, and a new version of a class's set with its weights and norm bands."""

import re
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange import parsing
from rongtong.indicators.models import Aggregate, Direction, Frequency, Indicator, Kind, SetItem, Subsystem
from rongtong.indicators.weighing import Item
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.organization.models import UnitKind
from rongtong.trees.models import Node, Tree

TEXTS = (
    "name",
    "name_en",
    "unit_text",
    "unit_text_en",
    "dimension",
    "definition",
    "definition_en",
    "formula",
    "formula_en",
    "expression",
    "source_text",
)
NUMBERS = ("ideal_low", "ideal_high", "cap")


def _text(label: Any, most: int, *, required: bool = False, lines: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "form-control", "rows": lines}) if lines else forms.TextInput(attrs={"class": "form-control"})
    return forms.CharField(max_length=most, required=required, label=label, widget=widget)


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, label=label, widget=forms.Select(attrs={"class": "form-select"}))


def _number(label: Any) -> forms.CharField:
    return forms.CharField(
        max_length=40, required=False, label=label, widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal"})
    )


class DefinitionForm(forms.Form):
    """What an indicator means and how it is read; `values()` are the fields of the act."""

    code = _text(gettext_lazy("Code"), 64, required=True)
    name = _text(gettext_lazy("Name"), 120, required=True)
    name_en = _text(gettext_lazy("English name"), 200)
    subsystem = _choice(gettext_lazy("Side"), Subsystem.choices)
    dimension = _text(gettext_lazy("Dimension"), 40)
    unit_text = _text(gettext_lazy("Unit"), 40)
    unit_text_en = _text(gettext_lazy("Unit in English"), 60)
    direction = _choice(gettext_lazy("Direction"), Direction.choices)
    ideal_low = _number(gettext_lazy("Ideal, lower end"))
    ideal_high = _number(gettext_lazy("Ideal, upper end"))
    cap = _number(gettext_lazy("Cap"))
    kind = _choice(gettext_lazy("Kind of figure"), Kind.choices)
    aggregate = _choice(gettext_lazy("Year to date"), Aggregate.choices)
    hold_months = forms.IntegerField(
        min_value=0,
        max_value=60,
        initial=0,
        label=gettext_lazy("Months a value holds"),
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    frequency = _choice(gettext_lazy("Frequency"), Frequency.choices)
    decimals = forms.IntegerField(
        min_value=0, max_value=6, initial=1, label=gettext_lazy("Decimals"), widget=forms.NumberInput(attrs={"class": "form-control"})
    )
    owner = forms.ChoiceField(required=False, label=gettext_lazy("Owner department"), widget=forms.Select(attrs={"class": "form-select"}))
    is_veto = forms.BooleanField(required=False, label=gettext_lazy("veto item: shown, outside the sums"))
    definition = _text(gettext_lazy("Definition"), 1000, required=True, lines=3)
    definition_en = _text(gettext_lazy("Definition in English"), 1000, lines=3)
    formula = _text(gettext_lazy("Formula for people"), 300)
    formula_en = _text(gettext_lazy("Formula for people, in English"), 300)
    expression = _text(gettext_lazy("Derived by the formula"), 200)
    source_text = _text(gettext_lazy("Source"), 200)

    def __init__(self, data: QueryDict | None, indicator: Indicator | None) -> None:
        super().__init__(data, initial=_stored(indicator) if indicator else None)
        self.indicator = indicator
        self.departments = {str(node.pk): node for node in _departments()}
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "—"), *((key, f"{node.code} {node.label}") for key, node in self.departments.items())]
        self.fields["expression"].help_text = _("codes, numbers, + - * / ** ( ), min, max, abs; empty: entered or collected")
        if indicator is not None:
            self.fields["code"].disabled = True

    def values(self) -> dict[str, Any]:
        """The fields as the act takes them; Refused with the field where one cannot be read."""
        if not self.is_valid():
            field, errors = next(iter(self.errors.items()))
            raise Refused(f"{self.fields[str(field)].label}: {errors[0]}", field=str(field), remedy=_("correct it"), code="form")
        data = self.cleaned_data
        found: dict[str, Any] = {
            name: data[name]
            for name in (*TEXTS, "subsystem", "direction", "kind", "aggregate", "hold_months", "frequency", "decimals", "is_veto")
        }
        for name in NUMBERS:
            try:
                found[name] = parsing.number(data[name]) if data[name].strip() else None
            except Refused as wrong:
                raise Refused(wrong.what, field=name, remedy=wrong.remedy, code=wrong.code) from None
        found["owner"] = self.departments.get(data["owner"])
        if found["kind"] == Kind.RATIO:
            found["scale"] = self.indicator.scale if self.indicator else 100.0 if found["unit_text"] == "%" else 1.0
        return found


def _stored(indicator: Indicator) -> dict[str, Any]:
    names = (*TEXTS, "code", "subsystem", "direction", "kind", "aggregate", "hold_months", "frequency", "decimals", "is_veto")
    numbers = {name: "" if getattr(indicator, name) is None else f"{getattr(indicator, name):g}" for name in NUMBERS}
    return {name: getattr(indicator, name) for name in names} | numbers | {"owner": str(indicator.owner_id or "")}


def _departments() -> list[Node]:
    rows = Node.objects.filter(
        tree=Tree.BUSINESS, closed_on__isnull=True, unit__kind__in=[UnitKind.DEPARTMENT, UnitKind.COMPANY, UnitKind.GROUP]
    )
    return list(rows.order_by("path")[:500])


_PAIR = re.compile(r"^\s*(-?[\d.]+)\s*(?:→|->|:|：)\s*([\d.]+)\s*$")


def bands_of(text: str, indicator: Indicator) -> list[list[float]] | None:
    """Norm bands as they are typed: "60:0; 90:0.8; 100:1"; none for an empty cell.

    >>> bands_of("60:0; 90→0.8", Indicator(code="P1"))
    [[60.0, 0.0], [90.0, 0.8]]
    """
    if not text.strip():
        return None
    pairs = [_PAIR.match(part) for part in re.split(r"[;；]", text) if part.strip()]
    if not all(pairs):
        what = _("The norm bands of %(code)s cannot be read") % {"code": indicator.code}
        raise Refused(
            what, field=f"bands:{indicator.code}", remedy=_("write value:score pairs, for example 60:0; 90:0.8; 100:1"), code="bands"
        )
    try:
        return [[float(pair[1]), float(pair[2])] for pair in pairs if pair]
    except ValueError as wrong:
        what = _("The norm bands of %(code)s cannot be read") % {"code": indicator.code}
        raise Refused(what, field=f"bands:{indicator.code}", remedy=_("write numbers with one point"), code="bands") from wrong


def bands_text(bands: list[list[float]] | None) -> str:
    return "; ".join(f"{edge:g}:{score:g}" for edge, score in bands or [])


class SetForm:
    """The weights and bands of a new version as typed; what was typed stays when it is refused."""

    def __init__(self, data: QueryDict, indicators: list[Indicator]) -> None:
        self.data, self.indicators = data, indicators

    def version(self) -> str:
        version = self.data.get("version", "").strip()[:40]
        if not version:
            raise Refused(_("The version has no name"), field="version", remedy=_("name it, for example 2027"), code="version")
        return version

    def starts_on(self) -> date:
        try:
            day = date.fromisoformat(self.data.get("starts_on", ""))
        except ValueError as wrong:
            what = _("“%(text)s” is not a day") % {"text": self.data.get("starts_on", "")}
            raise Refused(what, field="starts_on", remedy=_("write it as YYYY-MM-DD"), code="day") from wrong
        if day.year < clock.today().year - 1:
            raise Refused(
                _("A set is not issued for the past"), field="starts_on", remedy=_("let it begin this year or later"), code="past"
            )
        return day

    def items(self) -> list[Item]:
        """The indicators that have a weight, or stand as veto items."""
        found = []
        for indicator in self.indicators:
            text = self.data.get(f"weight:{indicator.code}", "").strip()
            if not text:
                continue
            try:
                weight = parsing.number(text)
            except Refused as wrong:
                raise Refused(
                    f"{indicator.code}: {wrong.what}", field=f"weight:{indicator.code}", remedy=wrong.remedy, code=wrong.code
                ) from None
            found.append(Item(indicator, float(weight or 0.0), bands_of(self.data.get(f"bands:{indicator.code}", ""), indicator)))
        return found


def lines(indicators: list[Indicator], items: dict[int, SetItem], data: QueryDict | None) -> list[dict[str, Any]]:
    """One line an indicator: what is typed, else what stands in the present version."""
    found = []
    for indicator in indicators:
        item = items.get(indicator.pk)
        weight, bands = (f"{item.weight:g}", bands_text(item.bands)) if item else ("", "")
        if data is not None:
            weight, bands = data.get(f"weight:{indicator.code}", ""), data.get(f"bands:{indicator.code}", "")
        found.append({"indicator": indicator, "weight": weight, "bands": bands})
    return found
