"""A leader's figures by hand: two loads, the four in person, regularity, busy-season drop; who may see them; the collectors."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.town import TODAY, Town, account, fresh, post

from rongtong.duties import checks, collectors, figures, policies
from rongtong.duties.models import Issue
from rongtong.indicators.models import Indicator, MonthClose, Observation
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.generating import Made, generate
from rongtong.ledger.models import Matter, Origin
from rongtong.organization.models import Person
from rongtong.rules.checks import Span
from rongtong.rules.checks import Subject as Asked
from rongtong.rules.models import RuleRow

Issued = dict[tuple[str, str], Issue]


def closed(town: Town, due: date, late: int | None, side: str = "party", issue: Issue | None = None, **more: Any) -> Made:
    """A duty of the branch due on a day, closed so many days late; None leaves it open."""
    record = Reference("duty_issue", str(issue.pk)) if issue else None
    new = ledger.NewMatter("履责", side, town.branch, due, ledger.Parts(town.secretary, town.deputy), None, due - timedelta(days=20),
                           origin=Origin.DUTY, record=record, **more)  # fmt: skip
    state = {} if late is None else {"state": "closed", "closed_on": due + timedelta(days=late), "progress": 100}
    return Made(new, fields=state)


def zhou() -> Person:
    return Person.objects.select_related("account").get(code="E-zhou")


def test_two_loads_count_duties_met_on_each_side(town: Town) -> None:
    rows = [closed(town, date(2026, 10, 20), -1), closed(town, date(2026, 10, 25), 5), closed(town, date(2026, 10, 28), None, "both")]
    generate(by=SYSTEM, rows=rows)
    loads = figures.two_loads(zhou(), TODAY)
    assert loads["party"][-1] == figures.Load(202610, 3, 1, 2)
    assert loads["production"][-1] == figures.Load(202610, 1, 0, 0)
    assert sum(load.due for load in loads["party"][:-1]) == 0


def test_the_four_in_person_are_steps_of_the_leader(town: Town) -> None:
    matter = ledger.deploy(
        by=town.zhou, new=ledger.NewMatter("查", "both", town.branch, date(2026, 12, 1), ledger.Parts(town.secretary, town.deputy))
    )
    ledger.urge(by=town.zhou, matter=matter)
    ledger.remark(by=town.li, matter=matter, note="handler's own remark")
    found = figures.in_person(zhou(), TODAY)
    assert (found.counts, found.touched, found.matters) == ({"deploy": 2, "inquire": 0, "coordinate": 0, "supervise": 1}, 1, 1)
    person = zhou()
    person.account = None
    assert not figures.in_person(person, TODAY).has_account  # nothing is told, not zero


def test_regularity_and_a_burst(town: Town, issued: Issued) -> None:
    """Eight closed in the first half of 2026: five after 16 June. 5/8 > 0.5 is a burst; 3 months, one kind."""
    row = issued["D-11", "P1"]
    days = [date(2026, 2, 10)] * 2 + [date(2026, 4, 10)] + [date(2026, 6, 20)] * 5
    generate(by=SYSTEM, rows=[closed(town, day, 0, issue=row) for day in days])
    found = figures.regularity(zhou(), TODAY, town.branch)
    assert (found.months, found.kinds, found.kinds_due) == (3, 1, 1)
    assert found.burst_share == pytest.approx(5 / 8)
    assert found.is_burst
    Matter.objects.filter(due_on=date(2026, 6, 20), pk__gt=Matter.objects.order_by("pk")[4].pk).update(closed_on=None, state="assigned")
    assert not figures.regularity(zhou(), TODAY, town.branch).is_burst


def load(town: Town, loads: dict[int, float]) -> None:
    indicator = Indicator.objects.create(code="B11", name="产量", subsystem="production", owner=town.group, kind="ratio", aggregate="ratio",
                                         direction="benefit")  # fmt: skip
    for period, value in loads.items():
        MonthClose.objects.create(period=period, closed_by="x")
        Observation.objects.create(node=town.shop, indicator=indicator, period=period, value=100.0, numerator=value, denominator=value,
                                   source="entered", author_uid="1", author_label="a")  # fmt: skip


def test_busy_season_drop_by_hand(town: Town) -> None:
    """Peak months May, June, September: 1 of 4 on time; the others 3 of 4. 75 - 25 = 50 points."""
    load(town, dict.fromkeys(range(202601, 202611), 100.0) | {202605: 150.0, 202606: 160.0, 202609: 140.0})
    peak, other = [date(2026, 5, 20)] * 2 + [date(2026, 6, 20), date(2026, 9, 20)], [date(2026, 3, 20)] * 4
    lates = [0, 3, 4, None, 0, 0, -2, 9]
    generate(by=SYSTEM, rows=[closed(town, day, late) for day, late in zip(peak + other, lates, strict=True)])
    found = figures.busy_drop(town.shop, [town.shop.pk, town.branch.pk], TODAY)
    assert (found.peak_months, found.peak, found.other) == ((202605, 202606, 202609), (1, 4), (3, 4))
    assert found.points == pytest.approx(50.0)


def test_without_a_load_the_drop_is_not_told(town: Town) -> None:
    generate(by=SYSTEM, rows=[closed(town, date(2026, 5, 20), 0)])
    assert figures.busy_drop(town.shop, [town.branch.pk], TODAY).points is None


def test_figures_are_for_oneself_and_the_superior(town: Town) -> None:
    """Who leads the place above; not the own deputy or staff, a neighbour, an office, or a Party worker of the superior."""
    posts = figures.places_of(zhou(), TODAY)
    boss = account("boss", post("H0", "集团经理", town.group, "head"), roles=(("manager", town.group),))
    worker = account("worker", post("W0", "集团干事", town.group, "staff"), roles=(("party_worker", town.group),))
    assert policies.sees_figures_of(fresh(town.zhou), zhou(), posts)
    assert policies.sees_figures_of(fresh(boss), zhou(), posts)
    for other in (town.li, town.chen, town.wang, town.office, worker):
        assert not policies.sees_figures_of(fresh(other), zhou(), posts)
    staff = Person.objects.get(code="E-wang")
    assert policies.sees_figures_of(fresh(town.zhou), staff, figures.places_of(staff, TODAY))  # leads where wang serves
    assert not policies.sees_figures_of(fresh(town.chen), staff, figures.places_of(staff, TODAY))
    root = Person.objects.get(code="E-boss")
    assert policies.sees_figures_of(fresh(town.office), root, figures.places_of(root, TODAY))  # nobody stands above
    assert not policies.sees_figures_of(fresh(worker), root, figures.places_of(root, TODAY))


def test_own_hands_count_and_signing_off_does_not(town: Town) -> None:
    """A leader who is the handler leads by doing; one who only closes what others did has delegated."""
    own = ledger.deploy(by=town.zhou, new=ledger.NewMatter("自己办", "party", town.branch, date(2026, 12, 1),
                                                            ledger.Parts(town.secretary, town.secretary, town.deputy), is_light=True))  # fmt: skip
    ledger.acknowledge(by=town.zhou, matter=own)
    ledger.report(by=town.zhou, matter=own, progress=50, note="跑了两个班组")
    left = ledger.deploy(by=town.zhou, new=ledger.NewMatter("交给别人", "party", town.branch, date(2026, 12, 1),
                                                             ledger.Parts(town.secretary, town.deputy)))  # fmt: skip
    ledger.acknowledge(by=town.li, matter=left)
    ledger.submit(by=town.li, matter=left, note="好")
    ledger.close(by=town.zhou, matter=left)
    found = figures.in_person(zhou(), TODAY)
    assert (found.touched, found.matters, found.counts["supervise"]) == (1, 2, 0)


def test_the_own_closed_loop_is_of_what_one_handled(town: Town) -> None:
    generate(
        by=SYSTEM, rows=[closed(town, date(2026, 10, 20), -1), closed(town, date(2026, 10, 25), 5), closed(town, date(2026, 10, 28), None)]
    )
    li = Person.objects.get(code="E-li")
    loop = figures.own_loop(li, TODAY)
    assert (loop.due, loop.on_time, loop.closed) == (3, 1, 2)
    assert figures.own_loop(zhou(), TODAY).due == 0


def test_business_matters_led_stand_beside_the_duties(town: Town, issued: Issued) -> None:
    ledger.deploy(
        by=town.zhou,
        new=ledger.NewMatter("降返工", "production", town.shop, date(2026, 12, 1), ledger.Parts(town.head, town.staff, town.deputy)),
    )
    generate(by=SYSTEM, rows=[closed(town, date(2026, 10, 20), 0, "both", issued["D-11", "P1"])])
    assert [matter.title for matter in figures.led_matters(zhou(), TODAY)] == ["降返工"]


def test_collectors_follow_due_dates(town: Town, issued: Issued) -> None:
    row = issued["D-11", "P1"]
    generate(by=SYSTEM, rows=[closed(town, date(2026, 10, 20), 0, issue=row), closed(town, date(2026, 10, 21), 5, issue=row)])
    nodes = [town.branch.pk, town.shop.pk, town.group.pk]
    assert list(collectors.on_time(202610, nodes)) == [(town.branch.pk, 1.0, 2.0)]
    assert list(collectors.others_done(202610, nodes)) == []  # a secretary's duty is not one of the others
    assert list(collectors.on_time(202609, nodes)) == []


def test_checks_resp_01_and_02(town: Town, issued: Issued) -> None:
    row = RuleRow.objects.get(code="RESP-02")
    subject = Asked(town.branch)
    assert checks.list_issued([(subject, row)], TODAY)[town.branch.pk].state == "met"
    assert checks.list_issued([(Asked(town.other), row)], TODAY)[town.other.pk].state in {"met", "late"}
    half = Period.of(PeriodKind.HALF, 202612)
    found = checks.four_in_person([(subject, row)], Span(half, TODAY))[town.branch.pk]
    assert found.state == "due" and found.detail == {}  # how often is for the secretary and the superior
    over = checks.four_in_person([(subject, row)], Span(half, date(2027, 1, 1)))[town.branch.pk]
    assert over.state == "late", "a half-year that is over is not for ever due"
