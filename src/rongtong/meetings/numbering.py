"""Codes and numbers of meetings. The counter of the year is locked until the act ends, so that two at once never get one number."""

from django.db.models import Max

from rongtong.meetings.models import Meeting, MeetingKind
from rongtong.trees.models import Counter, Node


def lock(year: int) -> Counter:
    """The year's counter, locked until the act ends."""
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"meeting-{year}")
    return counter


def next_code(year: int) -> str:
    """The next code of the year."""
    counter = lock(year)
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"M{year}-{counter.value:06d}"


def next_number(node: Node, kind: MeetingKind, year: int) -> int:
    """The next number of a kind at a node in a year; asked for after the year's counter is locked."""
    last: int | None = Meeting.objects.filter(node=node, kind=kind, year=year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
