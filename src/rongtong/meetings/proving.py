"""A signed meeting proves the duties that name its kind or an item's topic: their matters of the period close themselves."""

from rongtong.duties import proving
from rongtong.duties.proving import Proof
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.reference import Reference
from rongtong.meetings.models import Meeting


def prove(meeting: Meeting) -> int:
    """How many matters of duties the meeting closed. The kind is proved by whoever lectured, or chaired; an item by whoever chaired."""
    assert meeting.held_on is not None
    record = Reference("meeting", str(meeting.pk))
    did, chaired = meeting.lecturer_id or meeting.chair_id, meeting.chair_id
    topics = frozenset(f"item:{topic}" for topic in meeting.items.values_list("topic", flat=True))
    pairs = ((frozenset({f"meeting:{meeting.kind.code}"}), did), (topics, chaired))
    return sum(
        proving.prove(
            by=SYSTEM,
            proof=Proof(record, marks, (meeting.node_id,), meeting.held_on, frozenset({person} if person else ()), meeting.title[:300]),
        )
        for marks, person in pairs
    )
