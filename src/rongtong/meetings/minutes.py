"""The text that two people sign: what a version of the minutes holds, its digest, and what a later version says differently."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from rongtong.kernel import clock
from rongtong.meetings.models import AgendaItem, Attendance, Meeting, Resolution, Vote


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the minutes."""

    code: str
    kind: str
    node: str
    partner: str
    title: str
    number: int
    year: int
    held_on: str
    starts_at: str
    ends_at: str
    place: str
    mode: str
    chair: str
    recorder: str
    lecturer: str
    should: int | None
    present: int | None
    on_leave: int | None
    voters: int | None
    voters_present: int | None
    is_valid: bool | None
    holder: str
    paper_file: str
    excellent: int | None
    appraised: int | None
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    position: int
    title: str
    side: str
    topic: str
    speaker: str
    points: str
    differing: str
    record: str


@dataclass(frozen=True, slots=True)
class Came:
    """One person's attendance."""

    code: str
    name: str
    presence: str
    votes: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A resolution with who leads and handles it, and until when it was agreed."""

    item: int | None
    text: str
    side: str
    needs_follow_up: bool
    is_deployed: bool
    matter: str
    leader: str
    handler: str
    due_on: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote by the tellers' counts."""

    kind: str
    item: int | None
    should: int | None
    present: int | None
    written: int
    issued: int | None
    returned: int | None
    valid: int | None
    votes_for: int | None
    against: int | None
    abstained: int | None
    holder: str
    paper_file: str
    is_valid: bool | None
    is_passed: bool | None
    voided: str
    candidates: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Content:
    """The one reader and writer of `Minutes.content`."""

    head: Head
    items: tuple[Item, ...] = ()
    attendance: tuple[Came, ...] = ()
    resolutions: tuple[Agreed, ...] = ()
    votes: tuple[Ballot, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"head": _plain(self.head)} | {part: [_plain(row) for row in getattr(self, part)] for part in PARTS}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Content":
        return cls(
            _read(Head, data["head"]), tuple(_read(Item, row) for row in data["items"]), tuple(_read(Came, row) for row in data["attendance"]),
            tuple(_read(Agreed, row) for row in data["resolutions"]), tuple(_read(Ballot, row) for row in data["votes"]),
        )  # fmt: skip


PARTS = ("items", "attendance", "resolutions", "votes")


def _plain(row: Any) -> dict[str, Any]:
    """A row's fields by name, as JSON has them."""
    return {name: getattr(row, name) for name in row.__slots__}


def _read(form: Any, row: Mapping[str, Any]) -> Any:
    return form(**{field.name: row[field.name] for field in fields(form)})


def digest_of(content: Content) -> str:
    """SHA-256 over the sorted text; what both sign."""
    return hashlib.sha256(json.dumps(content.as_json(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def content_of(
    meeting: Meeting,
    items: Iterable[AgendaItem],
    attendance: Iterable[Attendance],
    resolutions: Iterable[Resolution],
    votes: Iterable[Vote] = (),
) -> Content:
    """What these records say. Attendance comes with its person, resolutions with their matter and its posts, votes with candidates."""
    listed = list(items)
    places = {item.pk: item.position for item in listed}
    return Content(
        _head(meeting), tuple(_item(row) for row in listed),
        tuple(Came(row.person.code, row.person.name, row.presence, row.votes, row.reason) for row in attendance),
        tuple(_agreed(row, places) for row in resolutions), tuple(_ballot(row, places) for row in votes),
    )  # fmt: skip


def stored(meeting: Meeting) -> Content:
    """What the records of a meeting say now; six questions."""
    return content_of(
        meeting, meeting.items.order_by("position"), meeting.attendance.select_related("person").order_by("person__code"),
        meeting.resolutions.select_related("matter__leader_post", "matter__handler_post").order_by("pk"),
        meeting.votes.prefetch_related("candidates").order_by("pk"),
    )  # fmt: skip


def _head(m: Meeting) -> Head:
    people: dict[str, Any] = {
        name: person.name if person else "" for name, person in (("chair", m.chair), ("recorder", m.recorder), ("lecturer", m.lecturer))
    }
    times: dict[str, Any] = {
        name: at.astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
        for name, at in (("starts_at", m.starts_at), ("ends_at", m.ends_at))
    }
    same = ("code", "title", "number", "year", "place", "mode", "should", "present", "on_leave", "voters", "voters_present", "is_valid",
            "holder", "paper_file", "excellent", "appraised")  # fmt: skip
    return Head(
        kind=m.kind.code, node=m.node.name, partner=m.partner.name if m.partner else "", held_on=str(m.held_on or ""), values=dict(m.values),
        **people, **times, **{name: getattr(m, name) for name in same},
    )  # fmt: skip


def _item(row: AgendaItem) -> Item:
    record = str(row.record) if row.record else ""
    return Item(row.position, row.title, row.side, row.topic, row.speaker, row.points, row.differing, record)


def _agreed(row: Resolution, places: Mapping[int, int]) -> Agreed:
    matter = row.matter
    leader, handler = (post.name if post else "" for post in ((matter.leader_post, matter.handler_post) if matter else (None, None)))
    return Agreed(
        places.get(row.item_id or 0), row.text, row.side, row.needs_follow_up, row.is_deployed, matter.code if matter else "", leader, handler,
        str(matter.first_due_on) if matter else "",
    )  # fmt: skip


def _ballot(row: Vote, places: Mapping[int, int]) -> Ballot:
    counts = {field.name: getattr(row, field.name) for field in fields(Ballot) if field.name not in {"item", "voided", "candidates"}}
    named = [[c.office, c.name, c.is_written_in, c.votes_for, c.against, c.abstained, c.is_elected] for c in row.candidates.all()]
    return Ballot(item=places.get(row.item_id or 0), voided=row.voided_reason, candidates=named, **counts)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a later version says differently; `part` is head, item, attendance, resolution or vote."""

    part: str
    what: str
    name: str  # of the field
    before: str
    after: str


def changes(old: Content, new: Content) -> list[Change]:
    """What differs between two versions, in the order of the minutes."""
    pairs: list[tuple[str, str, Any, Any]] = [("head", "", old.head, new.head)]
    for part, key in (("items", "position"), ("attendance", "code")):
        pairs += _paired(part, key, getattr(old, part), getattr(new, part))
    for part in ("resolutions", "votes"):
        before, after = getattr(old, part), getattr(new, part)
        count = max(len(before), len(after))
        pairs += [(part, str(at + 1), _nth(before, at), _nth(after, at)) for at in range(count)]
    return [change for part, what, one, other in pairs for change in _between(part, what, one, other)]


def _nth(rows: Any, at: int) -> Any:
    return rows[at] if at < len(rows) else None


def _paired(part: str, key: str, old: Iterable[Any], new: Iterable[Any]) -> list[tuple[str, str, Any, Any]]:
    before, after = ({getattr(row, key): row for row in rows} for rows in (old, new))
    return [(part, _name(before.get(at) or after[at]), before.get(at), after.get(at)) for at in dict.fromkeys([*before, *after])]


def _name(row: Any) -> str:
    return str(getattr(row, "title", "") or getattr(row, "name", ""))


def _between(part: str, what: str, one: Any, other: Any) -> Iterable[Change]:
    form = one if one is not None else other
    for field in fields(form):
        before, after = (_shown(getattr(row, field.name)) if row is not None else "" for row in (one, other))
        if before != after:
            yield Change(part, what, field.name, before, after)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, (dict, list)) else str(value)
