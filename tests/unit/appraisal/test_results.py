"""Calibration, two persons, the hash, objections and answers, final; what results are used for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import connection
from tests.town import TODAY, account, fresh, post
from tests.unit.appraisal.conftest import Fair, observe

from rongtong.appraisal import publishing, queries, using
from rongtong.appraisal.collectors import linkage_strength, result_use
from rongtong.appraisal.content import Scoring, canonical, digest
from rongtong.appraisal.figures import credited, linkage, used_results
from rongtong.appraisal.models import Adjustment, Objection, Round, Sheet, Snapshot, Use, Version
from rongtong.appraisal.publishing import Answer
from rongtong.appraisal.recomputing import digest_now, recompute
from rongtong.appraisal.using import NewUse
from rongtong.audit.models import Entry
from rongtong.indicators.models import Observation
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger.actions import Parts
from rongtong.ledger.models import Matter
from rongtong.trees.models import Node

AFTER = datetime(2026, 12, 6, 9, 0)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


# calibration and publication


def test_a_grade_is_adjusted_with_a_reason_that_stays(fair: Fair) -> None:
    made = fair.calibrated(M1=90.0)
    sheet, by = fair.sheet(made), fresh(fair.guan)
    assert code_of(lambda: publishing.adjust(by=by, sheet=sheet, grade="B", reason=" ")) == "text"
    assert code_of(lambda: publishing.adjust(by=by, sheet=sheet, grade="Z", reason="x")) == "grade"
    assert code_of(lambda: publishing.adjust(by=by, sheet=sheet, grade=sheet.grade, reason="x")) == "same"
    publishing.adjust(by=by, sheet=sheet, grade="C", reason="年中通报批评")
    row = Adjustment.objects.get()
    assert (row.before, row.grade, row.reason, fair.sheet(made).grade) == ("B", "C", "年中通报批评", "C")
    assert fair.sheet(made).score == sheet.score  # the points stay
    assert Entry.objects.order_by("-seq")[0].kind == "appraisal.adjust"
    with pytest.raises(NotAllowed):
        publishing.adjust(by=fresh(fair.town.zhou), sheet=sheet, grade="A", reason="x")


def test_quotas_hold_unless_somebody_says_why(fair: Fair) -> None:
    made = fair.calibrated(M1=100.0, M2=100.0)  # two rated units: 40 % of two is none
    assert {row.grade for row in made.sheets.all()} == {"B", ""}
    publishing.adjust(by=fresh(fair.guan), sheet=fair.sheet(made), grade="A", reason="突出贡献")
    assert code_of(lambda: publishing.propose(by=fresh(fair.guan), round_=made)) == "quota"
    proposed = publishing.propose(by=fresh(fair.guan), round_=made, quota_reason="首年试行")
    assert (proposed.quota_reason, proposed.stage) == ("首年试行", "calibration")


def test_equal_scores_share_ranks() -> None:
    rows = [Sheet(pk=at, score=score) for at, score in enumerate((900, 800, 900, None), start=1)]
    for row in rows:
        row.node = Node(pk=row.pk, path=f"B{row.pk:05d}", code=str(row.pk), name=str(row.pk))
    found = queries.standings(rows, [900, 900, 850, 800])
    assert [(one.sheet.pk, one.rank, one.last, one.is_tied) for one in found] == [
        (1, 1, 2, True),
        (3, 1, 2, True),
        (2, 4, 4, False),
        (4, None, None, False),
    ]


def test_publication_takes_two_persons(fair: Fair) -> None:
    made = fair.calibrated()
    assert code_of(lambda: publishing.publish(by=fresh(fair.office), round_=made)) == "not_proposed"
    proposed = publishing.propose(by=fresh(fair.guan), round_=made)
    assert code_of(lambda: publishing.publish(by=fresh(fair.guan), round_=proposed)) == "same_person"
    assert (Round.objects.get().stage, Snapshot.objects.exists()) == ("calibration", False)
    published = publishing.publish(by=fresh(fair.office), round_=proposed)
    assert (published.stage, published.proposed_label, published.published_label) == ("published", fair.guan.label, fair.office.label)
    assert code_of(lambda: publishing.publish(by=fresh(fair.office), round_=proposed)) == "stage"


def test_nothing_is_published_when_nobody_could_object_any_more(fair: Fair) -> None:
    made = publishing.propose(by=fresh(fair.guan), round_=fair.calibrated())
    with clock.frozen(AFTER):
        assert code_of(lambda: publishing.publish(by=fresh(fair.office), round_=made)) == "window"
    assert Round.objects.get().stage == "calibration"


def test_an_adjustment_takes_the_proposal_back(fair: Fair) -> None:
    made = publishing.propose(by=fresh(fair.guan), round_=fair.calibrated())
    publishing.adjust(by=fresh(fair.office), sheet=fair.sheet(made), grade="D", reason="通报")
    assert code_of(lambda: publishing.publish(by=fresh(fair.office), round_=made)) == "not_proposed"


def test_results_that_changed_since_the_proposal_are_not_published(fair: Fair) -> None:
    made = publishing.propose(by=fresh(fair.guan), round_=fair.calibrated())
    Round.objects.filter(pk=made.pk).update(proposed_digest="0" * 64)
    assert code_of(lambda: publishing.publish(by=fresh(fair.office), round_=made)) == "changed"


# the hash


def test_recompute_gives_the_same_numbers_and_the_same_hash(fair: Fair) -> None:
    made = fair.calibrated(M1=93.333333, M2=None)
    publishing.adjust(by=fresh(fair.guan), sheet=fair.sheet(made), grade="C", reason="通报")
    made = publishing.publish(by=fresh(fair.office), round_=publishing.propose(by=fresh(fair.guan), round_=made))
    again = recompute(made.snapshots.get())
    assert (again.is_same, again.digest, again.differing, again.changed_schemes) == (True, made.snapshots.get().digest, (), ())


def test_the_hash_sees_the_last_digit(fair: Fair) -> None:
    made = fair.calibrated()
    before, _covered = digest_now(made)
    version = fair.sheet(made).versions.get()
    content = dict(version.content)
    content["facts"]["B1"]["value"] += 1e-9
    _overwrite(version, content)
    assert digest_now(made)[0] != before
    assert canonical({"b": 1, "a": 0.1 + 0.2}) == '{"a":0.30000000000000004,"b":1.0}'
    assert digest({"a": -0.0}) == digest({"a": 0})


def _overwrite(version: Version, content: dict[str, object]) -> None:
    """What somebody with the database in hand could do; the triggers are taken away for it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks is not altered
            cursor.execute("ALTER TABLE appraisal_version DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER appraisal_version_append_only_update")
    Version.objects.filter(pk=version.pk).update(content=content)


def test_a_forged_score_is_found_by_recomputing(fair: Fair) -> None:
    made = fair.published()
    version = fair.sheet(made).versions.get()
    content = dict(version.content)
    content["scored"] = content["scored"] | {"total": 9999}
    _overwrite(version, content)
    again = recompute(made.snapshots.get())
    assert (again.is_same, again.differing) == (False, (fair.town.shop.pk,))


# objections


def objected(fair: Fair, made: Round, criterion: str = "P1") -> Objection:
    return publishing.raise_objection(by=fresh(fair.town.zhou), sheet=fair.sheet(made), text="材料已补交", criterion=criterion)


def test_an_accepted_objection_makes_a_new_version_and_the_reason_stays(fair: Fair) -> None:
    made = fair.published(M1=50.0)
    before = fair.sheet(made)
    row = objected(fair, made)
    assert Round.objects.get().stage == "objections"
    publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "材料属实", 90.0))
    after = fair.sheet(made)
    first, second = after.versions.order_by("number")
    assert (first.number, second.number, second.reason) == (1, 2, "材料属实")
    assert (Scoring.read(first.content).facts["P1"].value, Scoring.read(second.content).facts["P1"].value) == (50.0, 90.0)
    assert before.score is not None
    assert after.score == before.score + 40 * 24  # 40 points of a criterion of 60 % in a part of 40 %
    assert recompute(made.snapshots.get()).is_same  # what was published stays provable
    row.refresh_from_db()
    assert (row.is_accepted, row.answer, row.answered_label) == (True, "材料属实", fair.guan.label)


def test_an_objection_that_is_not_accepted_changes_no_score(fair: Fair) -> None:
    made = fair.published(M1=50.0)
    row = objected(fair, made)
    publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(False, "材料不能证明"))
    assert fair.sheet(made).versions.count() == 1
    assert code_of(lambda: publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "x", 90.0))) == "answered"


def test_a_figure_of_records_is_corrected_where_it_is_kept(fair: Fair) -> None:
    made = fair.published()
    row = publishing.raise_objection(by=fresh(fair.town.chen), sheet=fair.sheet(made, fair.town.other), text="十月数据有误", criterion="B1")
    assert code_of(lambda: publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "x", 100.0))) == "unchanged"
    Observation.objects.filter(node=fair.town.other, period=202610).delete()
    Observation.objects.filter(node=fair.town.other).update(value=98.5)
    publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "数据已更正"))
    assert Scoring.read(fair.sheet(made, fair.town.other).versions.get(number=2).content).facts["B1"].value == pytest.approx(98.5)


def test_a_grade_as_a_whole_is_answered_by_a_grade(fair: Fair) -> None:
    made = fair.calibrated(M1=90.0)
    publishing.adjust(by=fresh(fair.guan), sheet=fair.sheet(made), grade="D", reason="通报")
    made = publishing.publish(by=fresh(fair.office), round_=publishing.propose(by=fresh(fair.guan), round_=made))
    row = objected(fair, made, "")
    assert code_of(lambda: publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "x"))) == "grade"
    publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "通报已撤销", grade="B"))
    assert (fair.sheet(made).grade, Adjustment.objects.count()) == ("B", 2)
    assert recompute(made.snapshots.get()).is_same


def test_a_unit_does_not_answer_its_own_objection(fair: Fair) -> None:
    made = fair.published()
    row = objected(fair, made)
    inside = account("inside", post("W9", "一车间职工（2）", fair.town.shop, "staff"), roles=(("management_office", None),))
    assert code_of(lambda: publishing.answer(by=fresh(inside), objection=row, answer=Answer(True, "x", 90.0))) == "own_unit"
    by_office = publishing.raise_objection(by=fresh(fair.guan), sheet=fair.sheet(made, fair.town.other), text="代为申诉", criterion="P1")
    assert code_of(lambda: publishing.answer(by=fresh(fair.guan), objection=by_office, answer=Answer(True, "x", 90.0))) == "own_objection"
    with pytest.raises(NotAllowed):
        publishing.answer(by=fresh(fair.town.zhou), objection=row, answer=Answer(True, "x", 90.0))


def test_objections_close_with_their_day(fair: Fair) -> None:
    made = fair.published()
    with clock.frozen(AFTER):
        assert code_of(lambda: objected(fair, made)) == "closed"
    objected(fair, made)
    assert code_of(lambda: objected(fair, made)) == "open"
    with pytest.raises(Unseen):
        publishing.raise_objection(by=fresh(fair.town.stranger), sheet=fair.sheet(made), text="x")
    assert Objection.objects.count() == 1


def test_before_publication_nothing_is_disputed(fair: Fair) -> None:
    made = fair.calibrated()
    assert code_of(lambda: objected(fair, made)) == "stage"


def test_final_waits_for_answers_and_for_the_day(fair: Fair) -> None:
    made = fair.published()
    assert code_of(lambda: publishing.finish(by=fresh(fair.guan), round_=made)) == "too_early"
    row = objected(fair, made)
    with clock.frozen(AFTER):
        assert code_of(lambda: publishing.finish(by=fresh(fair.guan), round_=made)) == "unanswered"
        publishing.answer(by=fresh(fair.guan), objection=row, answer=Answer(True, "属实", 85.0))
        done = publishing.finish(by=fresh(fair.guan), round_=made)
    first, last = done.snapshots.order_by("number")
    assert (done.stage, first.stage, last.stage, first.digest != last.digest) == ("final", "published", "final", True)
    assert recompute(first).is_same
    assert recompute(last).is_same
    assert code_of(lambda: objected(fair, done)) == "stage"


# use of results


def final(fair: Fair, **values: float | None) -> Round:
    made = fair.published(**values)
    with clock.frozen(AFTER):
        return publishing.finish(by=fresh(fair.guan), round_=made)


def test_results_are_used_when_they_are_final(fair: Fair) -> None:
    made = fair.published(M1=90.0)
    new = NewUse("honours", "授予先进集体", "党建〔2026〕40号")
    assert code_of(lambda: using.use(by=fresh(fair.guan), sheet=fair.sheet(made), new=new)) == "stage"
    with clock.frozen(AFTER):
        publishing.finish(by=fresh(fair.guan), round_=made)
    using.use(by=fresh(fair.guan), sheet=fair.sheet(made), new=new)
    assert (Use.objects.get().grade, Use.objects.get().basis) == ("B", "党建〔2026〕40号")
    assert code_of(lambda: using.use(by=fresh(fair.guan), sheet=fair.sheet(made), new=replace(new, purpose="pay"))) == "purpose"
    assert (
        code_of(lambda: using.use(by=fresh(fair.guan), sheet=fair.sheet(made), new=replace(new, record=Reference("node", "0")))) == "record"
    )
    assert code_of(lambda: using.use(by=fresh(fair.guan), sheet=fair.sheet(made, fair.third), new=new)) == "no_grade"
    with pytest.raises(NotAllowed):
        using.use(by=fresh(fair.town.zhou), sheet=fair.sheet(made), new=new)


def test_every_graded_unit_gets_its_coefficient_once(fair: Fair) -> None:
    made = final(fair, M1=90.0, M2=20.0)
    by, values = fresh(fair.guan), {"A": 1.05, "B": 1.0, "C": 0.95}
    assert code_of(lambda: using.set_coefficients(by=by, round_=made, coefficients={"B": 0.0, "D": 1.0}, basis="薪酬办法")) == "coefficient"
    assert using.set_coefficients(by=by, round_=made, coefficients=values, basis="薪酬办法") == 2
    assert using.set_coefficients(by=by, round_=made, coefficients=values, basis="薪酬办法") == 0
    assert using.pay_rows(made) == [("M1", "一车间", "生产单位", "B", 1.0), ("M2", "二车间", "生产单位", "C", 0.95)]


def test_what_cost_points_becomes_a_matter(fair: Fair) -> None:
    made = final(fair, M1=40.0)
    matter = using.rectify(
        by=fresh(fair.guan), sheet=fair.sheet(made), criterion="P1", due_on=date(2026, 12, 31), parts=Parts(fair.town.head, fair.town.staff)
    )
    row = Use.objects.get()
    assert (row.purpose, row.record_kind, row.record_id) == ("rectification", "matter", str(matter.pk))
    assert (matter.origin, matter.origin_kind, Matter.objects.count()) == ("rectification", "appraisal_sheet", 1)


# figures and collectors


def test_credited_is_the_class_s_effective_weight_beside_the_paper(fair: Fair) -> None:
    assert credited([fair.town.shop.pk], TODAY) == ()
    observe(fair.indicator, fair.third, 91.0, 92.0)
    fair.published(M1=95.0, M2=70.0, M3=60.0)
    row = credited([fair.town.shop.pk], TODAY)[0]
    assert (row.unit_class, row.paper, row.n) == ("Production units", 0.4, 3)
    assert row.derivative == pytest.approx(0.4)
    strength = linkage([fair.town.shop.pk], TODAY)
    assert strength.value == pytest.approx(row.of_units[fair.town.shop.pk])
    assert credited([fair.town.shop.pk], date(2026, 11, 1)) == ()


def test_a_place_without_a_round_says_so(fair: Fair) -> None:
    assert linkage([fair.town.shop.pk], TODAY).reason
    found = used_results([fair.town.shop.pk], TODAY)
    assert (found.part, found.whole, bool(found.reason)) == (0, 0, True)


def test_used_results_and_the_collectors(fair: Fair) -> None:
    made = final(fair, M1=90.0)
    using.use(by=fresh(fair.guan), sheet=fair.sheet(made), new=NewUse("training", "安排轮训"))
    nodes = [fair.town.group.pk, fair.town.shop.pk, fair.town.other.pk, fair.third.pk]
    day = date(2026, 12, 31)
    assert (used_results(nodes, day).part, used_results(nodes, day).whole) == (1, 2)
    assert {node: (over, under) for node, over, under in result_use(202612, nodes)} == {
        fair.town.group.pk: (1.0, 2.0), fair.town.shop.pk: (1.0, 1.0), fair.town.other.pk: (0.0, 1.0),
    }  # fmt: skip
    assert {node for node, _over, _under in linkage_strength(202612, nodes)} == set(nodes) - {fair.third.pk}
    assert list(result_use(202611, nodes)) == []
    assert list(result_use(202712, nodes)) == []


def test_figures_ask_at_most_three_questions(fair: Fair, django_assert_max_num_queries: Callable[[int], object]) -> None:
    final(fair, M1=90.0)
    nodes = [fair.town.shop.pk, fair.town.other.pk]
    for question in (credited, linkage, used_results):
        with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
            question(nodes, date(2026, 12, 31))
