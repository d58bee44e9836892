"""Meetings in the calendar of the ledger and in the private calendar address."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from rongtong.ledger.calendars import Appointed, register_source
from rongtong.meetings import queries
from rongtong.meetings.models import MeetingState

MOST = 500


def entries(actor: Any, first: date, last: date, shows_all: bool) -> Iterator[Appointed]:
    """One's own meetings, or all those one sees; cancelled ones are left out."""
    rows = queries.meetings(actor) if shows_all else queries.mine(actor)
    rows = rows.filter(starts_at__gte=queries.midnight(first), starts_at__lt=queries.midnight(last + timedelta(days=1)))
    for m in rows.exclude(state=MeetingState.CANCELLED).select_related(None).order_by("starts_at", "pk")[:MOST]:
        url = reverse("meetings:meeting", args=[m.pk])
        yield Appointed(f"meeting-{m.pk}", m.title, url, m.starts_at, m.ends_at, m.place, m.created_at)


def register() -> None:
    """Called from AppConfig.ready."""
    register_source(entries)
