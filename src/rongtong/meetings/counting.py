"""What is counted of a meeting when it is recorded or signed. One definition for what people keep here and for what is brought in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from rongtong.ledger.models import Side
from rongtong.meetings.models import Topic
from rongtong.organization.models import PostKind

LED = frozenset({Topic.PARTY_BUILDING, Topic.STRICT_GOVERNANCE})  # items that the secretary is to chair in person
_OTHER = {Side.PARTY: frozenset({Side.PRODUCTION, Side.BOTH}), Side.PRODUCTION: frozenset({Side.PARTY, Side.BOTH})}
_EITHER = frozenset({Side.PARTY, Side.PRODUCTION})


class About(Protocol):
    """An item, as far as counting looks at it."""

    @property
    def side(self) -> str: ...
    @property
    def topic(self) -> str: ...


def has_both_sides(kind_side: str, owned: Iterable[str]) -> bool:
    """Whether an item of the other side left a resolution with an owner; `owned` are the sides of the items that left one.

    >>> has_both_sides("production", ["production"]), has_both_sides("production", ["production", "party"])
    (False, True)
    """
    sides = set(owned)
    if kind_side == Side.BOTH:
        return Side.BOTH in sides or sides >= _EITHER
    return not sides.isdisjoint(_OTHER[Side(kind_side)])


def is_personal(chair_part: str, topics: Iterable[str]) -> bool:
    """Whether the secretary, not a deputy, chaired an item on Party building.

    >>> is_personal("secretary", ["study"]), is_personal("deputy", ["party_building"])
    (False, False)
    """
    return chair_part == PostKind.SECRETARY and any(topic in LED for topic in topics)


def hours(starts_at: datetime, ends_at: datetime) -> float:
    """How long a meeting took, in hours.

    >>> hours(datetime(2026, 3, 2, 14), datetime(2026, 3, 2, 15, 30))
    1.5
    """
    return (ends_at - starts_at).total_seconds() / 3600
