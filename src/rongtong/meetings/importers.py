"""Past meetings from official systems and old spreadsheets: what was held, by whom, with how many. Undone batch by batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.exchange import parsing
from rongtong.exchange.importing import Column, Importer, Plan, Row, Rows, register_importer
from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.meetings import consequences, recording
from rongtong.meetings.models import HELD_STATES, Meeting, MeetingKind, Topic
from rongtong.meetings.recording import PastItem, PastMeeting
from rongtong.organization.models import Appointment, Person
from rongtong.trees.models import Node

USUAL_START = time(14, 30)
LONGEST_HOURS = 12
CHUNK = 500
SEPARATORS = str.maketrans({"；": ";", "，": ";", ",": ";", "、": ";"})


def _time(value: Any) -> time | None:
    """A time of day: 14:30, or a spreadsheet's own time or fraction of a day."""
    if isinstance(value, datetime):
        return value.time().replace(second=0, microsecond=0)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, float) and 0 <= value < 1:
        minutes = round(value * 24 * 60) % (24 * 60)
        return time(minutes // 60, minutes % 60)
    text = parsing.folded(value).replace("时", ":").replace("分", "").rstrip(":")
    if not text:
        return None
    hour, colon, minute = text.partition(":")
    minute = minute[:2]
    if not (
        hour.isascii() and hour.isdigit() and int(hour) < 24 and (not colon or (minute.isascii() and minute.isdigit() and int(minute) < 60))
    ):
        raise Refused(_("“%(value)s” is not a time") % {"value": text[:20]}, remedy=_("write it as HH:MM, for example 14:30"), code="time")
    return time(int(hour), int(minute) if colon else 0)


COLUMNS = (
    Column("node_code", ("组织编码", "单位编码", "党组织编码"), True, parsing.code),
    Column("kind", ("会议类型", "类型", "组织生活类型"), True, parsing.text),
    Column("held_on", ("召开日期", "日期"), True, parsing.day),
    Column("from", ("开始时间",), False, _time),
    Column("to", ("结束时间",), False, _time),
    Column("should", ("应到人数", "应到"), False, parsing.whole),
    Column("present", ("实到人数", "实到"), False, parsing.whole),
    Column("on_leave", ("请假人数", "请假"), False, parsing.whole),
    Column("chair_code", ("主持人编码", "主持人工号"), False, parsing.code),
    Column("recorder_code", ("记录人编码", "记录人工号"), False, parsing.code),
    Column("title", ("会议名称", "主题", "名称"), False, parsing.text),
    Column("topics", ("议题类型", "议题"), False, parsing.text),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows are read against, loaded once."""

    kinds: dict[str, MeetingKind]
    nodes: dict[str, list[Node]]
    people: dict[str, Person]
    topics: dict[str, str]
    held: set[tuple[int, int, date, time]]

    @classmethod
    def load(cls) -> "Known":
        kinds = {word: kind for kind in MeetingKind.objects.all() for word in (kind.code, kind.name, kind.name_en.lower())}
        nodes: dict[str, list[Node]] = {}
        for node in Node.objects.select_related("party", "unit").order_by("-tree"):
            nodes.setdefault(node.code, []).append(node)
        people = {person.code: person for person in Person.objects.order_by()}
        topics = {word: topic.value for topic in Topic for word in (topic.value, str(topic.label).lower())} | _TOPICS
        held = {
            (node, kind, on, starts.astimezone(clock.BUSINESS_ZONE).time())
            for node, kind, on, starts in Meeting.objects.filter(state__in=HELD_STATES).values_list("node_id", "kind_id", "held_on", "starts_at")
            if on is not None
        }  # fmt: skip
        return cls(kinds, nodes, people, topics, held)


_TOPICS = {
    "第一议题": "first_agenda", "党建": "party_building", "党建工作": "party_building", "全面从严治党": "strict_governance", "学习": "study",
    "党课": "lecture", "生产经营": "business", "业务": "business", "重大决策": "decision", "人事": "personnel", "选举": "election",
    "发展党员": "admission", "整改": "rectification", "其他": "other",
}  # fmt: skip


def plan(actor: Any, rows: Rows) -> Plan:
    """Sort rows into new and already here; every error with its row and column."""
    found, known = Plan(), Known.load()
    seen: dict[tuple[int, int, date, time], int] = {}
    dropped = 0
    for row in rows:
        errors = found.error_count
        kind, node = _kind(found, row, known), None
        if kind is not None:
            node = _node(found, row, known, kind)
        _check_counts(found, row)
        _check_words(found, row, known, kind)
        if found.error_count > errors or kind is None or node is None:
            continue
        key = (node.pk, kind.pk, row["held_on"], row["from"] or USUAL_START)
        if key in seen:
            found.refuse(row, "held_on", _("The same as row %(row)d") % {"row": seen[key]}, _("keep one of the two rows"))
            continue
        seen[key] = row.number
        if key in known.held:
            found.unchanged += 1
        else:
            title = None if kind.is_restricted else row["title"]
            dropped += kind.is_restricted and row["title"] is not None
            found.creates.append(row.values | {"node": node.pk, "kind": kind.pk, "title": title, "topics": _topics(row, known)})
    if dropped:
        found.notices.append(_("%(count)d titles of meetings whose words are not held are left out") % {"count": dropped})
    return found


def _kind(plan: Plan, row: Row, known: Known) -> MeetingKind | None:
    kind = known.kinds.get(row["kind"]) or known.kinds.get(row["kind"].lower())
    if kind is None:
        words = "、".join(dict.fromkeys(kind.name for kind in known.kinds.values()))
        plan.refuse(
            row, "kind", _("“%(kind)s” is not a kind of meeting") % {"kind": row["kind"]}, _("use one of: %(words)s") % {"words": words}
        )
    return kind


def _node(plan: Plan, row: Row, known: Known, kind: MeetingKind) -> Node | None:
    """The organisation or unit with this code that may hold such a meeting, open on the day."""
    nodes = known.nodes.get(row["node_code"], [])
    if not nodes:
        what = _("There is no unit or organisation %(code)s") % {"code": row["node_code"]}
        plan.refuse(row, "node_code", what, _("import it first or correct the code"))
        return None
    fitting = [node for node in nodes if _kind_of(node) in kind.hosts]
    if not fitting:
        what = _("%(name)s does not hold a meeting of this kind") % {"name": nodes[0].name}
        plan.refuse(row, "node_code", what, _("correct the code or the kind"))
        return None
    node, day = fitting[0], row["held_on"]
    if day > clock.today():
        plan.refuse(row, "held_on", _("%(day)s is still to come") % {"day": day}, _("only meetings that were held are brought in"))
    elif day < node.opened_on or (node.closed_on is not None and day >= node.closed_on):
        plan.refuse(
            row, "held_on", _("%(name)s did not exist on %(day)s") % {"name": node.name, "day": day}, _("correct the day or the code")
        )
    return node


def _kind_of(node: Node) -> str:
    detail = getattr(node, "unit", None) if node.is_business else getattr(node, "party", None)
    return str(detail.kind) if detail is not None else ""


def _check_counts(plan: Plan, row: Row) -> None:
    should, present, leave = row["should"], row["present"], row["on_leave"]
    for name in ("should", "present", "on_leave"):
        if row[name] is not None and row[name] < 0:
            plan.refuse(row, name, _("A count is never below zero"), _("correct it"))
    if present is not None and should is None:
        plan.refuse(row, "should", _("Who was present is given, who should attend is not"), _("give both or neither"))
    elif present is not None and present > should:
        what = _("%(present)d present are more than the %(should)d who should attend") % {"present": present, "should": should}
        plan.refuse(row, "present", what, _("those who sat in are not counted as present"))
    elif leave is not None and should is not None and (present or 0) + leave > should:
        plan.refuse(row, "on_leave", _("Present and on leave are more than should attend"), _("correct one of the three counts"))
    if row["from"] and row["to"] and not _length(row["from"], row["to"]):
        plan.refuse(row, "to", _("It ends before it begins, or took more than twelve hours"), _("correct one of the two times"))


def _length(starts: time, ends: time) -> int:
    """Minutes between two times of a day; 0 where they make no meeting."""
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return minutes if 0 < minutes <= LONGEST_HOURS * 60 else 0


def _check_words(plan: Plan, row: Row, known: Known, kind: MeetingKind | None) -> None:
    for column in ("chair_code", "recorder_code"):
        if row[column] is not None and row[column] not in known.people:
            plan.refuse(row, column, _("“%(code)s” is not known") % {"code": row[column]}, _("import the person first or correct the code"))
    if row["chair_code"] is not None and row["chair_code"] == row["recorder_code"]:
        plan.refuse(row, "recorder_code", _("Chair and recorder are one person"), _("name two persons, or leave one empty"))
    if kind is not None and kind.is_restricted and row["topics"]:
        plan.refuse(row, "topics", _("No words of this kind of meeting are held"), _("leave its topics empty"))
        return
    for word in _words(row):
        if word.lower() not in known.topics:
            plan.refuse(
                row, "topics", _("“%(word)s” is not a topic") % {"word": word}, _("use words such as 第一议题; 党建; 学习; 生产经营")
            )


def _words(row: Row) -> list[str]:
    return [word.strip() for word in (row["topics"] or "").translate(SEPARATORS).split(";") if word.strip()]


def _topics(row: Row, known: Known) -> list[str]:
    return [known.topics[word.lower()] for word in _words(row)]


def apply(by: Actor, batch: Any, plan: Plan) -> None:
    """Write the new meetings; where they came from stays with them."""
    access.require_everywhere(by, Permission.MEETING_RUN)
    kinds, nodes = MeetingKind.objects.in_bulk(), Node.objects.in_bulk(list({values["node"] for values in plan.creates}))
    people = {person.code: person for person in Person.objects.filter(code__in=_codes(plan.creates))}
    parts = _parts(plan.creates)
    rows = [_past(values, kinds, nodes, people, parts) for values in plan.creates]
    made = recording.record_past(by=by, rows=rows, source=batch.file_name[:80] or "import")
    batch.undo_data = {"made": [meeting.pk for meeting in made]}


def _codes(rows: Iterable[dict[str, Any]]) -> set[str]:
    return {values[name] for values in rows for name in ("chair_code", "recorder_code") if values[name]}


def _parts(rows: list[dict[str, Any]]) -> dict[tuple[str, int], list[tuple[date, date | None, str]]]:
    """(code of the chair, node) to the posts held there, so that "chaired in person" is told by the day."""
    found: dict[tuple[str, int], list[tuple[date, date | None, str]]] = {}
    serving = Appointment.objects.filter(person__code__in={values["chair_code"] for values in rows if values["chair_code"]})
    for code, node, starts, ends, kind in serving.order_by("pk").values_list(
        "person__code", "post__node_id", "starts_on", "ends_on", "post__kind"
    ):
        found.setdefault((code, node), []).append((starts, ends, kind))
    return found


def _past(values: dict[str, Any], kinds: Any, nodes: Any, people: Any, parts: Any) -> PastMeeting:
    kind, node, day = kinds[values["kind"]], nodes[values["node"]], values["held_on"]
    starts = values["from"] or USUAL_START
    served = parts.get((values["chair_code"], node.pk), ())
    part = next((kind_of for begins, ends, kind_of in served if begins <= day and (ends is None or day < ends)), "")
    counts = {name: values[name] for name in ("should", "present", "on_leave") if values[name] is not None}
    title = values["title"] or f"{day.year}年{day.month}月{kind.name}"
    items = tuple(PastItem(str(Topic(topic).label), kind.side if topic != Topic.BUSINESS else "both", topic) for topic in values["topics"])
    return PastMeeting(
        kind, node, title, day, starts, _length(starts, values["to"]) if values["to"] else kind.minutes_wanted or 60,
        people.get(values["chair_code"]), part, people.get(values["recorder_code"]), items=items, fields=counts,
    )  # fmt: skip


def undo(by: Actor, batch: Any) -> None:
    """Take the batch's meetings back; refused as soon as something was added to one of them."""
    access.require_everywhere(by, Permission.MEETING_RUN)
    made = batch.undo_data["made"]
    days = []
    for start in range(0, len(made), CHUNK):
        rows = Meeting.objects.filter(pk__in=made[start : start + CHUNK])
        touched = rows.filter(
            Q(versions__isnull=False) | Q(resolutions__isnull=False) | Q(votes__isnull=False) | Q(amending__gt="")
        ).first()
        if touched is not None:
            raise Refused(
                _("Later records depend on this batch, for example %(record)s") % {"record": touched},
                remedy=_("take those back first"),
                code="depends",
            )
        days += list(rows.values_list("held_on", flat=True))
        try:
            rows.delete()
        except ProtectedError as held:
            record = next(iter(held.protected_objects))
            what = _("Later records depend on this batch, for example %(record)s") % {"record": record}
            raise Refused(what, remedy=_("take those back first"), code="depends") from held
    consequences.of_many(day for day in days if day)


def register() -> None:
    """Called from AppConfig.ready."""
    register_importer(Importer("meetings", gettext_lazy("Meetings held"), COLUMNS, plan, apply, undo))
