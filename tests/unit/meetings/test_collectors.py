"""Figures of meetings by hand: numerator and denominator, along the tree, and silence where nothing was kept."""

from datetime import date, time

import pytest
from tests.unit.meetings.conftest import Hall
from tests.unit.meetings.test_checks import past

from rongtong.kernel.act import SYSTEM
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Matter
from rongtong.meetings import collectors, figures
from rongtong.meetings.recording import PastItem, PastMeeting, PastResolution, record_past
from rongtong.rules import actions as rules

pytestmark = pytest.mark.django_db


def nodes(hall: Hall) -> list[int]:
    return [hall.town.group.pk, hall.town.shop.pk, hall.town.branch.pk]


def test_life_counts_rules_met_not_meetings(hall: Hall) -> None:
    """Defect caught: three theme days in a month better than one."""
    past(hall, "theme_day", date(2026, 8, 3))
    for day in (4, 11, 18):
        past(hall, "theme_day", date(2026, 10, day))
    rules.run_checks(by=SYSTEM, since=202608)
    assert list(collectors.life_held(202610, nodes(hall))) == [(hall.town.branch.pk, 1.0, 1.0)]
    assert list(collectors.life_held(202609, nodes(hall))) == [(hall.town.branch.pk, 0.0, 1.0)]  # the quarter began before records
    assert list(collectors.life_held(202607, nodes(hall))) == []


def test_attendance_sums_people_and_is_silent_where_nobody_counted(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 10, 4), fields={"should": 4, "present": 3})
    past(hall, "assembly", date(2026, 10, 5), fields={"should": 4, "present": 4})
    past(hall, "lecture", date(2026, 10, 6))
    assert list(collectors.attendance(202610, nodes(hall))) == [(hall.town.branch.pk, 7.0, 8.0)]
    assert list(collectors.attendance(202609, nodes(hall))) == []


def both(hall: Hall, on: date, due: date, code: str = "branch_committee", owned: bool = True) -> None:
    town = hall.town
    made = Made(NewMatter("攻关", "both", town.branch, due, Parts(town.secretary, town.deputy), starts_on=on))
    item = PastItem("返工偏多", "both", "business")
    past(hall, code, on, items=(item,), resolutions=(PastResolution(0, "攻关", "both", made if owned else None, True),))


def test_items_on_time_follow_the_due_month(hall: Hall) -> None:
    both(hall, date(2026, 9, 4), date(2026, 10, 10))
    both(hall, date(2026, 9, 5), date(2026, 10, 20))
    Matter.objects.filter(due_on=date(2026, 10, 10)).update(state="closed", closed_on=date(2026, 10, 10))
    assert list(collectors.items_on_time(202610, nodes(hall))) == [(hall.town.branch.pk, 1.0, 2.0)]
    assert list(collectors.items_on_time(202609, nodes(hall))) == []


def test_same_meeting_only_where_an_owner_was_left(hall: Hall) -> None:
    """Defect caught: an item of the other side that merely stands on the agenda counted as deployed together."""
    both(hall, date(2026, 10, 4), date(2026, 10, 30))
    both(hall, date(2026, 10, 5), date(2026, 10, 30), owned=False)
    past(hall, "lecture", date(2026, 10, 6))  # not asked for it
    shop = hall.town.shop
    row = PastMeeting(
        hall.kind("operating"), shop, "例会", date(2026, 10, 8), time(9), 60, items=(PastItem("产量", "production", "business"),)
    )
    record_past(by=SYSTEM, rows=[row])
    assert sorted(collectors.same_meeting(202610, nodes(hall))) == sorted([(shop.pk, 1.0, 3.0), (hall.town.group.pk, 1.0, 3.0)])
    assert figures.deployed_together(nodes(hall), date(2026, 10, 1), date(2026, 11, 1)) == figures.Part(1, 3)


def test_topics_chaired_by_the_secretary(hall: Hall) -> None:
    items = (PastItem("一", "party", "study"), PastItem("二", "party", "party_building"))
    past(hall, "branch_committee", date(2026, 10, 4), items=items)
    past(hall, "assembly", date(2026, 10, 5), items=items[:1], chair=hall.people["li"], chair_part="deputy", recorder=hall.people["zhou"])
    assert list(collectors.chaired(202610, nodes(hall))) == [(hall.town.branch.pk, 2.0, 3.0)]


def test_study_is_capped_at_what_is_required_so_far(hall: Hall) -> None:
    """Norm 32 hours x 4 members; by the end of March a quarter of it."""
    past(hall, "theme_day", date(2026, 1, 4), fields={"should": 4, "present": 2})  # 2 h x 2
    assert list(collectors.study_hours(202603, nodes(hall))) == [(hall.town.branch.pk, 4.0, 32.0)]
    for day in range(1, 20):
        past(hall, "theme_day", date(2026, 3, day), fields={"should": 4, "present": 4})
    assert list(collectors.study_hours(202603, nodes(hall))) == [(hall.town.branch.pk, 32.0, 32.0)]


def test_study_is_silent_for_a_year_that_was_not_kept_from_its_beginning(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 6, 4), fields={"should": 4, "present": 2})
    assert list(collectors.study_hours(202609, nodes(hall))) == []


def test_deployed_and_done_needs_a_business_side_result(hall: Hall) -> None:
    """Defect caught: a matter closed without a result counted as 落实."""
    both(hall, date(2026, 9, 4), date(2026, 10, 10))
    both(hall, date(2026, 9, 5), date(2026, 10, 20))
    both(hall, date(2026, 9, 6), date(2026, 12, 20))
    Matter.objects.filter(due_on__lt=date(2026, 11, 1)).update(state="closed", closed_on=date(2026, 10, 10))
    Matter.objects.filter(due_on=date(2026, 10, 20)).update(outcome="返工率降到 1.2 %")
    found = figures.deployed(nodes(hall), date(2026, 1, 1), date(2026, 11, 1))
    assert found.done == figures.Part(1, 2) and found.taken_up == figures.Part(2, 3)


def test_the_drop_in_peak_months_is_in_points(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 6, 4))
    past(hall, "theme_day", date(2026, 8, 4))
    rules.run_checks(by=SYSTEM, since=202606)
    kept = figures.life_kept([hall.town.branch.pk], date(2026, 8, 1), date(2026, 10, 1), peaks=[202609])
    assert (kept.peak, kept.other) == (figures.Part(0, 3), figures.Part(1, 1)) and kept.drop == 100.0
    assert figures.life_kept([hall.town.branch.pk], date(2026, 8, 1), date(2026, 10, 1)).drop is None
