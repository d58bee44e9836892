"""Forms of the ledger: plain fields that give domain values."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.access.queries import nodes_of
from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.ledger.actions import Ask, NewMatter, Parts
from rongtong.ledger.models import Origin, Side
from rongtong.organization import queries as organization
from rongtong.organization.fields import DayField
from rongtong.organization.models import Post
from rongtong.trees.models import Node


class _Picked(forms.CharField):
    """Something picked by its code with type-ahead; the text is “code name”."""

    def __init__(self, where: str, **options: Any) -> None:
        attrs = {"data-suggest": reverse_lazy(where), "autocomplete": "off", "class": "form-control"}
        super().__init__(max_length=300, widget=forms.TextInput(attrs=attrs), **options)
        self.actor: Any = None

    def code(self, value: Any) -> str:
        text = super().clean(value)
        return parsing.folded(text).split(" ")[0] if text else ""


class AnyNodeField(_Picked):
    """A unit or a Party organisation that the actor sees."""

    def __init__(self, **options: Any) -> None:
        super().__init__("web:nodes", **options)

    def clean(self, value: Any) -> Node | None:
        code = self.code(value)
        if not code:
            return None
        found = nodes_of(self.actor).filter(code__iexact=code, closed_on__isnull=True).order_by("tree", "pk").first()
        if found is None:
            raise forms.ValidationError(
                _("There is no unit or Party organisation %(code)s in your area; choose one of the list") % {"code": code}
            )
        return found


class AskedNodeField(AnyNodeField):
    """Any open unit or Party organisation: a request may go outside one's own area, by the exact code."""

    def clean(self, value: Any) -> Node | None:
        code = self.code(value)
        if not code:
            return None
        found = Node.objects.filter(code__iexact=code, closed_on__isnull=True).order_by("tree", "pk").first()
        if found is None:
            raise forms.ValidationError(_("There is no open unit or Party organisation with the code %(code)s") % {"code": code})
        return found


class PostField(_Picked):
    """An open post that the actor sees."""

    def __init__(self, **options: Any) -> None:
        super().__init__("ledger:posts", **options)

    def clean(self, value: Any) -> Post | None:
        code = self.code(value)
        if not code:
            return None
        found = organization.open_posts(self.actor, clock.today()).filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no open post %(code)s in your area; choose one of the list") % {"code": code})
        return found


class _ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            if isinstance(field, _Picked):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")


def _posts(data: dict[str, Any]) -> Parts:
    return Parts(data.get("leader"), data.get("handler"), data.get("reviewer"))


class MatterForm(_ActorForm):
    """A new matter; with leader and handler it is assigned at once, else it stays a draft."""

    title = forms.CharField(max_length=200, label=gettext_lazy("What is to be done"))
    side = forms.ChoiceField(choices=Side.choices, label=pgettext_lazy("plan", "Side"))
    lead = AnyNodeField(label=gettext_lazy("Lead unit"))
    partner = AnyNodeField(required=False, label=gettext_lazy("Unit or Party organisation of the other side"))
    supports = forms.CharField(max_length=300, required=False, label=gettext_lazy("Supporting units (codes)"))
    leader = PostField(required=False, label=gettext_lazy("Leader"))
    handler = PostField(required=False, label=gettext_lazy("Handler"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    due_on = DayField(label=gettext_lazy("Due on"))
    standard = forms.CharField(max_length=300, required=False, label=gettext_lazy("What it is done by (standard)"))
    detail = forms.CharField(max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("Description"))
    origin = forms.ChoiceField(
        choices=[(o.value, o.label) for o in (Origin.FREE, Origin.RECTIFICATION, Origin.INSTRUCTION, Origin.RESOLUTION, Origin.OBSTACLE)],
        label=gettext_lazy("Comes from"),
    )
    is_restricted = forms.BooleanField(required=False, label=gettext_lazy("Only those who take part see it"))

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, actor=actor, **options)
        self.actor = actor
        self.fields["is_restricted"].widget.attrs["class"] = "form-check-input"

    def clean_supports(self) -> list[Node]:
        codes = [code for code in parsing.folded(self.cleaned_data["supports"]).replace("、", " ").replace(",", " ").split() if code]
        nodes = list(Node.objects.filter(code__in=codes, closed_on__isnull=True).order_by("tree", "pk"))
        unknown = sorted(set(codes) - {node.code for node in nodes})
        if unknown:
            raise forms.ValidationError(_("There is no open unit with the code %(codes)s") % {"codes": ", ".join(unknown)})
        return nodes

    def new(self) -> NewMatter:
        d = self.cleaned_data
        return NewMatter(
            d["title"], d["side"], d["lead"], d["due_on"], _posts(d), d["partner"], detail=d["detail"], standard=d["standard"],
            origin=d["origin"], supports=d["supports"], is_restricted=d["is_restricted"],
        )  # fmt: skip


class AskForm(_ActorForm):
    """A request between departments."""

    title = forms.CharField(max_length=200, label=gettext_lazy("What is asked for"))
    from_node = AnyNodeField(label=gettext_lazy("Who asks"))
    to_node = AskedNodeField(label=gettext_lazy("Who is asked"))
    due_on = DayField(label=gettext_lazy("Needed by"))
    detail = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("Why, and what would help")
    )

    def new(self, **more: Any) -> Ask:
        d = self.cleaned_data
        return Ask(d["title"], d["from_node"], d["to_node"], d["due_on"], d["detail"], **more)


class StepForm(_ActorForm):
    """Every field that some step asks for; a step shows those of NEEDS."""

    note = forms.CharField(max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}), label=gettext_lazy("In a sentence"))
    progress = forms.IntegerField(required=False, min_value=0, max_value=100, label=gettext_lazy("Progress in percent"))
    due_on = DayField(required=False, label=gettext_lazy("Due on"))
    outcome = forms.CharField(max_length=500, required=False, label=gettext_lazy("Business-side result, where there is one"))
    leader = PostField(required=False, label=gettext_lazy("Leader"))
    handler = PostField(required=False, label=gettext_lazy("Handler"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))

    def parts(self) -> Parts:
        return _posts(self.cleaned_data)


NEEDS: dict[str, tuple[str, ...]] = {
    "assign": ("leader", "handler", "reviewer"), "hand_over": ("leader", "handler", "reviewer", "note"), "report": ("progress", "note"),
    "submit": ("note",), "return": ("note",), "close": ("outcome", "note"), "ask_extension": ("due_on", "note"), "extend": (),
    "refuse_extension": ("note",), "urge": ("note",), "suspend": ("note",), "resume": (), "look_back": ("note",),
    "reopen": ("due_on", "note"), "void": ("note",), "remark": ("note",), "acknowledge": (),
}  # fmt: skip
