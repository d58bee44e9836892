"""A pre-study decision from its amount to its execution, and an inspection from the plan to a matter of rectification, in a real browser."""

from typing import Any

import pytest
from tests.e2e.conftest import Site, posted
from tests.e2e.test_flows import AXE, shot, signed_in
from tests.e2e.test_work import LATE, fill, send

pytestmark = pytest.mark.browser


def test_the_amount_says_the_path_and_the_decision_goes_it(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "party_office")
    page.goto(f"{site.url}/decisions/")
    assert "先前置研究" in page.inner_text(".rt-answer")
    shot(page, "decisions-zh-1440")
    page.click("main a:has-text('登记事项')")
    page.click("main a:has-text('中共示例装备集团委员会')")
    page.select_option("[name=item]", label="重大项目安排 · 年度投资计划和单项投资项目")
    fill(page, amount="62000000")
    page.click("main form button:has-text('查看路径')")
    page.wait_for_selector("#second")
    assert "先由党委前置研究，再由董事会决定" in page.inner_text(".rt-answer")
    assert "5,000 万元" in page.inner_text(".rt-answer")
    shot(page, "decision-path-zh-1440")
    page.fill("#second [name=title]", "智能立体库建设")
    page.fill("#second [name=unit]", "G0")
    page.click("#second button.btn-primary")
    page.wait_for_selector(".rt-answer:has-text('智能立体库建设')")
    record = page.url
    page.click("main a:has-text('记录前置研究')")
    page.select_option("[name=meeting]", index=0)
    fill(page, result="agree")
    send(page)
    assert "已研究：同意提交" in page.inner_text(".rt-answer")
    page.click("main a:has-text('记录决策') >> nth=0")
    fill(page, outcome="adopted", chief_spoke_last="yes")
    send(page)
    assert "已决策" in page.inner_text(".rt-answer")
    page.goto(f"{record}execute")
    fill(page, title="完成可行性研究报告", leader="B-G0-deputy_head-1", handler="B-D-SB-department_head-1", due_on=LATE)
    send(page)
    assert "完成可行性研究报告" in page.inner_text("main")
    shot(page, "decision-zh-1440")
    reader = signed_in(browser, site, "inspector", language="en")
    reader.goto(record)
    assert "The committee studies it first; then the board of directors decides." in reader.inner_text("main")
    assert reader.locator("main a:has-text('Assign its execution')").count() == 0


def test_an_inspection_from_the_plan_to_the_matter(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "inspector")
    page.goto(f"{site.url}/inspections/new")
    fill(page, title="班组阵地抽查", node="P-M1", checklist="branch-life", codes="P-M1-1", starts_on="2031-12-01", ends_on="2031-12-09")
    send(page)
    assert "记录已回答" in page.inner_text(".rt-answer")
    shot(page, "inspection-issue-zh-1440")
    page.click("main button:has-text('下发')")
    page.wait_for_selector(".rt-matrix")
    shot(page, "inspection-zh-1440")
    page.click(".rt-matrix tbody a >> nth=0")
    page.wait_for_url("**/inspections/places/**")
    place = page.url
    manager = signed_in(browser, site, "secretary_manager")
    manager.goto(place)
    assert "由已有记录回答" in manager.inner_text(".rt-answer")
    assert manager.locator("main a:has-text('现场回答')").count() == 0
    phone = signed_in(browser, site, "inspector", width=390)
    phone.goto(f"{place}site")
    form = phone.locator("main form.rt-card").first
    form.locator("[name=note]").fill("投影设备损坏")
    form.locator("[name=pace]").select_option("at_once")
    posted(phone, form.locator("button:has-text('有问题')"))
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shot(phone, "inspection-site-zh-390")
    manager.reload()
    manager.click("main a:has-text('单位说明情况')")
    manager.wait_for_url("**/comment")
    fill(manager, comment="已报修")
    send(manager)
    page.goto(place)
    assert "已报修" in page.inner_text("main")
    page.click("main a:has-text('指定整改责任人')")
    page.wait_for_url("**/rectify")
    fill(page, leader="P-P-M1-1-secretary-1", handler="P-P-M1-1-deputy-1", due_on=LATE)
    send(page)
    assert "整改：投影设备损坏" in page.inner_text("main")
    shot(page, "inspection-place-zh-1440")
    deputy = signed_in(browser, site, "deputy")
    deputy.goto(f"{site.url}/inbox/")
    assert "投影设备损坏" in deputy.inner_text("main")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_a_phone_and_axe_finds_nothing_serious(browser: Any, site: Site, language: str) -> None:
    page = signed_in(browser, site, "party_office", 390, language)
    for name in (
        "decisions/",
        "decisions/lists/",
        "decisions/lists/1/",
        "decisions/roles/",
        "decisions/5/",
        "decisions/new",
        "inspections/",
        "inspections/1/",
        "inspections/places/2/",
        "inspections/lists/1/",
    ):
        page.goto(f"{site.url}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if AXE.exists():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            serious = [v["id"] for v in found["violations"] if v["impact"] in {"serious", "critical"}]
            assert serious == [], (name, serious, [n["html"] for v in found["violations"] if v["id"] in serious for n in v["nodes"][:2]])
