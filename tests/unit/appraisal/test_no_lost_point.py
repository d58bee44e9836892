"""Through review, calibration, objections: no sheet, point or weight is lost, nothing scored is ever changed, what was published stays provable."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.town import fresh
from tests.unit.appraisal.conftest import Fair, observe

from rongtong.appraisal import actions, publishing, queries, reporting
from rongtong.appraisal.content import Scoring
from rongtong.appraisal.models import Objection, Round, Sheet, Version
from rongtong.appraisal.publishing import Answer
from rongtong.appraisal.recomputing import recompute
from rongtong.appraisal.reporting import Given
from rongtong.kernel.errors import Conflict, Refused
from rongtong.schemes.data import WHOLE

units = st.integers(0, 2)
values = st.integers(0, 400).map(lambda quarter: quarter / 4)
grades = st.sampled_from("ABCD")


class Walked(RuleBasedStateMachine):
    """A round in review with three units; what people enter is kept beside and must be found again in every version."""

    fair: Fair
    round_: Round
    reached: set[str]  # by any example: a machine that stays in review proves nothing

    def __init__(self) -> None:
        super().__init__()
        self.block: Any = transaction.atomic()
        self.block._from_testcase = True  # an act opens a durable block inside it, as inside a test's own
        self.block.__enter__()
        self.given: dict[tuple[int, str], float | None] = {}
        self.seen: dict[int, str] = {}
        self.guan, self.office = fresh(self.fair.guan), fresh(self.fair.office)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @property
    def stage(self) -> str:
        return Round.objects.get(pk=self.round_.pk).stage

    def sheet(self, at: int) -> Sheet:
        rows = Sheet.objects.select_related("round__node", "node", "of_class__version", "of_class__unit_class")
        return rows.filter(round=self.round_).order_by("node__path")[at]

    # review

    def review(self, at: int, given: Given) -> None:
        sheet = self.sheet(at)
        if self.stage == "review":
            reporting.review(by=self.office, sheet=sheet, given=[given])
            self.given[sheet.pk, given.criterion] = given.value
        else:
            with pytest.raises(Conflict):
                reporting.review(by=self.office, sheet=sheet, given=[given])

    @rule(at=units, value=values)
    def judge(self, at: int, value: float) -> None:
        self.review(at, Given("P1", value))

    @precondition(lambda self: self.stage == "review")
    @rule(value=values)
    def judge_the_rest_and_close(self, value: float) -> None:
        for at in range(3):
            if (self.sheet(at).pk, "P1") not in self.given:
                self.review(at, Given("P1", value))
        self.close_review()

    @rule(at=units)
    def say_it_cannot_be_judged(self, at: int) -> None:
        self.review(at, Given("P1", None, "没有材料"))

    @rule(at=units, code=st.sampled_from(["P2", "B2"]), count=st.integers(0, 12))
    def enter_events(self, at: int, code: str, count: int) -> None:
        self.review(at, Given(code, count, "x", "通报"))

    @precondition(lambda self: self.stage == "review")
    @rule()
    def close_review(self) -> None:
        if all((self.sheet(at).pk, "P1") in self.given for at in range(3)):
            actions.close_review(by=self.guan, round_=self.round_)
        else:
            with pytest.raises(Refused):
                actions.close_review(by=self.guan, round_=self.round_)

    # calibration and publication

    @precondition(lambda self: self.stage == "calibration")
    @rule(at=units, grade=grades)
    def adjust(self, at: int, grade: str) -> None:
        sheet = self.sheet(at)
        if sheet.grade in ("", grade):
            with pytest.raises(Refused):
                publishing.adjust(by=self.guan, sheet=sheet, grade=grade, reason="x")
        else:
            publishing.adjust(by=self.guan, sheet=sheet, grade=grade, reason="x")

    @precondition(lambda self: self.stage == "calibration")
    @rule(same=st.booleans())
    def publish(self, same: bool) -> None:
        proposed = publishing.propose(by=self.guan, round_=self.round_, quota_reason="x")
        if same:
            with pytest.raises(Refused):
                publishing.publish(by=self.guan, round_=proposed)
        else:
            publishing.publish(by=self.office, round_=proposed)

    # objections

    @precondition(lambda self: self.stage in ("published", "objections"))
    @rule(at=units, code=st.sampled_from(["P1", "P2"]), accept=st.booleans(), value=st.integers(0, 9))
    def object_and_answer(self, at: int, code: str, accept: bool, value: int) -> None:
        sheet = self.sheet(at)
        row = publishing.raise_objection(by=self.office, sheet=sheet, text="x", criterion=code)
        before = Scoring.read(queries.versions_of(sheet)[-1].content).facts[code].value
        if accept and before == value:
            with pytest.raises(Refused):
                publishing.answer(by=self.guan, objection=row, answer=Answer(True, "x", float(value)))
            accept = False
        publishing.answer(by=self.guan, objection=row, answer=Answer(accept, "x", float(value)))
        if accept:
            self.given[sheet.pk, code] = float(value)

    # what always holds

    @invariant()
    def no_sheet_is_lost(self) -> None:
        self.reached.add(self.stage)
        assert self.round_.sheets.count() == 3
        assert not Objection.objects.filter(is_accepted=None).exists()

    @invariant()
    def what_is_scored_is_never_changed(self) -> None:
        found = dict(Version.objects.values_list("pk", "digest"))
        assert {pk: found.get(pk) for pk in self.seen} == self.seen
        self.seen = found

    @invariant()
    def what_people_entered_is_what_was_scored(self) -> None:
        for at in range(3):
            versions = queries.versions_of(sheet := self.sheet(at))
            if versions:
                facts = Scoring.read(versions[-1].content).facts
                for (pk, code), value in self.given.items():
                    assert pk != sheet.pk or facts[code].value == value
                assert facts["B1"].value == sheet.facts["B1"]["value"]

    @invariant()
    def points_and_weights_add_up(self) -> None:
        for sheet in Sheet.objects.filter(round=self.round_):
            versions = queries.versions_of(sheet)
            if not versions:
                continue
            scored = Scoring.read(versions[-1].content).scored
            assert (sheet.score, sheet.grade) == (scored.total, queries.grade_of(versions[-1]))
            assert sum(part.weight for part in scored.parts) == WHOLE
            for part in scored.parts:
                own = [line for line in scored.lines if line.part == part.code]
                assert sum(line.weight for line in own) == WHOLE == part.present + part.dropped
                told = [line for line in own if line.rate is not None]
                assert sum(line.of or 0 for line in told) == (WHOLE if told else 0)
                assert part.score is None or sum(line.points or 0 for line in told) + part.adjusted == part.score
            if scored.total is not None:
                assert sum(part.points or 0 for part in scored.parts) == scored.total

    @invariant()
    def what_was_published_is_provable(self) -> None:
        for snapshot in self.round_.snapshots.select_related("round"):
            assert recompute(snapshot).is_same


def test_nothing_is_lost_on_the_way(fair: Fair) -> None:
    observe(fair.indicator, fair.third, 91.0)

    class Machine(Walked):
        pass

    Machine.fair, Machine.round_, Machine.reached = fair, fair.in_review(), set()
    run_state_machine_as_test(Machine, settings=settings(max_examples=7, stateful_step_count=12, deadline=None, derandomize=True))
    assert Machine.reached == {"review", "calibration", "published", "objections"}
