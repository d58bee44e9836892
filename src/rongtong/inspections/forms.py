"""Forms of inspections: plain fields that give domain values."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access.queries import nodes_of
from rongtong.exchange import parsing
from rongtong.inspections.actions import ItemText, NewFinding, NewInspection
from rongtong.inspections.models import Checklist, Item, Kind, Pace
from rongtong.inspections.policies import RUN
from rongtong.ledger.actions import Parts
from rongtong.ledger.forms import AnyNodeField, PostField
from rongtong.organization.fields import DayField
from rongtong.trees.models import AFTER, Node

MOST_PLACES = 500


class ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        for name, field in self.fields.items():
            if isinstance(field, (AnyNodeField, PostField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            kind = (
                "form-select"
                if isinstance(field, forms.ChoiceField)
                else "form-check-input"
                if isinstance(field, forms.BooleanField)
                else "form-control"
            )
            field.widget.attrs.setdefault("class", kind)

    def choices(self, name: str, found: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = found


class PlanForm(ActorForm):
    """What is looked at, by whom, where and when."""

    kind = forms.ChoiceField(choices=Kind.choices, label=gettext_lazy("Kind"))
    title = forms.CharField(max_length=120, label=gettext_lazy("Title"))
    node = AnyNodeField(label=gettext_lazy("Who inspects"))
    checklist = forms.ChoiceField(label=gettext_lazy("Check list"))
    under = AnyNodeField(required=False, label=gettext_lazy("Units: everything under"))
    codes = forms.CharField(max_length=2000, required=False, label=gettext_lazy("and these (codes)"))
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(label=gettext_lazy("Until"))
    people = forms.IntegerField(min_value=1, max_value=50, label=gettext_lazy("People of the unit who have to be there"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Checklist.objects.filter(is_closed=False)
        self.choices("checklist", [(row.code, str(row)) for row in rows])

    def clean_codes(self) -> list[Node]:
        codes = [code for code in parsing.folded(self.cleaned_data["codes"]).replace("、", " ").replace(",", " ").split() if code]
        found = list(nodes_of(self.actor, RUN).filter(code__in=codes, closed_on__isnull=True).order_by("tree", "path"))
        unknown = sorted(set(codes) - {node.code for node in found})
        if unknown:
            raise forms.ValidationError(_("There is no open unit with the code %(codes)s") % {"codes": ", ".join(unknown)})
        return found

    def clean(self) -> dict[str, Any]:
        """The places: what lies under a node (branches of organisations, units without teams), and those named."""
        d = super().clean() or {}
        places = list(d.get("codes") or [])
        if d.get("under") is not None:
            places += _under(self.actor, d["under"])
        if not places and not self.errors:
            raise forms.ValidationError(_("No unit is named; choose what lies under a node, or write codes"))
        if len(places) > MOST_PLACES:
            raise forms.ValidationError(_("%(count)s units are more than one inspection can reach") % {"count": len(places)})
        d["places"] = list({node.pk: node for node in places}.values())
        return d

    def new(self) -> NewInspection:
        d = self.cleaned_data
        checklist = Checklist.objects.get(code=d["checklist"])
        return NewInspection(d["kind"], d["title"], d["node"], checklist, d["starts_on"], d["ends_on"], d["places"], people=d["people"])


def _under(actor: Any, node: Node) -> list[Node]:
    inside = nodes_of(actor, RUN).filter(path__gte=node.path, path__lt=node.path + AFTER, closed_on__isnull=True)
    return list(inside.exclude(party__kind="group").exclude(unit__kind="team").order_by("path"))


class SpanForm(ActorForm):
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(label=gettext_lazy("Until"))


class VisitForm(ActorForm):
    visit_on = DayField(required=False, label=gettext_lazy("Day of the visit"))


class ReasonForm(ActorForm):
    reason = forms.CharField(max_length=300, label=gettext_lazy("Reason"))


class FindingForm(ActorForm):
    text = forms.CharField(max_length=300, label=gettext_lazy("What is wrong"))
    pace = forms.ChoiceField(choices=Pace.choices, initial=Pace.WITHIN_LIMIT, label=gettext_lazy("To be mended"))
    item = forms.ChoiceField(required=False, label=gettext_lazy("Item"))
    cause = forms.CharField(max_length=200, required=False, label=gettext_lazy("Why it came about"))

    def __init__(self, *args: Any, items: list[tuple[Item, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.items = {str(item.pk): item for item, _words in items}
        self.choices("item", [("", "—"), *((str(item.pk), words) for item, words in items)])

    def new(self) -> NewFinding:
        d = self.cleaned_data
        return NewFinding(d["text"], d["pace"], self.items.get(d["item"]), d["cause"])


class CommentForm(ActorForm):
    comment = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("What the unit says"))


class RectifyForm(ActorForm):
    leader = PostField(label=gettext_lazy("Leader"))
    handler = PostField(label=gettext_lazy("Handler"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    due_on = DayField(label=gettext_lazy("Due on"))

    def parts(self) -> Parts:
        return Parts(self.cleaned_data["leader"], self.cleaned_data["handler"], self.cleaned_data["reviewer"])


class ItemForm(ActorForm):
    section = forms.CharField(max_length=60, label=gettext_lazy("Section"))
    rule_code = forms.ChoiceField(required=False, label=gettext_lazy("Rule that records answer"))
    question = forms.CharField(max_length=300, required=False, label=gettext_lazy("or a question only the place can answer"))
    question_en = forms.CharField(max_length=300, required=False, label=gettext_lazy("The question in English"))
    minutes = forms.IntegerField(min_value=1, max_value=480, initial=10, label=gettext_lazy("Minutes on site, one person"))

    def __init__(self, *args: Any, rules: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices("rule_code", [("", "—"), *rules])

    def text(self) -> ItemText:
        return ItemText(**self.cleaned_data)
