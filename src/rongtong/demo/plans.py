"""The sample enterprise's plans, carriers, links and results of two years; every confirmation by two persons. Deterministic; synthetic."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from rongtong.demo.story import SEED, Character, Story
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter
from rongtong.organization.models import Post, PostKind
from rongtong.plans import actions
from rongtong.plans.models import Carrier, CarrierKind, IntegrationLink, Objective, Plan
from rongtong.trees.models import Node, TreeLink

PARTY_SIDE = SystemActor("demo-party-side", "党组织负责人（演示）")
BUSINESS_SIDE = SystemActor("demo-business-side", "业务负责人（演示）")
_PARTY = (
    ("党员带头攻克质量返工难题", "secretary_project"),
    ("党员责任区保安全零事故", "responsibility_area"),
    ("降本增效党员突击行动", "task_force"),
)
_PRODUCTION = (("一次合格率提升、返工下降", "B21"), ("安全隐患整改闭环", "B32"), ("产量计划按期完成", "B11"))
_CARRIERS = {
    "secretary_project": ("书记项目：返工率攻关", "B21"),
    "responsibility_area": ("党员责任区：安全隐患清零", "B32"),
    "task_force": ("党员突击队：保产保供", "B11"),
}
_TARGETS = {"B21": 98.0, "B32": 98.0, "B11": 100.0}


def tell_plans(story: Story) -> None:
    """Plans of two years for every production unit and project, and of the plants above them."""
    for year in (2025, 2026):
        with clock.frozen(datetime.combine(date(year - 1, 12, 10), time(9))):
            _plans(by=SYSTEM, story=story, year=year)
        _confirm(by=SYSTEM, year=year)
    _together(by=SYSTEM, story=story)
    _finish(by=SYSTEM)
    actions.lapse_links(by=SYSTEM, on=clock.today())


@act("demo.plans")
def _plans(*, by: SystemActor, story: Story, year: int) -> None:
    rng = np.random.default_rng(SEED + year)
    units = Node.objects.filter(tree="B", unit__kind__in=["plant", "workshop", "project"]).order_by("path")
    posts = {(post.node_id, post.kind): post for post in Post.objects.filter(closed_on=None).exclude(kind=PostKind.STAFF).order_by("-pk")}
    links = dict(TreeLink.objects.exclude(kind="temporary").order_by("-pk").values_list("unit_id", "party_id"))
    indicators = {row.code: row for row in Indicator.objects.filter(code__in=_TARGETS)}
    kinds = {kind.code: kind for kind in CarrierKind.objects.all()}
    count = 0
    for unit in units:
        character = story.characters.get(unit.code) or Character(0.62, 0.62)
        secretary, head = posts.get((links.get(unit.pk, 0), PostKind.SECRETARY)), posts.get((unit.pk, PostKind.HEAD))
        if secretary is None or head is None or (character.no_meetings and year == 2025):
            continue
        plan = actions.open_plan(by=by, unit=unit, year=year)
        _objectives(by, plan, character, (secretary, head, posts.get((unit.pk, PostKind.DEPUTY_HEAD))), indicators, rng)
        actions.adopt(by=by, plan=plan, freeze=unit.code.count("-") == 0)
        _carriers(plan, character, secretary, kinds, indicators, rng)
        count += 1
    current().about(Reference("demo", "plans"), year=year, plans=count)


def _objectives(
    by: SystemActor,
    plan: Plan,
    character: Character,
    posts: tuple[Post, Post, Post | None],
    indicators: dict[str, Indicator],
    rng: np.random.Generator,
) -> None:
    """Two or three of each side; the better Party work is, the more of them are planned together."""
    secretary, head, deputy = posts
    due = date(plan.year, 12, 31)
    for at, (title, _kind) in enumerate(_PARTY[: 2 + int(character.party > 0.6)]):
        joint = head if rng.random() < character.party - 0.15 else None
        actions.add_objective(
            by=by, plan=plan, new=actions.NewObjective("party", title, secretary, due, joint, "points" if at else "superior")
        )
    for title, code in _PRODUCTION:
        joint = secretary if rng.random() < character.party - 0.25 else None
        new = actions.NewObjective("production", title, head, due, joint, "contract", indicator=indicators[code], target=_TARGETS[code])
        made = actions.add_objective(by=by, plan=plan, new=new)
        if code == "B21" and plan.year == 2026 and deputy is not None:
            parts = ledger.Parts(head, deputy)
            actions.add_measure(by=by, objective=made, title="返工原因分层分析与对策", due_on=date(plan.year, 12, 15), parts=parts)


def _carriers(
    plan: Plan, character: Character, owner: Post, kinds: dict[str, CarrierKind], indicators: dict[str, Indicator], rng: np.random.Generator
) -> None:
    """Carriers where Party work is alive; some are declared without being joined to anything."""
    assert plan.party is not None
    for title, kind in _PARTY:
        objective = Objective.objects.filter(plan=plan, title=title).first()
        if objective is None or rng.random() > character.party + 0.05:
            continue
        name, code = _CARRIERS[kind]
        baseline = _before(plan.unit, indicators[code], plan.year)
        start = date(plan.year, int(rng.integers(2, 5)), 1)
        new = actions.NewCarrier(
            kinds[kind], f"{plan.unit.name}{name}", plan.party, plan.unit, owner, indicators[code], _TARGETS[code], start,
            date(plan.year, 12, 31) if plan.year == 2026 else date(plan.year, 11, 30), baseline,
        )  # fmt: skip
        carrier = actions.declare_carrier(by=PARTY_SIDE, new=new)
        for state in ("approved", "running"):
            actions.move_carrier(by=BUSINESS_SIDE, carrier=carrier, to=state)
        target = Objective.objects.get(plan=plan, side="production", key_results__indicator__code=code)
        if rng.random() < character.party + 0.1:
            link = actions.NewLink(objective, target, carrier, indicators[code], _TARGETS[code], why="同一问题，两边都列入计划")
            actions.propose_link(by=PARTY_SIDE, new=link)


def _before(unit: Node, indicator: Indicator, year: int) -> float | None:
    """The mean of the months before the year that have a value."""
    rows = Observation.objects.filter(node=unit, indicator=indicator, is_current=True, period__lt=year * 100).order_by("-period")
    values = [row.value for row in rows[:3] if row.value is not None]
    return round(sum(values) / len(values), 1) if values else None


@act("demo.confirm")
def _confirm(*, by: SystemActor, year: int) -> None:
    """Most links are confirmed by both sides within weeks; some wait for the other side and lapse."""
    rng = np.random.default_rng(SEED + year + 1)
    for link in IntegrationLink.objects.filter(code__startswith=f"L{year}").order_by("pk"):
        with clock.frozen(datetime.combine(link.proposed_on + timedelta(days=int(rng.integers(3, 25))), time(10))):
            actions.confirm_link(by=PARTY_SIDE, link=link, side="party")
            if rng.random() < 0.75:
                actions.confirm_link(by=BUSINESS_SIDE, link=link, side="production")
    current().about(Reference("demo", "confirmations"), year=year)


_STEPS = (("planned", 5, 0.15), ("deployed", 45, -0.05), ("advanced", 130, -0.25))


@act("demo.together")
def _together(*, by: SystemActor, story: Story) -> None:
    """Where Party work is good, a confirmed link was planned, deployed and advanced together, and left a matter with an owner."""
    rng = np.random.default_rng(SEED + 29)
    rows = Matter.objects.filter(leader_post__isnull=False, handler_post__isnull=False).exclude(state__in=["draft", "void"]).order_by("pk")
    by_unit: dict[tuple[int, int], list[Matter]] = defaultdict(list)
    for matter in rows:
        by_unit[matter.lead_id, matter.due_on.year].append(matter)
    links = IntegrationLink.objects.filter(state="confirmed").select_related("party_objective__plan__unit", "production_objective__plan")
    for link in links.order_by("pk"):
        plan = link.party_objective.plan
        left, party = (
            by_unit[plan.unit_id, plan.year],
            story.characters[plan.unit.code].party if plan.unit.code in story.characters else 0.6,
        )
        for kind, days, more in _STEPS:
            on = (link.production_confirmed_on or link.proposed_on) + timedelta(days=days)
            if not left or on > clock.today() or rng.random() > party + more:
                break  # nothing is advanced that was not planned and deployed before
            matter = left[int(rng.integers(len(left)))]
            records = [Reference("plan", str(plan.pk)), Reference("matter", str(matter.pk))]
            actions.note_together(by=by, link=link, kind=kind, on=on, records=records, matter=matter)
    current().about(Reference("demo", "together"))


@act("demo.results")
def _finish(*, by: SystemActor) -> None:
    """The carriers of the first year are accepted with the figure of their last month, or only claimed; results enter the register."""
    rng = np.random.default_rng(SEED + 17)
    for carrier in Carrier.objects.filter(starts_on__year=2025).select_related("indicator", "unit", "party").order_by("pk"):
        with clock.frozen(datetime.combine(date(2025, 12, 20), time(10))):
            actions.move_carrier(by=BUSINESS_SIDE, carrier=carrier, to="ended")
            actions.accept_carrier(by=BUSINESS_SIDE, carrier=carrier, acceptance=_acceptance(carrier, rng))
            if rng.random() < 0.6:
                _result(carrier, rng)
    units = Node.objects.filter(tree="B", unit__kind="workshop").order_by("path")
    for at, unit in enumerate(units):
        with clock.frozen(datetime.combine(date(2026, 3 + at % 7, 12), time(10))):
            value = int(rng.integers(3, 40)) * 1_000_000
            actions.record_result(
                by=PARTY_SIDE, new=actions.NewResult(unit, f"{unit.name}提前完成季度任务", clock.today(), value_fen=value)
            )
    current().about(Reference("demo", "results"))


def _acceptance(carrier: Carrier, rng: np.random.Generator) -> Any:
    row = Observation.objects.filter(node=carrier.unit, indicator=carrier.indicator, is_current=True, period=202511).first()
    if row is None or row.value is None or rng.random() < 0.25:
        return actions.Acceptance(None, "单位自报成效明显，未核实数据")
    saving = int(rng.integers(2, 30)) * 1_000_000 if rng.random() < 0.4 else None
    badge = "before_after" if carrier.baseline is not None else "claimed"
    return actions.Acceptance(round(row.value, 1), f"{carrier.indicator.name}达到 {row.value:.1f}", saving, badge)


def _result(carrier: Carrier, rng: np.random.Generator) -> None:
    new = actions.NewResult(
        carrier.unit, f"{carrier.title}见效", clock.today(), "组织党员攻关并固化做法", carrier.party, carrier, carrier.indicator,
        int(rng.integers(2, 20)) * 1_000_000,
    )  # fmt: skip
    made = actions.record_result(by=PARTY_SIDE, new=new)
    if rng.random() < 0.6:
        actions.confirm_result(by=BUSINESS_SIDE, result=made)
