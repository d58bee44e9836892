"""What a run of the checks leaves: only what differs is written, past months whose records changed are looked at again, one is told once."""

from datetime import date
from typing import Any

import pytest
from tests.town import fresh
from tests.unit.meetings.conftest import Hall
from tests.unit.meetings.test_checks import past

from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.meetings import consequences
from rongtong.notifications.models import Note
from rongtong.rules import actions, evaluating, noticing
from rongtong.rules.models import ChangedMonth, Notice, Reminder, RuleException, RuleResult
from rongtong.trees.models import Node

pytestmark = pytest.mark.django_db


def state(hall: Hall, code: str, period: int) -> str:
    return RuleResult.objects.get(node=hall.town.branch, rule_code=code, period=period).state


def test_a_run_answers_for_the_period_and_the_one_before_it(hall: Hall) -> None:
    """Defect caught: a month that ended without a meeting stays "due", because only the running month is looked at."""
    past(hall, "theme_day", date(2026, 8, 10))
    actions.run_checks(by=SYSTEM, on=date(2026, 10, 30))
    assert state(hall, "OL-05", 202610) == "due" and state(hall, "OL-05", 202609) == "late"
    actions.run_checks(by=SYSTEM, on=date(2026, 11, 1))
    assert state(hall, "OL-05", 202610) == "late" and state(hall, "OL-05", 202611) == "not_applicable"


def test_a_second_run_writes_nothing_and_tells_nobody(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 8, 10))
    actions.run_checks(by=SYSTEM)
    notes, reminders = Note.objects.count(), Reminder.objects.count()
    assert notes and reminders
    scope = evaluating.nightly(clock.today())
    assert evaluating.write(evaluating.evaluate(scope), scope) == 0
    actions.run_checks(by=SYSTEM)
    assert (Note.objects.count(), Reminder.objects.count()) == (notes, reminders)


def test_a_back_run_reminds_only_of_what_stands_now(hall: Hall) -> None:
    """Defect caught: two years of old findings sent to everybody's inbox."""
    past(hall, "theme_day", date(2024, 12, 10))
    actions.run_checks(by=SYSTEM, since=202501)
    assert RuleResult.objects.filter(node=hall.town.branch, rule_code="OL-05").count() == 23
    assert set(Reminder.objects.filter(rule_code="OL-05").values_list("period", flat=True)) == {202610}


def test_records_of_a_past_month_are_looked_at_again(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 1, 10))
    actions.run_checks(by=SYSTEM, since=202601)
    assert not ChangedMonth.objects.exists() and state(hall, "OL-05", 202603) == "late"
    past(hall, "theme_day", date(2026, 3, 10))
    assert list(ChangedMonth.objects.values_list("month", flat=True)) == [202603]
    actions.run_checks(by=SYSTEM)
    assert state(hall, "OL-05", 202603) == "met" and not ChangedMonth.objects.exists()


def test_holding_a_meeting_changes_its_rules_at_once_and_no_other(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 8, 10))
    actions.run_checks(by=SYSTEM)
    before = set(RuleResult.objects.exclude(node=hall.town.branch).values_list("pk", "state", "evaluated_at"))
    assert state(hall, "OL-05", 202611) == "not_applicable"
    hall.held("theme_day", date(2026, 11, 20))
    assert state(hall, "OL-05", 202611) == "met"
    assert set(RuleResult.objects.exclude(node=hall.town.branch).values_list("pk", "state", "evaluated_at")) == before


def test_one_records_consequence_asks_little(hall: Hall, django_assert_max_num_queries: Any) -> None:
    made = hall.held("theme_day", date(2026, 11, 20))
    with django_assert_max_num_queries(75):  # twenty rules over five periods, some questions each, whatever the number of nodes
        consequences.of(made)


def test_run_for_needs_the_right_and_writes_an_entry(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 11, 10))
    with pytest.raises(NotAllowed):
        actions.run_for(by=fresh(hall.town.zhou), nodes=[hall.town.branch.pk], day=date(2026, 11, 10))
    assert actions.run_for(by=fresh(hall.town.office), nodes=[hall.town.branch.pk], day=date(2026, 11, 10), codes=["OL-05"]) == 1
    assert set(RuleResult.objects.values_list("rule_code", flat=True)) == {"OL-05"}


def test_a_dissolved_organisation_is_asked_nothing_more(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 8, 10))
    actions.run_checks(by=SYSTEM, on=date(2026, 10, 30))
    Node.objects.filter(pk=hall.town.branch.pk).update(closed_on=date(2026, 10, 31))
    actions.run_checks(by=SYSTEM, on=date(2026, 10, 31))
    assert not RuleResult.objects.filter(node=hall.town.branch, period=202610).exists()


def exception(hall: Hall, starts: date, ends: date) -> RuleException:
    made = actions.request_exception(
        by=fresh(hall.town.zhou), code="OL-05", node=hall.town.branch, starts_on=starts, ends_on=ends, reason="搬迁"
    )
    return actions.decide_exception(by=fresh(hall.town.office), exception=made, is_approved=True)


def test_an_exception_excuses_the_periods_whose_last_day_it_covers(hall: Hall) -> None:
    """Defect caught: an exception of March that excuses October, or one that ended before the day it was due."""
    past(hall, "theme_day", date(2026, 1, 10))
    actions.run_checks(by=SYSTEM, since=202601)
    exception(hall, date(2026, 3, 5), date(2026, 4, 5))
    exception(hall, date(2026, 6, 1), date(2026, 6, 20))
    assert state(hall, "OL-05", 202603) == "excused"
    assert state(hall, "OL-05", 202602) == state(hall, "OL-05", 202604) == state(hall, "OL-05", 202606) == "late"
    actions.run_checks(by=SYSTEM, since=202601)
    assert state(hall, "OL-05", 202603) == "excused" and state(hall, "OL-05", 202606) == "late"


def give(hall: Hall, **more: Any) -> Notice:
    given: dict[str, Any] = {
        "code": "OL-06", "node": hall.town.branch, "year": 2025, "opens_on": date(2025, 12, 1), "closes_on": date(2026, 1, 31),
        "document": "党建〔2025〕9号",
    } | more  # fmt: skip
    return noticing.give_notice(by=fresh(hall.town.office), **given)


def test_a_notice_is_looked_at_again_at_once_and_can_be_changed(hall: Hall) -> None:
    past(hall, "theme_day", date(2024, 12, 10))
    actions.run_checks(by=SYSTEM, since=202501)
    give(hall)
    found = RuleResult.objects.get(node=hall.town.branch, rule_code="OL-06", period=202512)
    assert found.due_on == date(2026, 1, 31) and found.detail["notice"] == "党建〔2025〕9号"
    give(hall, closes_on=date(2026, 2, 28))
    assert Notice.objects.count() == 1
    found.refresh_from_db()
    assert found.due_on == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "OL-05"}, "code"), ({"closes_on": date(2025, 11, 1)}, "closes_on"), ({"opens_on": date(2024, 12, 31)}, "opens_on"),
        ({"closes_on": date(2026, 7, 1)}, "opens_on"), ({"document": " "}, "document"),
    ],
)  # fmt: skip
def test_a_notice_that_makes_no_sense_is_refused_and_nothing_is_kept(hall: Hall, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        give(hall, **wrong)
    assert refused.value.field == field and not Notice.objects.exists()


def test_a_notice_is_given_only_by_who_keeps_the_rules(hall: Hall) -> None:
    for who, error in ((hall.town.zhou, NotAllowed), (hall.town.chen, Unseen)):
        with pytest.raises(error):
            noticing.give_notice(
                by=fresh(who), code="OL-06", node=hall.town.branch, year=2025, opens_on=date(2025, 12, 1), closes_on=date(2026, 1, 31),
                document="9号",
            )  # fmt: skip


def test_signing_leaves_the_same_result_as_the_nightly_run(hall: Hall) -> None:
    past(hall, "theme_day", date(2026, 8, 10))
    actions.run_checks(by=SYSTEM)
    hall.signed("theme_day", date(2026, 11, 20))
    scope = evaluating.nightly(clock.today())
    codes = consequences.codes()
    found = [one for one in evaluating.evaluate(scope) if one.row.code in codes and one.node == hall.town.branch]
    stored = {(r.rule_code, r.period): r.state for r in RuleResult.objects.filter(node=hall.town.branch)}
    assert found and {one.key[1:]: str(one.finding.state) for one in found} == {one.key[1:]: stored[one.key[1:]] for one in found}
