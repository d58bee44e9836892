"""Records that close routine duties by themselves: figures given, a matter of both sides handed out, organisational life lived."""

from datetime import date, datetime
from typing import Any

import pytest
from tests.town import TODAY, Town, fresh

from rongtong.duties import actions, finding
from rongtong.duties.models import Issue
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.models import Evidence, Matter, Step
from rongtong.organization.models import BusinessUnit
from rongtong.rules.models import RuleResult, RuleRow

Issued = dict[tuple[str, str], Issue]


def made(town: Town, issued: Issued, code: str, on: date = TODAY) -> Matter:
    """The first open occurrence of a duty."""
    actions.generate(by=SYSTEM, on=on)
    return Matter.objects.filter(origin_kind="duty_issue", origin_id=str(issued[code].pk)).order_by("due_on")[0]


@pytest.fixture
def deployed(town: Town, issued: Issued) -> Matter:
    row = issued["D-09", "M1"]
    actions.name_posts(by=SYSTEM, of=row, leader=None, handler=town.staff)
    return Matter.objects.get(origin_id=str(row.pk))


def test_a_matter_of_both_sides_handed_out_by_the_leader_proves_the_duty(town: Town, deployed: Matter) -> None:
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0
    other = NewMatter("只管党建", "party", town.shop, date(2026, 12, 20), Parts(town.head, town.staff, town.deputy))
    ledger.deploy(by=fresh(town.zhou), new=other)
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0  # of one side only
    both = ledger.deploy(
        by=fresh(town.zhou), new=NewMatter("双抓", "both", town.shop, date(2026, 12, 20), Parts(town.head, town.staff, town.deputy))
    )
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 1
    deployed.refresh_from_db()
    assert (deployed.state, deployed.closed_on) == ("closed", TODAY)
    assert Evidence.objects.get(matter=deployed).record_id == str(both.pk)
    assert Step.objects.get(matter=deployed, kind="prove").by_part == "leader"
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0  # run twice


def test_what_others_handed_out_proves_nothing(town: Town, deployed: Matter) -> None:
    ledger.deploy(
        by=town.office, new=NewMatter("上级布置", "both", town.shop, date(2026, 12, 20), Parts(town.head, town.staff, town.deputy))
    )
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0
    with pytest.raises(NotAllowed):
        finding.prove_found(by=town.office, on=TODAY)


def test_organisational_life_proves_the_month_once_it_is_over_and_complete(town: Town, issued: Issued) -> None:
    matter = made(town, issued, ("D-11", "P1"))
    assert str(matter.occurrence).endswith(":month:202610")
    rows = {code: RuleRow.objects.filter(code=code).order_by("pk")[0] for code in ("OL-02", "OL-05")}

    def result(code: str, state: str) -> None:
        RuleResult.objects.update_or_create(
            node=town.branch, rule_code=code, period=202610, defaults={"row": rows[code], "state": state, "level": "green"}
        )

    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0  # nothing is known
    result("OL-02", "met")
    result("OL-05", "late")
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0
    result("OL-05", "not_enough_data")
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 0
    result("OL-05", "excused")
    assert finding.prove_found(by=SYSTEM, on=date(2026, 10, 30)) == 0  # the month is not over
    assert finding.prove_found(by=SYSTEM, on=TODAY) == 1
    matter.refresh_from_db()
    assert (matter.state, matter.closed_on) == ("closed", date(2026, 10, 31))


def value(town: Town, indicator: Indicator, period: int) -> None:
    Observation.objects.create(node=town.shop, indicator=indicator, period=period, value=97.0, source="entered", author_uid="1", author_label="a",
                               entered_at=clock.now())  # fmt: skip


def test_a_department_has_given_its_figures_when_every_one_it_owns_stands(town: Town, issued: Issued) -> None:
    more: dict[str, Any] = {"subsystem": "production", "direction": "benefit", "kind": "ratio", "aggregate": "ratio", "owner": town.other}
    first, second = (Indicator.objects.create(code=code, name=code, **more) for code in ("X1", "X2"))
    Indicator.objects.create(code="X3", name="自动取数", collector="I13", **more)
    BusinessUnit.objects.filter(node=town.other).update(kind="department")
    town.other_head.kind = "department_head"
    town.other_head.save(update_fields=["kind"])
    with clock.frozen(datetime(2026, 10, 8, 9, 0)):
        actions.issue(by=SYSTEM, of=issued["D-09", "M1"].duty.duty_list, root=town.group, on=date(2026, 10, 8))
        row = Issue.objects.get(duty_code="D-14", node=town.other)
        actions.name_posts(by=SYSTEM, of=row, leader=town.other_head, handler=town.staff)
    with clock.frozen(datetime(2026, 11, 5, 9, 0)):
        value(town, first, 202610)
        assert finding.prove_found(by=SYSTEM, on=date(2026, 11, 5)) == 0
        value(town, second, 202610)
        assert finding.prove_found(by=SYSTEM, on=date(2026, 11, 5)) == 1
    matter = Matter.objects.get(origin_id=str(row.pk), state="closed")
    assert str(matter.occurrence).endswith(":month:202610") and matter.closed_on == date(2026, 11, 5)
