"""DEC-01 to DEC-07: each finds its defect, says met without it, and tells unknown from well."""

from datetime import date
from typing import Any

import pytest
from tests.town import TODAY, fresh
from tests.unit.decisions.conftest import Court

from rongtong.decisions import actions, checks, list_actions
from rongtong.decisions.actions import Made
from rongtong.decisions.models import Decision
from rongtong.kernel.act import SYSTEM
from rongtong.ledger.actions import Parts
from rongtong.meetings.models import Meeting
from rongtong.rules.checks import Case, Finding, Subject
from rongtong.rules.models import RuleResult, RuleRow

MARCH, APRIL, MAY = date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)


def finding(court: Court, code: str, day: date = TODAY) -> Finding:
    row = RuleRow.objects.get(code=code)
    case: Case = (Subject(court.committee, party=court.committee.party), row)
    return getattr(checks, row.predicate)([case], day)[court.committee.pk]  # type: ignore[no-any-return]


def state(court: Court, code: str, day: date = TODAY) -> str:
    return str(finding(court, code, day).state)


@pytest.mark.parametrize("code", ["DEC-01", "DEC-02", "DEC-03", "DEC-04", "DEC-05", "DEC-06"])
def test_without_a_decision_there_is_nothing_to_say(court: Court, code: str) -> None:
    assert state(court, code) == "not_applicable"


def test_dec_01_finds_the_decision_that_no_study_preceded(court: Court) -> None:
    court.decided(APRIL, studied=MARCH)
    assert state(court, "DEC-01") == "met"
    bad = court.decided(date(2026, 4, 20))
    found = finding(court, "DEC-01")
    assert (found.state, found.level, found.references, found.detail["found"]) == ("late", "red", (f"decision:{bad.pk}",), 1)
    actions.record_study(by=SYSTEM, decision=bad, meeting=court.meeting(MAY), result="agree")  # afterwards
    assert state(court, "DEC-01") == "late"
    assert state(court, "DEC-01", date(2026, 4, 15)) == "met"  # nothing of the future
    assert state(court, "DEC-01", date(2027, 2, 1)) == "not_applicable"  # another year


def test_dec_01_leaves_out_what_needs_no_study(court: Court) -> None:
    small = court.matter(amount_fen=100)
    actions.decide(by=SYSTEM, decision=small, made=Made("adopted", APRIL))
    assert state(court, "DEC-01") == "not_applicable"


@pytest.mark.parametrize(("is_valid", "said"), [(True, "met"), (False, "late"), (None, "not_enough_data")])
def test_dec_02_reads_the_quorum_of_the_meetings(court: Court, is_valid: bool | None, said: str) -> None:
    """The committee's meeting by its own record; the board by the counts that stand with the decision."""
    done = court.decided(APRIL, studied=MARCH, counts=(9, 5))
    Meeting.objects.filter(pk=done.meeting_id).update(is_valid=None)
    Meeting.objects.exclude(pk=done.meeting_id).update(is_valid=is_valid)
    assert state(court, "DEC-02") == said


@pytest.mark.parametrize(("counts", "said"), [((10, 6), "met"), ((10, 5), "late"), (None, "not_enough_data")])
def test_dec_02_asks_more_than_half_of_a_board(court: Court, counts: tuple[int, int] | None, said: str) -> None:
    """Exactly half is not more than half; without counts nothing is claimed."""
    done = court.decided(APRIL, studied=MARCH, counts=counts)
    Meeting.objects.filter(pk=done.meeting_id).update(is_valid=None)
    assert state(court, "DEC-02") == said


def test_dec_02_follows_a_row_of_the_enterprise(court: Court) -> None:
    done = court.decided(APRIL, studied=MARCH, counts=(9, 5))
    Meeting.objects.filter(pk=done.meeting_id).update(is_valid=None)
    assert state(court, "DEC-02") == "met"
    row = RuleRow.objects.get(code="QUORUM-BOARD")
    RuleRow.objects.filter(pk=row.pk).update(arguments=row.arguments | {"attendance_min": 0.6667, "attendance_strict": False})
    assert state(court, "DEC-02") == "late"


def test_dec_02_knows_nothing_without_a_meeting(court: Court) -> None:
    court.decided(APRIL, studied=MARCH, by_board=False)
    assert state(court, "DEC-02") == "not_enough_data"


@pytest.mark.parametrize(("last", "said"), [(True, "met"), (False, "late"), (None, "not_enough_data")])
def test_dec_03_is_said_by_hand(court: Court, last: bool | None, said: str) -> None:
    court.decided(APRIL, studied=MARCH, chief_spoke_last=last)
    assert state(court, "DEC-03") == said


def test_dec_04_asks_the_changed_opinion_back(court: Court) -> None:
    done = court.decided(APRIL, studied=MARCH, is_changed=True)
    assert state(court, "DEC-04") == "late"
    actions.record_study(by=SYSTEM, decision=done, meeting=court.meeting(MAY), result="agree", is_return=True)
    assert state(court, "DEC-04") == "met"
    assert state(court, "DEC-01") == "met"


def test_dec_05_sees_an_overdue_matter_also_of_an_earlier_year(court: Court) -> None:
    done = court.decided(APRIL, studied=MARCH)
    assert state(court, "DEC-05") == "not_applicable"  # nothing to carry out is on record
    actions.add_execution(
        by=fresh(court.guo), decision=done, title="开工", due_on=date(2026, 12, 1), parts=Parts(court.secretary, court.head)
    )
    assert state(court, "DEC-05") == "met"
    assert state(court, "DEC-05", date(2026, 12, 1)) == "met"
    assert state(court, "DEC-05", date(2027, 1, 2)) == "late"


@pytest.mark.parametrize(("recorder", "said"), [("same", "late"), ("other", "met"), ("", "not_enough_data")])
def test_dec_06_proposer_and_recorder(court: Court, recorder: str, said: str) -> None:
    proposer = court.guo.person
    people: dict[str, Any] = {"same": proposer, "other": court.town.li.person, "": None}
    made = court.matter(proposer=proposer, recorder=people[recorder])
    actions.decide(by=SYSTEM, decision=made, made=Made("adopted", APRIL))
    assert state(court, "DEC-06") == said


def test_dec_07_wants_a_list_looked_through_within_a_year(court: Court) -> None:
    assert state(court, "DEC-07") == "met"
    assert state(court, "DEC-07", date(2027, 1, 5)) == "late"
    list_actions.review_list(by=SYSTEM, found=court.list, keeps=True)
    assert state(court, "DEC-07", date(2027, 1, 5)) == "met"
    assert state(court, "DEC-07", date(2025, 12, 1)) == "late"  # no list that day


def test_an_organisation_that_only_takes_part_is_not_judged(court: Court) -> None:
    court.decided(APRIL)
    Decision.objects.update(node=court.town.branch)
    row = RuleRow.objects.get(code="DEC-01")
    case: Case = (Subject(court.town.branch), row)
    assert checks.decision_order([case], TODAY)[court.town.branch.pk].state == "not_applicable"


def test_the_consequence_stands_at_once(court: Court) -> None:
    court.decided(date(2026, 4, 20))
    found = RuleResult.objects.get(node=court.committee, rule_code="DEC-01", period=202611)
    assert (found.state, RuleResult.objects.filter(rule_code="DEC-07", node=court.committee, period=202612).count()) == ("late", 1)


def test_checks_cost_the_same_for_many_decisions(court: Court, django_assert_max_num_queries: Any) -> None:
    for _at in range(8):
        court.decided(APRIL, studied=MARCH)
    for code in ("DEC-01", "DEC-02", "DEC-04", "DEC-05"):
        with django_assert_max_num_queries(8):
            finding(court, code)
