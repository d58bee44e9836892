"""Acts on meetings: prepared, called, held, recorded, agreed, signed. Every act locks the meeting's row and asks its state first."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.models import Origin, Side
from rongtong.ledger.states import ENDED
from rongtong.meetings import agenda, attending, checking, consequences, counting, minutes, numbering, policies, proving
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import (
    AgendaItem,
    Attendance,
    Meeting,
    MeetingKind,
    MeetingState,
    Minutes,
    Mode,
    Presence,
    Resolution,
    Series,
    Signature,
    Topic,
)
from rongtong.organization.models import Person, Post
from rongtong.trees.models import Node

CHAIR, RECORDER = "chair", "recorder"
RECTIFICATION_TEXT = "整改事项"  # what a resolution of a meeting says whose words are not held
LOCKED = ("kind", "node", "partner", "chair", "recorder", "lecturer")


@act("meetings.install_kinds")
def install_kinds(*, by: Actor) -> int:
    """Add the shipped kinds of meetings that are not there yet."""
    access.require_everywhere(by, Permission.MEETING_RUN)
    data = tomllib.loads(files("rongtong.meetings").joinpath("data/kinds.toml").read_text(encoding="utf-8"))
    have = set(MeetingKind.objects.values_list("code", flat=True))
    rows = [MeetingKind(position=at, **row) for at, row in enumerate(data["kind"]) if row["code"] not in have]
    MeetingKind.objects.bulk_create(rows)
    current().about(Reference("meeting_kind", "shipped"), added=len(rows))
    return len(rows)


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """A meeting to prepare. Without an end it takes as long as its kind usually does; without items the agenda is proposed."""

    kind: MeetingKind
    node: Node
    starts_at: datetime
    ends_at: datetime | None = None
    title: str = ""
    place: str = ""
    mode: str = Mode.ON_SITE
    partner: Node | None = None
    series: Series | None = None
    items: Sequence[NewItem] = ()
    chair: Person | None = None
    recorder: Person | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    occurrence: str = ""

    @property
    def until(self) -> datetime:
        return self.ends_at or self.starts_at + timedelta(minutes=self.kind.minutes_wanted or 60)

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(clock.BUSINESS_ZONE).date()


@act("meetings.prepare")
def prepare(*, by: Actor, new: NewMeeting) -> Meeting:
    """Put a meeting into preparation: number, agenda, and who should attend."""
    policies.require_run(by, new.node)
    checking.new_meeting(new.kind, new.node, new.partner, new.starts_at, new.until)
    checking.people(new.chair, new.recorder)
    day, partner = new.day, new.partner or attending.partner_of(new.kind, new.node, new.day)
    code = numbering.next_code(day.year)
    number = numbering.next_number(new.node, new.kind, day.year)
    made = Meeting.objects.create(
        code=code, kind=new.kind, node=new.node, partner=partner, series=new.series, year=day.year, number=number,
        title=checking.title(new.title) or f"{new.node.name}{day.year}年第{number}次{new.kind.name}"[:200], starts_at=new.starts_at,
        ends_at=new.until, place=new.place.strip()[:120], mode=checking.mode(new.mode), recorder=new.recorder,
        chair=new.chair or attending.chair_of(new.node, day), values=checking.values(new.kind, new.values),
        occurrence=new.occurrence or None, created_by=str(by.uid), created_label=by.label,
    )  # fmt: skip
    _put_items(made, list(new.items) or agenda.proposed(by, new.kind, new.node, partner, day))
    attending.follow_roster(made, day)
    _count(made)
    current().about(_about(made), code=code, kind=new.kind.code, node=new.node.code)
    return made


def _about(meeting: Meeting) -> Reference:
    return Reference("meeting", str(meeting.pk))


def _begin(by: Actor, meeting: Meeting, code: str) -> Meeting:
    """Lock the meeting; check that this may be written now by this actor."""
    found = Meeting.objects.select_for_update(of=("self",)).select_related(*LOCKED).get(pk=meeting.pk)
    policies.require_write(by, found, code)
    current().about(_about(found), write=code)
    return found


def _put_items(meeting: Meeting, items: Sequence[NewItem], start: int = 1) -> list[AgendaItem]:
    if meeting.kind.is_restricted and items:
        raise Refused(_("Words of this kind of meeting are not held"), remedy=_("leave the agenda empty"), code="restricted")
    rows = [
        AgendaItem(
            meeting=meeting, position=at, title=checking.item(item.title, item.side, item.topic), side=item.side, topic=item.topic,
            record_kind=item.record.kind if item.record else "", record_id=item.record.id if item.record else "", speaker=item.speaker[:80],
        )
        for at, item in enumerate(items, start)
    ]  # fmt: skip
    return AgendaItem.objects.bulk_create(rows)


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be changed before a meeting is held; None leaves it."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    title: str | None = None
    place: str | None = None
    mode: str | None = None
    partner: Node | None = None
    chair: Person | None = None
    recorder: Person | None = None


@act("meetings.change")
def change(*, by: Actor, meeting: Meeting, plan: Plan) -> Meeting:
    """Another time, place, chair. Whoever was told before is told again."""
    found = _begin(by, meeting, "change")
    starts_at, ends_at = plan.starts_at or found.starts_at, plan.ends_at or found.ends_at
    if plan.starts_at is not None and plan.ends_at is None:
        ends_at = starts_at + (found.ends_at - found.starts_at)
    checking.new_meeting(found.kind, found.node, plan.partner or found.partner, starts_at, ends_at)
    checking.people(plan.chair or found.chair, plan.recorder or found.recorder)
    is_moved = (starts_at, ends_at) != (found.starts_at, found.ends_at) or plan.place not in {None, found.place}
    values = {"starts_at": starts_at, "ends_at": ends_at, "title": checking.title(plan.title or "") or found.title}
    values |= {"place": found.place if plan.place is None else plan.place.strip()[:120], "mode": checking.mode(plan.mode or found.mode)}
    values |= {name: getattr(plan, name) or getattr(found, name) for name in ("partner", "chair", "recorder")}
    _save(found, **values)
    attending.follow_roster(found, _day(found))
    _count(found)
    if is_moved and found.state == MeetingState.NOTICED:
        _call(found, _("Changed: %(title)s, %(when)s, %(place)s"))
    return found


def _save(meeting: Meeting, **values: Any) -> Meeting:
    """Set and save exactly these fields."""
    for name, value in values.items():
        setattr(meeting, name, value)
    meeting.save(update_fields=list(values))
    return meeting


def _day(meeting: Meeting) -> date:
    return meeting.held_on or meeting.starts_at.astimezone(clock.BUSINESS_ZONE).date()


@act("meetings.set_agenda")
def set_agenda(*, by: Actor, meeting: Meeting, items: Sequence[NewItem] = ()) -> Meeting:
    """Replace the agenda; without items it is proposed anew."""
    found = _begin(by, meeting, "agenda")
    rows = list(items) or agenda.proposed(by, found.kind, found.node, found.partner, _day(found))
    found.items.all().delete()
    _put_items(found, rows)
    return found


@act("meetings.add_item")
def add_item(*, by: Actor, meeting: Meeting, item: NewItem) -> AgendaItem:
    """One more item at the end; also while the meeting is on."""
    found = _begin(by, meeting, "add_item")
    last = found.items.order_by("-position").values_list("position", flat=True).first() or 0
    made = _put_items(found, [item], last + 1)[0]
    _judge(found)
    return made


@act("meetings.notice")
def notice(*, by: Actor, meeting: Meeting) -> Meeting:
    """Tell everyone who should attend, with the agenda. Who is elsewhere at that time is warned of by the page, by name."""
    found = _begin(by, meeting, "notice")
    if found.ends_at < clock.now():
        raise Refused(
            _("The meeting's time has passed"), field="starts_at", remedy=_("change the time, or record it as held"), code="passed"
        )
    attending.follow_roster(found, _day(found))
    _count(found)
    _save(found, state=MeetingState.NOTICED)
    _call(found, _("You are called to: %(title)s, %(when)s, %(place)s"))
    return found


def _call(meeting: Meeting, text: str, why: str = "") -> None:
    """A note to the accounts of those who should attend, the chair and the recorder."""
    when = meeting.starts_at.astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
    said = text % {"title": meeting.title, "when": when, "place": meeting.place or _("place to be told"), "why": why}
    rows = meeting.attendance.exclude(presence=Presence.EXCLUDED).select_related("person__account")
    people = [row.person for row in rows] + [person for person in (meeting.chair, meeting.recorder) if person is not None]
    _tell(meeting, people, "meeting", said)


def _tell(meeting: Meeting, people: Sequence[Person], kind: str, text: str) -> None:
    told = {str(current().by.uid)}
    params = {"url": reverse("meetings:meeting", args=[meeting.pk])}
    for person in people:
        account = person.account
        if account is not None and str(account.uid) not in told:
            told.add(str(account.uid))
            current().tell(Message(str(account.uid), kind, text, _about(meeting), params))


@act("meetings.cancel")
def cancel(*, by: Actor, meeting: Meeting, reason: str) -> Meeting:
    """It will not take place; it stays readable with the reason."""
    found = _begin(by, meeting, "cancel")
    why = checking.reason(reason)
    was_told = found.state == MeetingState.NOTICED
    _save(found, state=MeetingState.CANCELLED, cancelled_reason=why)
    if was_told:
        _call(found, _("Cancelled: %(title)s, %(when)s, %(place)s. %(why)s"), why)
    return found


@dataclass(frozen=True, slots=True)
class Facts:
    """How it really was; None leaves what stands. `values` are the kind's own fields, `excellent` of `appraised` a tally."""

    held_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str | None = None
    chair: Person | None = None
    recorder: Person | None = None
    lecturer: Person | None = None
    holder: str | None = None
    paper_file: str | None = None
    excellent: int | None = None
    appraised: int | None = None
    values: Mapping[str, Any] | None = None


@act("meetings.hold")
def hold(*, by: Actor, meeting: Meeting, held_on: date, facts: Facts = Facts()) -> Meeting:
    """It took place: on which day and how. From now on attendance, minutes and resolutions are written."""
    found = _begin(by, meeting, "hold")
    _move(found, held_on)
    _put_facts(found, facts)
    consequences.of(found)
    return found


def _move(meeting: Meeting, held_on: date) -> None:
    """Put it on the day on which it was held; one that slipped over the turn of the year is numbered anew."""
    checking.held(meeting.node, held_on)
    shift = timedelta(days=(held_on - _day(meeting)).days)
    if held_on.year != meeting.year:
        numbering.lock(held_on.year)
        _save(meeting, year=held_on.year, number=numbering.next_number(meeting.node, meeting.kind, held_on.year))
    _save(meeting, state=MeetingState.HELD, held_on=held_on, starts_at=meeting.starts_at + shift, ends_at=meeting.ends_at + shift)
    attending.follow_roster(meeting, held_on)


@act("meetings.set_facts")
def set_facts(*, by: Actor, meeting: Meeting, facts: Facts) -> Meeting:
    """Correct how it was, before it is signed."""
    found = _begin(by, meeting, "facts")
    before = found.held_on
    if facts.held_on is not None and facts.held_on != before:
        _move(found, facts.held_on)
    _put_facts(found, facts)
    consequences.of(found, before=before)
    return found


def _put_facts(meeting: Meeting, facts: Facts) -> None:
    given: dict[str, Any] = {
        name: value
        for name in ("starts_at", "ends_at", "chair", "recorder", "lecturer", "excellent", "appraised")
        if (value := getattr(facts, name)) is not None
    }
    texts = {"place": 120, "holder": 80, "paper_file": 80}
    given |= {name: value.strip()[:most] for name, most in texts.items() if (value := getattr(facts, name)) is not None}
    if facts.values is not None:
        kept = {code: value for code, value in meeting.values.items() if code not in facts.values}
        given["values"] = kept | checking.values(meeting.kind, facts.values)
    checking.times(given.get("starts_at", meeting.starts_at), given.get("ends_at", meeting.ends_at), meeting.held_on)
    checking.people(given.get("chair", meeting.chair), given.get("recorder", meeting.recorder))
    checking.tally(given.get("excellent", meeting.excellent), given.get("appraised", meeting.appraised))
    given["chair_part"] = attending.part_of(given.get("chair", meeting.chair), meeting.node, _day(meeting))
    is_moved = (given.get("starts_at", meeting.starts_at), given.get("ends_at", meeting.ends_at)) != (meeting.starts_at, meeting.ends_at)
    _save(meeting, **given)
    if is_moved:
        came = meeting.attendance.filter(presence=Presence.PRESENT).select_related("person")
        checking.elsewhere(meeting, [row.person for row in came])
    _count(meeting)
    _judge(meeting)


@dataclass(frozen=True, slots=True)
class Present:
    """One person's attendance; empty `presence` takes it back."""

    person: Person
    presence: str
    reason: str = ""


@act("meetings.record_attendance")
def record_attendance(*, by: Actor, meeting: Meeting, rows: Sequence[Present]) -> Meeting:
    """Who came, who is on leave or absent and why, who sits in. Nobody beyond the circle counts as present."""
    found = _begin(by, meeting, "attendance")
    have = {row.person_id: row for row in found.attendance.select_related("person")}
    checking.attendance(rows, have)
    checking.elsewhere(found, [row.person for row in rows if row.presence == Presence.PRESENT])
    gone = [row.person.pk for row in rows if not row.presence and have[row.person.pk].presence == Presence.SIT_IN]
    for row in rows:
        if row.person.pk not in gone:
            known = have.get(row.person.pk) or Attendance(meeting=found, person=row.person)
            known.presence, known.reason = row.presence, row.reason.strip()[:120]
            known.save()
    Attendance.objects.filter(meeting=found, person__in=gone).delete()  # nobody has to sit in: the line goes
    _count(found)
    _void_stale(found)
    if found.held_on is not None:
        consequences.of(found)
    return found


def _count(meeting: Meeting) -> None:
    """Set the counts that rules and figures read."""
    found = attending.counts(meeting.attendance.all())
    _save(
        meeting, should=found.should, present=found.present, on_leave=found.on_leave, voters=found.voters, voters_present=found.voters_present,
        is_valid=attending.is_valid(meeting, found, _day(meeting)),
    )  # fmt: skip


def _judge(meeting: Meeting) -> None:
    """Whether both sides met in it, and whether the secretary led it in person; then signatures over another text are void."""
    owned = [r.item.side if r.item else r.side for r in meeting.resolutions.filter(matter__isnull=False).select_related("item")]
    topics = list(meeting.items.values_list("topic", flat=True))
    both, personal = counting.has_both_sides(meeting.kind.side, owned), counting.is_personal(meeting.chair_part, topics)
    _save(meeting, has_both_sides=both, is_personal=personal)
    _void_stale(meeting)


def _void_stale(meeting: Meeting) -> None:
    """Take away signatures over another text than the present one, and tell whoever made them to look again."""
    rows = list(Signature.objects.filter(meeting=meeting))
    if not rows:
        return
    digest = minutes.digest_of(minutes.stored(meeting))
    stale = [row for row in rows if row.digest != digest]
    Signature.objects.filter(pk__in=[row.pk for row in stale]).delete()
    signers = {CHAIR: meeting.chair, RECORDER: meeting.recorder}
    people = [person for row in stale if (person := signers[row.part]) is not None]
    _tell(meeting, people, "sign", _("The text changed, please sign again: %(title)s") % {"title": meeting.title})


@dataclass(frozen=True, slots=True)
class Words:
    """What is written on an item: points, differing opinions word by word, who spoke. `was` is the digest of what the writer had before."""

    points: str | None = None
    differing: str | None = None
    speaker: str | None = None
    was: str | None = None


@act("meetings.write_minutes")
def write_minutes(*, by: Actor, meeting: Meeting, item: AgendaItem, words: Words) -> AgendaItem:
    """Write on one item; who writes over words that somebody else changed meanwhile is refused."""
    found = _begin(by, meeting, "minutes")
    row = AgendaItem.objects.select_for_update(of=("self",)).filter(pk=item.pk, meeting=found).first()
    if row is None:
        raise Unseen
    if words.was is not None and words.was != checking.mark(row):
        raise Conflict(
            _("Somebody else wrote on this item meanwhile"), remedy=_("load the page again; your text is still here"), code="changed"
        )
    for name in ("points", "differing", "speaker"):
        value = getattr(words, name)
        if value is not None:
            setattr(row, name, checking.words(value, name))
    row.save(update_fields=["points", "differing", "speaker"])
    _void_stale(found)
    current().about(_about(found), item=row.position)
    return row


@dataclass(frozen=True, slots=True)
class NewResolution:
    """What was agreed. With leader, handler and due date it is a matter at once; without, it waits for an owner before it can be signed."""

    text: str
    side: str = ""
    item: AgendaItem | None = None
    needs_follow_up: bool = True
    leader: Post | None = None
    handler: Post | None = None
    reviewer: Post | None = None
    due_on: date | None = None
    lead: Node | None = None
    partner: Node | None = None
    is_deployed: bool | None = None
    standard: str = ""

    @property
    def is_owned(self) -> bool:
        return bool(self.leader and self.handler and self.due_on)


@act("meetings.resolve")
def resolve(*, by: Actor, meeting: Meeting, new: NewResolution) -> Resolution:
    """Record a resolution; its follow-up becomes a matter of the ledger with this resolution as origin."""
    found = _begin(by, meeting, "resolve")
    if new.item is not None and new.item.meeting_id != found.pk:
        raise Unseen
    checking.resolution(found, new.text, new.needs_follow_up, new.is_owned, (new.leader, new.handler, new.due_on))
    side = checking.side(new.side or (new.item.side if new.item else found.kind.side))
    made = Resolution.objects.create(
        meeting=found, item=new.item, text=RECTIFICATION_TEXT if found.kind.is_restricted else new.text.strip(), side=side,
        needs_follow_up=new.needs_follow_up, is_deployed=new.needs_follow_up and _deploys(found, side, new),
    )  # fmt: skip
    if new.is_owned and new.needs_follow_up:
        _own(by, found, made, new)
    _judge(found)
    current().about(_about(found), resolution=made.pk)
    return made


def _deploys(meeting: Meeting, side: str, new: NewResolution) -> bool:
    """Whether it deploys work of the other side: as said, else by side and by where the work is led."""
    if new.is_deployed is not None:
        return new.is_deployed
    other = Side.PARTY if meeting.node.is_business else Side.PRODUCTION
    return side == other or (side == Side.BOTH and new.lead is not None and new.lead.tree != meeting.node.tree)


@act("meetings.own")
def own(*, by: Actor, resolution: Resolution, new: NewResolution) -> Resolution:
    """Name leader, handler and due date of a resolution that has no owner yet."""
    found = _begin(by, resolution.meeting, "resolve")
    row = Resolution.objects.select_for_update(of=("self",)).select_related("item").get(pk=resolution.pk)
    if row.matter_id is not None:
        raise Conflict(_("The resolution has an owner already"), remedy=_("hand the matter over in the ledger"), code="state")
    if not new.is_owned:
        raise Refused(_("The resolution has no owner"), field="handler", remedy=_("name leader, handler and due date"), code="nobody")
    _own(by, found, row, replace(new, text=row.text if not found.kind.is_restricted else new.text, item=row.item))
    _judge(found)
    return row


def _own(by: Actor, meeting: Meeting, row: Resolution, new: NewResolution) -> None:
    """Make the matter: led where it was said, else at the host; a meeting whose words are not held leaves a restricted rectification."""
    assert new.due_on is not None
    lead = new.lead or meeting.node
    partner = new.partner or (meeting.partner if row.side == Side.BOTH and meeting.partner and meeting.partner.tree != lead.tree else None)
    is_restricted = meeting.kind.is_restricted
    origin = Origin.RECTIFICATION if is_restricted or (row.item and row.item.topic == Topic.RECTIFICATION) else Origin.RESOLUTION
    row.matter = ledger.deploy(
        by=by,
        new=NewMatter(
            new.text.strip()[:200], row.side, lead, new.due_on, Parts(new.leader, new.handler, new.reviewer), partner,
            detail="" if is_restricted or len(new.text) <= ledger.MAX_TITLE else new.text, standard=new.standard, origin=origin,
            record=Reference("resolution", str(row.pk)), is_restricted=is_restricted,
        ),
    )  # fmt: skip
    row.needs_follow_up = True
    row.save(update_fields=["matter", "needs_follow_up"])


@act("meetings.reword")
def reword(*, by: Actor, resolution: Resolution, text: str) -> Resolution:
    """Correct the words of a resolution before it is signed; its matter keeps its title."""
    found = _begin(by, resolution.meeting, "resolve")
    if found.kind.is_restricted:
        raise Refused(_("Words of this kind of meeting are not held"), remedy=_("change the matter in the ledger"), code="restricted")
    checking.resolution_text(text)
    resolution.text = text.strip()
    resolution.save(update_fields=["text"])
    _void_stale(found)
    return resolution


@act("meetings.no_follow_up")
def no_follow_up(*, by: Actor, resolution: Resolution) -> Resolution:
    """Say explicitly that a resolution needs none."""
    found = _begin(by, resolution.meeting, "resolve")
    row = Resolution.objects.select_for_update(of=("self",)).get(pk=resolution.pk)
    if row.matter_id is not None:
        raise Conflict(_("The resolution is a matter already"), remedy=_("void the matter in the ledger first"), code="state")
    row.needs_follow_up, row.is_deployed = False, False
    row.save(update_fields=["needs_follow_up", "is_deployed"])
    _void_stale(found)
    return row


@act("meetings.drop_resolution")
def drop_resolution(*, by: Actor, resolution: Resolution, reason: str) -> None:
    """Take back what was recorded by mistake, before it is signed; its matter becomes void with the reason."""
    found = _begin(by, resolution.meeting, "resolve")
    why = checking.reason(reason)
    row = Resolution.objects.select_for_update(of=("self",)).select_related("matter").get(pk=resolution.pk)
    if row.matter is not None and row.matter.state not in ENDED:
        ledger.void(by=by, matter=row.matter, note=why)
    row.delete()
    _judge(found)
    current().about(_about(found), dropped=row.text[:80], why=why)


@act("meetings.sign")
def sign(*, by: Actor, meeting: Meeting, part: str) -> Meeting:
    """Sign as chair or recorder. The second signature over the same text makes the version; one over another text is void."""
    if part not in {CHAIR, RECORDER}:
        raise Refused(_("“%(part)s” is not a signature") % {"part": part}, field="part", remedy="chair, recorder", code="part")
    found = _begin(by, meeting, f"sign_{part}")
    checking.ready_to_sign(found)
    _judge(found)
    content = minutes.stored(found)
    digest = minutes.digest_of(content)
    other = Signature.objects.filter(meeting=found, digest=digest).exclude(part=part).first()
    if other is None:
        values = {"digest": digest, "by_uid": str(by.uid), "by_label": by.label, "at": clock.now()}
        Signature.objects.update_or_create(meeting=found, part=part, defaults=values)
        _tell(
            found,
            [p for p in (found.chair, found.recorder) if p],
            "sign",
            _("Waits for your signature: %(title)s") % {"title": found.title},
        )
        return found
    if other.by_uid == str(by.uid):
        raise NotAllowed("same_account")
    return _finish(by, found, part, other, content.as_json(), digest)


def _finish(by: Actor, meeting: Meeting, part: str, other: Signature, content: dict[str, Any], digest: str) -> Meeting:
    """The version, the state, and what the meeting proves; with the removal of the halves in one transaction."""
    labels = {
        f"{part}_label": by.label,
        f"{part}_uid": str(by.uid),
        f"{other.part}_label": other.by_label,
        f"{other.part}_uid": other.by_uid,
    }
    number = meeting.version + 1
    Minutes.objects.create(
        meeting=meeting, number=number, reason=meeting.amending, content=content, digest=digest, signed_at=clock.now(), **labels
    )
    Signature.objects.filter(meeting=meeting).delete()
    _save(meeting, state=MeetingState.SIGNED, version=number, amending="")
    proved = proving.prove(meeting)
    consequences.of(meeting)
    current().about(_about(meeting), version=number, digest=digest, proved=proved)
    return meeting


@act("meetings.amend")
def amend(*, by: Actor, meeting: Meeting, reason: str) -> Meeting:
    """Open signed minutes for a change, with the reason; what was signed stays in force until both have signed again."""
    found = _begin(by, meeting, "amend")
    why = checking.reason(reason)
    return _save(found, state=MeetingState.HELD, amending=why)


@act("meetings.keep")
def keep(*, by: Actor, meeting: Meeting) -> Meeting:
    """Give a change up: only while nothing differs from what was signed."""
    found = _begin(by, meeting, "keep")
    last = found.versions.order_by("-number").first()
    if last is None or not found.amending:
        raise Conflict(_("No change is under way"), remedy=_("look at it again"), code="state")
    if minutes.digest_of(minutes.stored(found)) != last.digest:
        raise Conflict(_("The text differs from what was signed"), remedy=_("write it back, or have both sign the change"), code="changed")
    Signature.objects.filter(meeting=found).delete()
    return _save(found, state=MeetingState.SIGNED, amending="")
