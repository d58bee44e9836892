"""What is due is proposed, series are made once, duties close by what was signed, study is applied; with the questions each costs."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.town import OPENED, TODAY, fresh, node
from tests.unit.meetings.conftest import HELD, Hall

from rongtong.duties.models import Duty, DutyList, Issue
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.models import Evidence, Matter
from rongtong.meetings import actions, agenda, both_sides, due, queries, series
from rongtong.meetings.actions import NewResolution
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import Meeting, Series
from rongtong.meetings.series import NewSeries
from rongtong.organization.models import PartyOrganisation
from rongtong.rules.models import CalendarDay, RuleRow
from rongtong.rules.workdays import Workdays
from rongtong.trees.models import Node


def proposed(hall: Hall, day: date = TODAY) -> dict[str, int]:
    found = due.proposals(due.own_nodes(fresh(hall.town.zhou)), day)
    return {one.row.code: one.missing for one in found}


def test_what_rules_ask_for_is_due_until_it_is_planned(hall: Hall) -> None:
    before = proposed(hall)
    assert {"OL-01", "OL-04", "OL-05", "OL-06", "OL-18"} <= set(before)
    assert "OL-02" not in before  # no seats of a committee: nobody asks for its meeting
    hall.prepared("theme_day", day=date(2026, 11, 27))
    assert "OL-05" not in proposed(hall)
    planned = Meeting.objects.get()
    actions.cancel(by=hall.town.zhou, meeting=planned, reason="停电")
    assert "OL-05" in proposed(hall)
    hall.held("theme_day", day=date(2026, 10, 30))  # last month's does not count for this month
    assert "OL-05" in proposed(hall)


def test_numbers_come_from_the_row_that_applies_there(hall: Hall) -> None:
    row = RuleRow.objects.get(code="OL-05")
    row.pk, row.node, row.min_count = None, hall.town.branch, 2
    row.save(force_insert=True)
    assert proposed(hall)["OL-05"] == 2
    hall.prepared("theme_day", day=date(2026, 11, 27))
    assert proposed(hall)["OL-05"] == 1


def test_a_window_is_proposed_in_its_months_only(hall: Hall) -> None:
    assert "OL-06" in proposed(hall, date(2026, 11, 1))
    assert "OL-06" not in proposed(hall, date(2026, 6, 1))


def test_an_organisation_that_moved_in_mid_period_keeps_its_meetings(hall: Hall) -> None:
    hall.prepared("theme_day", day=date(2026, 11, 3))
    above = node("P", "00002", "P9", "上级党委")
    hall.town.branch.path, hall.town.branch.parent, hall.town.branch.depth = above.path + "00001", above, 1
    hall.town.branch.save()
    assert "OL-05" not in proposed(hall)
    assert proposed(hall)  # and the rest is still asked for


def test_proposals_cost_the_same_for_one_and_for_many(hall: Hall) -> None:
    nodes = [node("P", f"{at:05d}", f"Q{at}", f"支部{at}") for at in range(100, 140)]
    PartyOrganisation.objects.bulk_create([PartyOrganisation(node=one, kind="branch") for one in nodes])
    nodes = list(due.hosts(Node.objects.filter(code__startswith="Q")))
    with CaptureQueriesContext(connection) as one:
        due.proposals(nodes[:1], TODAY)
    with CaptureQueriesContext(connection) as many:
        due.proposals(nodes, TODAY)
    assert len(many) == len(one) <= 4


def recurring(hall: Hall, **more: Any) -> Series:
    given: dict[str, Any] = {"day": 31, "from_time": time(15), "starts_on": date(2026, 11, 1)} | more
    return series.start(by=fresh(hall.town.zhou), new=NewSeries(hall.kind("theme_day"), hall.town.branch, "主题党日", **given))


def test_a_series_is_made_ahead_once_however_often_the_clock_runs(hall: Hall) -> None:
    made = recurring(hall)
    assert [m.starts_at.astimezone(clock.BUSINESS_ZONE).date() for m in made.meetings.order_by("starts_at")] == [
        date(2026, 11, 30), date(2026, 12, 31),
    ]  # fmt: skip
    assert [series.generate(by=SYSTEM, on=TODAY) for _again in range(2)] == [0, 0]
    with clock.frozen(datetime(2027, 1, 20, 9)):
        assert series.generate(by=SYSTEM, on=date(2027, 1, 20)) == 2  # January, and the last workday of February
    last = made.meetings.order_by("-starts_at")[0]
    assert last.starts_at.astimezone(clock.BUSINESS_ZONE).date() == date(2027, 2, 26)
    moved = made.meetings.order_by("starts_at")[0]
    actions.cancel(by=hall.town.zhou, meeting=moved, reason="改期")
    assert series.generate(by=SYSTEM, on=TODAY) == 0  # what was cancelled does not come back


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        (202802, 31, date(2028, 2, 29)),  # a leap year's shorter month
        (202702, 29, date(2027, 2, 26)),  # 28 February 2027 is a Sunday
        (202611, 21, date(2026, 11, 20)),  # a Saturday moves back
        (202610, 1, date(2026, 10, 8)),  # nothing worked lies before it in the month: forward
        (202611, 8, date(2026, 11, 8)),  # a Sunday that is worked stays
    ],
)
def test_the_day_of_a_month_that_is_shorter_or_not_worked(hall: Hall, month: int, day: int, expected: date) -> None:
    CalendarDay.objects.bulk_create(
        [CalendarDay(day=date(2026, 10, d), is_workday=False, source_text="x") for d in range(1, 8)]
        + [CalendarDay(day=date(2026, 11, 8), is_workday=True, source_text="x")]
    )
    assert series.shifted(month, day, Workdays(date(2026, 1, 1), date(2028, 12, 31))) == expected


def test_a_series_that_cannot_be_is_refused_and_one_that_ends_cancels_what_was_made_ahead(hall: Hall) -> None:
    for more, what in (({"day": 32}, "not a day"), ({"every_months": 0}, "every 1 to 12"), ({"ends_on": date(2026, 1, 1)}, "ends before")):
        with pytest.raises(Refused, match=what):
            recurring(hall, **more)
    with pytest.raises(NotAllowed):
        series.generate(by=hall.town.zhou, on=TODAY)
    made = recurring(hall)
    with pytest.raises(Refused, match="recurs at"):
        recurring(hall)
    series.end(by=fresh(hall.town.zhou), series=made, on=date(2026, 12, 1), reason="改为季度")
    assert sorted(made.meetings.values_list("state", flat=True)) == ["cancelled", "prepared"]
    assert series.generate(by=SYSTEM, on=date(2026, 12, 2)) == 0


def test_a_closed_organisation_gets_no_meetings_made_ahead(hall: Hall) -> None:
    made = recurring(hall)
    Meeting.objects.all().delete()
    hall.town.branch.closed_on = TODAY
    hall.town.branch.save(update_fields=["closed_on"])
    assert series.generate(by=SYSTEM, on=TODAY) == 0
    assert made.meetings.count() == 0


def duty(hall: Hall, marks: list[str], is_personal: bool = False, per: str = "half") -> Matter:
    """A duty of the branch secretary with its open matter of the second half of 2026."""
    listed = DutyList.objects.create(code=f"L{marks}{is_personal}"[:40], version=1, name="x", made_label="x")
    row = Duty.objects.create(
        duty_list=listed, code="D-1", subject="branch_secretary", title="x", per=per, evidence="minutes", side="party",
        is_personal=is_personal, proved_by=marks,
    )  # fmt: skip
    issue = Issue.objects.create(
        duty=row, duty_code=f"D-{listed.pk}", node=hall.town.branch, leader_post=hall.town.secretary, handler_post=hall.town.deputy,
        starts_on=OPENED, named_on=OPENED, issued_label="x",
    )  # fmt: skip
    return ledger.deploy(
        by=hall.town.office,
        new=NewMatter(
            "研究党建", "party", hall.town.branch, date(2026, 12, 31), Parts(hall.town.secretary, hall.town.deputy), origin="duty",
            record=Reference("duty_issue", str(issue.pk)), occurrence=f"duty:D-{listed.pk}:{hall.town.branch.pk}:{per}:202612", is_light=True,
            starts_on=date(2026, 7, 1),
        ),
    )  # fmt: skip


def test_a_signed_meeting_closes_the_duty_it_proves_with_itself_as_evidence(hall: Hall) -> None:
    matter, other = duty(hall, ["item:party_building"], is_personal=True), duty(hall, ["meeting:lecture"])
    held = hall.recorded()
    matter.refresh_from_db()
    assert matter.state == "assigned"  # held is not signed
    actions.sign(by=hall.town.li, meeting=held, part="recorder")
    actions.sign(by=hall.town.zhou, meeting=held, part="chair")
    for row in (matter, other):
        row.refresh_from_db()
    assert (matter.state, matter.closed_on, other.state) == ("closed", HELD, "assigned")
    assert Evidence.objects.get(matter=matter).record == Reference("meeting", str(held.pk))


def test_a_personal_duty_is_not_proved_by_a_deputy_nor_by_another_period(hall: Hall) -> None:
    matter = duty(hall, ["item:party_building"], is_personal=True)
    meeting = hall.recorded(chair=hall.people["li"], recorder=hall.people["zhou"])
    actions.sign(by=hall.town.li, meeting=meeting, part="chair")
    actions.sign(by=hall.town.zhou, meeting=meeting, part="recorder")
    hall.signed(day=date(2026, 6, 30))
    matter.refresh_from_db()
    assert matter.state == "assigned"


def problem(hall: Hall) -> Matter:
    new = NewMatter("返工率偏高", "production", hall.town.shop, date(2026, 12, 20), Parts(hall.town.head, hall.town.staff))
    return ledger.deploy(by=hall.town.zhou, new=new)


def test_the_agenda_brings_open_matters_of_both_sides(hall: Hall) -> None:
    matter = problem(hall)
    meeting = hall.prepared("assembly", day=date(2026, 11, 27))
    assert str(Reference("matter", str(matter.pk))) in {str(item.record) for item in meeting.items.all() if item.record}
    stranger = agenda.suggestions(fresh(hall.town.stranger), meeting.kind, meeting.node, None, TODAY)
    assert stranger == []  # nothing of what the actor does not see


def test_study_counts_as_applied_only_with_a_problem_and_a_matter(hall: Hall) -> None:
    matter = problem(hall)
    named = hall.held("theme_day", day=date(2026, 11, 18))
    item = named.items.get(record_kind="matter", record_id=str(matter.pk))
    hall.held("theme_day", day=date(2026, 11, 19))
    hall.prepared("theme_day", day=date(2026, 11, 30))
    everything = Meeting.objects.all()
    assert queries.applied_share(everything) == queries.Applied(2, 0)
    other = named.items.get(topic="study")
    new = NewResolution("查返工", leader=hall.town.head, handler=hall.town.staff, due_on=date(2026, 12, 1), item=other, lead=hall.town.shop)
    actions.resolve(by=hall.town.zhou, meeting=named, new=new)
    assert queries.applied_share(everything).applied == 0  # on another item
    actions.resolve(by=hall.town.zhou, meeting=named, new=NewResolution("知悉", item=item, needs_follow_up=False))
    assert queries.applied_share(everything).applied == 0  # nothing is to be done
    actions.resolve(by=hall.town.zhou, meeting=named, new=NewResolution(**{**_fields(new), "item": item}))
    assert queries.applied_share(everything) == queries.Applied(2, 1)
    assert [one.pk for one in queries.applied_items(named)] == [item.pk]
    assert queries.applied_share(Meeting.objects.none()).share is None


def _fields(new: NewResolution) -> dict[str, Any]:
    return {name: getattr(new, name) for name in ("text", "leader", "handler", "due_on", "lead")}


def test_lists_cost_little_and_the_calendar_shows_ones_own(hall: Hall) -> None:
    from rongtong.ledger import calendars

    meeting = hall.prepared("assembly", day=date(2026, 11, 27))
    wang = fresh(hall.town.wang)
    with CaptureQueriesContext(connection) as seen:
        found = calendars.appointed(wang, date(2026, 11, 1), date(2026, 11, 30))
    assert len(seen) <= 1
    assert [one.title for one in found[date(2026, 11, 27)]] == [meeting.title]
    assert calendars.appointed(fresh(hall.town.stranger), date(2026, 11, 1), date(2026, 11, 30), shows_all=True) == {}
    actions.cancel(by=hall.town.zhou, meeting=meeting, reason="x")
    assert calendars.appointed(fresh(hall.town.wang), date(2026, 11, 1), date(2026, 11, 30)) == {}


def test_figures_of_both_sides_are_only_those_the_actor_sees(hall: Hall) -> None:
    found = both_sides.figures(fresh(hall.town.stranger), hall.town.shop, None, TODAY)
    assert (found.month, found.production, found.party) == (202610, (), ())
    assert [one.code for one in (*found.units, *found.parties)] == ["M1", "P1"]


def test_items_that_come_up_are_added_at_the_end(hall: Hall) -> None:
    meeting = hall.held(hour=16)
    made = actions.add_item(by=hall.town.li, meeting=meeting, item=NewItem("临时议题", "production", "business"))
    assert made.position == meeting.items.count()
