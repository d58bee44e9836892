"""The town of the ledger with unit and Party kinds, the shipped list, and everything of the calendar."""

from datetime import date, datetime

import pytest
from tests.town import Town

from rongtong.duties import actions
from rongtong.duties.models import DutyList, Issue
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.organization.models import BusinessUnit, PartyOrganisation
from rongtong.rules import workdays

ISSUED = date(2026, 10, 8)


@pytest.fixture
def listed(town: Town) -> DutyList:
    workdays.install(by=SYSTEM)
    BusinessUnit.objects.create(node=town.group, kind="group")
    for node in (town.shop, town.other):
        BusinessUnit.objects.create(node=node, kind="workshop")
    PartyOrganisation.objects.create(node=town.branch, kind="branch", members=12, formal_members=11)
    return actions.install(by=SYSTEM)


@pytest.fixture
def issued(town: Town, listed: DutyList) -> dict[tuple[str, str], Issue]:
    with clock.frozen(datetime(2026, 10, 8, 9, 0)):
        actions.issue(by=SYSTEM, of=listed, root=town.group, on=ISSUED)
    return {(row.duty_code, row.node.code): row for row in Issue.objects.select_related("node", "duty")}
