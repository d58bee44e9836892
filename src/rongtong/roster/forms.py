"""Forms of the roster: plain fields that give domain values."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.organization.fields import DayField, NodeField, PersonField
from rongtong.organization.models import Person
from rongtong.roster.actions import NewAffiliation, NewExclusion, NewSuspension
from rongtong.roster.models import ExclusionReason, Standing
from rongtong.roster.queries import Member
from rongtong.trees.models import Node, Tree


class RosterForm(forms.Form):
    """Fields know who asks; members to choose from are those of the organisation."""

    def __init__(self, *args: Any, actor: Any, members: list[Member] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {str(one.person.pk): one.person for one in members or []}
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")
            if isinstance(field, (NodeField, PersonField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            if isinstance(field, NodeField):
                field.tree = Tree.PARTY
            if name == "member" and isinstance(field, forms.ChoiceField):
                field.choices = [("", "—"), *((key, f"{person.name} {person.code}") for key, person in self.people.items())]

    @property
    def chosen(self) -> Person:
        return self.people[self.cleaned_data["member"]]


class AffiliateForm(RosterForm):
    """Somebody who belongs here from a day on."""

    person = PersonField(label=pgettext_lazy("roster", "Member"))
    standing = forms.ChoiceField(choices=Standing.choices, label=gettext_lazy("Belongs as"))
    starts_on = DayField(label=gettext_lazy("From which day on"))
    source = forms.CharField(max_length=80, required=False, label=gettext_lazy("Taken from"))

    def new(self, party: Node) -> NewAffiliation:
        d = self.cleaned_data
        return NewAffiliation(d["person"], party, d["standing"], d["starts_on"], source=d["source"])


class DayForm(RosterForm):
    """One day."""

    on = DayField(label=gettext_lazy("From which day on"))


class MoveForm(DayForm):
    """To another branch or group."""

    field_order = ("to", "on")
    to = NodeField(label=gettext_lazy("To which Party branch or group"))


class ExcludeForm(RosterForm):
    """Left out of "should attend": the five reasons, the consent, the assembly."""

    member = forms.ChoiceField(label=pgettext_lazy("roster", "Member"))
    reason = forms.ChoiceField(choices=ExclusionReason.choices, label=gettext_lazy("Reason"))
    consent_document = forms.CharField(max_length=80, label=gettext_lazy("Number of the superior's consent"))
    assembly_on = DayField(label=gettext_lazy("Assembly that approved it"))
    starts_on = DayField(label=gettext_lazy("From which day on"))
    ends_on = DayField(label=gettext_lazy("Until (first day on which the member should attend again)"))

    def new(self, party: Node) -> NewExclusion:
        d = self.cleaned_data
        return NewExclusion(self.chosen, party, d["reason"], d["consent_document"], d["assembly_on"], d["starts_on"], d["ends_on"])


class SuspendForm(RosterForm):
    """A time without the right to vote. There is no field for why."""

    member = forms.ChoiceField(label=pgettext_lazy("roster", "Member"))
    starts_on = DayField(label=gettext_lazy("From which day on"))
    ends_on = DayField(required=False, label=gettext_lazy("Until (empty: open)"))
    holder = forms.CharField(max_length=80, label=gettext_lazy("Who holds the paper file"))
    paper_file = forms.CharField(max_length=80, label=gettext_lazy("Number of the paper file"))

    def new(self) -> NewSuspension:
        d = self.cleaned_data
        return NewSuspension(self.chosen, d["starts_on"], d["holder"], d["paper_file"], d["ends_on"])


def refuse_day(text: str) -> str:
    """What a page says of a day it cannot read."""
    return _("“%(text)s” is not a date; shown is today") % {"text": text[:20]}
