"""Forms of the organisation. Each gives domain values and carries out one act."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rongtong.kernel.act import Actor
from rongtong.organization import actions, restructuring
from rongtong.organization import tree_actions as trees
from rongtong.organization.facts import PartyFacts, UnitFacts
from rongtong.organization.fields import ClassField, CountField, DayField, NodeField, PersonField, ShareField
from rongtong.organization.models import AppointmentKind, BusinessUnit, PartyKind, PartyOrganisation, Post, PostKind, UnitKind
from rongtong.trees.models import LinkKind, Tree
from rongtong.trees.paths import NewNode

DAY = _("From which day on")


class ActForm(forms.Form):
    """A form about one node: its heading, its button, what it does."""

    title: Any = ""
    button: Any = ""
    hint: Any = ""

    def __init__(self, *args: Any, actor: Any, about: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor, self.about = actor, about
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")
            if isinstance(field, (NodeField, PersonField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            if isinstance(field, NodeField):
                field.tree = self.tree_of(name)
            if isinstance(field, DayField) and field.required:
                field.initial = field.today()
        self.fill()

    def tree_of(self, name: str) -> str:
        """In which tree a field looks; the node's own, unless the form says otherwise."""
        return str(self.about.tree)

    def fill(self) -> None:
        """Put what is stored into the fields."""

    def carry_out(self, by: Actor) -> Any:
        """Do it; returns the node to show next."""
        raise NotImplementedError


class CreateForm(ActForm):
    """A unit or organisation below the node."""

    title, button = _("Open one below %(name)s"), _("Open it")
    code = forms.CharField(max_length=64, label=_("Code"))
    name = forms.CharField(max_length=120, label=_("Name"))
    name_en = forms.CharField(max_length=200, required=False, label=_("Name in English"))
    kind = forms.ChoiceField(label=_("Kind"))
    opened_on = DayField(label=_("Opened on"))
    unit_class = ClassField(required=False, label=_("Unit class"))
    headcount = CountField(label=_("Head-count"))
    members = CountField(label=_("Members"))
    formal_members = CountField(label=_("Full members"))

    def fill(self) -> None:
        business = self.about.tree == Tree.BUSINESS
        for name in ("members", "formal_members") if business else ("unit_class", "headcount"):
            del self.fields[name]
        kinds = UnitKind if business else PartyKind
        self.fields["kind"] = forms.ChoiceField(choices=kinds.choices, label=_("Kind"), widget=forms.Select(attrs={"class": "form-select"}))

    def carry_out(self, by: Actor) -> Any:
        data = self.cleaned_data
        row = NewNode(data["code"], data["name"], "", data["opened_on"], data["name_en"])
        if self.about.tree == Tree.BUSINESS:
            facts = UnitFacts(data["kind"], data["headcount"], unit_class=data["unit_class"])
            return actions.create_unit(by=by, parent=self.about, node=row, facts=facts).node
        return actions.create_party(
            by=by, parent=self.about, node=row, facts=PartyFacts(data["kind"], data["members"], data["formal_members"])
        ).node


class EditForm(ActForm):
    """Name and facts of the node."""

    title, button = _("Correct %(name)s"), _("Save")
    name = forms.CharField(max_length=120, label=_("Name"))
    name_en = forms.CharField(max_length=200, required=False, label=_("Name in English"))
    kind = forms.ChoiceField(label=_("Kind"))
    headcount = CountField(label=_("Head-count"))
    is_legal_person = forms.BooleanField(required=False, label=_("Legal person"))
    manager_title = forms.CharField(max_length=40, required=False, label=_("Title of its head"))
    members = CountField(label=_("Members"))
    formal_members = CountField(label=_("Full members"))
    elected_on = DayField(required=False, label=_("Elected on"))
    term_years = CountField(label=_("Years of a term"))

    def fill(self) -> None:
        business = self.about.tree == Tree.BUSINESS
        unit, party = ("headcount", "is_legal_person", "manager_title"), ("members", "formal_members", "elected_on", "term_years")
        for name in party if business else unit:
            del self.fields[name]
        kinds = UnitKind if business else PartyKind
        self.fields["kind"] = forms.ChoiceField(choices=kinds.choices, label=_("Kind"), widget=forms.Select(attrs={"class": "form-select"}))
        self.detail = (BusinessUnit if business else PartyOrganisation).objects.select_related("node").get(pk=self.about.pk)
        self.initial = {"name": self.about.name, "name_en": self.about.name_en, "kind": self.detail.kind}
        self.initial |= {name: getattr(self.detail, name) for name in (unit if business else party)}

    def carry_out(self, by: Actor) -> Any:
        data = self.cleaned_data
        trees.rename_node(by=by, node=self.about, name=data["name"], name_en=data["name_en"])
        if isinstance(self.detail, BusinessUnit):
            facts = UnitFacts(data["kind"], data["headcount"], data["is_legal_person"], data["manager_title"])
            actions.update_unit(by=by, unit=self.detail, facts=facts)
        else:
            rest = {name: data[name] for name in ("members", "formal_members", "elected_on", "term_years")}
            actions.update_party(by=by, party=self.detail, facts=PartyFacts(data["kind"], **rest))
        return self.about


class MoveForm(ActForm):
    """Another parent."""

    title, button = _("Move %(name)s"), _("Move it")
    hint = _("Everything below moves along. Earlier months keep the earlier place; rights follow today's tree.")
    parent = NodeField(label=_("Below which unit or organisation"))
    on = DayField(label=DAY)

    def carry_out(self, by: Actor) -> Any:
        return trees.move_node(by=by, node=self.about, parent=self.cleaned_data["parent"], on=self.cleaned_data["on"])


class CloseForm(ActForm):
    """Close, or merge into a successor."""

    title, button = _("Close %(name)s"), _("Close it")
    hint = _(
        "With a successor, what lies below and the links pass on. Figures stay with the closed one; runs of earlier months still show it."
    )
    on = DayField(label=DAY)
    successor = NodeField(required=False, label=_("Successor (merge)"))

    def carry_out(self, by: Actor) -> Any:
        data = self.cleaned_data
        restructuring.close_node(by=by, node=self.about, on=data["on"], successor=data["successor"])
        return data["successor"] or self.about


class SplitForm(ActForm):
    """Two or more in its place."""

    title, button = _("Split %(name)s"), _("Split it")
    hint = _("One line for each part: code, name, then the codes of the children it takes, with spaces between.")
    parts = forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}), max_length=4000, label=_("Parts"))
    on = DayField(label=DAY)

    def clean_parts(self) -> list[restructuring.Part]:
        lines = [line.split() for line in self.cleaned_data["parts"].splitlines() if line.strip()]
        if any(len(words) < 2 for words in lines):
            raise forms.ValidationError(_("A line needs a code and a name"))
        return [restructuring.Part(words[0], words[1], tuple(words[2:])) for words in lines]

    def carry_out(self, by: Actor) -> Any:
        made = restructuring.split(by=by, node=self.about, parts=self.cleaned_data["parts"], on=self.cleaned_data["on"])
        return made[0].to_node


class LinkForm(ActForm):
    """A link with the other tree."""

    title, button = _("Link %(name)s with the other tree"), _("Link them")
    other = NodeField(label=_("Unit or Party organisation of the other tree"))
    kind = forms.ChoiceField(choices=LinkKind.choices, label=_("Kind of link"))
    share = ShareField(required=False, label=_("Share (joint links only, above 0 and at most 1)"))
    starts_on = DayField(label=DAY)
    ends_on = DayField(required=False, label=_("Until (empty: open)"))

    def tree_of(self, name: str) -> str:
        return str(Tree.PARTY if self.about.tree == Tree.BUSINESS else Tree.BUSINESS)

    def carry_out(self, by: Actor) -> Any:
        data = self.cleaned_data
        unit, party = (self.about, data["other"]) if self.about.tree == Tree.BUSINESS else (data["other"], self.about)
        dates = {"starts_on": data["starts_on"], "ends_on": data["ends_on"]}
        trees.link(by=by, unit=unit, party=party, kind=data["kind"], share=data["share"], **dates)
        return self.about


class ClassForm(ActForm):
    """The unit's class from a day on."""

    title, button = _("Class of %(name)s"), _("Set the class")
    hint = _("Set of indicators, bounds, weights and ranking follow the class; units of different classes are compared by grade only.")
    unit_class = ClassField(label=_("Unit class"))
    on = DayField(label=DAY)

    def carry_out(self, by: Actor) -> Any:
        actions.set_class(by=by, unit=self.about, unit_class=self.cleaned_data["unit_class"], on=self.cleaned_data["on"])
        return self.about


class ExtendForm(ActForm):
    """A later re-election that the superior approved."""

    title, button = _("Extend the term of %(name)s"), _("Record the extension")
    to = DayField(label=_("New last day of the term"))
    document = forms.CharField(max_length=80, label=_("Number of the superior's approval"))

    def carry_out(self, by: Actor) -> Any:
        party = PartyOrganisation.objects.select_related("node").get(pk=self.about.pk)
        actions.extend_term(by=by, party=party, to=self.cleaned_data["to"], document=self.cleaned_data["document"])
        return self.about


class ReminderForm(ActForm):
    """The superior's reminder of a re-election."""

    title, button = _("Re-election reminder sent to %(name)s"), _("Record the reminder")
    on = DayField(label=_("Sent on"))

    def carry_out(self, by: Actor) -> Any:
        party = PartyOrganisation.objects.select_related("node").get(pk=self.about.pk)
        actions.record_reminder(by=by, party=party, on=self.cleaned_data["on"])
        return self.about


class PostForm(ActForm):
    """A seat at the node."""

    title, button = _("Open a post at %(name)s"), _("Open the post")
    code = forms.CharField(max_length=64, label=_("Code"))
    name = forms.CharField(max_length=120, label=_("Name"))
    kind = forms.ChoiceField(label=_("Kind of post"))
    opened_on = DayField(label=_("Opened on"))

    def fill(self) -> None:
        business = self.about.tree == Tree.BUSINESS
        fitting = [choice for choice in PostKind.choices if (choice[0] in actions.PARTY_POST_KINDS) != business]
        self.fields["kind"] = forms.ChoiceField(
            choices=fitting, label=_("Kind of post"), widget=forms.Select(attrs={"class": "form-select"})
        )

    def carry_out(self, by: Actor) -> Any:
        data = self.cleaned_data
        actions.create_post(by=by, code=data["code"], name=data["name"], node=self.about, kind=data["kind"], opened_on=data["opened_on"])
        return self.about


class AppointForm(ActForm):
    """A person for a post; `about` is the post."""

    title, button = _("Appoint to %(name)s"), _("Appoint")
    person = PersonField(label=_("Person (name, pinyin or code)"))
    kind = forms.ChoiceField(choices=AppointmentKind.choices, label=_("Kind of appointment"))
    starts_on = DayField(label=DAY)
    ends_on = DayField(required=False, label=_("Until (empty: open)"))

    def carry_out(self, by: Actor) -> Any:
        post: Post = self.about
        actions.appoint(by=by, post=post, **{name: self.cleaned_data[name] for name in ("person", "kind", "starts_on", "ends_on")})
        return post.node


class EndForm(ActForm):
    """The end of an appointment, a link or a post: only a day is asked; `ends` does it."""

    title, button = _("End: %(name)s"), _("End it")
    on = DayField(label=_("On which day"))

    def day(self) -> date:
        found: date = self.cleaned_data["on"]
        return found


FORMS: dict[str, type[ActForm]] = {
    "create": CreateForm, "edit": EditForm, "move": MoveForm, "close": CloseForm, "split": SplitForm, "link": LinkForm, "class": ClassForm,
    "extend": ExtendForm, "reminder": ReminderForm, "post": PostForm,
}  # fmt: skip
ONLY_OF = {"class": Tree.BUSINESS, "extend": Tree.PARTY, "reminder": Tree.PARTY}
