"""Forms of meetings: plain fields that give domain values."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rongtong.kernel import clock
from rongtong.kernel.language import in_language
from rongtong.ledger.forms import AnyNodeField, PostField
from rongtong.ledger.models import Side
from rongtong.meetings.actions import Facts, NewMeeting, NewResolution, Plan
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import AgendaItem, Meeting, MeetingKind, Mode, Topic
from rongtong.meetings.series import NewSeries
from rongtong.organization.fields import CountField, DayField, PersonField
from rongtong.organization.models import Person


class TimeField(forms.CharField):
    """A time of day as people write it: 9:00, 09:00, 9：00; empty gives None where it may be empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=8, widget=forms.TextInput(attrs={"placeholder": "HH:MM", "autocomplete": "off"}), **options)

    def clean(self, value: Any) -> time | None:
        text = super().clean(value).strip().replace("：", ":").replace(".", ":")
        if not text:
            return None
        hour, _sep, minute = text.partition(":")
        try:
            return time(int(hour), int(minute or 0))
        except ValueError as wrong:
            raise forms.ValidationError(_("“%(text)s” is not a time; write it like 14:30") % {"text": value}) from wrong


class OnePersonField(PersonField):
    """A person by code with type-ahead, or nobody."""

    def clean(self, value: Any) -> Person | None:
        return super().clean(value) if str(value or "").strip() else None


class _ActorForm(forms.Form):
    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        for name, field in self.fields.items():
            if isinstance(field, (AnyNodeField, PostField, OnePersonField)):
                field.actor = actor
                field.widget.attrs["list"] = f"list-{name}"
            if isinstance(field, forms.BooleanField):
                field.widget.attrs.setdefault("class", "form-check-input")
            field.widget.attrs.setdefault("class", "form-select" if isinstance(field, forms.ChoiceField) else "form-control")


def instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.BUSINESS_ZONE)


def _kinds() -> list[tuple[str, str]]:
    return [(kind.code, str(kind)) for kind in MeetingKind.objects.all()]


class MeetingForm(_ActorForm):
    """A meeting to prepare: kind, host and time first; chair and recorder once the host is known."""

    kind = forms.ChoiceField(choices=_kinds, label=gettext_lazy("Kind of meeting"))
    node = AnyNodeField(label=gettext_lazy("Held by (Party organisation or unit)"))
    partner = AnyNodeField(required=False, label=gettext_lazy("Together with (of the other side)"))
    day = DayField(label=pgettext_lazy("meeting", "Day"))
    from_time = TimeField(label=gettext_lazy("From"))
    to_time = TimeField(required=False, label=gettext_lazy("Until (empty: as long as usual)"))
    place = forms.CharField(max_length=120, required=False, label=gettext_lazy("Place"))
    mode = forms.ChoiceField(choices=Mode.choices, label=gettext_lazy("How"))
    title = forms.CharField(max_length=200, required=False, label=gettext_lazy("Title (empty: kind and number of the year)"))
    chair = OnePersonField(required=False, label=gettext_lazy("Chair (empty: secretary or head)"))
    recorder = OnePersonField(required=False, label=gettext_lazy("Recorder"))

    def clean_kind(self) -> MeetingKind:
        return MeetingKind.objects.get(code=self.cleaned_data["kind"])

    def new(self, items: tuple[NewItem, ...] = ()) -> NewMeeting:
        d = self.cleaned_data
        return NewMeeting(
            d["kind"], d["node"], instant(d["day"], d["from_time"]), instant(d["day"], d["to_time"]) if d["to_time"] else None, d["title"],
            d["place"], d["mode"], d["partner"], items=items, chair=d["chair"], recorder=d["recorder"],
        )  # fmt: skip


class PlanForm(_ActorForm):
    """What may be changed before it is held."""

    day = DayField(label=pgettext_lazy("meeting", "Day"))
    from_time = TimeField(label=gettext_lazy("From"))
    to_time = TimeField(label=gettext_lazy("Until"))
    title = forms.CharField(max_length=200, label=gettext_lazy("Title"))
    place = forms.CharField(max_length=120, required=False, label=gettext_lazy("Place"))
    mode = forms.ChoiceField(choices=Mode.choices, label=gettext_lazy("How"))
    chair = OnePersonField(required=False, label=gettext_lazy("Chair"))
    recorder = OnePersonField(required=False, label=gettext_lazy("Recorder"))

    @staticmethod
    def of(meeting: Meeting) -> dict[str, Any]:
        """What stands now."""
        start, end = (at.astimezone(clock.BUSINESS_ZONE) for at in (meeting.starts_at, meeting.ends_at))
        return {
            "day": start.date().isoformat(), "from_time": f"{start:%H:%M}", "to_time": f"{end:%H:%M}", "title": meeting.title,
            "place": meeting.place, "mode": meeting.mode, "chair": named(meeting.chair), "recorder": named(meeting.recorder),
        }  # fmt: skip

    def plan(self) -> Plan:
        d = self.cleaned_data
        return Plan(
            instant(d["day"], d["from_time"]), instant(d["day"], d["to_time"]), d["title"], d["place"], d["mode"], chair=d["chair"],
            recorder=d["recorder"],
        )  # fmt: skip


def named(person: Person | None) -> str:
    return f"{person.code} {person.name}" if person else ""


class FactsForm(_ActorForm):
    """How it really was, with the kind's own fields; for kinds whose words are not held, where the paper lies."""

    held_on = DayField(label=gettext_lazy("Held on"))
    from_time = TimeField(label=gettext_lazy("From"))
    to_time = TimeField(label=gettext_lazy("Until"))
    place = forms.CharField(max_length=120, required=False, label=gettext_lazy("Place"))
    chair = OnePersonField(required=False, label=gettext_lazy("Chair"))
    recorder = OnePersonField(required=False, label=gettext_lazy("Recorder"))
    lecturer = OnePersonField(required=False, label=gettext_lazy("Lecturer"))
    holder = forms.CharField(max_length=80, required=False, label=gettext_lazy("Who holds the paper"))
    paper_file = forms.CharField(max_length=80, required=False, label=gettext_lazy("Number of the paper file"))
    excellent = CountField(label=gettext_lazy("Rated excellent"))
    appraised = CountField(label=gettext_lazy("Members appraised"))

    def __init__(self, *args: Any, meeting: Meeting, **options: Any) -> None:
        self.meeting = meeting
        super().__init__(*args, **options)
        kind = meeting.kind
        gone = {"lecturer"} if kind.code != "lecture" else set()
        gone |= set() if kind.is_restricted else {"holder", "paper_file"}
        gone |= {"excellent", "appraised"} if kind.code != "democratic_appraisal" else set()
        for name in gone:
            del self.fields[name]
        for code, chinese, english, form in kind.fields:
            options = {"required": False, "label": in_language(chinese, english)}
            field = CountField(label=options["label"]) if form == "number" else forms.CharField(max_length=200, **options)
            field.widget.attrs["class"] = "form-control"
            self.fields[f"v_{code}"] = field

    @staticmethod
    def of(meeting: Meeting) -> dict[str, Any]:
        same = {name: getattr(meeting, name) for name in ("holder", "paper_file", "excellent", "appraised")}
        planned = PlanForm.of(meeting)
        values = {f"v_{code}": value for code, value in meeting.values.items()}
        return planned | same | values | {"held_on": planned["day"], "lecturer": named(meeting.lecturer)}

    def facts(self) -> Facts:
        d = self.cleaned_data
        day = self.day()
        same = {name: d.get(name) for name in ("place", "chair", "recorder", "lecturer", "holder", "paper_file", "excellent", "appraised")}
        values = {name[2:]: value for name, value in d.items() if name.startswith("v_")}
        return Facts(held_on=day, starts_at=instant(day, d["from_time"]), ends_at=instant(day, d["to_time"]), values=values, **same)

    def day(self) -> date:
        """The day on which it was held."""
        found: date = self.cleaned_data["held_on"]
        return found


class ItemForm(_ActorForm):
    """One more item."""

    title = forms.CharField(max_length=200, label=pgettext_lazy("meeting", "Item"))
    side = forms.ChoiceField(choices=Side.choices, label=pgettext_lazy("plan", "Side"))
    topic = forms.ChoiceField(choices=Topic.choices, label=gettext_lazy("Topic"))

    def item(self) -> NewItem:
        d = self.cleaned_data
        return NewItem(d["title"], d["side"], d["topic"])


class ResolutionForm(_ActorForm):
    """What was agreed; with an owner it is a matter, or it says that it needs no follow-up."""

    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("What was agreed"))
    item = forms.ChoiceField(required=False, label=gettext_lazy("On which item"))
    side = forms.ChoiceField(choices=[("", "—"), *Side.choices], required=False, label=gettext_lazy("Side (empty: that of the item)"))
    needs_follow_up = forms.ChoiceField(
        choices=[("yes", gettext_lazy("needs follow-up by an owner")), ("no", gettext_lazy("needs no follow-up"))],
        label=gettext_lazy("Follow-up"),
    )
    leader = PostField(required=False, label=gettext_lazy("Leader"))
    handler = PostField(required=False, label=gettext_lazy("Handler"))
    due_on = DayField(required=False, label=gettext_lazy("Due on"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    lead = AnyNodeField(required=False, label=gettext_lazy("Lead unit (empty: the host)"))

    def __init__(self, *args: Any, meeting: Meeting, **options: Any) -> None:
        super().__init__(*args, **options)
        self.items = {str(item.pk): item for item in meeting.items.order_by("position")}
        self.fields["item"].choices = [("", "—"), *((key, f"{item.position}. {item.title}") for key, item in self.items.items())]  # type: ignore[attr-defined]
        if meeting.kind.is_restricted:
            for name in ("item", "needs_follow_up"):
                del self.fields[name]

    def new(self) -> NewResolution:
        d = self.cleaned_data
        item: AgendaItem | None = self.items.get(d.get("item") or "")
        return NewResolution(
            d["text"],
            d["side"],
            item,
            d.get("needs_follow_up", "yes") == "yes",
            d["leader"],
            d["handler"],
            d["reviewer"],
            d["due_on"],
            d["lead"],
        )


class OwnerForm(_ActorForm):
    """The owner of a resolution."""

    leader = PostField(label=gettext_lazy("Leader"))
    handler = PostField(label=gettext_lazy("Handler"))
    due_on = DayField(label=gettext_lazy("Due on"))
    reviewer = PostField(required=False, label=gettext_lazy("Reviewer (the leader, if empty)"))
    lead = AnyNodeField(required=False, label=gettext_lazy("Lead unit (empty: the host)"))

    def new(self, text: str) -> NewResolution:
        d = self.cleaned_data
        return NewResolution(text, leader=d["leader"], handler=d["handler"], reviewer=d["reviewer"], due_on=d["due_on"], lead=d["lead"])


class SeriesForm(_ActorForm):
    """A meeting that recurs."""

    kind = forms.ChoiceField(choices=_kinds, label=gettext_lazy("Kind of meeting"))
    node = AnyNodeField(label=gettext_lazy("Held by (Party organisation or unit)"))
    title = forms.CharField(max_length=120, required=False, label=gettext_lazy("Title (empty: the kind's name)"))
    day = CountField(label=gettext_lazy("Day of the month (the last day where the month is shorter)"))
    from_time = TimeField(label=gettext_lazy("From"))
    every_months = CountField(label=gettext_lazy("Every so many months"))
    place = forms.CharField(max_length=120, required=False, label=gettext_lazy("Place"))
    starts_on = DayField(label=gettext_lazy("From which day on"))

    def clean_kind(self) -> MeetingKind:
        return MeetingKind.objects.get(code=self.cleaned_data["kind"])

    def new(self) -> NewSeries:
        d = self.cleaned_data
        return NewSeries(
            d["kind"],
            d["node"],
            d["title"],
            d["day"] or 0,
            d["from_time"],
            d["starts_on"],
            place=d["place"],
            every_months=d["every_months"] or 1,
        )
