"""Drafts that a person finishes: 述职报告 of a secretary and 年度总结. The records give the figures; judgement stays with the author, marked as a gap to fill."""

from rongtong.duties.figures import InPerson
from rongtong.organization.models import Person
from rongtong.papers.blocks import Block, Heading, Paragraph, Text, Value
from rongtong.papers.document import Document
from rongtong.reports import chapters
from rongtong.reports.facts import Facts
from rongtong.reports.wording import share

DRAFT = "（草稿，数据由系统记录生成，请本人核对并补充）"
ACTS = {"deploy": "亲自部署", "inquire": "亲自过问", "coordinate": "亲自协调", "supervise": "亲自督办"}


def gap(what: str) -> Paragraph:
    """A place that only a person can fill."""
    return Paragraph(f"【请补充：{what}】")


def _meetings(facts: Facts) -> Paragraph:
    held = sum(row.count for row in facts.held)
    led = sum(row.by_secretary for row in facts.held)
    personal = share(led, held, "会议记录", "没有已召开的会议记录")
    should, present = sum(row.should for row in facts.held), sum(row.present for row in facts.held)
    came = share(present, should, "签到记录", "没有签到记录")
    return Paragraph((f"{facts.year}年截至{facts.until}，召开各类会议 {held} 次，书记主持 ", personal, "，平均到会率 ", came, "。"))


def _rules(facts: Facts) -> Paragraph:
    met, asked = sum(row.met for row in facts.kept), sum(row.asked for row in facts.kept)
    late = [f"{row.title}（{row.late} 期）" for row in facts.kept if row.late]
    kept = share(met, asked, "规则检查结果", "没有可判断的期次")
    rest = "。" if not asked else f"；未按期的有：{'、'.join(late)}。" if late else "，没有逾期。"
    return Paragraph(("规则要求的期次中达到 ", kept, rest))


def _joined(facts: Facts) -> list[Block]:
    linked = {link.production_objective_id for link in facts.links}
    production = [o for o in facts.objectives if o.side == "production"]
    covered = share(sum(o.pk in linked for o in production), len(production), "年度计划与融合点", "没有生产目标")
    confirmed = [r for r in facts.results if r.confirmed_on]
    claimed = len(facts.results) - len(confirmed)
    results = f"业务侧确认党组织作用的成果 {len(confirmed)} 项，另有自报未确认 {claimed} 项，不计入成效。"
    return [
        Paragraph(("生产目标中与党建目标有双方确认融合点的占 ", covered, f"；在册载体 {len(facts.carriers)} 个。{results}")),
        *chapters.standing(facts),
    ]


def secretary_report(facts: Facts, person: Person, acts: InPerson | None) -> Document:
    """述职报告: what the person led, from records; strengths, problems and promises are left to the person."""
    blocks: list[Block] = [
        Heading("履职情况"), _meetings(facts), _acts(acts), *chapters.matters(facts)[:1],
        Heading("抓党建促生产情况"), *_joined(facts), gap("一至两个本人抓的融合项目，写清做法和业务侧确认的结果"),
        Heading("存在的问题"), _rules(facts), gap("问题的原因，写本人责任"),
        Heading("下一步打算"), gap("措施、责任人和完成时限；可在计划中登记为事项"),
    ]  # fmt: skip
    title = f"{facts.year}年度{facts.node.name}书记述职报告"
    return Document(title=title, blocks=tuple(blocks), status=DRAFT, author=person.name, dated_on=facts.until)


def _acts(acts: InPerson | None) -> Paragraph:
    if acts is None or not acts.has_account:
        return Paragraph(("“四个亲自”记录：", Value("", reason="本人没有账号，无法取数"), "。"))
    said = "、".join(f"{ACTS[name]} {count} 次" for name, count in acts.counts.items() if name in ACTS)
    text: Text = (
        "本半年“四个亲自”记录：",
        Value(said, "事项台账中本人的步骤"),
        f"；所领导的 {acts.matters} 项中亲自经手 {acts.touched} 项。",
    )
    return Paragraph(text)


def summary(facts: Facts) -> Document:
    """年度总结 of an organisation or unit."""
    blocks: list[Block] = [
        Heading("基本情况"), *chapters.organisation(facts),
        Heading("组织生活与规则执行"), _meetings(facts), chapters.meetings_by_kind(facts), _rules(facts),
        Heading("党建与生产经营融合"), *_joined(facts), *chapters.plan(facts)[1:], *chapters.carriers(facts),
        Heading("事项办理"), *chapters.matters(facts)[:1],
        Heading("问题与明年打算"), gap("主要问题和原因"), gap("明年重点"),
    ]  # fmt: skip
    return Document(
        title=f"{facts.node.name}{facts.year}年度工作总结", blocks=tuple(blocks), status=DRAFT, author=facts.node.name, dated_on=facts.until
    )
