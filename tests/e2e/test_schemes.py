"""A scheme from a shipped one: 99.9 refused with what was typed kept, who would move, issued by somebody else, read by a unit."""

from typing import Any

import pytest
from tests.e2e.conftest import Site
from tests.e2e.test_flows import AXE, shot, signed_in

pytestmark = pytest.mark.browser


def test_a_scheme_is_drafted_weighed_and_issued_by_two_persons(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "party_office")
    page.goto(f"{site.url}/appraisal/schemes/new/?from=additive-25")
    page.select_option("[name=unit_class]", "project")
    for name, value in (("code", "SC-E2E"), ("name", "项目单位考核办法"), ("starts_on", "2031-01-01")):
        page.fill(f"[name={name}]", value)
    page.click("main form.rt-card button.btn-primary")
    page.wait_for_url("**/edit/")
    page.fill("[name=p1-weight]", "74.9")
    page.click("main button[name=save]")
    page.wait_for_selector("#errors")
    assert "99.9 %" in page.inner_text("#errors") and "请再加 0.1 %" in page.inner_text("#errors")
    assert page.input_value("[name=p1-weight]") == "74.9"
    page.fill("[name=p1-weight]", "65")
    page.fill("[name=p0-weight]", "35")
    page.click("main button[name=save]")
    page.wait_for_selector(".rt-answer:has-text('名义权重 35.0 %')")
    record = page.url
    page.wait_for_selector("text=期望、计入、显现")
    assert "须由他人发布" in page.inner_text(".rt-next")
    shot(page, "scheme-draft-zh-1440")
    page.click(".rt-next a:has-text('看谁的位次会变')")
    page.wait_for_url("**/what-if/")
    shot(page, "scheme-what-if-zh-1440")
    manager = signed_in(browser, site, "management_office")
    manager.goto(record)
    manager.click(".rt-next button:has-text('发布')")
    manager.wait_for_selector(".rt-under:has-text('现行')")
    reader = signed_in(browser, site, "secretary_manager", language="en", width=390)
    reader.goto(record)
    reader.wait_for_selector("text=Expected, credited, shown")
    assert "35.0 %" in reader.inner_text(".rt-answer") and reader.locator(".rt-next form").count() == 0
    assert reader.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_drawer_of_a_schemes_figure_opens_and_the_pages_are_accessible(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "management_office")
    page.goto(f"{site.url}/appraisal/schemes/")
    shot(page, "schemes-zh-1440")
    page.click("main a:has-text('生产单位年度考核办法 v2')")
    page.wait_for_selector(".rt-bar i[data-share]")
    page.click(".rt-card a.rt-number >> nth=0")
    page.wait_for_selector("#drawer .rt-explain")
    assert "生产单位年度考核办法 v2" in page.inner_text("#drawer")
    shot(page, "scheme-zh-1440")
    if AXE.exists():
        for address in (page.url, f"{page.url}what-if/"):
            page.goto(address)
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate(
                "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id))"
            )
            assert found == [], address
