"""Decisions of the sample enterprise over two years: a list, its reviews, the usual way and the ways that checks find. Synthetic."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from rongtong.decisions import actions, list_actions, queries
from rongtong.decisions.actions import Made as Taken
from rongtong.decisions.actions import NewDecision
from rongtong.decisions.list_actions import RoleText
from rongtong.decisions.models import Decision, ListItem, MatterList
from rongtong.decisions.whether import QUESTIONS, Answer
from rongtong.demo.story import SEED, Character
from rongtong.demo.work import TODAY, Actors, fate
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger import generating
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Origin, Sensitivity, Side
from rongtong.ledger.states import State
from rongtong.meetings import recording
from rongtong.meetings.models import HELD_STATES, Meeting, MeetingKind, MeetingState
from rongtong.meetings.recording import PastItem, PastMeeting
from rongtong.organization.models import Person, Post
from rongtong.trees.models import Node

SECRETARY = SystemActor("demo-committee-secretary", "党委书记（演示）")
OFFICE = SystemActor("demo-party-office", "党建部（演示）")
WAN = 1_000_000  # ten thousand yuan in fen
CARRIED = Character(0.72, 0.72)
_DECIDES = {"committee": "party_committee", "managers": "managers_meeting", "board": "board", "owners": "board"}


@dataclass(frozen=True, slots=True)
class Told:
    """One decision of the story: when it was proposed, which item, how much, who carries it out, and what was special about it."""

    month: int
    item: str
    title: str = ""
    amount: int | None = None  # in ten thousand yuan
    department: str = ""
    special: str = ""
    over_budget: int | None = None  # hundredths of a percent


_TOLD = (
    Told(202412, "年度投资计划", "2025 年度固定资产投资计划", 9800, "D-QG"),
    Told(202412, "薪酬分配", "2025 年度工资总额方案", None, "D-RL", "congress"),
    Told(202501, "发展战略", "数字化转型三年规划", None, "D-QG"),
    Told(202502, "大宗物资", "铸件年度框架采购", 1800, "D-SC"),
    Told(202502, "干部任免"),
    Told(202503, "年度投资计划", "齿轮车间磨齿机更新", 1260, "D-SB"),
    Told(202504, "安全生产", "重大隐患整治专项方案", None, "D-AH"),
    Told(202505, "组织机构", "装配厂机构整合方案", None, "D-RL", "revise"),
    Told(202506, "大宗物资", "数控系统批量采购", 920, "D-SC"),
    Told(202506, "大额度资金", "归还银行流动资金借款", 5000, "D-CW"),
    Told(202507, "对外捐赠", "向驻地学校捐赠实训设备", 60, "D-DW"),
    Told(202508, "重组、合并", "出让参股公司股权", 7600, "D-CW", "restricted"),
    Told(202509, "年度投资计划", "新建涂装线", 6200, "D-SB"),
    Told(202510, "融资、担保", "为子公司授信提供担保", 3000, "D-CW", "changed"),
    Told(202510, "干部任免"),
    Told(202511, "超预算", "抢修热处理炉超预算支出", 180, "D-SB", "", 1600),
    Told(202512, "年度投资计划", "2026 年度固定资产投资计划", 11200, "D-QG"),
    Told(202512, "薪酬分配", "2026 年度工资总额方案", None, "D-RL", "congress"),
    Told(202601, "推荐董事"),
    Told(202602, "大宗物资", "铸件年度框架采购（2026）", 2100, "D-SC", "no_study"),
    Told(202603, "年度投资计划", "清理车间除尘改造", 1450, "D-AH", "overdue"),
    Told(202604, "年度投资计划", "办公楼零星修缮", 85, "D-QG"),
    Told(202604, "大宗物资", "刀具集中采购", 760, "D-SC", "no_quorum"),
    Told(202605, "组织机构", "设立智能制造推进办公室", None, "D-RL", "same_person"),
    Told(202606, "融资、担保", "发行中期票据", 20000, "D-CW", "restricted"),
    Told(202607, "安全生产", "高温作业劳动保护方案", None, "D-AH", "congress"),
    Told(202608, "年度投资计划", "总装二车间物流改造", 2300, "D-SB", "changed_open"),
    Told(202609, "大宗物资", "机器人焊接工作站采购", 1350, "D-SB", "stop"),
    Told(202609, "干部任免"),
    Told(202610, "年度投资计划", "变电站增容改造", 3900, "D-SB", "waits_decision"),
    Told(202611, "对外捐赠", "向灾区捐赠应急设备", 120, "D-DW", "waits_study"),
    Told(202611, "大额度资金", "提前兑付供应商货款", 4200, "D-CW", "waits_study"),
)  # fmt: skip


def tell_decisions() -> None:
    """Lists, roles and decisions, each through the act that people use, on the day it happened."""
    committee, company = (Node.objects.get(tree="P", code=code) for code in ("P0", "P-X0"))
    held = _list(committee, "集团党委前置研究和决定事项清单", date(2024, 11, 1), 2_400_000_000 * 100)
    with _on(date(2026, 1, 12)):
        list_actions.review_list(by=OFFICE, found=held, keeps=True, note="限额保持不变")
    _list(company, "工程公司集体研究把关事项清单", date(2025, 3, 1), None)
    with _on(date(2025, 3, 1)):
        text = RoleText(is_delegated=True, reason="集团授予项目部设备租赁与分包选定权", document="集团〔2025〕11 号")
        list_actions.set_role(by=OFFICE, node=Node.objects.get(tree="P", code="P-X1"), text=text, on=date(2025, 3, 1))
    teller = _Teller(committee, held)
    for told in _TOLD:
        teller.tell(told)
    generating.generate(by=SYSTEM, rows=teller.matters)
    _finish(by=SYSTEM)


def _on(day: date, hour: int = 10) -> AbstractContextManager[None]:
    return clock.frozen(datetime.combine(day, time(hour)))


def _list(node: Node, title: str, day: date, assets: int | None) -> MatterList:
    with _on(day):
        made = list_actions.draft_list(by=OFFICE, node=node, title=title, starts_on=day)
        list_actions.change_list(by=OFFICE, found=made, title=title, starts_on=day, net_assets_fen=assets)
        list_actions.approve_list(by=OFFICE, found=made)
        return list_actions.approve_list(by=SECRETARY, found=made)


class _Teller:
    """Keeps what every decision needs, and draws in the order of the story."""

    def __init__(self, committee: Node, held: MatterList) -> None:
        self.committee, self.group = committee, Node.objects.get(tree="B", code="G0")
        self.items = list(ListItem.objects.filter(list=held).select_related("list"))
        self.posts = {post.code: post for post in Post.objects.filter(code__endswith="head-1")}
        serving = Person.objects.filter(appointments__post__node__in=[self.committee.pk, self.group.pk], appointments__ends_on=None)
        self.people = list(serving.exclude(appointments__post__kind="staff").distinct().order_by("code"))
        self.rng, self.actors, self.matters = np.random.default_rng(SEED + 41), Actors(), list[Made]()

    def tell(self, told: Told) -> None:
        day = date(told.month // 100, told.month % 100, 2)
        item = next(one for one in self.items if told.item in one.title)
        with _on(day):
            made = actions.register(by=OFFICE, new=self._new(told, item, day))
            if item.needs_legal:
                actions.record_opinion(by=OFFICE, decision=made, kind="legal", paper_number=f"法审 {made.code[1:]}", on=day)
        if told.special != "waits_study":
            self._decide(told, made, day)

    def _new(self, told: Told, item: ListItem, day: date) -> NewDecision:
        first = int(self.rng.integers(len(self.people)))
        proposer, recorder = self.people[first], self.people[first if told.special == "same_person" else first - 1]
        if item.category == "personnel":
            held = {"persons": int(self.rng.integers(2, 7)), "holder": "党委组织部", "paper_file": f"干 {told.month}"}
            return NewDecision(self.committee, "personnel", day, item, proposer=proposer, recorder=recorder, **held)  # type: ignore[arg-type]
        return NewDecision(
            self.committee, item.category, day, item, told.title, self.group, told.amount * WAN if told.amount is not None else None, told.over_budget,
            told.special == "restricted", proposer=proposer, recorder=recorder,
        )  # fmt: skip

    def _counts(self, made: Decision) -> tuple[int, int] | None:
        """Boards of nine and managers' meetings of seven, nearly complete; the office says nothing of committee and shareholders."""
        members = {"board": 9, "managers": 7}.get(made.body)
        return (members, members - int(self.rng.integers(0, 3))) if members else None

    def _decide(self, told: Told, made: Decision, day: date) -> None:
        studied = day
        if made.needs_study and told.special != "no_study":
            studied = self._study(told, made, day)
            if told.special in {"stop", "waits_decision"}:
                return
        meeting = self._meeting(_DECIDES[made.body], studied)
        on = meeting.held_on if meeting is not None and meeting.held_on else studied + timedelta(days=9)
        changed = told.special in {"changed", "changed_open"}
        with _on(min(on, TODAY), 17):
            last = None if self.rng.random() < 0.2 else told.special != "no_study"
            actions.decide(by=OFFICE, decision=made, made=Taken("adopted", on, "", meeting, last, changed, self._counts(made)))
        if told.special == "no_study":
            self._record(made, self._meeting("party_committee", on + timedelta(days=1)), "agree")
        if told.special == "changed":
            self._record(made, self._meeting("party_committee", on + timedelta(days=1)), "agree", is_return=True)
        if told.department and on + timedelta(days=5) < TODAY:
            self._carry_out(told, made, on)

    def _study(self, told: Told, made: Decision, day: date) -> date:
        """The committee's meetings on it; returns the day of the last one."""
        first = _without_quorum(self.committee, day) if told.special == "no_quorum" else self._meeting("party_committee", day)
        result = {"revise": "revise", "stop": "stop"}.get(told.special, "agree")
        on = self._record(made, first, result)
        if told.special == "revise":
            on = self._record(made, self._meeting("party_committee", on + timedelta(days=1)), "agree")
        with _on(on, 16):
            if made.category != "personnel":
                actions.answer_whether(by=OFFICE, decision=made, answers=[Answer(name, True, "见会议材料") for name in QUESTIONS])
            if made.needs_staff_congress and told.special == "congress":
                actions.record_staff_congress(by=OFFICE, decision=made, on=on)
        return on

    def _record(self, made: Decision, meeting: Meeting | None, result: str, is_return: bool = False) -> date:
        assert meeting is not None
        assert meeting.held_on is not None
        with _on(meeting.held_on, 15):
            actions.record_study(by=OFFICE, decision=made, meeting=meeting, result=result, is_return=is_return)
        return meeting.held_on

    def _meeting(self, kind: str, day: date) -> Meeting | None:
        """The next one held from a day on."""
        node = self.committee if kind == "party_committee" else self.group
        rows = Meeting.objects.filter(kind__code=kind, node=node, state__in=HELD_STATES, held_on__gte=day).exclude(title__contains="临时")
        return rows.order_by("held_on", "pk").first()

    def _carry_out(self, told: Told, made: Decision, on: date) -> None:
        leader, handler = self.posts["B-G0-deputy_head-1"], self.posts[f"B-{told.department}-department_head-1"]
        is_overdue = told.special == "overdue"
        due = date(2026, 9, 30) if is_overdue else on + timedelta(days=int(self.rng.integers(45, 150)))
        new = ledger.NewMatter(
            f"落实：{told.title}", Side.BOTH, self.group, due, ledger.Parts(leader, handler), self.committee, on, origin=Origin.RESOLUTION,
            record=Reference("decision", str(made.pk)), is_restricted=made.is_restricted,
        )  # fmt: skip
        fields = {"sensitivity": Sensitivity.RESTRICTED} if made.is_restricted else {}
        begun = {"state": State.IN_PROGRESS, "progress": 55}
        row = Made(new, begun) if is_overdue else fate(Made(new, fields), CARRIED, self.actors, self.rng)
        self.matters.append(row)


def _without_quorum(committee: Node, day: date) -> Meeting:
    """An extraordinary meeting that too few attended."""
    kind = MeetingKind.objects.get(code="party_committee")
    on = day + timedelta(days=1)
    counts = {"should": 9, "present": 4, "on_leave": 5, "voters": 9, "voters_present": 4, "is_valid": False, "place": "视频会议室"}
    row = PastMeeting(
        kind, committee, f"{day.year}年{day.month}月党委会（临时）", on, time(18), 40, state=MeetingState.HELD,
        items=(PastItem("重大经营管理事项前置研究：刀具集中采购", Side.BOTH, "decision"),), fields=counts,
    )  # fmt: skip
    return recording.record_past(by=SYSTEM, rows=[row])[0]


@act("demo.decisions")
def _finish(*, by: SystemActor) -> None:
    """Decisions of the first year whose matters are all closed were looked at afterwards, and some of them filed."""
    count = 0
    for made in Decision.objects.filter(decided_on__year=2025, state="decided").exclude(category="personnel").order_by("pk"):
        if any(matter.is_open for matter in queries.execution([made.pk]).get(made.pk, [])):
            continue
        count += 1
        with _on(date(2026, 3, 20)):
            actions.assess(by=OFFICE, decision=made, achieved="partly" if count % 4 == 0 else "reached", on=date(2026, 3, 20))
            if count % 3:
                actions.archive(by=OFFICE, decision=made, number=f"档 2026-{count:03d}")
    current().about(Reference("demo", "decisions"), assessed=count)
