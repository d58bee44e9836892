"""What cannot be a meeting, an attendance, a resolution: each refusal says what, where and what to do. Writes nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from rongtong.exchange import parsing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.ledger.models import Side
from rongtong.meetings.models import HELD_STATES, AgendaItem, Attendance, Meeting, MeetingKind, Mode, Presence, Topic
from rongtong.organization.models import BusinessUnit, PartyOrganisation, Person
from rongtong.trees.models import Node

MAX_TITLE, MAX_WORDS, MAX_REASON = 200, 20_000, 300


class Row(Protocol):
    """A line of an attendance list."""

    @property
    def person(self) -> Person: ...
    @property
    def presence(self) -> str: ...
    @property
    def reason(self) -> str: ...


def kind_at(node: Node) -> str:
    """What kind of organisation or unit a node is."""
    model = BusinessUnit if node.is_business else PartyOrganisation
    return str(model._default_manager.filter(pk=node.pk).values_list("kind", flat=True).first() or "")


def new_meeting(kind: MeetingKind, node: Node, partner: Node | None, starts_at: datetime, ends_at: datetime) -> None:
    """Host, partner and times fit together."""
    day = starts_at.astimezone(clock.BUSINESS_ZONE).date()
    for field, at in (("node", node), ("partner", partner)):
        if at is not None and at.closed_on is not None and at.closed_on <= day:
            raise Refused(_("%(name)s is closed") % {"name": at.name}, field=field, remedy=_("choose its successor"), code="closed")
    if kind_at(node) not in kind.hosts:
        what = _("%(name)s does not hold meetings of the kind %(kind)s") % {"name": node.name, "kind": str(kind)}
        raise Refused(what, field="kind", remedy=_("choose another kind, or another host"), code="not_host")
    if partner is not None and partner.tree == node.tree:
        raise Refused(_("Both stand in the same tree"), field="partner", remedy=_("name a unit and a Party organisation"), code="same_tree")
    times(starts_at, ends_at, None)


def times(starts_at: datetime, ends_at: datetime, held_on: date | None) -> None:
    if ends_at <= starts_at:
        raise Refused(_("The end does not lie after the start"), field="ends_at", remedy=_("choose a later time"), code="ends_before_start")
    if held_on is not None and starts_at.astimezone(clock.BUSINESS_ZONE).date() != held_on:
        what = _("The start does not lie on %(day)s, on which it was held") % {"day": held_on}
        raise Refused(what, field="starts_at", remedy=_("correct the day or the time"), code="other_day")


def title(text: str) -> str:
    if len(text.strip()) > MAX_TITLE:
        raise Refused(_("The title is longer than 200 characters"), field="title", remedy=_("shorten it"), code="long")
    return text.strip()


def mode(value: str) -> str:
    if value not in Mode.values:
        raise Refused(_("“%(mode)s” is not a mode") % {"mode": value}, field="mode", remedy=", ".join(Mode.values))
    return value


def side(value: str) -> str:
    if value not in Side.values:
        raise Refused(_("“%(side)s” is not a side") % {"side": value}, field="side", remedy=", ".join(Side.values))
    return value


def item(text: str, on_side: str, topic: str) -> str:
    """The title of an item; its side and topic are known words."""
    side(on_side)
    if topic not in Topic.values:
        raise Refused(_("“%(topic)s” is not a topic") % {"topic": topic}, field="topic", remedy=", ".join(Topic.values))
    if not text.strip() or len(text.strip()) > MAX_TITLE:
        raise Refused(_("An item has no title, or one longer than 200 characters"), field="title", remedy=_("say it in a sentence"))
    return text.strip()


def people(chair: Person | None, recorder: Person | None) -> None:
    if chair is not None and chair == recorder:
        what = _("%(person)s would chair and record") % {"person": chair.name}
        raise Refused(what, field="recorder", remedy=_("name another recorder; both sign"), code="same_person")


def reason(text: str) -> str:
    if not text.strip() or len(text.strip()) > MAX_REASON:
        raise Refused(
            _("There is no reason, or one longer than 300 characters"), field="reason", remedy=_("say in a sentence why"), code="reason"
        )
    return text.strip()


def held(node: Node, on: date) -> None:
    if on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": on}, field="held_on", remedy=_("record it after the meeting"), code="ahead")
    if on < node.opened_on or (node.closed_on is not None and node.closed_on <= on):
        what = _("%(name)s did not exist on %(day)s") % {"name": node.name, "day": on}
        raise Refused(what, field="held_on", remedy=_("correct the day, or choose the successor"), code="closed")


def tally(excellent: int | None, appraised: int | None) -> None:
    if excellent is not None and (appraised is None or not 0 <= excellent <= appraised):
        what = _("%(part)s excellent of %(all)s appraised cannot be") % {
            "part": excellent,
            "all": appraised if appraised is not None else "—",
        }
        raise Refused(what, field="excellent", remedy=_("look at the tally again"), code="tally")


def values(kind: MeetingKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The kind's own fields as they are stored; empty ones are left out, unknown ones refused."""
    forms = {code: form for code, _zh, _en, form in kind.fields}
    unknown = sorted(set(given) - set(forms))
    if unknown:
        what = _("“%(field)s” is not a field of %(kind)s") % {"field": unknown[0], "kind": str(kind)}
        raise Refused(what, field="values", remedy=", ".join(forms) or _("leave it out"), code="unknown_field")
    return {code: _value(code, forms[code], value) for code, value in given.items() if value not in {None, ""}}


def _value(code: str, form: str, value: Any) -> Any:
    if form == "number":
        found = parsing.whole(value)
        if found is None or found < 0:
            raise Refused(_("“%(value)s” is not a count") % {"value": value}, field=code, remedy=_("write a whole number"), code="count")
        return found
    return str(parsing.day(value)) if form == "date" else str(value).strip()[:MAX_TITLE]


def attendance(rows: Sequence[Row], have: Mapping[int, Attendance]) -> None:
    """Only who should attend counts as present; others sit in. Leave and absence have a reason; leaving out was approved before."""
    seen: set[int] = set()
    for row in rows:
        name = {"person": row.person.name}
        if row.person.pk in seen:
            raise Refused(
                _("%(person)s stands twice in the list") % name, field=f"p{row.person.pk}", remedy=_("leave one line"), code="twice"
            )
        seen.add(row.person.pk)
        _presence(row, have.get(row.person.pk), name)


def _presence(row: Row, known: Attendance | None, name: dict[str, str]) -> None:
    field = f"p{row.person.pk}"
    if row.presence not in {"", *Presence.values}:
        raise Refused(_("“%(presence)s” is not an attendance") % {"presence": row.presence}, field=field, remedy=", ".join(Presence.values))
    is_expected = known is not None and known.presence != Presence.SIT_IN
    if not is_expected and row.presence not in {Presence.SIT_IN, ""}:
        what = _("%(person)s is not among those who should attend") % name
        raise Refused(what, field=field, remedy=_("record the person as sitting in, or correct the roster"), code="not_expected")
    if known is None and not row.presence:
        raise Refused(_("%(person)s is not in the list") % name, field=field, remedy=_("leave the line out"), code="not_expected")
    if is_expected and row.presence == Presence.SIT_IN:
        raise Refused(_("%(person)s should attend and cannot sit in") % name, field=field, remedy=_("record: present"), code="expected")
    if row.presence == Presence.EXCLUDED and (known is None or not known.excluded_for):
        what = _("Nobody approved leaving %(person)s out") % name
        raise Refused(what, field=field, remedy=_("record the approval in the roster first"), code="not_excluded")
    if row.presence in {Presence.LEAVE, Presence.ABSENT} and not row.reason.strip():
        what = _("There is no reason why %(person)s did not come") % name
        raise Refused(what, field=field, remedy=_("write it in a few words"), code="reason")


def elsewhere(meeting: Meeting, persons: Sequence[Person]) -> None:
    """Nobody is present in two meetings at once."""
    rows = Attendance.objects.filter(
        person__in=persons, presence=Presence.PRESENT, meeting__state__in=HELD_STATES, meeting__starts_at__lt=meeting.ends_at,
        meeting__ends_at__gt=meeting.starts_at,
    )  # fmt: skip
    found = rows.exclude(meeting=meeting).select_related("person", "meeting").order_by("pk").first()
    if found is not None:
        times = {"from": _time(found.meeting.starts_at), "to": _time(found.meeting.ends_at)}
        what = _("%(person)s is recorded as present in another meeting from %(from)s to %(to)s") % {"person": found.person.name, **times}
        raise Refused(what, field=f"p{found.person_id}", remedy=_("correct the times or one of the two attendances"), code="elsewhere")


def _time(at: datetime) -> str:
    return at.astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def words(text: str, name: str) -> str:
    most = 80 if name == "speaker" else MAX_WORDS
    if len(text) > most:
        what = _("The text is longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=name, remedy=_("attach the rest as a file to a matter"), code="long")
    return text.replace("\r\n", "\n").strip()


def mark(row: AgendaItem) -> str:
    """A short digest of what an item says, by which a writer is told that somebody else wrote meanwhile."""
    return hashlib.sha256("\0".join((row.points, row.differing, row.speaker)).encode()).hexdigest()[:16]


def resolution(meeting: Meeting, text: str, needs_follow_up: bool, is_owned: bool, parts: tuple[Any, Any, Any]) -> None:
    resolution_text(text)
    if meeting.kind.is_restricted and not (needs_follow_up and is_owned):
        what = _("A meeting of this kind leaves rectification matters only")
        raise Refused(what, field="handler", remedy=_("name leader, handler and due date"), code="restricted")
    if any(parts) and not all(parts) and needs_follow_up:
        raise Refused(
            _("The resolution is half assigned"),
            field="handler",
            remedy=_("name leader, handler and due date, or none of them"),
            code="nobody",
        )


def resolution_text(text: str) -> None:
    if not text.strip() or len(text.strip()) > 500:
        raise Refused(_("The resolution is empty or longer than 500 characters"), field="text", remedy=_("say it in a sentence"))


def ready_to_sign(meeting: Meeting) -> None:
    """Both signers are named, everyone is recorded, every resolution has an owner or needs none, restricted paper has its place."""
    if meeting.chair is None or meeting.recorder is None:
        raise Refused(_("Chair or recorder is not named"), field="recorder", remedy=_("name both; they sign"), code="signers")
    people(meeting.chair, meeting.recorder)
    rows = list(meeting.attendance.select_related("person"))
    missing = [row.person.name for row in rows if not row.presence]
    if missing or (not rows and meeting.present is None):  # of records taken over only the counts may be known
        shown = "、".join(missing[:5]) + ("…" if len(missing) > 5 else "")
        what = _("Attendance is not recorded: %(names)s") % {"names": shown or "—"}
        raise Refused(what, field="attendance", remedy=_("record who came"), code="attendance")
    loose = meeting.resolutions.filter(needs_follow_up=True, matter__isnull=True).order_by("pk").first()
    if loose is not None:
        what = _("The resolution “%(text)s” has no owner") % {"text": loose.text[:60]}
        raise Refused(what, field="resolution", remedy=_("name leader and handler, or say that it needs no follow-up"), code="nobody")
    if meeting.kind.is_restricted and not (meeting.holder and meeting.paper_file):
        what = _("It is not said who holds the paper and under which number")
        raise Refused(what, field="paper_file", remedy=_("write holder and file number"), code="paper")
