"""Fields of forms that give domain values: a day in any written form, a node or a person by code."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from rongtong.access.queries import nodes_of
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.organization import queries
from rongtong.organization.models import Person, UnitClass
from rongtong.trees.models import Node


def _parsed(parse: Any, value: str) -> Any:
    try:
        return parse(value)
    except Refused as refusal:
        raise forms.ValidationError(str(refusal), code=refusal.code) from refusal


class DayField(forms.CharField):
    """A day; empty gives None where it may be empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"placeholder": "YYYY-MM-DD", "autocomplete": "off"}), **options)

    def clean(self, value: Any) -> date | None:
        found: date | None = _parsed(parsing.day, super().clean(value))
        return found

    @staticmethod
    def today() -> str:
        return clock.today().isoformat()


class CountField(forms.CharField):
    """A count of people or years; empty means not known, never zero."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=12, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **options)

    def clean(self, value: Any) -> int | None:
        found: int | None = _parsed(parsing.whole, super().clean(value))
        if found is not None and not 0 <= found <= 10_000_000:
            raise forms.ValidationError(_("Write a count from 0 to 10,000,000, or leave it empty where it is not known"))
        return found


class ShareField(forms.CharField):
    """A share above 0 and at most 1; empty is the whole."""

    def clean(self, value: Any) -> float:
        found: float | None = _parsed(parsing.number, super().clean(value))
        return 1.0 if found is None else found


class _Picked(forms.CharField):
    """Something picked by code, with type-ahead; the text is “code name”."""

    suggest_at = ""

    def __init__(self, **options: Any) -> None:
        attrs = {"data-suggest": reverse_lazy(self.suggest_at), "autocomplete": "off"}
        super().__init__(max_length=200, widget=forms.TextInput(attrs=attrs), **options)
        self.actor: Any = None

    def code(self, value: Any) -> str:
        text = super().clean(value)
        return parsing.folded(text).split(" ")[0] if text else ""


class NodeField(_Picked):
    """A node that the actor sees, of one tree, or of either where none is named (a Party organisation before a unit of the same code)."""

    suggest_at = "web:nodes"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.tree = ""

    def clean(self, value: Any) -> Node | None:
        code = self.code(value)
        if not code:
            return None
        rows = nodes_of(self.actor).filter(code__iexact=code)
        found = (rows.filter(tree=self.tree) if self.tree else rows).order_by("-tree", "pk").first()
        if found is None:
            raise forms.ValidationError(_("There is no %(code)s in this tree; choose one of the list, or write its code") % {"code": code})
        return found


class PersonField(_Picked):
    """A person that the actor may see, or anyone by the exact code, for whoever appoints."""

    suggest_at = "organization:suggest_persons"

    def clean(self, value: Any) -> Person | None:
        code = self.code(value)
        found = queries.persons(self.actor).filter(code=code).first() or Person.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("“%(code)s” is not the code of a person; write it like E00012") % {"code": code})
        return found


class ClassField(forms.ChoiceField):
    """A unit class, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=lambda: [("", "—"), *UnitClass.objects.values_list("code", "name")], **options)

    def clean(self, value: Any) -> UnitClass | None:
        code = super().clean(value)
        return UnitClass.objects.get(code=code) if code else None
