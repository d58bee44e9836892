"""The town with production indicators, kinds of carriers, and a plan of the year."""

from datetime import date

import pytest
from tests.town import Town

from rongtong.indicators.models import Indicator
from rongtong.kernel.act import SYSTEM, SystemActor
from rongtong.plans import actions
from rongtong.plans.actions import NewCarrier, NewObjective
from rongtong.plans.models import Carrier, CarrierKind, Objective, Plan

OTHER = SystemActor("other", "另一人")


@pytest.fixture
def yields(town: Town) -> Indicator:
    actions.install(by=SYSTEM)
    return Indicator.objects.create(
        code="B21",
        name="一次合格率",
        subsystem="production",
        owner=town.group,
        kind="ratio",
        aggregate="ratio",
        direction="benefit",
        dimension="quality",
    )


@pytest.fixture
def plan(town: Town, yields: Indicator) -> Plan:
    return actions.open_plan(by=town.zhou, unit=town.shop, year=2026)


@pytest.fixture
def pair(town: Town, plan: Plan, yields: Indicator) -> tuple[Objective, Objective]:
    due = date(2026, 12, 31)
    party = actions.add_objective(by=town.zhou, plan=plan, new=NewObjective("party", "党员带头攻克返工难题", town.secretary, due))
    new = NewObjective("production", "一次合格率提升、返工下降", town.head, due, indicator=yields, target=98.0)
    return party, actions.add_objective(by=town.zhou, plan=plan, new=new)


def new_carrier(town: Town, yields: Indicator, **changes: object) -> NewCarrier:
    given = {
        "kind": CarrierKind.objects.get(code="secretary_project"), "title": "书记项目：返工攻关", "party": town.branch, "unit": town.shop,
        "owner": town.secretary, "indicator": yields, "target": 98.0, "baseline": 95.5, "starts_on": date(2026, 3, 1), "ends_on": date(2026, 12, 31),
    }  # fmt: skip
    return NewCarrier(**(given | changes))  # type: ignore[arg-type]


@pytest.fixture
def carrier(town: Town, yields: Indicator) -> Carrier:
    return actions.declare_carrier(by=town.zhou, new=new_carrier(town, yields))
