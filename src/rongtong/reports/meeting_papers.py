"""The papers of one meeting: notice, sign-in sheet, minutes as signed, list of resolutions. Papers are Chinese whatever the language of the pages."""

from collections.abc import Callable, Mapping
from datetime import date

from rongtong.kernel import clock
from rongtong.meetings import minutes
from rongtong.meetings.minutes import Content
from rongtong.meetings.models import Meeting, MeetingState, Mode, Presence, Resolution
from rongtong.papers.blocks import Block, Column, Fields, Heading, Paragraph, Roll, SignatureLines, Table, Text, Value
from rongtong.papers.document import Document, MinutesHead

MODES = {Mode.ON_SITE: "现场", Mode.VIDEO: "视频", Mode.MIXED: "现场与视频结合"}
PRESENCES = {
    Presence.PRESENT: "到会", Presence.LEAVE: "请假", Presence.ABSENT: "缺席", Presence.EXCLUDED: "经批准不计入应到", Presence.SIT_IN: "列席",
    "": "未登记",
}  # fmt: skip
WEEKDAYS = "一二三四五六日"


def day(value: date) -> str:
    """2026年11月3日（周二）"""
    return f"{value.year}年{value.month}月{value.day}日（周{WEEKDAYS[value.weekday()]}）"


def when(meeting: Meeting) -> str:
    start, end = (at.astimezone(clock.BUSINESS_ZONE) for at in (meeting.starts_at, meeting.ends_at))
    return f"{day(start.date())} {start:%H:%M}—{end:%H:%M}"


def notice(meeting: Meeting) -> Document:
    """会议通知: when, where, what about, and who is called."""
    items = [row.title for row in meeting.items.order_by("position")]
    called = [row.person.name for row in meeting.attendance.exclude(presence=Presence.EXCLUDED).select_related("person").order_by("pk")]
    blocks: tuple[Block, ...] = (
        Roll("时间", text=when(meeting)),
        Roll("地点", text=meeting.place) if meeting.place else Roll("地点", reason="地点另行通知"),
        Roll("方式", text=MODES[Mode(meeting.mode)]),
        Roll("主持人", text=meeting.chair.name) if meeting.chair else Roll("主持人", reason="尚未确定"),
        Roll("参加人员", tuple(called)) if called else Roll("参加人员", reason="尚无应到人员名单"),
        Heading("议程", is_numbered=False),
        *(Paragraph(f"{at}. {title}") for at, title in enumerate(items, start=1)),
        Paragraph("因故不能参加的，请于会前向主持人请假并说明原因。"),
    )
    return Document(title=f"关于召开{meeting.title}的通知", blocks=blocks, author=meeting.node.name, dated_on=_dated(meeting))


def _dated(meeting: Meeting) -> date:
    return meeting.held_on or meeting.starts_at.astimezone(clock.BUSINESS_ZONE).date()


def sign_in(meeting: Meeting) -> Document:
    """签到表: names of those called, and room to sign by hand; what is recorded already is not repeated."""
    rows = meeting.attendance.exclude(presence=Presence.EXCLUDED).select_related("person").order_by("pk")
    cells = [(str(at), row.person.name, "" if row.presence != Presence.SIT_IN else "列席", "", "") for at, row in enumerate(rows, start=1)]
    columns = (Column("序号", 0.6, "center"), Column("姓名", 1.4), Column("身份", 1.0), Column("签到", 1.8), Column("备注", 1.6))
    head = Fields(
        (
            (("会议", meeting.title),),
            (("时间", when(meeting)), ("地点", meeting.place or "")),
        )
    )
    table = Table(columns, tuple(cells), row_mm=10.0, empty="尚无应到人员名单")
    return Document(title="会议签到表", blocks=(head, table), author=meeting.node.name, dated_on=_dated(meeting))


def content(meeting: Meeting) -> Content:
    """The version in force, else what is written so far."""
    version = meeting.versions.order_by("-number").first()
    return Content.of(version.content) if version is not None else minutes.stored(meeting)


def record(meeting: Meeting) -> Document:
    """会议纪要 of the version in force; a draft, and it says so, while nobody signed."""
    said = content(meeting)
    blocks: list[Block] = [*_head(said), *_words(said), *_resolved(said)]
    signed = meeting.versions.order_by("-number").first()
    if signed is not None:
        at = signed.signed_at.astimezone(clock.BUSINESS_ZONE)
        blocks.append(
            Paragraph(f"主持人 {signed.chair_label}、记录人 {signed.recorder_label} 于{day(at.date())}签字，第{signed.number}版。")
        )
    else:
        blocks.append(SignatureLines(("主持人（签字）", "记录人（签字）")))
    head = MinutesHead(f"{meeting.kind.name}纪要", f"第{meeting.number}期", meeting.node.name, _dated(meeting))
    status = "" if signed is not None else "（草稿，尚未签字）"
    return Document(
        title=f"{meeting.title}纪要", head=head, blocks=tuple(blocks), status=status, author=meeting.node.name, dated_on=_dated(meeting)
    )


def _head(said: Content) -> list[Block]:
    head = said.head
    by_presence: dict[str, list[str]] = {}
    for row in said.attendance:
        text = row.name if not row.reason else f"{row.name}（{row.reason}）"
        by_presence.setdefault(row.presence, []).append(text)
    should = Value(str(head.should), "签到记录") if head.should is not None else Value("", reason="应到人数未记录")
    present = Value(str(head.present), "签到记录") if head.present is not None else Value("", reason="实到人数未记录")
    counts: Text = ("应到 ", should, " 人，实到 ", present, " 人")
    blocks: list[Block] = [
        Roll("时间", text=f"{head.starts_at}—{head.ends_at[-5:]}"), _known("地点", head.place), _known("主持", head.chair), _known("记录", head.recorder),
        Roll("到会", text=counts),
    ]  # fmt: skip
    for presence, label in (("present", "出席"), ("leave", "请假"), ("absent", "缺席"), ("excluded", "不计入应到"), ("sit_in", "列席")):
        if by_presence.get(presence):
            blocks.append(Roll(label, tuple(by_presence[presence])))
    return blocks


def _known(label: str, text: str) -> Roll:
    return Roll(label, text=text) if text else Roll(label, reason="没有记录")


def _words(said: Content) -> list[Block]:
    """Item by item; of a kind whose words are not held only where the paper lies."""
    if said.head.holder or said.head.paper_file:
        where = (
            f"会议内容不在系统中保存，纸质材料由{said.head.holder or '（保管人未记录）'}保管，卷号{said.head.paper_file or '（未记录）'}。"
        )
        return [Paragraph(where)]
    blocks: list[Block] = []
    for item in said.items:
        blocks.append(Heading(item.title))
        speaker = f"{item.speaker}：" if item.speaker else ""
        blocks.append(Paragraph(f"{speaker}{item.points}") if item.points else Paragraph("（没有记录发言要点）"))
        if item.differing:
            blocks += [Heading("不同意见（原文）", level=2, is_numbered=False), Paragraph(item.differing)]
    return blocks


def _resolved(said: Content) -> list[Block]:
    columns = (Column("议定事项", 2.6), Column("责任领导", 1.2), Column("经办人", 1.2), Column("完成时限", 1.3), Column("事项编号", 1.5))
    rows = [
        (row.text, row.leader, row.handler, row.due_on, row.matter) if row.needs_follow_up else (row.text, "—", "—", "无须落实", "—")
        for row in said.resolutions
    ]
    return [Heading("议定事项"), Table(columns, tuple(rows), empty="本次会议没有议定事项")]


def resolutions(meeting: Meeting) -> Document:
    """议定事项落实表: each with what became of its matter up to today."""
    rows = Resolution.objects.filter(meeting=meeting).select_related("matter__leader_post", "matter__handler_post").order_by("pk")
    columns = (
        Column("议定事项", 3.0),
        Column("责任领导", 1.2),
        Column("经办人", 1.2),
        Column("时限", 1.0),
        Column("状态", 0.9),
        Column("业务成效", 1.8),
    )
    table = Table(columns, tuple(_line(row) for row in rows), empty="本次会议没有议定事项")
    return Document(title=f"{meeting.title}议定事项落实表", blocks=(table,), author=meeting.node.name, dated_on=clock.today())


def _line(row: Resolution) -> tuple[Text, ...]:
    matter = row.matter
    if matter is None:
        return (row.text, "—", "—", "—", "无须落实" if not row.needs_follow_up else "尚未指定责任人", "—")
    posts = [post.name if post else "空缺" for post in (matter.leader_post, matter.handler_post)]
    outcome: Text = matter.outcome or Value("", reason="没有记录业务侧成效")
    return (row.text, *posts, str(matter.due_on), _state(matter.state, matter.closed_on), outcome)


def _state(state: str, closed_on: date | None) -> str:
    names = {"closed": "已销号", "void": "已撤销", "suspended": "已挂起", "submitted": "待审核", "returned": "已退回"}
    return f"{names.get(state, '办理中')}{f'（{closed_on}）' if closed_on else ''}"


PAPERS: Mapping[str, tuple[str, Callable[[Meeting], Document]]] = {
    "notice": ("会议通知", notice),
    "sign-in": ("签到表", sign_in),
    "minutes": ("会议纪要", record),
    "resolutions": ("议定事项落实表", resolutions),
}


def of(meeting: Meeting, name: str) -> Document:
    """A paper of a meeting by its name; ask `names` which it has."""
    return PAPERS[name][1](meeting)


def names(meeting: Meeting) -> list[str]:
    """The papers that a meeting has now."""
    held = meeting.state in {MeetingState.HELD, MeetingState.SIGNED}
    found = ["notice", "sign-in"] if meeting.state != MeetingState.CANCELLED else []
    return [*found, "minutes", *([] if meeting.kind.is_restricted else ["resolutions"])] if held else found
