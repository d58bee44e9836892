"""Many past meetings in one act: what records brought from elsewhere, or the sample enterprise, say happened."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Max

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger import generating
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Matter
from rongtong.meetings import consequences, counting, minutes
from rongtong.meetings.models import AgendaItem, Attendance, Meeting, MeetingKind, MeetingState, Minutes, Resolution, Topic
from rongtong.organization.models import Person
from rongtong.trees.models import Counter, Node

BATCH = 1000


@dataclass(frozen=True, slots=True)
class PastItem:
    """An agenda item and what was said on it."""

    title: str
    side: str
    topic: str = Topic.OTHER
    points: str = ""
    record: Reference | None = None
    differing: str = ""


@dataclass(frozen=True, slots=True)
class PastResolution:
    """What was agreed on the item at a position; `matter` is the follow-up with what became of it."""

    item: int
    text: str
    side: str
    matter: Made | None = None
    is_deployed: bool = False


@dataclass(frozen=True, slots=True)
class PastPresence:
    """One person's attendance."""

    person: Person
    presence: str
    votes: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """One meeting that was held. `fields` are further columns of Meeting (place, counts, values, paper file)."""

    kind: MeetingKind
    node: Node
    title: str
    held_on: date
    starts: time
    minutes: int
    chair: Person | None = None
    chair_part: str = ""
    recorder: Person | None = None
    state: str = MeetingState.HELD
    items: tuple[PastItem, ...] = ()
    resolutions: tuple[PastResolution, ...] = ()
    attendance: tuple[PastPresence, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)


@act("meetings.record_past")
def record_past(*, by: Actor, rows: Sequence[PastMeeting], source: str = "") -> list[Meeting]:
    """Write meetings with their items, attendance, resolutions and follow-up matters. One transaction: all or none."""
    access.require_everywhere(by, Permission.MEETING_RUN)
    made = _meetings(by, rows, source)
    Meeting.objects.bulk_create(made, batch_size=BATCH)
    items = _items(rows, made)
    AgendaItem.objects.bulk_create(items.values(), batch_size=BATCH)
    attendance = list(_attendance(rows, made))
    Attendance.objects.bulk_create(attendance, batch_size=BATCH)
    resolutions = _resolutions(by, rows, made, items)
    _versions([meeting for meeting in made if meeting.state == MeetingState.SIGNED], list(items.values()), attendance, resolutions)
    consequences.of_many(row.held_on for row in rows)
    current().about(Reference("meeting", "recorded"), recorded=len(made), source=source)
    return made


def _meetings(by: Actor, rows: Sequence[PastMeeting], source: str) -> list[Meeting]:
    codes, numbers = _codes(row.held_on.year for row in rows), _numbers(rows)
    made = []
    for row in rows:
        starts_at = datetime.combine(row.held_on, row.starts, tzinfo=clock.BUSINESS_ZONE)
        key = (row.node.pk, row.kind.pk, row.held_on.year)
        numbers[key] += 1
        owned = [row.items[one.item].side for one in row.resolutions if one.matter is not None]
        made.append(
            Meeting(
                code=codes[row.held_on.year].pop(), kind=row.kind, node=row.node, year=row.held_on.year, number=numbers[key],
                title=row.title[:200], state=row.state, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=row.minutes),
                held_on=row.held_on, chair=row.chair, chair_part=row.chair_part, recorder=row.recorder,
                version=1 if row.state == MeetingState.SIGNED else 0, source=source[:80], created_by=str(by.uid), created_label=by.label,
                has_both_sides=counting.has_both_sides(row.kind.side, owned),
                is_personal=counting.is_personal(row.chair_part, (item.topic for item in row.items)),
            )
        )  # fmt: skip
        for name, value in row.fields.items():
            setattr(made[-1], name, value)
    return made


def _codes(years: Iterable[int]) -> dict[int, list[str]]:
    """As many new codes of each year as are needed, the first one last."""
    found = {}
    for year, count in sorted(Tally(years).items()):
        counter, _made = Counter.objects.select_for_update().get_or_create(name=f"meeting-{year}")
        found[year] = [f"M{year}-{counter.value + number:06d}" for number in range(count, 0, -1)]
        counter.value += count
        counter.save(update_fields=["value"])
    return found


def _numbers(rows: Sequence[PastMeeting]) -> Tally[tuple[int, int, int]]:
    """The last number of each kind at each node in each year."""
    years = {row.held_on.year for row in rows}
    last = Meeting.objects.filter(year__in=years).order_by().values("node_id", "kind_id", "year").annotate(last=Max("number"))
    return Tally({(row["node_id"], row["kind_id"], row["year"]): row["last"] for row in last})


def _items(rows: Sequence[PastMeeting], made: Sequence[Meeting]) -> dict[tuple[int, int], AgendaItem]:
    """(index of the meeting, index of the item) to the item."""
    return {
        (at, place): AgendaItem(
            meeting=meeting, position=place + 1, title=item.title[:200], side=item.side, topic=item.topic, points=item.points,
            record_kind=item.record.kind if item.record else "", record_id=item.record.id if item.record else "", differing=item.differing,
        )
        for at, (row, meeting) in enumerate(zip(rows, made, strict=True))
        for place, item in enumerate(row.items)
    }  # fmt: skip


def _attendance(rows: Sequence[PastMeeting], made: Sequence[Meeting]) -> Iterable[Attendance]:
    for row, meeting in zip(rows, made, strict=True):
        for one in row.attendance:
            yield Attendance(meeting=meeting, person=one.person, presence=one.presence, votes=one.votes, reason=one.reason)


def _resolutions(
    by: Actor, rows: Sequence[PastMeeting], made: Sequence[Meeting], items: dict[tuple[int, int], AgendaItem]
) -> list[Resolution]:
    """Resolutions first, then their matters, which name them as origin."""
    pairs = [
        (
            one.matter,
            Resolution(
                meeting=meeting, item=items[at, one.item], text=one.text[:500], side=one.side, is_deployed=one.is_deployed,
                needs_follow_up=one.matter is not None,
            ),
        )
        for at, (row, meeting) in enumerate(zip(rows, made, strict=True))
        for one in row.resolutions
    ]  # fmt: skip
    found = Resolution.objects.bulk_create([resolution for _matter, resolution in pairs], batch_size=BATCH)
    owned = [(matter, resolution) for matter, resolution in pairs if matter is not None]
    if owned:
        generating.generate(by=by, rows=[_named(matter, resolution) for matter, resolution in owned])
        known = Matter.objects.filter(occurrence__startswith="resolution:").select_related("leader_post", "handler_post")
        matters = {matter.occurrence: matter for matter in known}
        for _matter, resolution in owned:
            resolution.matter = matters[f"resolution:{resolution.pk}"]
        Resolution.objects.bulk_update([resolution for _matter, resolution in owned], ["matter"], batch_size=500)
    return found


def _named(row: Made, resolution: Resolution) -> Made:
    """The matter with its resolution as origin."""
    new = replace(row.new, record=Reference("resolution", str(resolution.pk)), occurrence=f"resolution:{resolution.pk}")
    return replace(row, new=new)


@act("meetings.sign_past")
def sign_past(*, by: Actor, meetings: Sequence[Meeting]) -> None:
    """Both signatures of meetings held long ago, over what their records say now; only for what is brought in or shown as a sample."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    found = list(Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings], state=MeetingState.HELD, version=0))
    for meeting in found:
        meeting.state, meeting.version = MeetingState.SIGNED, 1
    Meeting.objects.bulk_update(found, ["state", "version"])
    Minutes.objects.bulk_create([_version(meeting, minutes.stored(meeting), _uids()) for meeting in found])
    current().about(Reference("meeting", "recorded"), signed=len(found))


def _uids() -> dict[int, Any]:
    return dict(Person.objects.filter(account__isnull=False).values_list("pk", "account__uid"))


def _version(meeting: Meeting, content: minutes.Content, uids: dict[int, Any]) -> Minutes:
    chair, recorder = meeting.chair, meeting.recorder
    if chair is None or recorder is None:
        raise ValueError(f"{meeting.title} has no two signatures")
    return Minutes(
        meeting=meeting, number=1, content=content.as_json(), digest=minutes.digest_of(content), chair_label=chair.name,
        chair_uid=str(uids.get(chair.pk, f"person:{chair.code}")), recorder_label=recorder.name,
        recorder_uid=str(uids.get(recorder.pk, f"person:{recorder.code}")), signed_at=meeting.ends_at + timedelta(hours=20),
    )  # fmt: skip


def _versions(
    signed: Sequence[Meeting], items: Sequence[AgendaItem], attendance: Sequence[Attendance], resolutions: Sequence[Resolution]
) -> None:
    """The first version of what was signed, by chair and recorder; a meeting without both was not signed."""
    of: dict[int, tuple[list[Any], list[Any], list[Any]]] = defaultdict(lambda: ([], [], []))
    kinds: tuple[Sequence[Any], ...] = (items, attendance, resolutions)
    for at, records in enumerate(kinds):
        for record in records:
            of[record.meeting_id][at].append(record)
    uids = _uids()
    made = [_version(meeting, minutes.content_of(meeting, *of[meeting.pk]), uids) for meeting in signed]
    Minutes.objects.bulk_create(made, batch_size=BATCH)
