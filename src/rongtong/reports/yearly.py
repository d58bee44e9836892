"""年度报告: plan, organisational life, ledger, results, level, appraisal, survey and ability of a year, every chapter from the records."""

from dataclasses import dataclass
from typing import Any

from django.utils import translation

from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.appraisal.models import Sheet
from rongtong.appraisal.queries import shown_sheets
from rongtong.duties.queries import nodes_under
from rongtong.papers.blocks import Block, Chapter, Column, Paragraph, Table, Text, Value
from rongtong.papers.document import Cover, Document
from rongtong.people import figures as people
from rongtong.people import words
from rongtong.people.figures import CareerFlow, Dual, FillFit
from rongtong.reports import chapters
from rongtong.reports.facts import MOST, Facts
from rongtong.reports.wording import share
from rongtong.surveys import figures as surveys
from rongtong.surveys.estimates import Estimate
from rongtong.surveys.figures import CognitionGap

HIDDEN = "没有查看权限"


@dataclass(frozen=True, slots=True)
class Further:
    """What only the yearly report tells; None where the account may not see it."""

    sheets: tuple[Sheet, ...]
    cognition: CognitionGap | None
    expected: Estimate | None
    satisfaction: Estimate | None
    ability: tuple[FillFit, CareerFlow, Dual] | None


def gather_further(actor: Any, facts: Facts) -> Further:
    """Appraisals published in the year, the latest released survey, posts filled and fitted: of the node with everything below it."""
    nodes = nodes_under(facts.node, facts.until)
    rows = shown_sheets(actor).filter(node__in=list(nodes), round__published_at__year=facts.year)
    with translation.override("zh-hans"):
        sees = can(actor, Permission.SURVEY_VIEW, facts.node)
        return Further(
            tuple(rows[:MOST]), surveys.cognition(nodes, facts.until) if sees else None, surveys.expected_share(nodes, facts.until) if sees else None,
            surveys.answer_mean("P51", nodes, facts.until) if sees else None, _ability(actor, facts, list(nodes)),
        )  # fmt: skip


def _ability(actor: Any, facts: Facts, nodes: list[int]) -> tuple[FillFit, CareerFlow, Dual] | None:
    if not can(actor, Permission.PEOPLE_VIEW, facts.node):
        return None
    return people.fill_and_fit(nodes, facts.until), people.career_flow(nodes, facts.until), people.dual_competent(nodes, facts.until)


def yearly_report(facts: Facts, further: Further) -> Document:
    """The report with cover and index; nothing in it is typed in."""
    cover = Cover(f"{facts.year}年度", (("单位", facts.node.name), ("数据截至", str(facts.until))), "由系统记录生成")
    made = (
        ("组织与对应关系", chapters.organisation(facts), False), ("年度目标与融合点", chapters.plan(facts), False),
        ("组织生活", (chapters.meetings_by_kind(facts), *chapters.rules(facts)), True), ("事项台账", chapters.matters(facts), True),
        ("融合载体与成果", (*chapters.carriers(facts), *chapters.results(facts)), True), ("水平与平衡", chapters.standing(facts), False),
        ("考核结果", appraisal(facts, further), True), ("问卷调查", survey(further), False), ("队伍能力", ability(further), False),
    )  # fmt: skip
    parts = tuple(Chapter(title, blocks, is_landscape=wide) for title, blocks, wide in made)
    return Document(title="年度报告", head=cover, blocks=parts, has_index=True, author=facts.node.name, dated_on=facts.until)


def appraisal(facts: Facts, further: Further) -> tuple[Block, ...]:
    """Grades of units as they were published in the year, each with its round, scheme and points; persons are not listed."""
    columns = (
        Column("单位", 1.6),
        Column("考核", 2.4),
        Column("考核办法", 1.8),
        Column("得分", 0.9, "center"),
        Column("等次", 0.8, "center"),
    )
    rows = tuple(_sheet(sheet) for sheet in further.sheets)
    note = "单位只在本类别内比较；数据不足的单位不评等次，不按零分计算。"
    return (Table(columns, rows, size="dense", empty=f"{facts.year}年没有已发布的考核结果"), Paragraph(note))


def _sheet(sheet: Sheet) -> tuple[Text, ...]:
    source = f"考核 {sheet.round.code}"
    data = sheet.of_class.version.data
    band = data.grade(sheet.grade)
    points = Value("", source, "数据不足") if sheet.score is None else Value(f"{sheet.score / 100:.2f}", source)
    scheme = f"{sheet.of_class.version.scheme.name} 第{sheet.of_class.version.number}版"
    return (sheet.node.name, sheet.round.title, scheme, points, band.name if band else Value("", source, "数据不足"))


def survey(further: Further) -> tuple[Block, ...]:
    """Released means only, with their intervals; no group below the rule's number is shown."""
    found = further.cognition
    if found is None:
        return (Paragraph(("问卷结果：", Value("", reason=HIDDEN), "。")),)
    source = f"问卷“{found.wave.title}”" if found.wave else ""
    rows = (
        ("软硬差距（生产减党建，五分制）", _estimate(found.hardness.gap, source, found.hardness.reason)),
        ("重要性差距（生产减党建，五分制）", _estimate(found.importance.gap, source, found.importance.reason)),
        ("对党建贡献的期望（占比）", _estimate(further.expected, source, "没有已发布的结果")),
        ("对党建工作的满意度", _estimate(further.satisfaction, source, "没有已发布的结果")),
    )
    return (Table((Column("项目", 2.4), Column("结果与95%区间", 2.4)), rows), Paragraph("问卷匿名，只发布达到最少人数的群体。"))


def _estimate(found: Estimate | None, source: str, none: str) -> Value:
    if found is None:
        return Value("", source, none or "没有已发布的结果")
    return Value(f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]（n = {found.n}）", source)


def ability(further: Further) -> tuple[Block, ...]:
    """Fill rate beside fit rate; who is not assessed is unknown, never unfit."""
    if further.ability is None:
        return (Paragraph(("队伍能力：", Value("", reason=HIDDEN), "。")),)
    fill, flow, dual = further.ability
    rows = (
        ("岗位配备率", share(fill.filled, fill.posts, "岗位与任职记录", "没有岗位")),
        ("岗位胜任率（占已评估）", _share(fill.fitted, fill.assessed, fill)),
        ("复合型书记占比", _share(dual.share.good, dual.share.known, dual)),
        ("新提拔负责人中有党务经历者", _share(flow.share.good, flow.share.known, flow)),
    )
    unknown = f"另有 {fill.unknown} 名任职者尚未评估，不作推断。" if fill.unknown else ""
    return (Table((Column("项目", 2.4), Column("结果", 2.4)), rows), Paragraph(f"不对个人排名。{unknown}"))


def _share(good: int, known: int, found: Any) -> Value:
    with translation.override("zh-hans"):
        return share(good, known, "能力佐证与任职记录", words.reason(found.reason) or "数据不足")
