"""Rules over meetings: met, due, late, and the difference between missing and zero. Each test names the defect it would catch."""

from datetime import date, time
from typing import Any

import pytest
from tests.town import node, post
from tests.unit.meetings.conftest import Hall

from rongtong.kernel.act import SYSTEM
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Matter
from rongtong.meetings import checks, person_checks, recording, study
from rongtong.meetings.models import Meeting, Talk
from rongtong.meetings.recording import PastItem, PastMeeting, PastPresence, PastResolution
from rongtong.organization.models import Appointment, PartyOrganisation
from rongtong.roster.models import Affiliation
from rongtong.rules.checks import Finding, Span, Subject
from rongtong.rules.models import Notice, RuleRow
from rongtong.trees.models import Node

pytestmark = pytest.mark.django_db


def past(hall: Hall, code: str, on: date, at: Node | None = None, **more: Any) -> Meeting:
    given: dict[str, Any] = {"chair": hall.people["zhou"], "chair_part": "secretary", "recorder": hall.people["li"]} | more
    row = PastMeeting(hall.kind(code), at or hall.town.branch, code, on, time(14), 120, **given)
    return recording.record_past(by=SYSTEM, rows=[row])[0]


def ask(check: Any, code: str, hall: Hall, month: int, day: date, at: Node | None = None) -> Finding:
    """What a check says of the period of a rule that a month lies in, as of a day."""
    row = RuleRow.objects.get(code=code)
    place = at or hall.town.branch
    subject = Subject(place, party=PartyOrganisation.objects.get(node=place))
    found: Finding = check([(subject, row)], Span(Period.of(PeriodKind(row.period_kind), month), day))[place.pk]
    return found


@pytest.fixture
def other(hall: Hall) -> Node:
    """Another branch that has been keeping meetings since December 2024."""
    made = node("P", "00002", "P2", "二支部")
    PartyOrganisation.objects.create(node=made, kind="branch", members=9, formal_members=8)
    past(hall, "theme_day", date(2024, 12, 10), made)
    return made


def test_not_one_meeting_in_a_year_is_found_where_nothing_was_ever_recorded(hall: Hall, other: Node) -> None:
    """Defect caught: an organisation without any record taken for "not enough data" for ever."""
    found = ask(checks.meeting_count, "OL-18", hall, 202512, date(2026, 1, 1))
    assert (found.state, found.level, found.due_on) == ("late", "red", date(2025, 12, 31))
    assert found.detail == {"held": 0, "wanted": 1}
    assert ask(checks.meeting_count, "OL-18", hall, 202612, date(2026, 9, 30)).state == "not_applicable"
    assert ask(checks.meeting_count, "OL-18", hall, 202612, date(2026, 10, 1)).state == "due"


def test_missing_is_not_zero_before_meetings_were_kept_or_the_branch_was_opened(hall: Hall) -> None:
    """Defect caught: years before the system was in use shown as late."""
    assert ask(checks.meeting_count, "OL-18", hall, 202512, date(2026, 1, 1)).detail == {"missing": "meetings"}
    past(hall, "theme_day", date(2025, 6, 9))
    assert ask(checks.meeting_count, "OL-18", hall, 202512, date(2026, 1, 1)).state == "not_enough_data"
    assert ask(checks.meeting_count, "OL-05", hall, 202505, date(2026, 1, 1)).state == "not_enough_data"
    assert ask(checks.meeting_count, "OL-05", hall, 202507, date(2026, 1, 1)).state == "late"
    young = node("P", "00003", "P3", "新支部")
    Node.objects.filter(pk=young.pk).update(opened_on=date(2025, 9, 10))
    young.refresh_from_db()
    PartyOrganisation.objects.create(node=young, kind="branch", members=5, formal_members=4)
    assert ask(checks.meeting_count, "OL-05", hall, 202509, date(2026, 1, 1), young).detail == {"missing": "opened"}
    assert ask(checks.meeting_count, "OL-05", hall, 202510, date(2026, 1, 1), young).state == "late"


@pytest.mark.parametrize(("day", "state"), [(25, "not_applicable"), (26, "due"), (30, "due")])
def test_a_month_turns_amber_and_after_its_last_day_red(hall: Hall, other: Node, day: int, state: str) -> None:
    assert ask(checks.meeting_count, "OL-05", hall, 202611, date(2026, 11, day - 1 if state == "not_applicable" else day)).state == state
    assert ask(checks.meeting_count, "OL-05", hall, 202611, date(2026, 12, 1)).state == "late"
    made = past(hall, "theme_day", date(2026, 11, 30))
    found = ask(checks.meeting_count, "OL-05", hall, 202611, date(2026, 12, 1))
    assert found.state == "met" and found.references == (f"meeting:{made.pk}",)


def test_a_meeting_below_its_quorum_or_not_yet_held_does_not_count(hall: Hall, other: Node) -> None:
    """Defect caught: an assembly of too few, or a mere plan, counted as held."""
    made = past(hall, "assembly", date(2026, 11, 12), fields={"should": 4, "present": 1, "is_valid": False})
    hall.prepared("assembly", date(2026, 11, 25))
    assert ask(checks.meeting_count, "OL-01", hall, 202612, date(2027, 1, 1)).state == "late"
    Meeting.objects.filter(pk=made.pk).update(is_valid=True)
    assert ask(checks.meeting_count, "OL-01", hall, 202612, date(2027, 1, 1)).state == "met"


def test_a_branch_committee_is_asked_for_only_where_one_exists(hall: Hall, other: Node) -> None:
    assert ask(checks.meeting_count, "OL-02", hall, 202611, date(2026, 12, 1)).state == "not_applicable"
    post("C1", "委员", hall.town.branch, "committee")
    assert ask(checks.meeting_count, "OL-02", hall, 202611, date(2026, 12, 1)).state == "late"


def test_the_yearly_meeting_without_a_notice(hall: Hall, other: Node) -> None:
    """Amber after 31 December, red after 31 March; what is held until then is that year's, from April on the next year's."""
    check = checks.meeting_in_window
    assert ask(check, "OL-06", hall, 202512, date(2025, 12, 31)).state == "not_applicable"
    assert ask(check, "OL-06", hall, 202512, date(2026, 1, 1)).state == "due"
    assert ask(check, "OL-06", hall, 202512, date(2026, 4, 1)).state == "late"
    past(hall, "organisational_life", date(2026, 4, 1))
    assert ask(check, "OL-06", hall, 202512, date(2026, 11, 1)).state == "late"
    assert ask(check, "OL-06", hall, 202612, date(2026, 11, 1)).state == "met"
    past(hall, "organisational_life", date(2026, 3, 31))
    assert ask(check, "OL-06", hall, 202512, date(2026, 11, 1)).state == "met"


def test_the_superiors_notice_sets_the_days(hall: Hall, other: Node) -> None:
    """Defect caught: a notice that changes nothing, or one of another branch that counts here."""
    check, branch = checks.meeting_in_window, hall.town.branch
    Notice.objects.create(code="OL-06", node=other, year=2025, opens_on=date(2025, 11, 1), closes_on=date(2025, 11, 30), document="1号")
    assert ask(check, "OL-06", hall, 202512, date(2026, 2, 1)).state == "due"
    Notice.objects.create(code="OL-06", node=branch, year=2025, opens_on=date(2025, 12, 1), closes_on=date(2026, 1, 31), document="2号")
    assert ask(check, "OL-06", hall, 202512, date(2025, 12, 1)).state == "due"
    late = ask(check, "OL-06", hall, 202512, date(2026, 2, 1))
    assert late.state == "late" and late.due_on == date(2026, 1, 31) and late.detail["notice"] == "2号"
    past(hall, "organisational_life", date(2026, 2, 3))
    after = ask(check, "OL-06", hall, 202512, date(2026, 2, 4))
    assert (after.state, after.level, after.detail["hint"]) == ("met", "amber", "after")
    past(hall, "organisational_life", date(2025, 11, 20))
    early = ask(check, "OL-06", hall, 202512, date(2026, 2, 4))
    assert (early.state, early.level, early.detail["hint"]) == ("met", "amber", "early")


def test_a_last_day_of_29_february_is_the_28th_in_other_years() -> None:
    row = RuleRow(arguments={"amber_after": "12-31", "red_after": "02-29"})
    assert checks.window_of(row, 2026, None).late_after == date(2027, 2, 28)
    assert checks.window_of(row, 2027, None).late_after == date(2028, 2, 29)


@pytest.mark.parametrize(("present", "state"), [(2, "met"), (1, "late")])
def test_two_thirds_present_exactly_at_the_bound(hall: Hall, other: Node, present: int, state: str) -> None:
    """Defect caught: 2 of 3 refused because the row says 0.6667."""
    PartyOrganisation.objects.filter(node=hall.town.branch).update(kind="committee")
    past(hall, "democratic_life", date(2026, 1, 9), fields={"should": 3, "present": present})
    found = ask(checks.meeting_in_window, "OL-08", hall, 202512, date(2026, 4, 1))
    assert found.state == state
    assert state == "met" or found.detail["present"] == present


@pytest.mark.parametrize(("excellent", "of", "state"), [(4, 12, "met"), (5, 12, "late"), (0, 5, "met")])
def test_more_than_a_third_excellent_asks_for_a_look(hall: Hall, other: Node, excellent: int, of: int, state: str) -> None:
    past(hall, "democratic_appraisal", date(2026, 1, 9), fields={"excellent": excellent, "appraised": of})
    found = ask(checks.appraisal_in_window, "OL-07", hall, 202512, date(2026, 4, 1))
    assert (found.state, found.level) == (state, "green" if state == "met" else "amber")


def test_an_appraisal_without_a_tally_is_not_enough_data(hall: Hall, other: Node) -> None:
    past(hall, "democratic_appraisal", date(2026, 1, 9))
    assert ask(checks.appraisal_in_window, "OL-07", hall, 202512, date(2026, 4, 1)).detail == {"missing": "tally"}


def agreed(hall: Hall, due: date) -> Meeting:
    town = hall.town
    matter = Made(NewMatter("攻关返工", "both", town.branch, due, Parts(town.secretary, town.deputy), starts_on=date(2026, 10, 1)))
    item = PastItem("返工偏多", "both", "business")
    return past(
        hall, "branch_committee", date(2026, 10, 1), items=(item,), resolutions=(PastResolution(0, "攻关返工", "both", matter, True),)
    )


@pytest.mark.parametrize(
    ("due", "state", "level"),
    [
        (date(2026, 11, 23), "met", "green"),
        (date(2026, 11, 16), "due", "amber"),
        (date(2026, 11, 15), "late", "amber"),
        (date(2026, 10, 23), "late", "red"),
    ],
)
def test_agreed_items_after_the_grace_amber_after_the_rows_days_red(hall: Hall, due: date, state: str, level: str) -> None:
    agreed(hall, due)
    row = RuleRow.objects.get(code="OL-16")
    subject = Subject(hall.town.branch)
    found = checks.items_closed([(subject, row)], date(2026, 11, 23))[hall.town.branch.pk]
    assert (found.state, found.level) == (state, level)
    assert bool(found.references) == (state != "met")


def test_an_item_closed_later_was_overdue_then_and_is_not_now(hall: Hall) -> None:
    """Defect caught: the past told by today's state."""
    agreed(hall, date(2026, 10, 5))
    Matter.objects.update(state="closed", closed_on=date(2026, 11, 20))
    row, subject = RuleRow.objects.get(code="OL-16"), Subject(hall.town.branch)
    assert checks.items_closed([(subject, row)], date(2026, 10, 31))[hall.town.branch.pk].state == "late"
    assert checks.items_closed([(subject, row)], date(2026, 11, 23))[hall.town.branch.pk].state == "met"


def test_chaired_in_person_is_the_secretary_not_a_deputy(hall: Hall, other: Node) -> None:
    """Defect caught: delegating counted as leading."""
    item = PastItem("党建工作", "party", "party_building")
    past(
        hall,
        "branch_committee",
        date(2026, 9, 4),
        items=(item,),
        chair=hall.people["li"],
        chair_part="deputy",
        recorder=hall.people["zhou"],
    )
    past(hall, "branch_committee", date(2026, 9, 14), items=(PastItem("生产", "both", "business"),))
    assert ask(person_checks.chaired_in_person, "OL-12", hall, 202612, date(2027, 1, 1)).state == "late"
    past(hall, "branch_committee", date(2026, 9, 24), items=(item,))
    assert ask(person_checks.chaired_in_person, "OL-12", hall, 202612, date(2027, 1, 1)).state == "met"


def test_without_a_secretary_nothing_can_be_asked_of_one(hall: Hall, other: Node) -> None:
    assert ask(person_checks.chaired_in_person, "OL-12", hall, 202612, date(2027, 1, 1), other).detail == {"missing": "secretary"}


def test_a_lecture_of_the_committees_secretary_counts_wherever_it_was_given(hall: Hall, other: Node) -> None:
    PartyOrganisation.objects.filter(node=hall.town.branch).update(kind="committee")
    past(hall, "lecture", date(2026, 7, 1), other, fields={"lecturer": hall.people["li"]})
    assert ask(person_checks.lecture_in_person, "OL-13", hall, 202612, date(2027, 1, 1)).state == "late"
    past(hall, "lecture", date(2026, 7, 2), other, fields={"lecturer": hall.people["zhou"]})
    assert ask(person_checks.lecture_in_person, "OL-13", hall, 202612, date(2027, 1, 1)).state == "met"


def test_talks_are_complete_when_every_pair_talked(hall: Hall, other: Node) -> None:
    people, branch = hall.people, hall.town.branch
    assert ask(person_checks.talks_complete, "OL-10", hall, 202612, date(2027, 1, 1)).state == "late"
    assert ask(person_checks.talks_complete, "OL-10", hall, 202612, date(2027, 1, 1), other).detail == {"missing": "affiliations"}
    for first, second, pair in (
        ("zhou", "li", "committee_committee"),
        ("zhou", "sun", "committee_member"),
        ("li", "wang", "committee_member"),
        ("sun", "wang", "member_member"),
    ):
        Talk.objects.create(node=branch, pair=pair, first=people[first], second=people[second], on=date(2026, 5, 4), recorded_by="x")
    assert ask(person_checks.talks_complete, "OL-10", hall, 202612, date(2027, 1, 1)).state == "met"


def test_leaders_in_their_own_branch_are_told_by_number_not_by_name(hall: Hall, other: Node) -> None:
    """The committee's leader belongs to a group of the other branch; meetings of the branch count, those of the committee do not."""
    PartyOrganisation.objects.filter(node=hall.town.branch).update(kind="committee")
    group = node("P", "0000200001", "P2G", "第一党小组", other)
    PartyOrganisation.objects.create(node=group, kind="group", members=3, formal_members=3)
    Affiliation.objects.filter(person=hall.people["zhou"]).update(party=group)
    Appointment.objects.filter(post=hall.town.deputy).delete()
    for number in range(3):
        came = (PastPresence(hall.people["zhou"], "present"),)
        past(hall, "theme_day", date(2026, 3 + number, 9), other, attendance=came)
        past(hall, "party_committee", date(2026, 3 + number, 19), attendance=came)
    short = ask(person_checks.own_branch_attendance, "OL-15", hall, 202612, date(2027, 1, 1))
    assert short.state == "late" and short.detail == {"leaders": 1, "enough": 0, "times_min": 4}
    past(hall, "theme_day", date(2026, 8, 9), other, attendance=(PastPresence(hall.people["zhou"], "present"),))
    assert ask(person_checks.own_branch_attendance, "OL-15", hall, 202612, date(2027, 1, 1)).state == "met"


def test_study_hours_are_of_held_study_meetings_and_of_every_registered_source(
    hall: Hall, other: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(hall, "theme_day", date(2026, 5, 9), fields={"should": 4, "present": 4})  # 2 h x 4
    past(hall, "branch_committee", date(2026, 5, 19), fields={"should": 4, "present": 4})  # no study
    found = ask(person_checks.training_hours, "OL-14", hall, 202612, date(2027, 1, 1))
    assert found.state == "late" and found.detail["hours"] == 2.0 and found.detail["not_told"] == "secretary_hours"
    monkeypatch.setitem(study._sources, "courses", lambda first, last: {hall.town.branch.pk: 120.0})
    assert ask(person_checks.training_hours, "OL-14", hall, 202612, date(2027, 1, 1)).detail["hours"] == 32.0
    assert ask(person_checks.training_hours, "OL-14", hall, 202612, date(2027, 1, 1)).state == "met"


def test_many_organisations_cost_the_same_questions(hall: Hall, other: Node, django_assert_max_num_queries: Any) -> None:
    row = RuleRow.objects.get(code="OL-05")
    cases = [(Subject(place, party=PartyOrganisation.objects.get(node=place)), row) for place in (hall.town.branch, other)]
    with django_assert_max_num_queries(2):
        checks.meeting_count(cases, Span(Period.month(202610), date(2026, 11, 1)))
