"""Forms of plans: plain fields that give domain values."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.exchange import parsing
from rongtong.indicators.models import Indicator, Subsystem
from rongtong.kernel.errors import Refused
from rongtong.ledger.actions import Parts
from rongtong.ledger.forms import AnyNodeField, PostField
from rongtong.organization.fields import DayField
from rongtong.plans.actions import Acceptance, NewCarrier, NewLink, NewObjective, NewResult
from rongtong.plans.changing import ObjectiveChange
from rongtong.plans.mapping import PROCESS_WORDS
from rongtong.plans.models import Badge, Carrier, CarrierKind, Milestone, Objective, Plan, PlanSide, PlanSource
from rongtong.plans.states import PROCESSES

FEN = 100


class NumberField(forms.CharField):
    """A number in any written form; empty gives None where it may be empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control"}), **options)

    def clean(self, value: Any) -> float | None:
        try:
            found: float | None = parsing.number(super().clean(value))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        return found


class _ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            if isinstance(field, (AnyNodeField, PostField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")


def _indicators(only_production: bool = False) -> list[tuple[str, str]]:
    rows = Indicator.objects.filter(is_on=True).order_by("code")
    rows = rows.filter(subsystem=Subsystem.PRODUCTION) if only_production else rows
    return [("", "—"), *((row.code, f"{row.code} {row}") for row in rows)]


def _indicator(code: str) -> Indicator | None:
    return Indicator.objects.filter(code=code).first() if code else None


class PlanForm(_ActorForm):
    unit = AnyNodeField(label=gettext_lazy("Unit"))
    year = forms.IntegerField(min_value=2000, max_value=2199, label=gettext_lazy("Year"))


class ObjectiveForm(_ActorForm):
    """An objective with its owner and its key result."""

    side = forms.ChoiceField(choices=PlanSide.choices, label=pgettext_lazy("plan", "Side"))
    title = forms.CharField(max_length=200, label=gettext_lazy("Objective"))
    owner = PostField(label=gettext_lazy("Owner"))
    co_owner = PostField(required=False, label=gettext_lazy("Owner of the other side (planned together)"))
    source = forms.ChoiceField(choices=PlanSource.choices, label=gettext_lazy("Source"))
    due_on = DayField(label=gettext_lazy("Due on"))
    indicator = forms.ChoiceField(choices=_indicators, required=False, label=gettext_lazy("Key result: indicator"))
    baseline = NumberField(required=False, label=gettext_lazy("Baseline"))
    target = NumberField(required=False, label=gettext_lazy("Target"))

    def new(self) -> NewObjective:
        d = self.cleaned_data
        return NewObjective(
            d["side"], d["title"], d["owner"], d["due_on"], d["co_owner"], d["source"], indicator=_indicator(d["indicator"]),
            baseline=d["baseline"], target=d["target"],
        )  # fmt: skip


class MeasureForm(_ActorForm):
    """A measure becomes a matter."""

    title = forms.CharField(max_length=200, label=gettext_lazy("What is to be done"))
    leader = PostField(label=gettext_lazy("Leader"))
    handler = PostField(label=gettext_lazy("Handler"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    due_on = DayField(label=gettext_lazy("Due on"))

    def parts(self) -> Parts:
        return Parts(self.cleaned_data["leader"], self.cleaned_data["handler"], self.cleaned_data["reviewer"])


class CarrierForm(_ActorForm):
    """A carrier with indicator and target."""

    kind = forms.ChoiceField(choices=[], label=gettext_lazy("Kind of carrier"))
    title = forms.CharField(max_length=200, label=gettext_lazy("Name"))
    party = AnyNodeField(label=gettext_lazy("Party organisation"))
    unit = AnyNodeField(label=gettext_lazy("Unit"))
    owner = PostField(label=gettext_lazy("Owner"))
    indicator = forms.ChoiceField(choices=[], label=gettext_lazy("Production indicator"))
    baseline = NumberField(required=False, label=gettext_lazy("Baseline"))
    target = NumberField(label=gettext_lazy("Target"))
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(label=gettext_lazy("Until"))

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, actor=actor, **options)
        kinds = [(kind.code, str(kind)) for kind in CarrierKind.objects.all()]
        for name, choices in (("kind", kinds), ("indicator", _indicators(only_production=True))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        code = self.data.get("kind") or self.initial.get("kind", "")
        self.carrier_kind = CarrierKind.objects.filter(code=code).first()
        self.fields.update(own_fields(self.carrier_kind) if self.carrier_kind is not None else {})

    def new(self) -> NewCarrier:
        d = self.cleaned_data
        assert self.carrier_kind is not None
        return NewCarrier(
            self.carrier_kind, d["title"], d["party"], d["unit"], d["owner"], _indicator(d["indicator"]), d["target"],
            d["starts_on"], d["ends_on"], d["baseline"], own_values(d),
        )  # fmt: skip


def own_fields(kind: CarrierKind) -> dict[str, forms.Field]:
    """The fields that only this kind has, from its data; each may stay empty until it is known."""
    widget = {"class": "form-control", "rows": 1}
    return {
        f"v_{own.code}": forms.CharField(max_length=500, required=False, label=own.label, widget=forms.Textarea(attrs=widget))
        for own in kind.own
    }


def own_values(cleaned: dict[str, Any]) -> dict[str, str]:
    return {name.removeprefix("v_"): value for name, value in cleaned.items() if name.startswith("v_") and value}


class OwnForm(forms.Form):
    """The own fields of a carrier, to be filled in as they become known."""

    def __init__(self, *args: Any, carrier: Carrier, **options: Any) -> None:
        initial = {f"v_{name}": value for name, value in carrier.values.items()}
        super().__init__(*args, **({"initial": initial} | options))
        self.fields.update(own_fields(carrier.kind))

    def values(self) -> dict[str, str]:
        return {name.removeprefix("v_"): value for name, value in self.cleaned_data.items()}


class ChangeForm(ObjectiveForm):
    """An objective as it is to be from now on, and why."""

    reason = forms.CharField(max_length=300, required=False, label=gettext_lazy("Reason (of an adopted plan: needed)"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("side", "source"):
            del self.fields[name]

    def change(self) -> ObjectiveChange:
        d = self.cleaned_data
        return ObjectiveChange(
            d["title"], d["owner"], d["co_owner"], d["due_on"], _indicator(d["indicator"]), d["baseline"], d["target"]
        )  # fmt: skip


class TogetherForm(forms.Form):
    """When both sides planned, deployed or advanced a link together: proof of each, and the matter that it left."""

    kind = forms.ChoiceField(choices=Milestone.choices, label=gettext_lazy("What was done together"))
    on = DayField(label=gettext_lazy("On"))
    party_record = forms.ChoiceField(choices=[], label=gettext_lazy("Proof of the Party side"))
    production_record = forms.ChoiceField(choices=[], label=gettext_lazy("Proof of the production side"))
    matter = forms.ChoiceField(choices=[], label=gettext_lazy("The matter that it left, with an owner"))

    def __init__(self, *args: Any, records: dict[str, list[tuple[str, str]]], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in records.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"


class LinkForm(_ActorForm):
    """The three fields of a link."""

    party_objective = forms.ChoiceField(choices=[], label=gettext_lazy("Party objective"))
    production_objective = forms.ChoiceField(choices=[], label=gettext_lazy("Production objective"))
    carrier = forms.ChoiceField(choices=[], label=gettext_lazy("Carrier"))
    indicator = forms.ChoiceField(choices=_indicators, label=gettext_lazy("Indicator"))
    target = NumberField(label=gettext_lazy("Target"))
    process = forms.ChoiceField(
        choices=[("", "—"), *((p, PROCESS_WORDS[p]) for p in PROCESSES)], required=False, label=gettext_lazy("Process")
    )
    why = forms.CharField(max_length=300, required=False, label=gettext_lazy("Why"))

    def __init__(self, *args: Any, actor: Any, plan: Plan, **options: Any) -> None:
        super().__init__(*args, actor=actor, **options)
        rows = list(plan.objectives.filter(dropped_on__isnull=True).order_by("code"))
        carriers = Carrier.objects.filter(unit=plan.unit).order_by("-starts_on", "pk") | Carrier.objects.filter(party=plan.party)
        choices = {
            "party_objective": [(str(o.pk), o.title) for o in rows if o.side == PlanSide.PARTY],
            "production_objective": [(str(o.pk), o.title) for o in rows if o.side == PlanSide.PRODUCTION],
            "carrier": [("", "—"), *((str(c.pk), str(c)) for c in carriers.distinct())],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found

    def new(self, suggested_by: str = "") -> NewLink:
        d = self.cleaned_data
        return NewLink(
            Objective.objects.select_related("plan__unit", "plan__party").get(pk=d["party_objective"]),
            Objective.objects.select_related("plan__unit", "plan__party").get(pk=d["production_objective"]),
            Carrier.objects.filter(pk=d["carrier"] or 0).first(), _indicator(d["indicator"]), d["target"], d["process"], d["why"], suggested_by,
        )  # fmt: skip


class AcceptForm(_ActorForm):
    """What the business side accepts."""

    result = NumberField(required=False, label=gettext_lazy("Figure reached (empty: only claimed)"))
    text = forms.CharField(max_length=500, label=gettext_lazy("The result in a sentence"))
    saving_yuan = NumberField(required=False, label=gettext_lazy("Verified saving, yuan"))
    badge = forms.ChoiceField(choices=Badge.choices, initial=Badge.BEFORE_AFTER, label=gettext_lazy("How it was told"))

    def new(self) -> Acceptance:
        d = self.cleaned_data
        saving = round(d["saving_yuan"] * FEN) if d["saving_yuan"] is not None else None
        return Acceptance(d["result"], d["text"], saving, d["badge"])


class ResultForm(_ActorForm):
    """A result for the register."""

    unit = AnyNodeField(label=gettext_lazy("Unit"))
    title = forms.CharField(max_length=200, label=gettext_lazy("Result"))
    on = DayField(label=gettext_lazy("Reached on"))
    party = AnyNodeField(required=False, label=gettext_lazy("Party organisation that had a part"))
    party_role = forms.CharField(max_length=300, required=False, label=gettext_lazy("What that part was"))
    carrier = forms.CharField(max_length=24, required=False, label=gettext_lazy("Carrier (code)"))
    value_yuan = NumberField(required=False, label=gettext_lazy("Value, yuan"))

    def clean_carrier(self) -> Carrier | None:
        code = self.cleaned_data["carrier"].strip()
        found = Carrier.objects.filter(code=code).first() if code else None
        if code and found is None:
            raise forms.ValidationError(_("There is no carrier %(code)s") % {"code": code})
        return found

    def new(self) -> NewResult:
        d = self.cleaned_data
        value = round(d["value_yuan"] * FEN) if d["value_yuan"] is not None else None
        return NewResult(d["unit"], d["title"], d["on"], d["party_role"], d["party"], d["carrier"], None, value)
