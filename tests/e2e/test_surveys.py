"""A survey in a real browser, in Chinese: answered on a phone block by block, closed, released, opened down to its source; another launched."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.e2e.conftest import Site
from tests.e2e.test_flows import AXE, shot, signed_in

pytestmark = pytest.mark.browser
PHONE = 390


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def go_on(page: Any, part: int) -> None:
    page.click("main form.rt-ask button.btn-primary")
    page.wait_for_url(f"**?part={part}")
    page.wait_for_selector(f"text=第 {part} 部分")


def choose_all(page: Any, at: int) -> None:
    """In each question of the block the choice at a place (the last one, where there are fewer)."""
    for block in page.locator("form.rt-ask fieldset").all():
        choices = block.locator("label:has(input[type=radio])")
        if choices.count():
            choices.nth(min(at, choices.count() - 1)).click()


def axe_finds_nothing(page: Any) -> None:
    if AXE.is_file():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "axe.run('main').then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id))"
        )
        assert found == []


def test_a_survey_is_answered_on_a_phone_and_its_results_are_released(browser: Any, site: Site) -> None:
    phone = signed_in(browser, site, "leader", PHONE)
    phone.goto(f"{site.url}/surveys/answer/")
    assert "等您填答" in phone.inner_text(".rt-answer")
    phone.click("main a.btn-primary")
    phone.wait_for_selector("text=第 1 部分")
    address = str(phone.url).split("?")[0]
    axe_finds_nothing(phone)
    phone.click("main form.rt-ask button.btn-primary")  # nothing chosen: said, and nothing sent
    phone.wait_for_selector("text=尚未提交")
    shot(phone, "survey-answer-missing-zh-390")
    choose_all(phone, 3)
    go_on(phone, 2)
    assert fits(phone)
    shot(phone, "survey-answer-zh-390")
    choose_all(phone, 2)
    go_on(phone, 3)
    phone.goto(address)  # went away and came back: the browser remembers
    phone.wait_for_selector("text=第 3 部分")
    for part in (4, 5, 6, 7):
        choose_all(phone, 3)
        go_on(phone, part)
    phone.fill("textarea", "联席会议定的事要有人盯")
    phone.click("text=提交答卷")
    phone.wait_for_selector("text=答卷已收下")
    shot(phone, "survey-thanks-zh-390")
    phone.goto(address)
    assert "已填答" in phone.inner_text(".rt-answer")
    _close_and_release(browser, site)


def _close_and_release(browser: Any, site: Site) -> None:
    office = signed_in(browser, site, "party_office")
    office.goto(f"{site.url}/surveys/")
    shot(office, "surveys-zh-1440")
    office.click("main table a:has-text('机加工厂')")
    office.wait_for_selector("text=至少")
    shot(office, "survey-open-zh-1440")
    office.click("button:has-text('关闭并统计')")
    office.wait_for_selector("text=密钥已销毁")
    office.click("button:has-text('发布结果')")
    office.wait_for_selector("text=单份答卷已删除")
    assert "硬度" in office.inner_text(".rt-answer")
    assert "综合" not in office.inner_text(".rt-answer")
    axe_finds_nothing(office)
    shot(office, "survey-results-zh-1440")
    office.click(".rt-answer a.rt-number >> nth=2")
    office.wait_for_selector("#drawer .rt-lines li")
    assert "每份答卷" in office.inner_text("#drawer") and "到此为止" in office.inner_text("#drawer")
    shot(office, "survey-source-zh-1440")


def test_a_survey_is_prepared_and_launched_and_too_few_answers_show_nothing(browser: Any, site: Site) -> None:
    office = signed_in(browser, site, "management_office")
    office.goto(f"{site.url}/surveys/new")
    day = (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=20)).isoformat()
    office.fill("[name=title]", "质量部满意度调查")
    office.select_option("[name=questionnaire]", label="职工对党建工作满意度问卷")
    office.fill("[name=root]", "D-ZL")
    office.fill("[name=closes_on]", day)
    office.click("main form .btn-primary")
    office.wait_for_selector("text=可以展示的分组")
    assert re.search(r"询问\s*22\s*人", office.inner_text(".rt-answer"))
    shot(office, "survey-launch-zh-1440")
    office.click("button:has-text('发出')")
    office.wait_for_selector("text=已发出")
    address = str(office.url)
    one = signed_in(browser, site, "department", PHONE)
    one.goto(f"{site.url}/inbox/")
    assert "质量部满意度调查" in one.inner_text("#notes")
    one.goto(f"{site.url}/surveys/answer/")
    one.click("section:has-text('质量部满意度调查') a.btn-primary")
    one.wait_for_selector("text=第 1 部分")
    choose_all(one, 7)
    one.click("text=提交答卷")
    one.wait_for_selector("text=答卷已收下")
    office.goto(address)
    assert "不足 5" in office.inner_text("main table")
    office.click("button:has-text('关闭并统计')")
    office.wait_for_selector("text=已舍弃")
    office.click("button:has-text('发布结果')")
    office.wait_for_selector("text=答卷太少")
    shot(office, "survey-too-few-zh-1440")


def test_surveys_in_english_and_on_a_phone(browser: Any, site: Site) -> None:
    for width, language in ((1440, "en"), (PHONE, "zh"), (PHONE, "en")):
        page = signed_in(browser, site, "party_office", width, language)
        page.goto(f"{site.url}/surveys/")
        assert fits(page)
        shot(page, f"surveys-{language}-{width}")
        page.click("main table a:has-text('2026 年党建')")
        page.wait_for_selector(".rt-answer .rt-number")
        assert fits(page)
        shot(page, f"survey-results-{language}-{width}")
        page.goto(f"{site.url}/surveys/questionnaires/")
        assert fits(page)
        page.click("main table a >> nth=0")
        page.wait_for_selector(".rt-lines li")
        assert fits(page)
