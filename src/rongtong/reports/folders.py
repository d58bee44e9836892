"""迎检资料包: for every item of a list what the rules found, and the records behind it as papers and files; what is missing is named in the index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rongtong.files.storing import path_of_digest
from rongtong.inspections.queries import Line
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger.models import Evidence, Matter
from rongtong.meetings import policies as meetings
from rongtong.meetings.models import Meeting
from rongtong.papers.blocks import Column, Paragraph, Table, Text
from rongtong.papers.document import Document
from rongtong.papers.folder import Entry
from rongtong.reports import chapters, meeting_papers
from rongtong.reports.facts import Facts, Kept
from rongtong.rules.models import RuleResult, State
from rongtong.rules.queries import results

STATES = {
    State.MET: "达到", State.DUE: "未到期", State.LATE: "逾期", State.EXCUSED: "经批准", State.NOT_APPLICABLE: "不适用",
    State.NOT_ENOUGH_DATA: "数据不足",
}  # fmt: skip


ON_SITE = {"good": "符合", "problem": "存在问题", "unclear": "无法判断"}


@dataclass(frozen=True, slots=True)
class FolderItem:
    """One item of a list: a rule whose results answer it, or a question answered on site."""

    title: str
    rule: str = ""
    answer: str = ""
    references: tuple[Reference, ...] = ()


def year_end_items(facts: Facts) -> list[FolderItem]:
    """The list at the end of a year: every rule that was asked here."""
    return [FolderItem(f"{row.code} {row.title}", row.code) for row in facts.kept if _is_asked(row)]


def _is_asked(row: Kept) -> bool:
    return bool(row.met or row.late or row.excused or row.unknown)


def inspected_item(line: Line) -> FolderItem:
    """An item of an inspection as it was answered: by records, or on site."""
    answer = f"{ON_SITE.get(line.state, '')}。{line.note}".strip("。") if line.is_on_site else line.note
    return FolderItem(f"{line.code} {line.text}".strip(), "" if line.is_on_site else line.code, answer, line.records)


def entries(actor: Any, facts: Facts, items: Sequence[FolderItem]) -> list[Entry]:
    """The folder's files in order: about the organisation, then item by item."""
    about = Document(title="基本情况", blocks=chapters.organisation(facts), author=facts.node.name, dated_on=facts.until)
    found = [Entry("基本情况", "基本情况", about, source="组织记录")]
    found.append(Entry("成果台账", "基本情况", _landscape("成果台账", facts, chapters.results(facts)), source="成果台账"))
    rows = _results(actor, facts)
    for item in items:
        found += _item(actor, facts, item, rows.get(item.rule, []))
    return found


def _landscape(title: str, facts: Facts, blocks: tuple[Any, ...]) -> Document:
    return Document(title=title, blocks=blocks, is_landscape=True, author=facts.node.name, dated_on=facts.until)


def _results(actor: Any, facts: Facts) -> dict[str, list[RuleResult]]:
    first, last = facts.year * 100 + 1, facts.year * 100 + 12
    found: dict[str, list[RuleResult]] = {}
    for row in results(actor).filter(node=facts.node, period__gte=first, period__lte=last).order_by("rule_code", "period"):
        found.setdefault(row.rule_code, []).append(row)
    return found


def _item(actor: Any, facts: Facts, item: FolderItem, rows: Sequence[RuleResult]) -> list[Entry]:
    told = rows if rows and rows[-1].row.period_kind else rows[-1:]
    references = [*item.references, *(Reference.parse(text) for row in told for text in row.references)]
    files = list(_records(actor, item.title, list(dict.fromkeys(references))))
    if not told and not item.answer and not files:
        return [Entry("检查说明", item.title, reason="系统中没有此项的记录")]
    head = Entry("检查说明", item.title, _explained(facts, item, told), source="规则检查结果" if told else "现场检查")
    return [head, *files] if files else [head, Entry("佐证记录", item.title, reason="没有可附的记录")]


def _explained(facts: Facts, item: FolderItem, rows: Sequence[RuleResult]) -> Document:
    blocks: list[Any] = []
    if item.answer:
        blocks.append(Paragraph(f"现场检查记录：{item.answer}"))
    if rows:
        row = rows[-1].row
        verified = "" if row.is_verified else "（条文待核对）"
        blocks.append(Paragraph(f"依据：{row.source_text}{row.article}{verified}"))
        columns = (Column("期次", 1.0), Column("结果", 1.0), Column("截止", 1.0), Column("记录数", 0.8, "center"))
        blocks.append(Table(columns, tuple(_period(one) for one in rows)))
    return Document(title=item.title, blocks=tuple(blocks), author=facts.node.name, dated_on=facts.until)


def _period(row: RuleResult) -> tuple[Text, ...]:
    return (f"{row.period // 100}-{row.period % 100:02d}", STATES[State(row.state)], str(row.due_on or "—"), str(len(row.references)))


def _records(actor: Any, group: str, references: Sequence[Reference]) -> Iterator[Entry]:
    """Minutes and sign-in sheets of meetings, evidence files of matters, and the name of everything else; nothing the actor may not see."""
    for reference in references:
        if reference.kind == "meeting":
            yield from _meeting(actor, group, reference)
        elif reference.kind == "matter":
            yield from _matter(actor, group, reference)
        else:
            shown = title_and_url(reference, actor)
            if shown is not None:
                yield Entry(shown[0], group, reason="记录在系统中，可按名称查阅", source=str(reference))


def _meeting(actor: Any, group: str, reference: Reference) -> Iterator[Entry]:
    rows = Meeting.objects.select_related("kind", "node", "partner", "chair", "recorder", "lecturer")
    meeting = rows.filter(pk=reference.id).first() if reference.id.isdigit() else None
    if meeting is None or not meetings.sees(actor, meeting):
        return
    source = f"会议 {meeting.code}"
    for name in ("minutes", "sign-in"):
        title, make = meeting_papers.PAPERS[name]
        yield Entry(f"{meeting.held_on} {meeting.kind.name} {title}", group, lambda make=make: make(meeting), source=source)  # type: ignore[misc]


def _matter(actor: Any, group: str, reference: Reference) -> Iterator[Entry]:
    shown = title_and_url(reference, actor)
    matter = Matter.objects.filter(pk=reference.id).first() if shown is not None and reference.id.isdigit() else None
    if matter is None:
        return
    kept = Evidence.objects.filter(matter=matter, file__isnull=False, withdrawn_at__isnull=True).select_related("file").order_by("pk")
    for row in kept:
        assert row.file is not None
        path = path_of_digest(row.file.digest)
        if path.is_file():
            yield Entry(Path(row.file.name).stem, group, file=path, suffix=Path(row.file.name).suffix, source=f"事项 {matter.code}")
        else:
            yield Entry(row.file.name, group, reason="文件不在存储中", source=f"事项 {matter.code}")
    if not kept:
        yield Entry(f"{matter.code} {matter.title}", group, reason="事项没有附件", source=f"事项 {matter.code}")
