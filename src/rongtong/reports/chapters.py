"""Parts that the work book, the summary and the folder share, each made from gathered facts."""

from rongtong.meetings.models import MeetingState, TalkPair
from rongtong.organization.models import PartyKind
from rongtong.papers.blocks import Block, Column, Fields, Paragraph, Table, Text, Value
from rongtong.plans.models import Badge, CarrierState
from rongtong.reports.facts import Facts, Held, Kept, Standing
from rongtong.reports.wording import money, months_text, number, share
from rongtong.roster.models import Standing as MemberStanding

KINDS = {PartyKind.COMMITTEE: "党委", PartyKind.GENERAL_BRANCH: "党总支", PartyKind.BRANCH: "党支部", PartyKind.GROUP: "党小组"}
PAIRS = {TalkPair.COMMITTEE_COMMITTEE: "班子成员之间", TalkPair.COMMITTEE_MEMBER: "班子成员与党员", TalkPair.MEMBER_MEMBER: "党员之间"}
BADGES = {Badge.CLAIMED: "自报", Badge.BEFORE_AFTER: "前后对比", Badge.COMPARED: "对照估计", "": "尚无结果"}
STATES = {
    CarrierState.DECLARED: "已申报", CarrierState.APPROVED: "已立项", CarrierState.RUNNING: "实施中", CarrierState.CHECKED: "已中检",
    CarrierState.ENDED: "待验收", CarrierState.ACCEPTED: "已验收", CarrierState.ARCHIVED: "已归档", CarrierState.STOPPED: "已终止",
}  # fmt: skip


def organisation(facts: Facts) -> tuple[Block, ...]:
    """Form, term, committee."""
    party = facts.party
    elected: Text = str(party.elected_on) if party and party.elected_on else Value("", reason="没有换届日期")
    expires: Text = str(party.expires_on) if party and party.expires_on else Value("", reason="没有换届日期或任期")
    reported: Text = str(party.members) if party and party.members is not None else Value("", reason="没有登记党员数")
    known = Value(str(len(facts.members)), "组织关系登记") if facts.members else Value("", reason="没有登记组织关系")
    form = Fields(
        (
            (("组织名称", facts.node.name), ("类别", KINDS.get(PartyKind(party.kind), "") if party else "")),
            (("登记党员数", reported), ("组织关系在册", known)),
            (("本届选举", elected), ("届满日期", expires)),
            (("对应单位", "、".join(unit.name for unit in facts.units) or "没有对应的业务单位"),),
        )
    )
    columns = (Column("职务", 2.0), Column("姓名", 1.2), Column("任职起", 1.0))
    rows = tuple((row.post.name, row.person.name, str(row.starts_on)) for row in facts.committee)
    return (form, Table(columns, rows, caption="班子成员", empty="没有在任的班子成员"))


def members(facts: Facts) -> tuple[Block, ...]:
    """Who belongs here on the last day, and who counts when votes are counted."""
    names = {MemberStanding.FORMAL: "正式党员", MemberStanding.PROBATIONARY: "预备党员"}
    rows = tuple(
        (str(at), one.person.name, names[MemberStanding(one.standing)], "计入" if one.votes else "不计入")
        for at, one in enumerate(facts.members, start=1)
    )
    columns = (Column("序号", 0.6, "center"), Column("姓名", 1.2), Column("类别", 1.2), Column("表决应到", 1.0))
    return (Table(columns, rows, empty="没有登记组织关系：应到人数无法计算"),)


def _came(row: Held) -> Value:
    return share(row.present, row.should, f"{row.counted} 次会议的签到记录", "没有签到记录")


def meetings_by_kind(facts: Facts) -> Table:
    columns = (Column("会议", 2.0), Column("召开次数", 0.9, "center"), Column("到会率", 1.6), Column("书记主持", 0.9, "center"))
    rows = tuple((row.kind, str(row.count), _came(row), str(row.by_secretary)) for row in facts.held)
    return Table(columns, rows, caption=f"{facts.year}年已召开的会议", empty="没有已召开的会议记录")


def meetings(facts: Facts) -> tuple[Block, ...]:
    """Counts by kind, then every meeting with its state."""
    columns = (Column("日期", 1.1), Column("会议", 3.0), Column("应到/实到", 0.9, "center"), Column("主持人", 0.9), Column("纪要", 0.9))
    rows = tuple(
        (
            str(m.held_on), m.title, f"{_count(m.should)}/{_count(m.present)}", m.chair.name if m.chair else "—",
            f"已签字 v{m.version}" if m.state == MeetingState.SIGNED else "未签字",
        )
        for m in facts.meetings
    )  # fmt: skip
    return (meetings_by_kind(facts), Table(columns, rows, caption="会议明细", size="dense", empty="没有已召开的会议记录"))


def _count(value: int | None) -> str:
    return "—" if value is None else str(value)


def rules(facts: Facts) -> tuple[Block, ...]:
    """How often each rule was met; what the records do not tell is said apart and never counted as missed."""
    columns = (
        Column("规则", 0.8), Column("内容", 2.8), Column("达到", 1.4), Column("逾期", 0.6, "center"), Column("经批准", 0.7, "center"),
        Column("数据不足", 0.8, "center"),
    )  # fmt: skip
    return (Table(columns, tuple(_rule(row) for row in facts.kept), size="dense", empty="没有规则检查结果"),)


def _rule(row: Kept) -> tuple[Text, ...]:
    return (
        row.code,
        row.title,
        share(row.met, row.asked, row.source, "没有可判断的期次"),
        str(row.late),
        str(row.excused),
        str(row.unknown),
    )


def talks(facts: Facts) -> tuple[Block, ...]:
    """谈心谈话: counts only."""
    if facts.talks is None:
        return (Paragraph("没有登记组织关系，谈心谈话覆盖情况无法计算。"),)
    found = facts.talks
    rows = tuple(
        (PAIRS[TalkPair(pair)], share(found.covered.get(pair, 0), expected, "谈心谈话登记", "没有应谈对象"))
        for pair, expected in found.expected.items()
    )
    return (Table((Column("范围", 2.0), Column("已谈（对/应谈）", 2.0)), rows), Paragraph("系统只登记日期和对象，不保存谈话内容。"))


def plan(facts: Facts) -> tuple[Block, ...]:
    """Objectives of both sides and what joins them."""
    sides = {"party": "党建", "production": "生产经营"}
    objectives = Table(
        (Column("侧别", 1.0), Column("目标", 3.6), Column("责任岗位", 1.6), Column("时限", 1.3)),
        tuple((sides[o.side], o.title, o.owner.name, str(o.due_on)) for o in facts.objectives), caption="年度目标", empty="没有已通过的年度计划",
    )  # fmt: skip
    links = Table(
        (Column("党建目标", 2.2), Column("生产目标", 2.2), Column("载体", 1.6), Column("指标与目标值", 1.6)),
        tuple((x.party_objective.title, x.production_objective.title, x.carrier.title, f"{x.indicator.name} {x.target:g}") for x in facts.links),
        caption="双方确认的融合点", empty="没有双方确认的融合点",
    )  # fmt: skip
    return (objectives, links)


def carriers(facts: Facts) -> tuple[Block, ...]:
    """Carriers with baseline, target, result and what kind of proof the result is."""
    rows = tuple(
        (
            c.title, c.kind.name, c.indicator.name, number(c.baseline, "载体立项记录", "没有基线"), f"{c.target:g}",
            number(c.result, f"验收记录，{BADGES[c.badge]}", "尚未验收"), STATES[CarrierState(c.state)],
        )
        for c in facts.carriers
    )  # fmt: skip
    columns = (
        Column("载体", 2.2), Column("种类", 1.2), Column("指标", 1.4), Column("基线", 0.8), Column("目标", 0.7), Column("结果", 0.8), Column("状态", 0.8),
    )  # fmt: skip
    return (Table(columns, rows, size="dense", empty="没有载体"),)


def results(facts: Facts) -> tuple[Block, ...]:
    """成果台账: what the business side confirmed stands apart from what is only claimed."""
    columns = (Column("日期", 0.9), Column("成果", 2.6), Column("党组织作用", 2.0), Column("金额", 1.2), Column("确认", 1.3))
    rows = tuple(
        (
            str(r.on), r.title, r.party_role or "未填写", money(r.value_fen, "成果台账"),
            f"业务侧 {r.confirmed_label} {r.confirmed_on}" if r.confirmed_on else "自报，待业务侧确认",
        )
        for r in facts.results
    )  # fmt: skip
    return (Table(columns, rows, size="dense", empty="没有登记成果"),)


def matters(facts: Facts) -> tuple[Block, ...]:
    """Closed-loop figures and the matters behind them."""
    loop = facts.loop
    on_time = share(loop.on_time, loop.due, f"台账，{facts.year}年到期事项", "没有到期事项")
    mean = number(loop.mean_days, "台账", "没有办结事项", 1, " 天")
    text: Text = ("本年到期事项按期销号率 ", on_time, "；平均办理时间 ", mean, f"；退回 {loop.returned} 项，重新打开 {loop.recurred} 项。")
    columns = (
        Column("编号", 1.1),
        Column("事项", 3.0),
        Column("时限", 0.9),
        Column("责任领导", 1.2),
        Column("经办人", 1.2),
        Column("销号", 0.9),
    )
    rows = tuple(
        (
            m.code, m.title, str(m.due_on), m.leader_post.name if m.leader_post else "空缺", m.handler_post.name if m.handler_post else "空缺",
            str(m.closed_on or "未销号"),
        )
        for m in facts.matters
    )  # fmt: skip
    return (Paragraph(text), Table(columns, rows, size="dense", empty="没有到期事项"))


def standing(facts: Facts) -> tuple[Block, ...]:
    """Level and balance of the linked units; D never says that the two lines are joined."""
    columns = (
        Column("单位", 1.6),
        Column("月份", 0.9),
        Column("党建 U1", 0.9),
        Column("生产 U2", 0.9),
        Column("协调度 D", 1.4),
        Column("一年前 D", 1.0),
    )
    rows = tuple(_standing(row) for row in facts.standings)
    note = "协调度 D 表示两条线高且平衡，不表示已经融合；是否融合只看融合度 I。"
    return (Table(columns, rows, empty="对应单位没有已发布的测算"), Paragraph(note))


def _standing(row: Standing) -> tuple[Text, ...]:
    now, before = row.now or {}, row.before or {}
    source, none = f"测算 #{row.run}", "数据不足"
    d = number(now.get("d"), source, none)
    if now.get("d_low") is not None and now.get("d") is not None:
        d = Value(f"{now['d']:.2f} [{now['d_low']:.2f}, {now['d_high']:.2f}]", f"{source}，权重不确定下的区间")
    u1, u2, then = (
        number(now.get("u1"), source, none),
        number(now.get("u2"), source, none),
        number(before.get("d"), source, "一年前没有测算"),
    )
    return (row.unit.name, months_text(row.month), u1, u2, d, then)
