"""Pages of plans: map and its places, links and their steps, carriers with own fields, results, changes; 404, 403, bad input, budgets."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.town import TODAY, Town, fresh
from tests.unit.plans.conftest import OTHER, carrier, new_carrier, pair, plan, yields  # noqa: F401  (fixtures)
from tests.unit.plans.test_more import left, link, target  # noqa: F401

from rongtong.access.models import Grant
from rongtong.indicators.models import Indicator, Target
from rongtong.plans import actions
from rongtong.plans.models import Carrier, Dismissal, IntegrationLink, Objective, Plan, PlanVersion, Together

pytestmark = pytest.mark.usefixtures("town")
Pair = tuple[Objective, Objective]


def client(user: Any) -> Client:
    found = Client(headers={"accept-language": "zh-hans"})
    found.force_login(fresh(user), backend="django.contrib.auth.backends.ModelBackend")
    return found


def main(answer: Any) -> str:
    return str(answer.content.decode().split("<main")[1])


def reader(town: Town) -> Any:
    for node in (town.branch, town.shop):
        Grant.objects.create(user=town.wang, role="inspector", node=node, reach="subtree", source="derived", starts_on=date(2020, 1, 1))
    return town.wang


def test_the_map_names_needs_and_leads_to_the_start(town: Town, plan: Plan, yields: Indicator) -> None:  # noqa: F811
    target(town, yields, 98.0, 95.0)
    zhou = client(town.zhou)
    page = main(zhou.get("/plans/map/?month=2026-10"))
    assert "需要融合而尚无" in page and "95.0 / 98.0" in page and "启动" in page
    place = main(zhou.get(f"/plans/map/{town.shop.pk}/quality/?month=2026-10"))
    assert "启动载体" in place and "申请支援" in place and "baseline=95" in place
    assert "启动载体" not in main(client(reader(town)).get(f"/plans/map/{town.shop.pk}/quality/?month=2026-10"))
    assert client(town.stranger).get(f"/plans/map/{town.shop.pk}/quality/").status_code == 404
    assert zhou.get(f"/plans/map/{town.shop.pk}/cooking/").status_code == 404
    assert zhou.get("/plans/map/?month=2026-13").status_code == 422
    assert zhou.get(f"/plans/map/?at={town.other.pk}").status_code == 404
    answer = zhou.get("/plans/map/?month=2026-10&export=xlsx")
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    assert len(rows) == 7 and {(row[5], row[6]) for row in rows[1:]} >= {("quality", "needed"), ("cost", "quiet")}


def test_a_link_notes_its_steps_on_its_page(town: Town, link: IntegrationLink) -> None:  # noqa: F811
    matter = left(town)
    zhou = client(town.zhou)
    assert "登记一步" in main(zhou.get(f"/plans/links/{link.pk}/"))
    given = {
        "kind": "planned",
        "on": "2026-11-20",
        "party_record": f"plan:{link.party_objective.plan_id}",
        "production_record": f"matter:{matter.pk}",
        "matter": matter.pk,
    }
    bad = zhou.post(f"/plans/links/{link.pk}/together", given | {"on": "2027-01-01"})
    assert bad.status_code == 422 and "2027-01-01" in main(bad) and not Together.objects.exists()
    worse = zhou.post(f"/plans/links/{link.pk}/together", given | {"party_record": "matter:987654"})
    assert worse.status_code == 422
    assert zhou.post(f"/plans/links/{link.pk}/together", given).status_code == 302
    page = main(zhou.get(f"/plans/links/{link.pk}/"))
    assert "同谋划" in page and "合署部署" in page and "11-20" in page
    assert "同谋划 1、同部署 0" in main(zhou.get("/plans/links/"))
    assert client(town.stranger).post(f"/plans/links/{link.pk}/together", given).status_code == 404
    assert client(reader(town)).post(f"/plans/links/{link.pk}/together", given).status_code == 403


def test_a_carrier_carries_its_own_fields(town: Town, yields: Indicator) -> None:  # noqa: F811
    zhou = client(town.zhou)
    assert "需求清单" in main(zhou.get("/plans/carriers/new?kind=joint_building"))
    given = {
        "kind": "joint_building", "title": "与供应商联建", "party": "P1", "unit": "M1", "owner": "S1", "indicator": "B21", "baseline": "95", "target": "98",
        "starts_on": "2026-11-01", "ends_on": "2026-12-31", "v_partners": "刀具厂支部",
    }  # fmt: skip
    bad = zhou.post("/plans/carriers/new", given | {"party": "M1"})
    assert bad.status_code == 422 and "刀具厂支部" in main(bad)
    answer = zhou.post("/plans/carriers/new", given)
    made = Carrier.objects.get()
    assert answer.url == f"/plans/carriers/{made.pk}/" and made.values == {"partners": "刀具厂支部"}
    zhou.post(f"/plans/carriers/{made.pk}/own", {"v_partners": "刀具厂支部", "v_demands": "刀具寿命数据"})
    page = main(zhou.get(f"/plans/carriers/{made.pk}/"))
    assert "刀具寿命数据" in page and "需求清单" in page
    assert zhou.post(f"/plans/carriers/{made.pk}/own", {"v_demands": "长" * 501}).status_code == 422
    assert client(town.stranger).post(f"/plans/carriers/{made.pk}/own", {}).status_code == 404
    assert client(reader(town)).post(f"/plans/carriers/{made.pk}/own", {}).status_code == 403


def test_lists_are_narrowed_paged_and_taken_along(town: Town, yields: Indicator) -> None:  # noqa: F811
    for number in range(55):
        actions.declare_carrier(by=town.zhou, new=new_carrier(town, yields, title=f"载体{number:02d}"))
    Carrier.objects.filter(title="载体00").update(state="running")
    zhou = client(town.zhou)
    first = main(zhou.get("/plans/carriers/"))
    after = first.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = main(zhou.get(f"/plans/carriers/{after}"))
    shown = [{n for n in range(55) if f"载体{n:02d}<" in text} for text in (first, second)]
    assert not shown[0] & shown[1] and len(shown[0]) == 50 and len(shown[0] | shown[1]) == 55
    narrow = main(zhou.get("/plans/carriers/?state=running"))
    assert "载体00<" in narrow and "载体01<" not in narrow
    assert "载体00<" not in main(zhou.get("/plans/carriers/?kind=brand"))
    assert zhou.get("/plans/carriers/?after=gestern_1").status_code == 422
    answer = zhou.get("/plans/carriers/?state=running&export=csv")
    assert b"".join(answer.streaming_content).decode().count("\n") == 2
    assert client(town.stranger).get(f"/plans/carriers/?at={town.shop.pk}").status_code == 404


def test_an_objective_is_changed_and_a_suggestion_set_aside(town: Town, plan: Plan, pair: Pair) -> None:  # noqa: F811
    zhou = client(town.zhou)
    page = main(zhou.get(f"/plans/{plan.pk}/"))
    assert "不合适" in page and f"/plans/objectives/{pair[0].pk}/change" in page
    actions.adopt(by=town.zhou, plan=plan)
    form = main(zhou.get(f"/plans/objectives/{pair[1].pk}/change"))
    assert 'value="98"' in form and "H1 一车间主任" in form
    given = {"title": "一次合格率到 99", "owner": "H1", "due_on": "2026-12-31", "indicator": "B21", "target": "99"}
    bad = zhou.post(f"/plans/objectives/{pair[1].pk}/change", given)
    assert bad.status_code == 422 and "一次合格率到 99" in main(bad)
    assert zhou.post(f"/plans/objectives/{pair[1].pk}/change", given | {"reason": "客户要求"}).status_code == 302
    assert PlanVersion.objects.filter(plan=plan).count() == 2
    versions = main(zhou.get(f"/plans/{plan.pk}/versions/"))
    assert "一次合格率到 99" in versions and "B21 — → 99" in versions and "{" not in versions.split("<table")[1]
    data = {"party_objective": pair[0].pk, "production_objective": pair[1].pk, "kind": "text", "reason": "两件事"}
    assert client(town.stranger).post(f"/plans/{plan.pk}/dismiss", data).status_code == 404
    assert zhou.post(f"/plans/{plan.pk}/dismiss", data | {"party_objective": "99999"}).status_code == 404
    zhou.post(f"/plans/{plan.pk}/dismiss", data)
    assert Dismissal.objects.count() == 1 and "不合适" not in main(zhou.get(f"/plans/{plan.pk}/"))
    assert client(reader(town)).get(f"/plans/objectives/{pair[0].pk}/change").status_code == 403


def test_pages_keep_the_budget(town: Town, link: IntegrationLink, django_assert_max_num_queries: Any) -> None:  # noqa: F811
    left(town)
    zhou = client(town.zhou)
    pages = {
        "/plans/": 20, f"/plans/{link.party_objective.plan_id}/": 25, "/plans/map/": 20, "/plans/links/": 20, f"/plans/links/{link.pk}/": 20,
        "/plans/carriers/": 15, f"/plans/carriers/{link.carrier_id}/": 20, "/plans/results/": 15,
    }  # fmt: skip
    for address, most in pages.items():
        zhou.get(address)
        with django_assert_max_num_queries(most):
            assert zhou.get(address).status_code == 200


def test_results_are_told_apart(town: Town, carrier: Carrier) -> None:  # noqa: F811
    from rongtong.plans.actions import NewResult

    for title, role in (("有作用", "组织攻关"), ("只自报", "帮了忙"), ("无作用", "")):
        made = actions.record_result(by=town.zhou, new=NewResult(town.shop, title, TODAY, role, town.branch, carrier))
        if title == "有作用":
            actions.confirm_result(by=OTHER, result=made)
    zhou = client(town.zhou)
    for state, title in (("confirmed", "有作用"), ("claimed", "只自报"), ("none", "无作用")):
        page = main(zhou.get(f"/plans/results/?state={state}"))
        assert [one in page for one in ("有作用", "只自报", "无作用")] == [one == title for one in ("有作用", "只自报", "无作用")]


def test_a_link_begins_with_what_its_objective_says(town: Town, pair: Pair, carrier: Carrier) -> None:  # noqa: F811
    """Indicator, target and process of the production objective and a running carrier on that indicator need no second typing."""
    Carrier.objects.filter(pk=carrier.pk).update(state="running")
    url = f"/plans/{pair[0].plan_id}/link"
    page = main(client(town.zhou).get(f"{url}?party_objective={pair[0].pk}&production_objective={pair[1].pk}&suggested=text"))
    for name, value in (("production_objective", pair[1].pk), ("carrier", carrier.pk), ("indicator", "B21"), ("process", "quality")):
        assert re.search(rf'<select name="{name}".*?<option value="{value}" selected', page, re.DOTALL), name
    assert 'name="target" value="98"' in " ".join(page.split())
    assert 'value="quality" selected' not in main(client(town.zhou).get(f"{url}?production_objective=x"))


def test_support_is_asked_of_the_party_side_first(town: Town, yields: Indicator) -> None:  # noqa: F811
    target(town, yields, 98.0, 95.0)
    page = main(client(town.zhou).get(f"/ledger/requests/new?target={Target.objects.get().pk}"))
    assert f'value="{town.branch.code} {town.branch.name}"' in page


def test_a_matter_of_an_obstacle_names_who_answers_for_the_unit(town: Town) -> None:
    page = main(client(town.zhou).get(f"/ledger/new?lead={town.shop.code}&origin=obstacle&title=x"))
    assert f'value="{town.head.code} {town.head.name}"' in page
    assert 'value="2026-12-23"' in page
    assert town.head.code not in main(client(town.zhou).get("/ledger/new?lead=NOPE"))
