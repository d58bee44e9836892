"""Changes with reasons, own fields, suggestions set aside, steps together, the map, verified savings, what is carried and proved."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import TODAY, Town, fresh
from tests.unit.plans.conftest import OTHER, new_carrier
from tests.unit.plans.test_actions import link_of

from rongtong.burden.facts import filled_in
from rongtong.exchange.exporting import exporter_of
from rongtong.indicators.collectors import counted
from rongtong.indicators.models import Indicator, Observation, Target
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.handing import carried
from rongtong.ledger.models import Matter
from rongtong.plans import actions, changing, collectors, mapping, queries, suggesting
from rongtong.plans.actions import Acceptance
from rongtong.plans.changing import ObjectiveChange
from rongtong.plans.models import Carrier, CarrierKind, Dismissal, IntegrationLink, Objective, Plan, PlanVersion, Together

DUE = date(2026, 12, 31)
Pair = tuple[Objective, Objective]


@pytest.fixture
def link(town: Town, pair: Pair, carrier: Carrier, yields: Indicator) -> IntegrationLink:
    made = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    actions.confirm_link(by=town.zhou, link=made, side="production")
    return actions.confirm_link(by=town.li, link=made, side="party")


def change(town: Town, **changes: Any) -> ObjectiveChange:
    return ObjectiveChange(**({"title": "返工率减半", "owner": town.secretary, "co_owner": town.head, "due_on": DUE} | changes))


def test_an_objective_of_an_adopted_plan_changes_with_a_reason_and_a_version(town: Town, plan: Plan, pair: Pair, yields: Indicator) -> None:
    changing.change_objective(by=town.zhou, objective=pair[0], change=change(town), reason="")  # a draft needs none
    actions.adopt(by=town.zhou, plan=plan)
    with pytest.raises(Refused, match="empty"):
        changing.change_objective(by=town.zhou, objective=pair[0], change=change(town), reason=" ")
    new = change(town, title="返工率降到 2 %", indicator=yields, baseline=95.0, target=99.0)
    done = changing.change_objective(by=town.zhou, objective=pair[0], change=new, reason="客户要求提高")
    assert (done.title, done.co_owner, done.key_results.get().target) == ("返工率降到 2 %", town.head, 99.0)
    versions = list(PlanVersion.objects.filter(plan=plan).order_by("number"))
    assert [v.reason for v in versions] == ["", "客户要求提高"]
    assert [row["title"] for row in versions[0].content if row["side"] == "party"] == ["返工率减半"]  # as it was
    changing.change_objective(by=town.zhou, objective=pair[0], change=change(town), reason="只留文字")
    assert not done.key_results.exists()
    actions.adopt(by=town.zhou, plan=plan, freeze=True)
    with pytest.raises(Conflict, match="frozen"):
        changing.change_objective(by=town.zhou, objective=pair[0], change=change(town), reason="x")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "empty"),
        ({"due_on": date(2025, 1, 1)}, "before the start"),
        ({"co_owner": "deputy"}, "same side"),
        ({"indicator": True}, "no target"),
    ],
)
def test_bad_changes_are_refused_and_leave_the_objective(
    town: Town, pair: Pair, yields: Indicator, changes: dict[str, Any], sentence: str
) -> None:
    given = dict(changes)
    if given.get("co_owner"):
        given["co_owner"] = town.deputy
    if given.get("indicator"):
        given["indicator"] = yields
    with pytest.raises(Refused, match=sentence):
        changing.change_objective(by=town.zhou, objective=pair[0], change=change(town, **given), reason="改")
    assert Objective.objects.get(pk=pair[0].pk).title == "党员带头攻克返工难题"
    with pytest.raises(Unseen):
        changing.change_objective(by=fresh(town.stranger), objective=pair[0], change=change(town), reason="改")


def test_every_kind_of_carrier_of_the_domain_is_shipped_with_its_own_fields(town: Town, yields: Indicator) -> None:
    kinds = {kind.code: [own.code for own in kind.own] for kind in CarrierKind.objects.all()}
    assert len(kinds) == 14 and all(kinds.values())
    assert {"demands", "resources", "services", "projects"} <= set(kinds["joint_building"])
    CarrierKind.objects.filter(code="brand").update(fields=[])
    actions.install(by=SYSTEM)  # an older installation gets the fields of the shipped list
    assert CarrierKind.objects.get(code="brand").own


def test_own_fields_are_filled_in_until_it_is_accepted(town: Town, carrier: Carrier) -> None:
    done = changing.fill_carrier(by=town.zhou, carrier=carrier, values={"problem": "刀具磨损快", "risk": " "})
    assert done.values == {"problem": "刀具磨损快", "risk": ""}
    with pytest.raises(Refused, match="no field"):
        changing.fill_carrier(by=town.zhou, carrier=carrier, values={"colour": "红"})
    with pytest.raises(Refused, match="longer than 500"):
        changing.fill_carrier(by=town.zhou, carrier=carrier, values={"problem": "长" * 501})
    with pytest.raises(Unseen):
        changing.fill_carrier(by=fresh(town.stranger), carrier=carrier, values={"problem": "x"})
    for state in ("approved", "running", "ended"):
        actions.move_carrier(by=OTHER, carrier=carrier, to=state)
    actions.accept_carrier(by=OTHER, carrier=carrier, acceptance=Acceptance(98.4, "达到"))
    with pytest.raises(Conflict):
        changing.fill_carrier(by=town.zhou, carrier=carrier, values={"problem": "改写"})


def test_a_carrier_stands_in_both_trees(town: Town, yields: Indicator) -> None:
    for wrong in ({"party": town.shop}, {"unit": town.branch}):
        with pytest.raises(Refused, match="joins a Party organisation with a unit"):
            actions.declare_carrier(by=SYSTEM, new=new_carrier(town, yields, **wrong))


def test_badges_need_what_they_say(town: Town, yields: Indicator) -> None:
    """Before and after without a baseline, and compared without a study, are refused; the carrier stays as it was."""
    bare = actions.declare_carrier(by=town.zhou, new=new_carrier(town, yields, baseline=None))
    for state in ("approved", "running", "ended"):
        actions.move_carrier(by=OTHER, carrier=bare, to=state)
    with pytest.raises(Refused, match="no baseline"):
        actions.accept_carrier(by=OTHER, carrier=bare, acceptance=Acceptance(98.4, "达到"))
    with pytest.raises(Refused, match="needs a study"):
        actions.accept_carrier(by=OTHER, carrier=bare, acceptance=Acceptance(98.4, "达到", badge="compared"))
    with pytest.raises(Refused, match="needs a study"):
        actions.accept_carrier(by=OTHER, carrier=bare, acceptance=Acceptance(98.4, "达到", badge="compared", study=Reference("study", "9")))
    assert Carrier.objects.get(pk=bare.pk).state == "ended"
    assert actions.accept_carrier(by=OTHER, carrier=bare, acceptance=Acceptance(98.4, "达到", badge="claimed")).badge == "claimed"


def test_a_suggestion_set_aside_is_not_made_again_and_counts(town: Town, plan: Plan, pair: Pair) -> None:
    rows = list(plan.objectives.prefetch_related("key_results__indicator"))
    [found] = suggesting.suggest(rows, [], [])
    with pytest.raises(Refused, match="empty"):
        changing.dismiss(by=town.zhou, party=found.party, production=found.production, kind=found.kind, reason="")
    changing.dismiss(by=town.zhou, party=found.party, production=found.production, kind=found.kind, reason="两件事")
    with pytest.raises(Conflict, match="set aside already"):
        changing.dismiss(by=town.zhou, party=found.party, production=found.production, kind=found.kind, reason="再说一遍")
    with pytest.raises(Refused, match="joins a Party objective"):
        changing.dismiss(by=town.zhou, party=found.production, production=found.party, kind="text", reason="反了")
    assert suggesting.suggest(rows, [], [], dismissed=suggesting.dismissed(plan)) == []
    worth = suggesting.worth(queries.links(fresh(town.zhou)), suggesting.dismissals(fresh(town.zhou)))
    assert (worth.decided, worth.taken, worth.confirmed) == (1, 0, 0)
    assert not suggesting.dismissals(fresh(town.stranger)).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Dismissal.objects.update(reason="")


def left(town: Town, **changes: Any) -> Matter:
    given: dict[str, Any] = {"parts": Parts(town.head, town.deputy), "partner": town.branch} | changes
    return ledger.deploy(by=town.zhou, new=NewMatter("合署部署", "both", town.shop, DUE, **given))


def test_a_step_counts_with_proof_of_both_sides_and_an_owner(town: Town, link: IntegrationLink) -> None:
    matter, plan = left(town), link.party_objective.plan
    records = [Reference("plan", str(plan.pk)), Reference("matter", str(matter.pk))]

    def note(**changes: Any) -> Together:
        given: dict[str, Any] = {"kind": "planned", "on": TODAY, "records": records, "matter": matter} | changes
        return actions.note_together(by=town.zhou, link=link, **given)

    for wrong, sentence in (
        ({"kind": "eaten"}, "not a step"),
        ({"on": TODAY + timedelta(days=1)}, "lies ahead"),
        ({"records": records[:1]}, "both sides"),
        ({"records": [records[0], records[0]]}, "both sides"),
        ({"records": [records[0], Reference("matter", "987654")]}, "both sides"),
        ({"matter": ledger.create(by=town.zhou, new=NewMatter("草稿", "both", town.shop, DUE))}, "no owner"),
        (
            {
                "matter": ledger.deploy(
                    by=SYSTEM, new=NewMatter("别处的", "both", town.other, DUE, Parts(town.other_head, town.staff, town.head))
                )
            },
            "neither side",
        ),
    ):
        with pytest.raises(Refused, match=sentence):
            note(**wrong)
    assert not Together.objects.exists()
    note()
    with pytest.raises(Conflict, match="noted already"):
        note()
    for kind in ("deployed", "advanced"):
        note(kind=kind)
    found = queries.together(queries.links(fresh(town.zhou)))
    assert (found.planned, found.deployed, found.advanced, found.all, found.links) == (1, 1, 1, 1, 1)
    assert queries.steps_of([link])[link.pk] == dict.fromkeys(("planned", "deployed", "advanced"), TODAY)
    with pytest.raises(Unseen):
        actions.note_together(by=fresh(town.stranger), link=link, kind="planned", on=TODAY, records=records, matter=matter)


def test_an_unconfirmed_link_takes_no_step(town: Town, pair: Pair, carrier: Carrier, yields: Indicator) -> None:
    proposed = actions.propose_link(by=town.zhou, new=link_of(pair, carrier, yields))
    records = [Reference("plan", str(pair[0].plan_id)), Reference("carrier", str(carrier.pk))]
    with pytest.raises(Conflict, match="not confirmed"):
        actions.note_together(by=town.zhou, link=proposed, kind="planned", on=TODAY, records=records, matter=left(town))


def target(town: Town, indicator: Indicator, aim: float, value: float | None) -> None:
    Target.objects.create(unit=town.shop, indicator=indicator, period=202610, target=aim, set_by="x")
    if value is not None:
        Observation.objects.create(
            node=town.shop, indicator=indicator, period=202610, value=value, source="entered", author_uid="1", author_label="a"
        )


def test_the_map_goes_from_need_to_carrier_to_link(town: Town, plan: Plan, pair: Pair, yields: Indicator) -> None:
    zhou = fresh(town.zhou)
    assert mapping.integration_map(zhou, 202610, TODAY)[town.shop.pk] == {}  # a unit with a plan stands in it, quiet
    target(town, yields, 98.0, None)
    assert mapping.integration_map(zhou, 202610, TODAY)[town.shop.pk] == {}  # a missing value is not a missed target
    Observation.objects.create(
        node=town.shop, indicator=yields, period=202610, value=95.0, source="entered", author_uid="1", author_label="a"
    )
    cell = mapping.integration_map(zhou, 202610, TODAY)[town.shop.pk]["quality"]
    assert (cell.state, cell.need) == ("needed", 1) and "95.0 / 98.0" in cell.sentence
    means = actions.declare_carrier(by=town.zhou, new=new_carrier(town, yields))
    for state in ("approved", "running"):
        actions.move_carrier(by=OTHER, carrier=means, to=state)
    found = mapping.integration_map(zhou, 202610, TODAY)
    assert found[town.shop.pk]["quality"].state == "carrier"
    assert mapping.possibility([town.shop.pk], TODAY)[town.shop.pk].free == 1
    made = actions.propose_link(by=town.zhou, new=link_of(pair, means, yields))
    assert mapping.integration_map(zhou, 202610, TODAY)[town.shop.pk]["quality"].state == "carrier"  # proposed counts for nothing
    actions.confirm_link(by=town.zhou, link=made, side="production")
    actions.confirm_link(by=town.li, link=made, side="party")
    found = mapping.integration_map(zhou, 202610, TODAY)
    assert found[town.shop.pk]["quality"].state == "linked"
    assert mapping.possibility([town.shop.pk], TODAY)[town.shop.pk].free == 0
    assert mapping.counts(found, [town.shop])["quality"] == (0, 1)
    assert mapping.integration_map(fresh(town.stranger), 202610, TODAY).get(town.shop.pk) is None
    assert mapping.integration_map(zhou, 202610, TODAY, town.shop)[town.shop.pk]["quality"].state == "linked"


def test_verified_savings_over_output_by_hand(town: Town, carrier: Carrier, yields: Indicator) -> None:
    """120,000 yuan verified over 12 months of 100 x 10,000 yuan: 120000 / 1200 = 100 yuan per 10,000; claims and missing output give nothing."""
    output = Indicator.objects.create(code="B14", name="产值", subsystem="production", owner=town.group, kind="flow", aggregate="sum",
                                      direction="benefit")  # fmt: skip
    for state in ("approved", "running", "ended"):
        actions.move_carrier(by=OTHER, carrier=carrier, to=state)
    actions.accept_carrier(by=OTHER, carrier=carrier, acceptance=Acceptance(98.4, "节约", 120_000_00))
    nodes = [town.shop.pk, town.group.pk, town.other.pk]
    assert list(collectors.verified_saving(202611, nodes)) == []  # no output on record
    months = [*range(202512, 202513), *range(202601, 202612)]
    for period in months:
        Observation.objects.create(
            node=town.shop, indicator=output, period=period, value=100.0, source="entered", author_uid="1", author_label="a"
        )
    assert set(collectors.verified_saving(202611, nodes)) == {(town.shop.pk, 120_000.0, 1200.0), (town.group.pk, 120_000.0, 1200.0)}
    records = counted("I33", 202611, town.shop.pk)
    assert records is not None and records.all == {carrier.pk}
    assert list(collectors.verified_saving(202612, nodes)) == []  # the month itself has no output
    Carrier.objects.update(badge="claimed")
    assert set(collectors.verified_saving(202611, [town.shop.pk])) == {(town.shop.pk, 0.0, 1200.0)}


def test_a_stopped_carrier_says_so_wherever_it_is_named_and_proves_nothing(town: Town, carrier: Carrier) -> None:
    actions.move_carrier(by=OTHER, carrier=carrier, to="approved")
    actions.move_carrier(by=OTHER, carrier=carrier, to="running")
    matter = left(town, is_light=True)
    ledger.prove(by=SYSTEM, matter=matter, record=Reference("carrier", str(carrier.pk)), on=TODAY)
    actions.move_carrier(by=OTHER, carrier=carrier, to="stopped", reason="问题消失")
    matter.refresh_from_db()
    assert matter.state == "assigned"
    shown = title_and_url(Reference("carrier", str(carrier.pk)), fresh(town.zhou))
    assert shown is not None and shown[0].endswith("（stopped）")


def test_a_running_secretary_project_and_a_joined_plan_prove_their_duties(
    town: Town, link: IntegrationLink, plan: Plan, carrier: Carrier
) -> None:
    from rongtong.duties.finding import Wanted
    from rongtong.kernel.periods import Period, PeriodKind
    from rongtong.plans import proofs

    year = Period.of(PeriodKind.YEAR, 202612)
    duty = ledger.deploy(
        by=town.zhou, new=NewMatter("领办书记项目", "both", town.branch, DUE, Parts(town.secretary, town.secretary, town.deputy))
    )
    wanted = [Wanted(duty, year, True)]
    assert list(proofs.secretary_projects(wanted, TODAY)) == []  # declared is not begun
    for state in ("approved", "running"):
        actions.move_carrier(by=OTHER, carrier=carrier, to=state)
    [found] = proofs.secretary_projects(wanted, TODAY)
    assert (found.record, found.on, found.in_person) == (Reference("carrier", str(carrier.pk)), date(2026, 3, 1), True)
    assert list(proofs.secretary_projects([Wanted(duty, Period.of(PeriodKind.YEAR, 202512), True)], TODAY)) == []
    assert list(proofs.joined(wanted, TODAY)) == []  # not adopted
    actions.adopt(by=town.zhou, plan=plan)
    [found] = proofs.joined(wanted, TODAY)
    assert (found.record, found.on) == (Reference("plan", str(plan.pk)), TODAY)


def test_posts_carry_objectives_and_carriers_and_forms_know_them(town: Town, plan: Plan, pair: Pair, carrier: Carrier) -> None:
    kinds = [item.record.kind for item in carried(town.secretary, TODAY) if item.part == "plans"]
    assert kinds == ["objective", "carrier"]
    actions.adopt(by=town.zhou, plan=plan)
    for state in ("approved", "running"):
        actions.move_carrier(by=OTHER, carrier=carrier, to=state)
    known = filled_in({"plan.pair", "carrier.running", "carrier.target"}, [town.shop, town.branch, town.other], TODAY)
    assert known == {
        ("plan.pair", town.shop.pk): f"{plan} v1", ("plan.pair", town.branch.pk): f"{plan} v1", ("carrier.running", town.shop.pk): carrier.title,
        ("carrier.running", town.branch.pk): carrier.title,
    }  # fmt: skip


def test_files_hold_the_actors_plans(town: Town, link: IntegrationLink) -> None:
    for kind, count in (("objectives", 2), ("integration-links", 1), ("carriers", 1), ("results", 0)):
        exporter = exporter_of(kind)
        rows = list(exporter.rows(fresh(town.zhou)))
        assert len(rows) == count and all(len(row) == len(exporter.columns) for row in rows)
        assert list(exporter.rows(fresh(town.stranger))) == []


def test_who_may_not_may_not(town: Town, pair: Pair, carrier: Carrier) -> None:
    from rongtong.access.models import Grant

    Grant.objects.create(user=town.wang, role="inspector", node=town.branch, reach="subtree", source="derived", starts_on=date(2020, 1, 1))
    Grant.objects.create(user=town.wang, role="inspector", node=town.shop, reach="subtree", source="derived", starts_on=date(2020, 1, 1))
    wang = fresh(town.wang)
    for attempt in (
        lambda: changing.change_objective(by=wang, objective=pair[0], change=change(town), reason="x"),
        lambda: changing.fill_carrier(by=wang, carrier=carrier, values={"problem": "x"}),
        lambda: changing.dismiss(by=wang, party=pair[0], production=pair[1], kind="text", reason="x"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
