"""How others show a meeting or a resolution that they only hold a reference to, and what keeps an organisation from being closed."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.kernel.reference import RecordKind, register_kind
from rongtong.meetings import policies
from rongtong.meetings.models import Meeting, MeetingState, Resolution
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.trees.models import Node

OPEN = (MeetingState.PREPARED, MeetingState.NOTICED, MeetingState.HELD)
SHOWN = 5


def _meeting(key: str) -> Meeting | None:
    rows = Meeting.objects.select_related("node", "partner", "chair", "recorder", "kind")
    return rows.filter(pk=key).first() if key.isdigit() else None


def _resolution(key: str) -> Resolution | None:
    rows = Resolution.objects.select_related("meeting__node", "meeting__partner", "meeting__chair", "meeting__recorder")
    return rows.filter(pk=key).first() if key.isdigit() else None


def open_meetings(node: Node, on: date) -> Sequence[Still]:
    """Meetings kept here that are planned, or held and not signed, are cancelled or signed before their organisation ends."""
    rows = Meeting.objects.filter(Q(node=node) | Q(partner=node, state__in=OPEN[:2]), state__in=OPEN, source="").order_by("starts_at", "pk")
    names = list(rows.values_list("title", flat=True))
    return [Still(str(_("open meetings")), tuple(names[:SHOWN]), len(names), str(_("sign or cancel them")))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "meeting", _("Meeting"), _meeting, lambda m: m.title, lambda m: reverse("meetings:meeting", args=[m.pk]), policies.sees
        )
    )  # fmt: skip
    register_kind(
        RecordKind(
            "resolution", _("Resolution"), _resolution, lambda r: r.text,
            lambda r: f"{reverse('meetings:meeting', args=[r.meeting_id])}#r{r.pk}", lambda actor, r: policies.sees(actor, r.meeting),
        )
    )  # fmt: skip
    register_open_things(open_meetings)
