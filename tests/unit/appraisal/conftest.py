"""Three workshops of a class, a scheme whose records tell the production side and whose Party side people judge, and a round."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from tests.town import OPENED, Town, account, fresh, node
from tests.unit.schemes.making import criterion, part, scheme

from rongtong.accounts.models import User
from rongtong.appraisal import actions, publishing, queries, reporting
from rongtong.appraisal.actions import NewRound, Timetable
from rongtong.appraisal.models import Round, Sheet
from rongtong.appraisal.reporting import Given
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor
from rongtong.organization.models import BusinessUnit, UnitClass, UnitClassAssignment
from rongtong.schemes import actions as schemes
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.data import GradeBand, SchemeData, Step
from rongtong.schemes.models import SchemeVersion
from rongtong.trees.models import Node

FIRST, LAST = 202601, 202610
MONTHS = (202608, 202609, 202610)
TIMES = Timetable(date(2026, 11, 25), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 5), date(2026, 12, 10))
GRADES = (
    GradeBand("A", "优秀", 9000, "excellent", 4000),
    GradeBand("B", "良好", 8000),
    GradeBand("C", "一般", 6000),
    GradeBand("D", "较差", 0),
)
OTHER_PERSON = SystemActor("second", "第二人")


def data_of(*more: Any, party: int = 4000) -> SchemeData:
    """Party work judged (60) and events (40); production by first-pass yield (80) and safety events (20)."""
    steps = (Step(None, 90.0, 2000), Step(90.0, 97.0, 7000), Step(97.0, None, 10_000))
    parts = (
        part("P", "party", party, criterion("P1", 6000, name="党建工作"), criterion("P2", 4000, name="党建扣分", kind="event", rule="deduction", per=1000)),
        part(
            "B", "production", 10_000 - party, criterion("B1", 8000, name="一次合格率", kind="indicator", rule="bands", of="B21", steps=steps),
            criterion("B2", 2000, name="安全事件", kind="event", rule="deduction", per=500),
            criterion("V1", 0, name="重大事故", kind="event", rule="veto", basis="安监〔2025〕3号", approver="总经理办公会"),
        ),
    )  # fmt: skip
    return scheme("L1", parts, bands=GRADES, veto_grade="C")


def version_of(
    unit_class: UnitClass, data: SchemeData | None = None, starts_on: date = date(2026, 1, 1), code: str = "SC"
) -> SchemeVersion:
    new = NewScheme(code, "生产单位考核办法", unit_class, "Scheme of production units")
    made = schemes.draft(by=SYSTEM, new=new, data=data or data_of(), paper=Paper(starts_on, "企管〔2026〕1号"))
    return schemes.issue(by=OTHER_PERSON, version=made, seen=made.digest)


@dataclass(frozen=True)
class Fair:
    """What a round needs, by short names."""

    town: Town
    third: Node
    unit_class: UnitClass
    version: SchemeVersion
    indicator: Indicator
    guan: User
    office: User

    def planned(self, **more: Any) -> Round:
        given: dict[str, Any] = {
            "title": "2026 年度考核", "node": self.town.group, "first": FIRST, "last": LAST, "versions": [self.version], "timetable": TIMES,
        } | more  # fmt: skip
        return actions.plan(by=fresh(self.guan), new=NewRound(**given))

    def launched(self, **more: Any) -> Round:
        made = self.planned(**more)
        return actions.launch(by=fresh(self.guan), round_=made, seen=queries.cost_of(made, clock.today()).digest)

    def gathered(self, **more: Any) -> Round:
        made = self.launched(**more)
        actions.gather(by=fresh(self.guan), round_=made)
        return Round.objects.get(pk=made.pk)

    def in_review(self) -> Round:
        return actions.close_reports(by=fresh(self.guan), round_=self.gathered())

    def judged(self, made: Round, **values: float | None) -> None:
        """A value of P1 for every unit by its code; the same for all where none is named."""
        for sheet in made.sheets.select_related("round__node", "node", "of_class__version"):
            value = values.get(sheet.node.code, 80.0)
            given = Given("P1", value, "" if value is not None else "没有可判断的材料")
            reporting.review(by=fresh(self.office), sheet=sheet, given=[given])

    def calibrated(self, **values: float | None) -> Round:
        made = self.in_review()
        self.judged(made, **values)
        return actions.close_review(by=fresh(self.guan), round_=made)

    def published(self, **values: float | None) -> Round:
        made = publishing.propose(by=fresh(self.guan), round_=self.calibrated(**values))
        return publishing.publish(by=fresh(self.office), round_=made)

    def sheet(self, made: Round, at: Node | None = None) -> Sheet:
        rows = Sheet.objects.select_related("round__node", "node", "of_class__version", "of_class__unit_class")
        return rows.get(round=made, node=at or self.town.shop)


def observe(indicator: Indicator, at: Node, *values: float) -> None:
    Observation.objects.bulk_create(
        [
            Observation(node=at, indicator=indicator, period=period, value=value, source="entered", author_uid="1", author_label="a")
            for period, value in zip(MONTHS, values, strict=False)
        ]
    )


@pytest.fixture
def fair(town: Town) -> Fair:
    unit_class = UnitClass.objects.create(code="production", name="生产单位", name_en="Production units")
    third = node("B", "0000100003", "M3", "三车间", town.group)
    for unit in (town.shop, town.other, third):
        BusinessUnit.objects.create(node=unit, kind="workshop", headcount=40)
        UnitClassAssignment.objects.create(unit=unit, unit_class=unit_class, starts_on=OPENED)
    indicator = Indicator.objects.create(
        code="B21",
        name="一次合格率",
        subsystem="production",
        direction="benefit",
        kind="ratio",
        aggregate="mean",
        dimension="quality",
        owner=town.group,
    )
    observe(indicator, town.shop, 98.0, 98.4, 98.8)
    observe(indicator, town.other, 95.0, 95.0, 96.0)
    return Fair(
        town, third, unit_class, version_of(unit_class), indicator, account("guan", roles=(("management_office", None),)), town.office
    )
