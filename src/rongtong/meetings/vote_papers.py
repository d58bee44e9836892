"""Papers of a vote: ballots to hand out, the tally sheet of the tellers, the result sheet to read out and sign. Papers are Chinese."""

from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.meetings.models import Vote, VoteKind
from rongtong.meetings.vote_results import Why
from rongtong.meetings.vote_rules import day_of
from rongtong.papers.blocks import BallotGrid, Column, Fields, Heading, Paragraph, SignatureLines, Table, TallyGrid
from rongtong.papers.document import Document

WHAT = ("ballots", "tally", "result")
MOST_COPIES = 2000
_OFFICES = {"committee": "委员", "secretary": "书记", "deputy": "副书记"}
_KINDS = {
    VoteKind.ASSEMBLY: "党员大会表决", VoteKind.ADMISSION: "接收（转正）表决", VoteKind.ELECTION: "选举", VoteKind.BRANCH_COMMITTEE: "支委会表决",
    VoteKind.COMMITTEE: "党委会表决", VoteKind.CADRES: "干部事项票决",
}  # fmt: skip


def title_of(vote: Vote) -> str:
    """What the papers are headed with."""
    if vote.kind == VoteKind.ELECTION:
        office = _OFFICES[next((one.office for one in vote.candidates.all()), "committee")]
        again = "（第二轮）" if vote.second_of_id else ""
        return f"{vote.meeting.node.name}{'补选' if vote.is_by_election else '选举'}{office}{again}"
    return f"{vote.meeting.node.name}{_KINDS[VoteKind(vote.kind)]}"


def paper(vote: Vote, what: str, copies: int = 1) -> Document:
    """One of the three papers. A result sheet needs a counted vote."""
    if not 1 <= copies <= MOST_COPIES:
        raise Refused(
            _("Between 1 and %(most)d ballots can be printed at once") % {"most": MOST_COPIES},
            field="copies",
            remedy=_("write another number"),
        )
    if what == "result" and vote.is_valid is None:
        raise Refused(_("The vote is not counted yet"), remedy=_("record the counts first"), code="not_counted")
    with translation.override("zh-hans"):
        return {"ballots": _ballots, "tally": _tally, "result": _result}[what](vote, copies)


def _names(vote: Vote) -> tuple[str, ...]:
    if vote.kind == VoteKind.ELECTION:
        return tuple(one.name for one in vote.candidates.all() if not one.is_written_in)
    return (vote.item.title if vote.item else _KINDS[VoteKind(vote.kind)],)


def _instructions(vote: Vote) -> tuple[str, ...]:
    if vote.kind != VoteKind.ELECTION:
        return ("在所选一栏内画“○”，只选一栏。",)
    return (
        f"应选 {vote.seats} 名，赞成人数不得超过应选人数，超过的为无效票。",
        "赞成的在“赞成”栏画“○”，不赞成的画“×”，弃权的不作记号。",
        "另选他人的，在空白处写上姓名并画“○”。",
    )


def _ballots(vote: Vote, copies: int) -> Document:
    others = vote.seats or 0 if vote.kind == VoteKind.ELECTION else 0
    grid = BallotGrid(
        f"{title_of(vote)}选票" if others else f"{title_of(vote)}票", _names(vote), vote.seats or 1, others=others,
        instructions=_instructions(vote), issuer=vote.meeting.node.name, voted_on=day_of(vote.meeting), copies=copies,
    )  # fmt: skip
    return Document(title=grid.title, blocks=(grid,), prints_title=False, dated_on=day_of(vote.meeting))


def _tally(vote: Vote, _copies: int) -> Document:
    others = vote.seats or 0 if vote.kind == VoteKind.ELECTION else 0
    blocks = (
        _facts(vote), TallyGrid(_names(vote), others=others), SignatureLines(("监票人（签字）", "计票人（签字）")),
    )  # fmt: skip
    return Document(title=f"{title_of(vote)}计票单", blocks=blocks, dated_on=day_of(vote.meeting))


def _facts(vote: Vote) -> Fields:
    shown: dict[str, Any] = {"应到": vote.should, "实到": vote.present, "发出": vote.issued, "收回": vote.returned, "有效": vote.valid}
    cells = [(name, "" if value is None else str(value)) for name, value in shown.items()]
    day = day_of(vote.meeting)
    return Fields((
        (("会议", vote.meeting.title), ("日期", _day(day))),
        (cells[0], cells[1]),
        (cells[2], cells[3]),
        (cells[4], ("应选", "" if vote.seats is None else str(vote.seats))),
    ))  # fmt: skip


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _result(vote: Vote, _copies: int) -> Document:
    why = Why.of(vote.why)
    rows = [Paragraph(f"到会：{why.attendance_sentence}。{'会议有效。' if vote.is_valid else '未达规定人数，表决无效，不等于未通过。'}")]
    blocks: list[Any] = [_facts(vote), Heading("计算依据"), *rows, Paragraph(f"依据：{vote.row.title}，{vote.row.source_text}。")]
    if vote.kind == VoteKind.ELECTION:
        blocks += _elected(vote, why)
    elif vote.is_valid:
        word = "通过" if vote.is_passed else "未通过"
        blocks += [
            Table((Column("赞成"), Column("不赞成"), Column("弃权"), Column("书面意见")),
                  ((str(vote.votes_for), str(vote.against), str(vote.abstained), str(vote.written)),)),
            Paragraph(f"{why.passing_sentence()}，{word}。"),
        ]  # fmt: skip
    names = (f"监票人：{vote.monitor}", f"计票人：{vote.counter}") if vote.monitor else ()
    blocks += [*(Paragraph(name) for name in names), SignatureLines(("主持人（签字）", "监票人（签字）", "计票人（签字）"))]
    return Document(title=f"{title_of(vote)}结果报告单", blocks=tuple(blocks), dated_on=day_of(vote.meeting))


def _elected(vote: Vote, why: Why) -> list[Any]:
    rows = sorted(vote.candidates.all(), key=lambda one: (-(one.votes_for or 0), one.position))
    words = {True: "当选", False: "未当选", None: "—"}
    table = Table(
        (Column("姓名", 2), Column("赞成"), Column("不赞成"), Column("弃权"), Column("结果")),
        tuple((one.name, str(one.votes_for), str(one.against), str(one.abstained), words[one.is_elected]) for one in rows),
        empty="无候选人",
    )
    said: list[Any] = [table]
    if vote.is_valid and why.open_seats:
        said.append(Paragraph(f"尚有 {why.open_seats} 名未选出，可就未当选的得票多者再次投票。"))
    return said
