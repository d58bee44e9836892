"""A superior rates on a record, the person objects and is answered; a course goes from the gaps to its hours, in a real browser."""

import re
from typing import Any

import pytest
from tests.e2e.conftest import Site
from tests.e2e.test_flows import shot, signed_in

pytestmark = pytest.mark.browser


def opened(page: Any, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".rt-answer")


def saved(page: Any, button: str, back: str) -> None:
    """Press it and wait for the page it leads back to."""
    page.click(f"main button:has-text('{button}')")
    page.wait_for_url(back)
    page.wait_for_selector(".rt-answer")


def test_a_rating_on_a_record_an_objection_and_the_answer(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "secretary_manager")
    opened(page, f"{site.url}/people/")
    assert "有据胜任" in page.inner_text(".rt-answer")
    shot(page, "people-overview-zh-1440")
    opened(page, f"{site.url}/people/posts/")
    page.click("tr:has-text('P-P-M1-1-deputy-1') td:nth-child(3) a")
    page.wait_for_selector(".rt-ability")
    person = page.url
    page.click("#c-PA2 a:has-text('添加佐证')")
    page.wait_for_selector("main [name=record]")
    record = page.locator("main [name=record] option:has-text('任职')").first.get_attribute("value")
    page.select_option("[name=record]", record)
    page.fill("[name=words]", "负责支部组织工作")
    page.click("main button:has-text('添加')")
    page.wait_for_selector(".rt-ability, #errors")  # the sample may have this record already
    opened(page, f"{person}rate/PA2")
    page.check("[name=level][value='2']")
    page.click("main button:has-text('保存评定')")
    page.wait_for_selector("#errors:has-text('没有列出佐证')")  # without a record it is refused, and what was chosen stays
    assert page.is_checked("[name=level][value='2']")
    page.check("[name=evidence] >> nth=0")
    saved(page, "保存评定", person)
    assert "2" in page.inner_text("#c-PA2 td:nth-child(3) b")
    shot(page, "person-ability-zh-1440")
    deputy = signed_in(browser, site, "deputy", width=390)
    opened(deputy, f"{site.url}/people/me/")
    deputy.click("#c-PA2 a:has-text('提出异议')")
    deputy.wait_for_selector("main [name=text]")
    deputy.fill("[name=text]", "去年独立组织了换届选举")
    saved(deputy, "提交异议", "**/people/me/")
    assert "待答复" in deputy.inner_text("main")
    assert deputy.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shot(deputy, "my-ability-zh-390")
    opened(page, person)
    page.click("main a:has-text('答复') >> nth=0")
    page.wait_for_selector("main [name=answer]")
    page.fill("[name=answer]", "已核对换届材料，将重新评定")
    saved(page, "答复", person)
    deputy.reload()
    assert "已核对换届材料" in deputy.inner_text("main")
    sibling = signed_in(browser, site, "department", language="en")
    assert sibling.goto(person).status == 404


def test_a_course_from_the_gaps_to_its_hours(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "party_office", language="en")
    opened(page, f"{site.url}/people/")
    page.click("main a:has-text('Plan a course') >> nth=0")
    page.wait_for_selector("main [name=hours]")
    for name, value in {
        "title": "支部工作方法（补课）",
        "node": "P0",
        "starts_on": "2026-11-03",
        "ends_on": "2026-11-03",
        "hours": "0",
    }.items():
        page.fill(f"main [name={name}]", value)
    page.click("main button:has-text('Plan it')")
    page.wait_for_selector("#errors:has-text('without hours')")
    page.fill("main [name=hours]", "6")
    page.click("main button:has-text('Plan it')")
    page.wait_for_url(re.compile(r"/people/courses/\d+/people$"))
    page.wait_for_selector("main [name=proposed]")
    shot(page, "course-proposals-en-1440")
    page.check("[name=proposed] >> nth=0")
    page.check("[name=proposed] >> nth=1")
    page.click("main button:has-text('Ask them')")
    page.wait_for_url(re.compile(r"/people/courses/\d+/$"))
    page.wait_for_selector("main tbody tr:nth-child(2)")
    page.click("main a:has-text('Enter who was there')")
    page.wait_for_selector("main fieldset")
    page.click("main button:has-text('All of them were there')")
    page.wait_for_url(re.compile(r"/people/courses/\d+/$"))
    page.wait_for_selector(".rt-answer:has-text('2 of 2 were there')")
    shot(page, "course-en-1440")
    phone = signed_in(browser, site, "member", width=390)
    opened(phone, f"{site.url}/people/me/")
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
