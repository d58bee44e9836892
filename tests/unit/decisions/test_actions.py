"""What happened is recorded in whatever order it happened; what cannot be true is refused; personnel matters hold no words."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import fresh
from tests.unit.decisions.conftest import MILLION, OTHER, Court

from rongtong.audit.models import Entry
from rongtong.decisions import actions, collectors, kinds, policies, queries
from rongtong.decisions.actions import Made, NewDecision
from rongtong.decisions.models import Decision, DecisionState, Study
from rongtong.decisions.whether import Answer
from rongtong.kernel import act as kernel
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import Parts
from rongtong.ledger.models import Matter

MARCH, APRIL, MAY = date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)


@pytest.mark.parametrize(("counts", "field"), [((9, 10), "body_present"), ((0, 0), "body_members"), ((9, -1), "body_present")])
def test_counts_of_a_body_are_possible_ones(court: Court, counts: tuple[int, int], field: str) -> None:
    made = court.matter()
    with pytest.raises(Refused) as refused:
        actions.decide(by=fresh(court.guo), decision=made, made=Made("adopted", APRIL, counts=counts))
    assert refused.value.field == field
    made.refresh_from_db()
    assert (made.state, made.body_members) == ("proposed", None)


def test_the_database_refuses_impossible_counts(court: Court) -> None:
    made = court.decided(APRIL, counts=(9, 9))
    for wrong in ({"body_present": 10}, {"body_present": None}, {"body_members": 0, "body_present": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(pk=made.pk).update(**wrong)


def test_the_path_is_found_by_the_amount_and_kept(court: Court) -> None:
    made = court.matter()
    assert (made.code, made.path, made.body, made.needs_legal) == ("D2026-0001", "pre_study", "board", True)
    assert [len([row for row in made.why["compared"] if row[5]]), made.is_listed] == [2, True]
    small = court.matter(amount_fen=9 * MILLION)
    assert (small.path, small.body, small.is_listed, small.why["reason"]) == ("unlisted", "managers", False, "below")
    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.kind, entry.object_kind, entry.object_id) == ("decisions.register", "decision", str(small.pk))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "title is empty"),
        ({"title": "长" * 201}, "longer than 200"),
        ({"category": "funds"}, "another category"),
        ({"category": "wish"}, "not a category"),
        ({"proposed_on": date(2031, 1, 1)}, "lies ahead"),
        ({"amount_fen": -1}, "below zero"),
        ({"node": "group"}, "belongs to a Party organisation"),
        ({"unit": "committee"}, "not a business unit"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(court: Court, changes: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {
        "node": court.committee,
        "category": "project",
        "proposed_on": MARCH,
        "item": court.item("单项投资"),
        "title": "x",
    } | changes
    given["node"] = court.town.group if given["node"] == "group" else given["node"]
    given["unit"] = court.committee if given.get("unit") == "committee" else None
    with pytest.raises(Refused, match=sentence):
        actions.register(by=SYSTEM, new=NewDecision(**given))
    assert not Decision.objects.exists()


def test_who_may_record(court: Court) -> None:
    with pytest.raises(Unseen):
        actions.register(by=fresh(court.town.stranger), new=NewDecision(court.committee, "project", MARCH, title="x"))
    made = court.matter()
    with pytest.raises(Unseen):  # sees the unit's side of it only
        actions.void(by=fresh(court.reader), decision=made, reason="x")
    assert Decision.objects.get().state == "proposed"


def test_a_reader_of_the_organisation_may_not_write(court: Court) -> None:
    from tests.town import account

    member = account("member2", roles=(("leader", court.committee),))
    with pytest.raises(NotAllowed, match="no_decision_run"):
        actions.void(by=fresh(member), decision=court.matter(), reason="x")


def test_personnel_matters_hold_no_words(court: Court) -> None:
    item = court.item("干部任免")
    given = {"item": item, "persons": 3, "holder": "组织部", "paper_file": "干 2026-7"}
    made = actions.register(by=fresh(court.guo), new=NewDecision(court.committee, "personnel", MARCH, **given))
    assert (made.path, made.body, made.title, str(made)) == ("own", "committee", "", "D2026-0001 important personnel")
    for bad in ({"title": "某人任职"}, {"amount_fen": 5}, {"holder": ""}, {"paper_file": " "}):
        with pytest.raises(Refused):
            actions.register(by=fresh(court.guo), new=NewDecision(court.committee, "personnel", MARCH, **(given | bad)))
    with pytest.raises(Refused, match="no words"):
        actions.answer_whether(by=fresh(court.guo), decision=made, answers=[Answer("line", True)])
    actions.decide(by=fresh(court.guo), decision=made, made=Made("adopted", APRIL))
    with pytest.raises(Refused, match="no words"):
        actions.add_execution(by=fresh(court.guo), decision=made, title="公示", due_on=MAY, parts=Parts(court.secretary, court.head))
    for words in ({"title": "某人任职"}, {"amount_fen": 1}, {"holder": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(pk=made.pk).update(**words)


def test_the_usual_way(court: Court) -> None:
    made, guo = court.matter(), fresh(court.guo)
    actions.record_opinion(by=guo, decision=made, kind="legal", paper_number="法 12", on=MARCH)
    actions.answer_whether(by=guo, decision=made, answers=[Answer("line", True), Answer("value", True, "三年收回")])
    first = actions.record_study(by=guo, decision=made, meeting=court.meeting(MARCH), result="revise")
    assert Decision.objects.get().state == "revising"
    actions.record_study(by=guo, decision=made, meeting=court.meeting(APRIL), result="agree")
    assert Decision.objects.get().state == "studied"
    actions.decide(by=guo, decision=made, made=Made("adopted", MAY, meeting=court.meeting(MAY, "board"), chief_spoke_last=True))
    done = Decision.objects.get()
    assert (done.state, done.decided_on, done.chief_spoke_last) == ("decided", MAY, True)
    assert queries.was_studied(done, queries.studies_of([done.pk])[done.pk])
    assert first.on == MARCH


def test_studies_entered_in_any_order_leave_the_state_of_the_last_by_date(court: Court) -> None:
    made = court.matter()
    actions.record_study(by=fresh(court.guo), decision=made, meeting=court.meeting(APRIL), result="agree")
    actions.record_study(by=fresh(court.guo), decision=made, meeting=court.meeting(MARCH), result="revise")
    assert Decision.objects.get().state == "studied"


def test_a_decision_without_an_earlier_study_is_recorded_as_it_was(court: Court) -> None:
    done = court.decided(APRIL)
    actions.record_study(by=fresh(court.guo), decision=done, meeting=court.meeting(MAY), result="agree")
    found = Decision.objects.get(pk=done.pk)
    assert (found.state, queries.was_studied(found, queries.studies_of([found.pk])[found.pk])) == ("decided", False)


@pytest.mark.parametrize(("hour", "is_before"), [(9, True), (15, False), (14, False)])
def test_on_the_same_day_the_earlier_meeting_counts(court: Court, hour: int, is_before: bool) -> None:
    made = court.matter()
    actions.record_study(by=fresh(court.guo), decision=made, meeting=court.meeting(APRIL, hour=hour), result="agree")
    actions.decide(by=fresh(court.guo), decision=made, made=Made("adopted", APRIL, meeting=court.meeting(APRIL, "board", 14)))
    found = Decision.objects.select_related("meeting").get()
    assert queries.was_studied(found, queries.studies_of([found.pk])[found.pk]) is is_before


def test_the_last_word_before_the_decision_counts(court: Court) -> None:
    made = court.matter()
    actions.record_study(by=fresh(court.guo), decision=made, meeting=court.meeting(MARCH), result="agree")
    actions.record_study(by=fresh(court.guo), decision=made, meeting=court.meeting(APRIL), result="stop")
    actions.decide(by=fresh(court.guo), decision=made, made=Made("adopted", MAY))
    found = Decision.objects.get()
    assert queries.was_studied(found, queries.studies_of([found.pk])[found.pk]) is False


def test_only_a_held_meeting_of_the_committee_proves_a_study(court: Court) -> None:
    made, guo = court.matter(), fresh(court.guo)
    planned = court.meeting(MARCH, state="prepared", held_on=None)
    with pytest.raises(Refused, match="was not held"):
        actions.record_study(by=guo, decision=made, meeting=planned, result="agree")
    with pytest.raises(Refused, match="another organisation"):
        actions.record_study(by=guo, decision=made, meeting=court.meeting(MARCH, "board"), result="agree")
    with pytest.raises(Refused, match="not a result"):
        actions.record_study(by=guo, decision=made, meeting=court.meeting(MARCH), result="maybe")
    meeting = court.meeting(MARCH)
    actions.record_study(by=guo, decision=made, meeting=meeting, result="agree")
    with pytest.raises(Conflict, match="already"):
        actions.record_study(by=guo, decision=made, meeting=meeting, result="agree")
    assert Study.objects.count() == 1


def test_a_changed_opinion_comes_back(court: Court) -> None:
    guo, made = fresh(court.guo), court.matter()
    with pytest.raises(Refused, match="no opinion"):
        actions.decide(by=guo, decision=made, made=Made("adopted", APRIL, is_changed=True))
    actions.record_study(by=guo, decision=made, meeting=court.meeting(MARCH), result="agree")
    done = actions.decide(by=guo, decision=made, made=Made("adopted", APRIL, is_changed=True))
    with pytest.raises(Refused, match="came back"):
        actions.record_study(by=guo, decision=done, meeting=court.meeting(date(2026, 3, 20)), result="agree", is_return=True)
    actions.record_study(by=guo, decision=done, meeting=court.meeting(MAY), result="agree", is_return=True)
    assert queries.has_returned(queries.studies_of([done.pk])[done.pk])


def test_bad_decisions_are_refused(court: Court) -> None:
    made, guo = court.matter(), fresh(court.guo)
    for given, sentence in (
        (Made("maybe", APRIL), "not an outcome"),
        (Made("adopted", APRIL, "king"), "not a deciding body"),
        (Made("adopted", date(2031, 1, 1)), "lies ahead"),
        (Made("adopted", date(2026, 2, 1)), "before the proposal"),
    ):
        with pytest.raises(Refused, match=sentence):
            actions.decide(by=guo, decision=made, made=given)
    actions.decide(by=guo, decision=made, made=Made("adopted", APRIL))
    with pytest.raises(Conflict, match="decided"):
        actions.decide(by=guo, decision=made, made=Made("rejected", APRIL))
    with pytest.raises(Conflict):
        actions.void(by=guo, decision=made, reason="x")


def test_execution_is_a_matter_and_assessment_waits_for_it(court: Court) -> None:
    guo, done = fresh(court.guo), court.decided(APRIL, studied=MARCH)
    matter = actions.add_execution(
        by=guo, decision=done, title="开工建设", due_on=date(2026, 12, 1), parts=Parts(court.secretary, court.head)
    )
    assert (matter.origin, matter.origin_kind, matter.origin_id, matter.lead, matter.partner) == (
        "resolution", "decision", str(done.pk), court.town.group, court.committee,
    )  # fmt: skip
    with pytest.raises(Refused, match="still being carried out"):
        actions.assess(by=guo, decision=done, achieved="reached", on=date(2026, 11, 20))
    ledger.void(by=SYSTEM, matter=matter, note="不再需要")
    with pytest.raises(Refused, match="before the decision"):
        actions.assess(by=guo, decision=done, achieved="reached", on=MARCH)
    actions.assess(by=guo, decision=done, achieved="partly", on=date(2026, 11, 20))
    with pytest.raises(Refused, match="archive number"):
        actions.archive(by=guo, decision=done, number=" ")
    actions.archive(by=guo, decision=done, number="档 2026-3")
    found = Decision.objects.get()
    assert (found.state, found.archive_number) == ("archived", "档 2026-3")
    with pytest.raises(Conflict):
        actions.record_opinion(by=guo, decision=found, kind="risk", paper_number="1", on=MAY)


def test_what_was_not_adopted_is_not_carried_out(court: Court) -> None:
    made = court.matter()
    actions.decide(by=fresh(court.guo), decision=made, made=Made("rejected", APRIL))
    with pytest.raises(Refused, match="not adopted"):
        actions.add_execution(
            by=fresh(court.guo), decision=made, title="x", due_on=date(2026, 12, 1), parts=Parts(court.secretary, court.head)
        )
    assert not Matter.objects.exists()


def test_inside_information_shows_its_title_only_at_the_organisation(court: Court) -> None:
    made = court.matter(is_restricted=True, title="收购某公司")
    assert policies.sees(fresh(court.reader), made)
    assert not policies.reads(fresh(court.reader), made)
    assert "收购" not in policies.title_for(fresh(court.reader), made)
    assert policies.title_for(fresh(court.guo), made) == "收购某公司"
    found = title_and_url(Reference("decision", str(made.pk)), fresh(court.guo))
    assert found is not None
    assert "收购" not in found[0]
    assert title_and_url(Reference("decision", str(made.pk)), fresh(court.town.stranger)) is None
    actions.decide(by=fresh(court.guo), decision=made, made=Made("adopted", APRIL))
    matter = actions.add_execution(
        by=fresh(court.guo), decision=made, title="尽职调查", due_on=date(2026, 12, 1), parts=Parts(court.secretary, court.head)
    )
    assert matter.sensitivity == "restricted"


def test_answers_and_opinions_are_checked(court: Court) -> None:
    guo, made = fresh(court.guo), court.matter()
    for given, sentence in (([Answer("staff", False)], "no reason"), ([Answer("staff", True, "长" * 201)], "longer than 200")):
        with pytest.raises(Refused, match=sentence):
            actions.answer_whether(by=guo, decision=made, answers=given)
    for kind, number, on, sentence in (
        ("wish", "1", MARCH, "not a kind"),
        ("legal", "", MARCH, "empty"),
        ("legal", "1", date(2031, 1, 1), "ahead"),
    ):
        with pytest.raises(Refused, match=sentence):
            actions.record_opinion(by=guo, decision=made, kind=kind, paper_number=number, on=on)
    actions.record_staff_congress(by=guo, decision=made, on=MARCH)
    assert Decision.objects.get().staff_congress_on == MARCH


def test_nothing_stays_when_the_audit_cannot_be_written(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    made = court.matter()

    def broken(this: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(kernel, "_audit_writer", broken)
    with pytest.raises(RuntimeError, match="no audit"):
        actions.decide(by=OTHER, decision=made, made=Made("adopted", APRIL))
    assert Decision.objects.get().state == DecisionState.PROPOSED


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "decided"}, {"decided_on": APRIL}, {"state": "void"}, {"is_changed": True}, {"achieved": "reached"}, {"amount_fen": -1},
        {"title": ""}, {"path": "short"}, {"body": "king"}, {"category": "wish"}, {"state": "lost"},
    ],
)  # fmt: skip
def test_the_database_holds_the_invariants(court: Court, changes: dict[str, Any]) -> None:
    made = court.matter()
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=made.pk).update(**changes)


def test_i11_counts_listed_matters_by_the_month_of_the_decision(court: Court) -> None:
    court.decided(APRIL, studied=MARCH)
    court.decided(date(2026, 4, 20))
    small = court.matter(amount_fen=1 * MILLION)
    actions.decide(by=SYSTEM, decision=small, made=Made("adopted", APRIL))
    nodes = [court.committee.pk, court.town.group.pk, court.town.shop.pk]
    assert sorted(collectors.pre_study_rate(202604, nodes)) == sorted([(court.committee.pk, 1.0, 2.0), (court.town.group.pk, 1.0, 2.0)])
    assert list(collectors.pre_study_rate(202605, nodes)) == []


def test_the_sentence_counts_by_the_rule_of_one_decision(court: Court) -> None:
    """Counted in SQL for many and in words for one: both say the same, in every order."""
    court.decided(APRIL, studied=MARCH)
    court.decided(APRIL)
    for hours in ((9, "agree"), (15, "agree")), ((9, "agree"), (10, "stop")), ((9, "stop"), (10, "agree")):
        made = court.matter()
        for hour, result in hours:
            actions.record_study(by=SYSTEM, decision=made, meeting=court.meeting(APRIL, hour=hour), result=result)
        actions.decide(by=SYSTEM, decision=made, made=Made("adopted", APRIL, meeting=court.meeting(APRIL, "board", 14)))
    changed = court.decided(APRIL, studied=MARCH, is_changed=True)
    back = court.decided(APRIL, studied=MARCH, is_changed=True)
    actions.record_study(by=SYSTEM, decision=back, meeting=court.meeting(MAY), result="agree", is_return=True)
    court.matter()
    rows = list(Decision.objects.select_related("meeting"))
    studies = queries.studies_of([d.pk for d in rows])
    found = queries.standing(Decision.objects.all())
    assert found.studied == sum(queries.was_studied(d, studies.get(d.pk, [])) for d in rows) == 5
    assert (found.listed, found.waits_for_study, found.waits_for_return, changed.is_changed) == (7, 1, 1, True)


def test_open_decisions_keep_an_organisation_open(court: Court) -> None:
    court.matter()
    assert kinds.open_decisions(court.committee, MAY)[0].count == 1
    assert kinds.open_decisions(court.town.branch, MAY) == []
