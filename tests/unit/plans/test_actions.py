"""Plans carry both sides; a link needs three fields and two persons; a carrier is accepted by the business side; claims stay claims."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import TODAY, Town, fresh
from tests.unit.plans.conftest import OTHER, new_carrier

from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger.actions import Parts
from rongtong.plans import actions, collectors, kinds, queries, suggesting
from rongtong.plans.actions import Acceptance, NewLink, NewObjective, NewResult
from rongtong.plans.models import Carrier, IntegrationLink, Objective, Plan, PlanVersion

DUE = date(2026, 12, 31)
Pair = tuple[Objective, Objective]


def test_a_plan_opens_with_both_sides(town: Town, plan: Plan) -> None:
    assert (plan.unit, plan.party, plan.state) == (town.shop, town.branch, "draft")
    with pytest.raises(Conflict, match="already"):
        actions.open_plan(by=town.zhou, unit=town.shop, year=2026)
    with pytest.raises(Refused, match="business unit"):
        actions.open_plan(by=SYSTEM, unit=town.branch, year=2026)
    with pytest.raises(Unseen):
        actions.open_plan(by=fresh(town.chen), unit=town.shop, year=2027)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"owner": None}, "no owner"),
        ({"side": "both"}, "not a side"),
        ({"due_on": date(2025, 1, 1)}, "lies before the start"),
        ({"co_owner": "deputy"}, "same side"),
        ({"indicator": True}, "no target"),
        ({"title": ""}, "empty"),
    ],
)
def test_bad_objectives_are_refused(town: Town, plan: Plan, yields: Indicator, changes: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {"side": "party", "title": "目标", "owner": town.secretary, "due_on": DUE} | changes
    if given.get("co_owner") == "deputy":
        given["co_owner"] = town.deputy
    if given.get("indicator"):
        given["indicator"] = yields
    with pytest.raises(Refused, match=sentence):
        actions.add_objective(by=town.zhou, plan=plan, new=NewObjective(**given))
    assert not Objective.objects.exists()


def test_adopting_keeps_versions_and_freezing_asks_a_reason(town: Town, plan: Plan, pair: Pair) -> None:
    first = actions.adopt(by=town.zhou, plan=plan, freeze=True)
    assert (first.number, [row["side"] for row in first.content]) == (1, ["party", "production"])
    with pytest.raises(Conflict, match="frozen"):
        actions.drop_objective(by=town.zhou, objective=Objective.objects.get(pk=pair[0].pk), reason="x")
    with pytest.raises(Refused, match="empty"):
        actions.unfreeze(by=town.zhou, plan=plan, reason="")
    second = actions.unfreeze(by=town.zhou, plan=plan, reason="市场变化")
    assert (second.number, plan.state) == (2, "adopted")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=first.pk).update(reason="anders")


def test_a_plan_of_one_side_is_not_adopted(town: Town, plan: Plan) -> None:
    actions.add_objective(by=town.zhou, plan=plan, new=NewObjective("party", "目标", town.secretary, DUE))
    with pytest.raises(Refused, match="one side"):
        actions.adopt(by=town.zhou, plan=plan)


def test_taking_over_refuses_circles(town: Town, plan: Plan, pair: Pair) -> None:
    above = actions.open_plan(by=SYSTEM, unit=town.group, year=2026)
    top = actions.add_objective(by=SYSTEM, plan=above, new=NewObjective("production", "集团目标", town.other_head, DUE))
    taken = actions.take_over(by=town.zhou, plan=plan, above=top, owner=town.head)
    assert (taken.parent, taken.source, taken.title) == (top, "superior", "集团目标")
    with pytest.raises(Refused, match="part of itself"):
        actions.take_over(by=SYSTEM, plan=above, above=taken, owner=town.other_head)


def test_a_measure_becomes_a_matter_with_an_owner(town: Town, pair: Pair) -> None:
    matter = actions.add_measure(
        by=town.zhou, objective=pair[0], title="每周攻关例会", due_on=DUE, parts=Parts(town.secretary, town.deputy)
    )
    assert (matter.origin, matter.origin_reference, matter.lead) == ("plan", Reference("objective", str(pair[0].pk)), town.branch)
    assert queries.measures([pair[0]])[pair[0].pk] == [matter]


def link_of(pair: Pair, means: Carrier, yields: Indicator, **changes: Any) -> NewLink:
    given: dict[str, Any] = {
        "party_objective": pair[0],
        "production_objective": pair[1],
        "carrier": means,
        "indicator": yields,
        "target": 98.0,
    }
    return NewLink(**(given | changes))


@pytest.mark.parametrize("missing", ["carrier", "indicator", "target"])
def test_a_link_needs_its_three_fields(town: Town, pair: Pair, carrier: Carrier, yields: Indicator, missing: str) -> None:
    with pytest.raises(Refused, match=f"no {missing}"):
        actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields, **{missing: None}))


def test_both_sides_confirm_and_are_two_persons(town: Town, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    link = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    with pytest.raises(Conflict, match="already"):
        actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    with pytest.raises(Refused, match="joins a Party objective"):
        actions.propose_link(by=town.zhou, new=link_of((pair[1], pair[0]), carrier, yields))
    assert actions.confirm_link(by=town.zhou, link=link, side="production").state == "proposed"
    with pytest.raises(NotAllowed, match="confirmed_other_side"):  # a dual role agrees with nobody but itself
        actions.confirm_link(by=town.zhou, link=link, side="party")
    with pytest.raises(NotAllowed, match="link_confirm"):
        actions.confirm_link(by=_reader(town), link=link, side="party")
    done = actions.confirm_link(by=town.li, link=link, side="party")
    assert done.state == "confirmed"
    assert queries.aligned(Objective.objects.filter(side="party")).get() == pair[0]


def _reader(town: Town) -> Any:
    from rongtong.access.models import Grant

    Grant.objects.create(user=town.wang, role="inspector", node=town.branch, reach="subtree", source="derived", starts_on=date(2020, 1, 1))
    return fresh(town.wang)


def test_unconfirmed_links_lapse_and_never_count(town: Town, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    link = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    actions.confirm_link(by=town.li, link=link, side="party")
    assert actions.lapse_links(by=SYSTEM, on=TODAY + timedelta(days=30)) == 0
    with clock.frozen(datetime(2026, 12, 24, 9, 0)), pytest.raises(Conflict, match="lapsed on"):
        actions.confirm_link(by=town.zhou, link=link, side="production")
    assert actions.lapse_links(by=SYSTEM, on=TODAY + timedelta(days=31)) == 1
    assert not queries.aligned(Objective.objects.all()).exists()


def test_declining_names_the_reason(town: Town, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    link = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    with pytest.raises(Refused, match="empty"):
        actions.decline_link(by=town.li, link=link, side="party", reason="")
    assert actions.decline_link(by=town.li, link=link, side="party", reason="指标不对").state == "declined"


def test_together_needs_proof_of_both_sides_and_a_matter(town: Town, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    link = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    matter = actions.add_measure(by=town.zhou, objective=pair[0], title="例会", due_on=DUE, parts=Parts(town.secretary, town.deputy))
    records = [Reference("objective", str(row.pk)) for row in pair]
    with pytest.raises(Conflict, match="not confirmed"):
        actions.note_together(by=town.zhou, link=link, kind="planned", on=TODAY, records=records, matter=matter)
    actions.confirm_link(by=town.li, link=link, side="party")
    link = actions.confirm_link(by=town.zhou, link=link, side="production")
    with pytest.raises(Refused, match="Proof of both sides"):
        actions.note_together(by=town.zhou, link=link, kind="planned", on=TODAY, records=records[:1], matter=matter)
    done = actions.note_together(by=town.zhou, link=link, kind="planned", on=TODAY, records=records, matter=matter)
    assert done.matter_id == matter.pk


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"owner": None}, "no owner"),
        ({"target": None}, "no indicator with a target"),
        ({"ends_on": date(2026, 1, 1)}, "end lies before"),
        ({"values": {"colour": "red"}}, "no field colour"),
    ],
)
def test_bad_carriers_are_refused(town: Town, yields: Indicator, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.declare_carrier(by=town.zhou, new=new_carrier(town, yields, **changes))


def test_a_carrier_takes_a_production_indicator(town: Town, yields: Indicator) -> None:
    soft = Indicator.objects.create(
        code="P11", name="规范率", subsystem="party", owner=town.group, kind="ratio", aggregate="ratio", direction="benefit"
    )
    with pytest.raises(Refused, match="not a production indicator"):
        actions.declare_carrier(by=town.zhou, new=new_carrier(town, yields, indicator=soft))


def lived(carrier: Carrier) -> Carrier:
    for state in ("approved", "running", "ended"):
        carrier = actions.move_carrier(by=OTHER, carrier=carrier, to=state)
    return carrier


def test_a_carrier_is_approved_and_accepted_by_another(town: Town, carrier: Carrier) -> None:
    with pytest.raises(NotAllowed, match="declared_it"):
        actions.move_carrier(by=town.zhou, carrier=carrier, to="approved")
    with pytest.raises(Conflict):
        actions.move_carrier(by=OTHER, carrier=carrier, to="accepted")
    ended = lived(carrier)
    with pytest.raises(NotAllowed, match="declared_it"):
        actions.accept_carrier(by=town.zhou, carrier=ended, acceptance=Acceptance(98.4, "达到"))
    with pytest.raises(NotAllowed, match="result_confirm"):
        actions.accept_carrier(by=_deputy_seeing_unit(town), carrier=ended, acceptance=Acceptance(98.4, "达到"))
    done = actions.accept_carrier(by=OTHER, carrier=ended, acceptance=Acceptance(98.4, "合格率 98.4 %", 1_200_000_00))
    assert (done.badge, queries.hit(done), done.saving_fen) == ("before_after", True, 1_200_000_00)


def _deputy_seeing_unit(town: Town) -> Any:
    from rongtong.access.models import Grant

    Grant.objects.create(user=town.li, role="deputy", node=town.shop, reach="subtree", source="derived", starts_on=date(2020, 1, 1))
    return fresh(town.li)


def test_without_a_figure_a_result_is_only_claimed_and_hits_nothing(town: Town, carrier: Carrier) -> None:
    done = actions.accept_carrier(by=OTHER, carrier=lived(carrier), acceptance=Acceptance(None, "成效明显", badge="compared"))
    assert (done.badge, queries.hit(done)) == ("claimed", None)
    assert list(collectors.carrier_hits(202611, [town.shop.pk])) == [(town.shop.pk, 0.0, 1.0)]


def test_results_are_confirmed_by_the_business_side_not_by_who_recorded(town: Town, carrier: Carrier) -> None:
    row = actions.record_result(by=town.zhou, new=NewResult(town.shop, "返工下降", TODAY, "组织攻关", town.branch, carrier))
    with pytest.raises(NotAllowed, match="recorded_it"):
        actions.confirm_result(by=town.zhou, result=row)
    actions.confirm_result(by=OTHER, result=row)
    with pytest.raises(Conflict):
        actions.confirm_result(by=OTHER, result=row)
    plain = actions.record_result(by=town.zhou, new=NewResult(town.shop, "订单提前", TODAY))
    with pytest.raises(Refused, match="no Party role"):
        actions.confirm_result(by=OTHER, result=plain)
    with pytest.raises(Refused, match="lies ahead"):
        actions.record_result(by=town.zhou, new=NewResult(town.shop, "明年", TODAY + timedelta(days=1)))
    found = queries.register_of(queries.results(fresh(town.zhou)))
    assert (found.all, found.confirmed, found.claimed) == (2, 1, 0)


def test_collectors_count_links_of_both_sides_only(town: Town, plan: Plan, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    nodes = [town.shop.pk, town.group.pk, town.branch.pk]
    assert list(collectors.alignment(202612, nodes)) == []  # a draft plan counts for nothing
    actions.adopt(by=town.zhou, plan=plan)
    assert set(collectors.alignment(202612, nodes)) == {(town.shop.pk, 0.0, 1.0), (town.group.pk, 0.0, 1.0)}
    link = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    actions.confirm_link(by=town.li, link=link, side="party")
    assert (town.shop.pk, 0.0, 1.0) in set(collectors.alignment(202612, nodes))
    actions.confirm_link(by=town.zhou, link=link, side="production")
    assert (town.shop.pk, 1.0, 1.0) in set(collectors.alignment(202612, nodes))
    assert (town.shop.pk, 0.0, 1.0) in set(collectors.alignment(202610, nodes))  # not yet confirmed then
    assert (town.shop.pk, 0.0, 1.0) in set(collectors.carrier_coverage(202612, nodes))  # declared is not under way
    for state in ("approved", "running"):
        actions.move_carrier(by=OTHER, carrier=carrier, to=state)
    assert (town.shop.pk, 1.0, 1.0) in set(collectors.carrier_coverage(202612, nodes))
    assert (town.shop.pk, 0.0, 2.0) in set(collectors.joint_plan(202612, nodes))


def test_open_carriers_keep_a_unit_open(town: Town, carrier: Carrier) -> None:
    assert kinds.open_carriers(town.shop, TODAY)[0].count == 1
    actions.move_carrier(by=OTHER, carrier=carrier, to="stopped", reason="合并")
    assert kinds.open_carriers(town.shop, TODAY) == []


def test_suggestions_name_their_reason_and_leave_out_what_is_linked(
    town: Town, plan: Plan, pair: Pair, carrier: Carrier, yields: Indicator
) -> None:
    objectives = list(plan.objectives.prefetch_related("key_results__indicator"))
    [found] = suggesting.suggest(objectives, [], [])
    assert (found.kind, "返工" in found.reason) == ("text", True)
    assert suggesting.suggest(objectives, [], ["B21"])[0].kind == "obstacle"
    actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields, suggested_by="text"))
    assert suggesting.suggest(objectives, list(IntegrationLink.objects.all()), []) == []
    assert suggesting.acceptance(IntegrationLink.objects.all()) == (1, 0)


def test_likeness_is_one_for_the_same_and_zero_for_nothing_shared() -> None:
    alike = suggesting.likeness(["降低返工率", "", "培训"], ["降低返工率", "安全"])
    assert alike[0, 0] == pytest.approx(1.0)
    assert alike[1].tolist() == [0.0, 0.0]
    assert alike[2, 1] == 0.0


def test_an_objective_is_handed_down_once_and_rolls_up(town: Town, plan: Plan, yields: Indicator) -> None:
    from rongtong.indicators.models import Observation

    above = actions.open_plan(by=SYSTEM, unit=town.group, year=2026)
    top = actions.add_objective(by=SYSTEM, plan=above, new=NewObjective("production", "全集团合格率", town.other_head, DUE))
    assert actions.split(by=SYSTEM, objective=top) == 1  # only one unit below has a plan
    with pytest.raises(Refused, match="No unit below"):
        actions.split(by=SYSTEM, objective=top)
    part = Objective.objects.get(parent=top)
    assert (part.plan, part.owner) == (plan, town.head)
    assert queries.roll_up([top], 202611)[top.pk] == queries.RollUp(1, 0, 0)
    part.key_results.create(indicator=yields, target=98.0)
    assert queries.roll_up([top], 202611)[top.pk] == queries.RollUp(1, 0, 0)  # no value is not a missed target
    Observation.objects.create(
        node=town.shop, indicator=yields, period=202610, value=98.2, source="entered", author_uid="1", author_label="a"
    )
    assert queries.roll_up([top], 202611)[top.pk] == queries.RollUp(1, 1, 1)


def test_what_the_superior_joined_is_suggested_first(town: Town, plan: Plan, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    above = actions.open_plan(by=SYSTEM, unit=town.group, year=2026)
    party = actions.add_objective(by=SYSTEM, plan=above, new=NewObjective("party", "甲", town.secretary, DUE))
    production = actions.add_objective(by=SYSTEM, plan=above, new=NewObjective("production", "乙", town.other_head, DUE))
    link = actions.propose_link(by=SYSTEM, new=link_of((party, production), carrier, yields))
    actions.confirm_link(by=OTHER, link=link, side="party")
    actions.confirm_link(by=SYSTEM, link=link, side="production")
    for top, owner in ((party, town.secretary), (production, town.head)):
        actions.take_over(by=town.zhou, plan=plan, above=top, owner=owner)
    rows = list(plan.objectives.prefetch_related("key_results__indicator"))
    found = suggesting.suggest(rows, [], [], queries.joined_above(rows))
    assert (found[0].kind, found[0].party.title, found[0].production.title) == ("reporting", "甲", "乙")
