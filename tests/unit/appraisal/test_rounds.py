"""A round from plan to final: what each step does, what it refuses; what changed meanwhile stays as it was frozen."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.town import OPENED, TODAY, account, fresh, node, post
from tests.unit.appraisal.conftest import FIRST, LAST, TIMES, Fair, data_of, observe, version_of

from rongtong.appraisal import actions, publishing, queries, reporting
from rongtong.appraisal.actions import NewRound
from rongtong.appraisal.content import Frozen, Scoring
from rongtong.appraisal.models import Adjustment, Mark, Round, Sheet, Snapshot, Statement, Version
from rongtong.appraisal.reporting import Given, Said
from rongtong.audit.models import Entry
from rongtong.burden.askings import standing
from rongtong.kernel import act as kernel
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.constraints import missing
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment, UnitClass, UnitClassAssignment
from rongtong.schemes.holding import holds_of
from rongtong.trees.models import TreeLink


def entry() -> tuple[str, str]:
    last = Entry.objects.order_by("-seq")[0]
    return last.kind, last.object_kind


# plan and launch


def test_a_plan_freezes_the_version_of_each_class(fair: Fair) -> None:
    made = fair.planned()
    row = made.classes.get()
    assert (made.stage, made.code, row.version, len(row.digest), row.least_present) == ("draft", "K2026-001", fair.version, 64, 0.7)
    assert entry() == ("appraisal.plan", "appraisal_round")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "  "}, "text"), ({"first": 202611}, "months"), ({"first": 202613, "last": 202614}, "months"), ({"versions": []}, "scheme"),
        ({"versions": "twice"}, "class_twice"), ({"node": "party"}, "node"), ({"versions": "draft"}, "not_issued"),
        ({"timetable": replace(TIMES, review_until=date(2026, 11, 1))}, "timetable"),
        ({"timetable": replace(TIMES, final_on=date(2026, 12, 1))}, "timetable"),
    ],
)  # fmt: skip
def test_bad_plans_are_refused_and_nothing_is_written(fair: Fair, changes: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = dict(changes)
    if given.get("versions") == "twice":
        given["versions"] = [fair.version, fair.version]
    if given.get("versions") == "draft":
        given["versions"] = [replace_state(fair)]
    if given.get("node") == "party":
        given["node"] = fair.town.branch
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        fair.planned(**given)
    assert refused.value.code == code
    assert (Round.objects.count(), Entry.objects.count()) == (0, before)


def replace_state(fair: Fair) -> Any:
    from rongtong.schemes import actions as schemes
    from rongtong.schemes.actions import Paper

    return schemes.revise(by=SYSTEM, scheme=fair.version.scheme, data=data_of(), paper=Paper(date(2027, 1, 1), "企管〔2027〕1号"))


def test_who_plans_and_runs(fair: Fair) -> None:
    new = NewRound("x", fair.town.group, FIRST, LAST, [fair.version], TIMES)
    with pytest.raises(Unseen):
        actions.plan(by=fresh(fair.town.stranger), new=new)
    with pytest.raises(NotAllowed):
        actions.plan(by=fresh(fair.town.zhou), new=replace(new, node=fair.town.shop))
    made = fair.planned()
    with pytest.raises(Unseen):  # a draft is nobody's but the office's
        actions.launch(by=fresh(fair.town.zhou), round_=made, seen="")
    launched = actions.launch(by=fresh(fair.guan), round_=made, seen=queries.cost_of(made, TODAY).digest)
    for step in (actions.gather, actions.close_reports, actions.close_review):
        with pytest.raises(NotAllowed):
            step(by=fresh(fair.town.zhou), round_=launched)


def test_the_cost_is_shown_before_launch_and_an_unseen_one_is_refused(fair: Fair) -> None:
    made = fair.planned()
    cost = queries.cost_of(made, TODAY)
    # one judged criterion of 20 minutes and one read from records of 2 minutes, at three units
    assert cost.hours == pytest.approx((20 + 2) * 3 / 60)
    with pytest.raises(Conflict) as conflict:
        actions.launch(by=fresh(fair.guan), round_=made, seen="other")
    assert conflict.value.code == "seen"
    launched = actions.launch(by=fresh(fair.guan), round_=made, seen=cost.digest)
    assert (launched.stage, launched.hours) == ("launched", cost.hours)
    assert [one.words for one in standing({fair.town.shop.pk}, TODAY)] == ["党建工作"]


def test_launch_freezes_units_names_and_heads_and_tells_them(fair: Fair) -> None:
    made = fair.launched()
    sheet = fair.sheet(made)
    frozen = Frozen.read(sheet.frozen)
    assert [row.node.code for row in made.sheets.select_related("node").order_by("node__path")] == ["M1", "M2", "M3"]
    assert (frozen.name, {head.name for head in frozen.heads}, [one.name for one in frozen.parties]) == (
        "一车间",
        {"zhou"},
        ["一车间党支部"],
    )
    assert Note.objects.filter(to=fair.town.zhou, kind="appraisal").count() == 1
    assert holds_of(fair.version)[0].title == made.title
    with pytest.raises(Conflict):
        actions.launch(by=fresh(fair.guan), round_=made, seen="")


def test_a_round_without_units_is_not_launched(fair: Fair) -> None:
    UnitClassAssignment.objects.all().delete()
    with pytest.raises(Refused) as refused:
        fair.launched()
    assert refused.value.code == "no_units"


def test_a_later_scheme_changes_nothing_in_a_running_round(fair: Fair) -> None:
    from tests.unit.appraisal.conftest import OTHER_PERSON

    from rongtong.schemes import actions as schemes
    from rongtong.schemes.actions import Paper

    made = fair.in_review()
    later = schemes.revise(
        by=SYSTEM, scheme=fair.version.scheme, data=data_of(party=1000), paper=Paper(date(2027, 1, 1), "企管〔2027〕1号")
    )
    schemes.issue(by=OTHER_PERSON, version=later, seen=later.digest)
    fair.judged(made, M1=100.0)
    actions.close_review(by=fresh(fair.guan), round_=made)
    version = fair.sheet(made).versions.get()
    assert [part["weight"] for part in version.content["scored"]["parts"]] == [4000, 6000]
    assert [(one.kind, one.now) for one in queries.changes_since(fair.sheet(made), TODAY)] == [("scheme", "v2")]


def test_who_moved_and_what_closed_is_said_and_the_sheet_stays(fair: Fair) -> None:
    made = fair.calibrated()
    before = [(row.node_id, row.frozen, row.score) for row in made.sheets.order_by("pk")]
    Appointment.objects.filter(post=fair.town.head).update(ends_on=TODAY)
    TreeLink.objects.all().update(ends_on=TODAY)
    UnitClassAssignment.objects.filter(unit=fair.town.shop).update(ends_on=TODAY)
    other = UnitClass.objects.create(code="sales", name="销售单位")
    UnitClassAssignment.objects.create(unit=fair.town.shop, unit_class=other, starts_on=TODAY)
    shop = fair.town.shop
    shop.closed_on, shop.name = TODAY, "原一车间"
    shop.save(update_fields=["closed_on", "name"])
    found = {one.kind for one in queries.changes_since(fair.sheet(made), TODAY)}
    assert found == {"closed", "renamed", "head", "party", "class"}
    published = publishing.publish(by=fresh(fair.office), round_=publishing.propose(by=fresh(fair.guan), round_=made))
    assert [(row.node_id, row.frozen, row.score) for row in published.sheets.order_by("pk")] == before


# self-report


def test_records_fill_the_sheets_and_are_asked_again_while_reports_are_open(fair: Fair) -> None:
    made = fair.gathered()
    assert fair.sheet(made).facts["B1"]["value"] == pytest.approx(98.4)
    assert fair.sheet(made, fair.third).facts["B1"]["value"] is None
    assert actions.gather(by=fresh(fair.guan), round_=made) == 0
    observe(fair.indicator, fair.third, 99.0)
    assert actions.gather(by=fresh(fair.guan), round_=made) == 1
    assert entry() == ("appraisal.gather", "appraisal_round")


def test_a_unit_adds_words_claims_and_records(fair: Fair) -> None:
    sheet, zhou = fair.sheet(fair.gathered()), fresh(fair.town.zhou)
    said = Said("支部攻关两项", 85.0, Reference("node", str(fair.town.shop.pk)))
    reporting.state(by=zhou, sheet=sheet, criterion="P1", said=said)
    row = Statement.objects.get()
    assert (row.text, row.claimed, row.record_kind, entry()) == ("支部攻关两项", 85.0, "node", ("appraisal.state", "appraisal_sheet"))
    reporting.report(by=zhou, sheet=sheet, text="今年完成全部目标。")
    assert Sheet.objects.get(pk=sheet.pk).reported_label == zhou.label
    assert not queries.to_report(zhou).exists()


@pytest.mark.parametrize(
    ("criterion", "said", "code"),
    [
        ("B1", Said("高", 99.0), "from_records"), ("P1", Said("", 120.0), "range"), ("P1", Said(" "), "empty"), ("X9", Said("x"), "criterion"),
        ("P1", Said("x" * 501), "text"), ("P1", Said("x", None, Reference("node", "999999")), "record"),
        ("P1", Said("x", None, Reference("nothing", "1")), "record"),
    ],
)  # fmt: skip
def test_what_a_unit_cannot_say(fair: Fair, criterion: str, said: Said, code: str) -> None:
    sheet = fair.sheet(fair.gathered())
    with pytest.raises(Refused) as refused:
        reporting.state(by=fresh(fair.town.zhou), sheet=sheet, criterion=criterion, said=said)
    assert (refused.value.code, Statement.objects.exists()) == (code, False)


def test_others_do_not_report_and_nobody_after_the_end(fair: Fair) -> None:
    made = fair.gathered()
    sheet = fair.sheet(made)
    with pytest.raises(Unseen):
        reporting.report(by=fresh(fair.town.stranger), sheet=sheet)
    inspector = account("jian", roles=(("inspector", None),))
    with pytest.raises(NotAllowed):
        reporting.report(by=fresh(inspector), sheet=sheet)
    actions.close_reports(by=fresh(fair.guan), round_=made)
    for act in (
        lambda: reporting.report(by=fresh(fair.town.zhou), sheet=sheet),
        lambda: reporting.state(by=fresh(fair.town.zhou), sheet=sheet, criterion="P1", said=Said("x")),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(Conflict):
        actions.gather(by=fresh(fair.guan), round_=made)


# review


def test_the_review_judges_and_enters_events_with_their_basis(fair: Fair) -> None:
    made = fair.in_review()
    sheet = fair.sheet(made)
    reporting.review(by=fresh(fair.office), sheet=sheet, given=[Given("P1", 90.0, "好"), Given("P2", 1, "一次迟报", "通报3号")])
    assert {(row.criterion, row.value, row.basis) for row in Mark.objects.all()} == {("P1", 90.0, ""), ("P2", 1.0, "通报3号")}
    assert entry() == ("appraisal.review", "appraisal_sheet")
    fair.judged(made, M1=90.0)
    actions.close_review(by=fresh(fair.guan), round_=made)
    scored = Scoring.read(fair.sheet(made).versions.get().content).scored
    # Party: 0.6 x 90 + 0.4 x (40 - 10) / 40 of 40 = 54 + 30; production 100
    assert (scored.party, scored.production, scored.total) == (8400, 10_000, 9360)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Given("B1", 99.0), "from_records"), (Given("P1", 101.0), "range"), (Given("P1", -1.0), "range"), (Given("P1"), "empty"),
        (Given("P2", 1.5, "x", "y"), "range"), (Given("P2", 1, "x"), "basis"), (Given("V1", 1, "x", "y"), "approver"), (Given("ZZ", 1), "criterion"),
    ],
)  # fmt: skip
def test_what_a_review_cannot_enter(fair: Fair, given: Given, code: str) -> None:
    sheet = fair.sheet(fair.in_review())
    with pytest.raises(Refused) as refused:
        reporting.review(by=fresh(fair.office), sheet=sheet, given=[Given("P1", 50.0), given])
    assert (refused.value.code, Mark.objects.exists()) == (code, False)


def test_a_reviewer_of_the_reviewed_unit_is_refused(fair: Fair) -> None:
    """By a post in the unit, by one in its branch, by having led it at launch, by having reported for it."""
    made = fair.gathered()
    sheet = fair.sheet(made)
    inside = account("inside", post("W9", "一车间职工（2）", fair.town.shop, "staff"), roles=(("party_office", None),))
    party = account("inparty", post("D9", "一车间支部副书记（2）", fair.town.branch, "deputy"), roles=(("party_office", None),))
    reporting.report(by=fresh(fair.guan), sheet=sheet, text="代报")
    actions.close_reports(by=fresh(fair.guan), round_=made)
    sheet = fair.sheet(made)
    for reviewer in (inside, party, fair.guan):
        with pytest.raises(Refused) as refused:
            reporting.review(by=fresh(reviewer), sheet=sheet, given=[Given("P1", 100.0)])
        assert refused.value.code == "own_unit"
    Appointment.objects.filter(person__account=fair.town.zhou).update(ends_on=TODAY)
    moved = account_role(fair)
    with pytest.raises(Refused):  # moved to the office in mid-round: led the unit when it was launched
        reporting.review(by=moved, sheet=sheet, given=[Given("P1", 100.0)])
    with pytest.raises(NotAllowed):
        reporting.review(by=fresh(account("reader", roles=(("inspector", None),))), sheet=fair.sheet(made), given=[Given("P1", 100.0)])
    assert not Mark.objects.exists()
    reporting.review(by=fresh(fair.office), sheet=sheet, given=[Given("P1", 60.0)])


def account_role(fair: Fair) -> Any:
    from rongtong.access.models import Grant, Reach, Source

    Grant.objects.create(user=fair.town.zhou, role="party_office", node=None, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=OPENED)
    return fresh(fair.town.zhou)


def test_a_review_is_not_closed_before_everything_is_judged_or_said_why_not(fair: Fair) -> None:
    made = fair.in_review()
    reporting.review(by=fresh(fair.office), sheet=fair.sheet(made), given=[Given("P1", 90.0)])
    with pytest.raises(Refused) as refused:
        actions.close_review(by=fresh(fair.guan), round_=made)
    assert (refused.value.code, Version.objects.exists()) == ("left", False)
    fair.judged(made, M2=None)
    actions.close_review(by=fresh(fair.guan), round_=made)
    scored = Scoring.read(fair.sheet(made, fair.town.other).versions.get().content).scored
    assert scored.line("P1").points is None
    assert (scored.part("P").present, scored.part("P").dropped) == (4000, 6000)  # it drops out, and its weight is shown


def test_a_review_after_calibration_began_is_refused(fair: Fair) -> None:
    made = fair.calibrated()
    before = fair.sheet(made).versions.get().digest
    with pytest.raises(Conflict) as conflict:
        reporting.review(by=fresh(fair.office), sheet=fair.sheet(made), given=[Given("P1", 10.0)])
    assert conflict.value.code == "stage"
    assert (Mark.objects.get(sheet__node=fair.town.shop).value, fair.sheet(made).versions.get().digest) == (80.0, before)


def test_a_unit_without_records_has_not_enough_data_and_never_0(fair: Fair) -> None:
    made = fair.calibrated(M1=90.0)
    sheet = fair.sheet(made, fair.third)
    scored = Scoring.read(sheet.versions.get().content).scored
    assert (sheet.grade, sheet.score, scored.total, scored.reason) == ("", None, None, "too little of the weight has data")
    rows = queries.standings(list(made.sheets.select_related("node")), [9760, 8160])
    assert [(row.sheet.node.code, row.rank) for row in rows][-1] == ("M3", None)
    with pytest.raises(Refused) as refused:
        publishing.adjust(by=fresh(fair.guan), sheet=sheet, grade="A", reason="应予鼓励")
    assert refused.value.code == "no_data"


def test_a_veto_caps_the_grade_with_its_basis(fair: Fair) -> None:
    made = fair.in_review()
    fair.judged(made, M1=100.0)
    reporting.review(by=fresh(fair.office), sheet=fair.sheet(made), given=[Given("V1", 1, "重伤一起", "安监〔2026〕9号", "总经理办公会")])
    actions.close_review(by=fresh(fair.guan), round_=made)
    scored = Scoring.read(fair.sheet(made).versions.get().content).scored
    assert (scored.grade_by_points, scored.grade, scored.capped[0].by, scored.capped[0].basis) == ("A", "C", "veto", "安监〔2026〕9号")


# all acts


def test_days_move_and_a_round_is_cancelled_with_a_reason_until_it_is_published(fair: Fair) -> None:
    made = fair.launched()
    moved = actions.reschedule(by=fresh(fair.guan), round_=made, timetable=replace(TIMES, final_on=date(2026, 12, 20)))
    assert moved.final_on == date(2026, 12, 20)
    with pytest.raises(Refused):
        actions.cancel(by=fresh(fair.guan), round_=made, reason=" ")
    cancelled = actions.cancel(by=fresh(fair.guan), round_=made, reason="改期")
    assert (cancelled.stage, holds_of(fair.version), queries.sheets(fresh(fair.town.zhou)).exists()) == ("cancelled", [], False)
    with pytest.raises(Conflict):
        actions.gather(by=fresh(fair.guan), round_=made)


def test_reminders_go_out_once_in_the_days_of_the_rule(fair: Fair) -> None:
    fair.gathered()
    assert actions.remind(by=SYSTEM, on=date(2026, 11, 21)) == 0
    told = actions.remind(by=SYSTEM, on=TODAY)
    assert told == 2  # the shop's and the other's heads; the third has nobody
    assert actions.remind(by=SYSTEM, on=TODAY) == 0


def test_an_act_that_cannot_be_recorded_changes_nothing(fair: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fair.in_review()
    fair.judged(made)
    before = [(row.stage, row.sheets.count()) for row in Round.objects.all()]

    def broken(_act: kernel.Act) -> None:
        raise RuntimeError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(kernel, "_audit_writer", broken)
        with pytest.raises(RuntimeError), transaction.atomic():
            actions.close_review(by=fresh(fair.guan), round_=made)
    assert ([(row.stage, row.sheets.count()) for row in Round.objects.all()], Version.objects.count()) == (before, 0)


def test_records_know_their_titles_and_who_may_see_them(fair: Fair) -> None:
    made = fair.launched()
    sheet = fair.sheet(made)
    assert title_and_url(Reference("appraisal_sheet", str(sheet.pk)), fresh(fair.town.zhou)) == (
        "2026 年度考核 · 一车间",
        f"/appraisal/sheets/{sheet.pk}/",
    )
    assert title_and_url(Reference("appraisal_sheet", str(sheet.pk)), fresh(fair.town.stranger)) is None
    assert title_and_url(Reference("appraisal_round", str(made.pk)), fresh(fair.town.zhou)) == (made.title, f"/appraisal/{made.pk}/")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("appraisal_round_span", {"first": 202611}), ("appraisal_round_timetable", {"review_until": date(2020, 1, 1)}),
        ("appraisal_round_known_stage", {"stage": "odd"}), ("appraisal_round_two_persons", {"proposed_by": "a", "published_by": "a"}),
        ("appraisal_round_launched_when", {"hours": None}), ("appraisal_round_published_by_whom", {"stage": "published"}),
        ("appraisal_round_final_when", {"finished_on": TODAY}), ("appraisal_round_cancelled_why", {"stage": "cancelled"}),
    ],
)  # fmt: skip
def test_the_database_holds_what_a_round_is(fair: Fair, name: str, change: dict[str, Any]) -> None:
    made = fair.launched()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(**change)


def test_versions_adjustments_and_snapshots_are_never_changed(fair: Fair) -> None:
    made = fair.calibrated(M1=90.0)
    publishing.adjust(by=fresh(fair.guan), sheet=fair.sheet(made), grade="C", reason="年中通报")
    publishing.publish(by=fresh(fair.office), round_=publishing.propose(by=fresh(fair.guan), round_=made))
    assert missing() == []
    for row in (Version.objects.first(), Adjustment.objects.first(), Snapshot.objects.first()):
        assert row is not None
        for change in (lambda one=row: type(one).objects.filter(pk=one.pk).update(by_label="x"), row.delete):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


def test_time_is_the_clock_s(fair: Fair) -> None:
    made = fair.published()
    with clock.frozen(datetime(2026, 12, 6, 9, 0)):
        done = publishing.finish(by=fresh(fair.guan), round_=made)
    assert (done.stage, done.finished_on, connection.in_atomic_block) == ("final", date(2026, 12, 6), True)


def test_a_version_in_another_class_is_its_own(fair: Fair) -> None:
    sales = UnitClass.objects.create(code="sales", name="销售单位")
    second = node("B", "0000100004", "S1", "销售部", fair.town.group)
    UnitClassAssignment.objects.create(unit=second, unit_class=sales, starts_on=OPENED)
    version = version_of(sales, data_of(party=2000), code="SC2")
    made = fair.launched(versions=[fair.version, version])
    assert {row.node.code: row.of_class.version_id for row in made.sheets.select_related("node", "of_class")} == {
        "M1": fair.version.pk, "M2": fair.version.pk, "M3": fair.version.pk, "S1": version.pk,
    }  # fmt: skip
