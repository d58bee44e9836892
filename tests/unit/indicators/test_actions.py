"""Entering values: effects, refusals, revisions, corrections, the audit row, and that nothing is half done."""

import pytest
from tests.unit.indicators.conftest import World, make_indicator, percent

from rongtong.audit.models import Entry as AuditEntry
from rongtong.indicators import actions, queries
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import DirtyPeriod, Draft, Observation, Target
from rongtong.kernel.act import SYSTEM, install_audit_writer
from rongtong.kernel.errors import NotAllowed, Refused, Unseen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_enter_records_marks_month_and_writes_one_audit_row(world: World) -> None:
    rate, count = percent("P11", subsystem="party"), make_indicator("B62")
    rows = [Entry(world.shop.pk, rate.pk, 202609, None, 9, 10), Entry(world.shop.pk, count.pk, 202609, 3)]
    assert actions.enter(by=world.worker, rows=rows) == 2
    stored = Observation.objects.get(indicator=rate)
    assert (stored.value, stored.numerator, stored.denominator) == (90.0, 9, 10)
    assert (stored.source, stored.author_uid, stored.revision, stored.is_correction) == ("entered", str(world.worker.uid), 1, False)
    assert list(DirtyPeriod.objects.values_list("period", flat=True)) == [202609]
    assert AuditEntry.objects.filter(kind="indicators.enter").count() == 1


def test_a_new_value_supersedes_and_is_marked_and_the_old_one_stays(world: World) -> None:
    count = make_indicator("B62")
    actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 5)], note="少计两项")
    rows = queries.revisions(world.worker, world.shop, count, 202609)
    assert [(r.revision, r.value, r.is_current, r.is_correction, r.note) for r in rows] == [
        (2, 5, True, True, "少计两项"),
        (1, 3, False, False, ""),
    ]


def test_the_same_value_again_changes_nothing(world: World) -> None:
    count = make_indicator("B62")
    actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    DirtyPeriod.objects.all().delete()
    assert actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3)]) == 0
    assert Observation.objects.count() == 1
    assert not DirtyPeriod.objects.exists()


def test_other_unit_is_unseen_and_reader_may_not(world: World) -> None:
    count = make_indicator("B62")
    with pytest.raises(Unseen):
        actions.enter(by=world.stranger, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    with pytest.raises(NotAllowed):
        actions.enter(by=world.reader, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    assert not Observation.objects.exists()


def test_the_owner_department_enters_its_own_figures_only(world: World) -> None:
    mine, foreign = make_indicator("B21", owner=world.office), make_indicator("B31")
    actions.enter(by=world.owner, rows=[Entry(world.shop.pk, mine.pk, 202609, 3)])
    with pytest.raises(NotAllowed) as refusal:
        actions.enter(by=world.owner, rows=[Entry(world.shop.pk, foreign.pk, 202609, 3)])
    assert refusal.value.reason == "not_owner"


@pytest.mark.parametrize(
    ("fields", "reason"), [({"collector": "I12"}, "collected"), ({"expression": "B62"}, "derived"), ({"is_on": False}, "switched_off")]
)
def test_what_is_not_typed_cannot_be_typed(world: World, fields: dict[str, object], reason: str) -> None:
    indicator = make_indicator("I12", **fields)
    with pytest.raises(NotAllowed) as refusal:
        actions.enter(by=world.worker, rows=[Entry(world.shop.pk, indicator.pk, 202609, 3)])
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"value": float("nan")}, "number_infinite"),
        ({"value": float("inf")}, "number_infinite"),
        ({"value": 1e301}, "number_infinite"),
        ({}, "value_empty"),
        ({"numerator": 1.0}, "ratio_half"),
        ({"numerator": 1.0, "denominator": 0.0}, "denominator_zero"),
        ({"value": 95.0, "numerator": 9.0, "denominator": 10.0}, "ratio_mismatch"),
        ({"value": 9.0, "period": 202613}, "period"),
    ],
)
def test_values_that_cannot_be_are_refused_and_nothing_is_written(world: World, entry: dict[str, float], code: str) -> None:
    rate, count = percent("P11"), make_indicator("B62")
    good = Entry(world.shop.pk, count.pk, 202609, 3)
    bad = Entry(world.shop.pk, rate.pk, int(entry.pop("period", 202609)), **entry)
    with pytest.raises(Refused) as refusal:
        actions.enter(by=world.worker, rows=[good, bad])
    assert refusal.value.code == code
    assert not Observation.objects.exists()
    assert not DirtyPeriod.objects.exists()


def test_a_mismatch_names_the_computed_value_and_rounding_is_no_mismatch(world: World) -> None:
    rate = percent("P11")
    with pytest.raises(Refused, match=r"66\.7"):
        actions.enter(by=world.worker, rows=[Entry(world.shop.pk, rate.pk, 202609, 60.0, 2, 3)])
    actions.enter(by=world.worker, rows=[Entry(world.shop.pk, rate.pk, 202609, 66.7, 2, 3)])
    assert Observation.objects.get().value == pytest.approx(200 / 3, abs=1e-12)  # the exact ratio is kept, not the rounded text


def test_given_twice_in_one_act_is_refused(world: World) -> None:
    count = make_indicator("B62")
    with pytest.raises(Refused, match="M1 B62 202609"):
        actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3), Entry(world.shop.pk, count.pk, 202609, 4)])


def test_a_closed_month_takes_marked_corrections_with_a_reason_only(world: World) -> None:
    count = make_indicator("B62")
    actions.close_month(by=world.manager, period=202609)
    with pytest.raises(Refused) as refusal:
        actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    assert refusal.value.code == "month_closed"
    actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3)], note="补报")
    assert Observation.objects.get().is_correction
    actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202608, 3)])


def test_months_are_closed_by_those_who_may_and_after_their_end(world: World) -> None:
    with pytest.raises(NotAllowed):
        actions.close_month(by=world.worker, period=202609)
    with pytest.raises(Refused) as refusal:
        actions.close_month(by=world.manager, period=202611)
    assert refusal.value.code == "month_running"
    actions.close_month(by=world.manager, period=202609)
    actions.close_month(by=world.manager, period=202609)
    assert queries.closings(202609).count() == 1
    assert queries.is_closed(202609, world.shop.pk)


def test_a_month_can_be_closed_for_one_unit(world: World) -> None:
    actions.close_month(by=world.manager, period=202609, node=world.shop)
    assert queries.is_closed(202609, world.shop.pk)
    assert not queries.is_closed(202609, world.other.pk)


def test_targets_stand_in_the_order_of_their_direction(world: World) -> None:
    benefit, cost = percent("B21"), percent("B22", direction="cost")
    target = actions.set_target(by=world.manager, unit=world.shop, indicator=benefit, period=202609, target=97, floor=85, stretch=99)
    assert (target.floor, target.target, target.stretch) == (85, 97, 99)
    actions.set_target(by=world.manager, unit=world.shop, indicator=cost, period=202609, target=3, floor=10, stretch=1)
    for indicator, numbers in ((benefit, (99, 97, None)), (cost, (1, 3, None)), (benefit, (97, 97, None))):
        with pytest.raises(Refused, match="order"):
            actions.set_target(by=world.manager, unit=world.shop, indicator=indicator, period=202609, floor=numbers[0], target=numbers[1])
    with pytest.raises(NotAllowed):
        actions.set_target(by=world.reader, unit=world.shop, indicator=benefit, period=202609, target=97)
    assert Target.objects.count() == 2


def test_a_draft_is_private_and_goes_when_it_is_submitted(world: World) -> None:
    count = make_indicator("B62")
    actions.save_draft(by=world.worker, node=world.shop, period=202609, cells={"B62:value": "3"})
    assert queries.draft_of(world.worker, world.shop, 202609) is not None
    assert queries.draft_of(world.manager, world.shop, 202609) is None
    with pytest.raises(Unseen):
        actions.save_draft(by=world.stranger, node=world.shop, period=202609, cells={})
    with pytest.raises(NotAllowed):
        actions.save_draft(by=world.reader, node=world.shop, period=202609, cells={})
    actions.submit_draft(by=world.worker, node=world.shop, period=202609, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    assert not Draft.objects.exists()
    assert AuditEntry.objects.order_by("-seq")[0].kind == "indicators.submit_draft"


def test_nothing_is_written_when_the_audit_row_cannot_be(world: World) -> None:
    from rongtong.audit import chain

    count = make_indicator("B62")

    def broken(_act: object) -> None:
        raise RuntimeError("no audit")

    install_audit_writer(broken)
    try:
        with pytest.raises(RuntimeError):
            actions.enter(by=world.worker, rows=[Entry(world.shop.pk, count.pk, 202609, 3)])
    finally:
        install_audit_writer(chain.write)
    assert not Observation.objects.exists()
    assert not DirtyPeriod.objects.exists()


def test_an_idempotency_key_enters_once(world: World) -> None:
    count = make_indicator("B62")
    rows = [Entry(world.shop.pk, count.pk, 202609, 3)]
    assert actions.enter(by=world.worker, rows=rows, key="k1") == actions.enter(by=world.worker, rows=rows, key="k1") == 1
    assert Observation.objects.count() == 1


def test_derived_figures_follow_their_inputs_and_missing_stays_missing(world: World) -> None:
    a, b = make_indicator("A1"), make_indicator("A2")
    first = actions.define(
        by=world.manager,
        code="X1",
        name="和",
        subsystem="production",
        direction="benefit",
        kind="flow",
        aggregate="sum",
        expression="A1 + A2",
    )
    second = actions.define(
        by=world.manager,
        code="X2",
        name="倍",
        subsystem="production",
        direction="benefit",
        kind="flow",
        aggregate="sum",
        expression="X1 * 2",
    )
    actions.enter(
        by=SYSTEM,
        rows=[Entry(world.shop.pk, a.pk, 202609, 3), Entry(world.shop.pk, b.pk, 202609, 4), Entry(world.other.pk, a.pk, 202609, 3)],
    )
    assert actions.collect(by=SYSTEM, period=202609) == 2
    found = {(o.node_id, o.indicator_id): (o.value, o.source) for o in Observation.objects.filter(indicator__in=[first, second])}
    assert found == {(world.shop.pk, first.pk): (7, "derived"), (world.shop.pk, second.pk): (14, "derived")}
    assert actions.collect(by=SYSTEM, period=202609) == 0
