"""The town under inspection: the branch with results of rules, another branch, a check list, a draft and an issued inspection."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from tests.town import OPENED, Town, account, fresh, node

from rongtong.accounts.models import User
from rongtong.inspections import actions, queries
from rongtong.inspections.actions import NewInspection
from rongtong.inspections.models import Checklist, Inspection, Item, Place
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.organization.models import BusinessUnit, PartyOrganisation
from rongtong.rules.models import RuleResult, RuleRow
from rongtong.trees.models import Node, TreeLink

START, END = date(2026, 12, 1), date(2026, 12, 18)


@dataclass(frozen=True)
class Visit:
    """What an inspection needs, by short names."""

    town: Town
    second: Node
    checklist: Checklist
    inspector: User
    office: User

    def result(self, code: str, period: int, state: str, references: tuple[str, ...] = (), at: Node | None = None) -> None:
        row = RuleRow.objects.get(code=code, node=None)
        RuleResult.objects.create(
            node=at or self.town.branch, row=row, rule_code=code, period=period, state=state, level="red", references=list(references)
        )

    def planned(self, **more: Any) -> Inspection:
        given: dict[str, Any] = {
            "kind": "check", "title": "年终党建检查", "node": self.town.group, "checklist": self.checklist, "starts_on": START, "ends_on": END,
            "places": [self.town.branch, self.second], "people": 2,
        } | more  # fmt: skip
        return actions.plan(by=fresh(self.inspector), new=NewInspection(**given))

    def issued(self, **more: Any) -> Inspection:
        made = self.planned(**more)
        seen = queries.cost_of(queries.sheet_of(made), clock.today()).digest
        return actions.issue(by=fresh(self.inspector), inspection=made, seen=seen)

    def place(self, inspection: Inspection, at: Node | None = None) -> Place:
        return Place.objects.select_related("inspection__node", "node").get(inspection=inspection, node=at or self.town.branch)

    def item(self, inspection: Inspection, text: str) -> Item:
        return next(item for item in inspection.items.all() if text in (item.rule_code, item.question))


@pytest.fixture
def visit(town: Town) -> Visit:
    PartyOrganisation.objects.create(node=town.branch, kind="branch", members=20, formal_members=19)
    BusinessUnit.objects.create(node=town.shop, kind="workshop", headcount=40)
    second = node("P", "00002", "P2", "二车间党支部")
    PartyOrganisation.objects.create(node=second, kind="branch", members=15, formal_members=15)
    TreeLink.objects.create(unit=town.other, party=second, kind="own", share=1.0, starts_on=OPENED)
    checklist = Checklist.objects.create(code="short", title="短清单", title_en="Short list")
    for text in (
        actions.ItemText("组织生活", "OL-01"), actions.ItemText("组织生活", "OL-05"), actions.ItemText("组织设置", "ORG-04"),
        actions.ItemText("现场", question="活动阵地能正常使用", question_en="The Party room is usable", minutes=15),
    ):  # fmt: skip
        actions.add_item(by=SYSTEM, checklist=checklist, text=text)
    made = Visit(town, second, checklist, account("jian", roles=(("inspector", None),)), town.office)
    for period, state in ((202603, "met"), (202606, "met"), (202609, "late")):
        made.result("OL-01", period, state, (f"meeting:{period}",))
    made.result("ORG-04", 202611, "met", ("node:1",))
    return made
