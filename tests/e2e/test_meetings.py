"""A meeting in a real browser, in Chinese: proposed, called, attended and minuted on a phone, agreed, signed by two, its matter closed out."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.e2e.conftest import Site, posted
from tests.e2e.test_flows import AXE, shot, signed_in
from tests.e2e.test_work import fill, send

pytestmark = pytest.mark.browser
PHONE = 390


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def prepared(page: Any, site: Site, kind: str, **more: str) -> str:
    """Prepare a meeting of today by the two steps; returns its address."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    page.goto(f"{site.url}/meetings/new?kind={kind}")
    fill(page, day=today, from_time="22:00", to_time="23:59", **more)
    send(page)
    assert "确认筹备之前不保存" in page.inner_text(".rt-under")
    return today


def test_a_meeting_from_proposal_to_signed_minutes_and_a_closed_matter(browser: Any, site: Site) -> None:
    chair = signed_in(browser, site, "secretary_manager")
    chair.goto(f"{site.url}/meetings/")
    assert "应开" in chair.inner_text(".rt-answer")
    shot(chair, "meetings-zh-1440")
    prepared(chair, site, "branch_committee", node="P-M1-1", recorder="E00120", place="二楼会议室")
    assert "第一议题" in chair.inner_text("main form")
    shot(chair, "meeting-prepare-zh-1440")
    chair.fill("[name=more]", "刀具寿命攻关安排")
    chair.select_option("[name=more_side]", "both")
    chair.click("button[name=confirm]")
    chair.wait_for_selector(".rt-agenda")
    address = str(chair.url)
    chair.click("button:has-text('发出会议通知')")
    chair.wait_for_selector("text=已通知应到人员")
    recorder = signed_in(browser, site, "deputy", PHONE)
    recorder.goto(f"{site.url}/inbox/")
    assert "会议通知" in recorder.inner_text("#notes")
    recorder.goto(address)
    recorder.click("a:has-text('登记已召开')")
    send(recorder)
    _attend(recorder, address)
    _write(recorder, address)
    _agree(recorder, chair, address)
    _sign(recorder, chair, address)
    _close(recorder, chair, site, address)


def _attend(page: Any, address: str) -> None:
    """Everyone present by one tap, then one exception, whose reason is asked for."""
    page.goto(f"{address}attendance")
    assert fits(page)
    page.click("button:has-text('全部出席')")
    page.wait_for_selector("text=到会情况已登记")
    line = page.locator("fieldset", has_text="朱文")
    line.locator("[value=leave]").check()
    page.click("button:has-text('保存到会情况')")
    page.wait_for_selector("text=没有写朱文未到会的原因")
    shot(page, "meeting-attendance-zh-390")
    page.locator("fieldset", has_text="朱文").locator(".rt-reason input").fill("出差")
    page.click("button:has-text('保存到会情况')")
    page.wait_for_selector("text=到会人数符合规定")


def _write(page: Any, address: str) -> None:
    """The minutes save themselves item by item; what was typed is there after loading anew."""
    page.goto(f"{address}minutes")
    assert fits(page)
    card = page.locator("details.rt-tap", has_text="刀具寿命攻关安排")
    card.locator("summary").first.click()
    card.locator("[name=speaker]").fill("高艳涛")
    card.locator("[name=points]").fill("两周内查清刀具磨损原因，列入党员责任区。")
    card.locator("[name=points]").blur()
    card.locator("text=已保存").wait_for()
    card.locator("details summary").click()
    card.locator("[name=differing]").fill("史泽立：建议先核对来料硬度。")
    card.locator("[name=differing]").blur()
    page.wait_for_timeout(2500)
    shot(page, "meeting-minutes-zh-390")
    page.reload()
    card = page.locator("details.rt-tap", has_text="刀具寿命攻关安排")
    assert card.locator("[name=differing]").input_value() == "史泽立：建议先核对来料硬度。"
    assert card.locator("[name=points]").input_value().startswith("两周内")
    sizes = page.eval_on_selector_all("main .rt-wide", "e => e.map(x => x.getBoundingClientRect().height)")
    assert min(size for size in sizes if size) >= 44


def _agree(page: Any, chair: Any, address: str) -> None:
    """A resolution without owner cannot be signed; with one it is a matter."""
    page.goto(f"{address}minutes")
    page.locator("details.rt-tap", has_text="刀具寿命攻关安排").locator("a:has-text('登记这个议题的决议')").click()
    fill(page, text="两周内查清刀具磨损原因并提出对策", side="both", lead="M1-1")
    send(page)
    page.wait_for_selector("text=还没有责任人")
    page.click("button:has-text('以记录人签字')")
    page.wait_for_selector("text=没有责任人")
    chair.goto(address)
    chair.click("a:has-text('指定责任人')")
    fill(chair, leader="P-P-M1-1-secretary-1", handler="P-P-M1-1-deputy-1", due_on="2031-12-31", lead="M1-1")
    send(chair)
    chair.wait_for_selector("text=已交办")


def _sign(page: Any, chair: Any, address: str) -> None:
    page.goto(address)
    page.click("button:has-text('以记录人签字')")
    page.wait_for_selector("text=您已作为记录人签字")
    chair.goto(f"{chair.url.split('/meetings')[0]}/meetings/")
    assert "待您签字" in chair.inner_text(".rt-answer")
    chair.goto(address)
    chair.click("button:has-text('以主持人签字')")
    chair.wait_for_selector(".rt-answer .rt-green")
    assert "记录已签字" in chair.inner_text(".rt-answer")
    shot(chair, "meeting-signed-zh-1440")
    chair.click("a:has-text('第 1 版')")
    chair.wait_for_selector("text=内容与签字时一致")
    shot(chair, "meeting-version-zh-1440")


def _close(handler: Any, chair: Any, site: Site, address: str) -> None:
    handler.goto(address)
    handler.click("#main a:has-text('两周内查清刀具磨损原因') >> nth=-1")
    handler.wait_for_selector("#steps")
    at = str(handler.url)
    posted(handler, handler.locator("#steps button:has-text('签收')"))
    handler.locator("#steps details", has_text="反馈").first.locator("summary").click()
    form = handler.locator(f"form[action='{re.sub('^https?://[^/]+', '', at)}submit/']")
    form.locator("[name=note]").fill("刀具换新，寿命提升两成")
    posted(handler, form.locator("button"))
    chair.goto(at)
    form = chair.locator(f"form[action='{re.sub('^https?://[^/]+', '', at)}close/']")
    if not form.locator("[name=outcome]").is_visible():
        chair.locator("#steps details", has=form).locator("summary").click()
    form.locator("[name=outcome]").fill("刀具寿命提升两成")
    posted(chair, form.locator("button"))
    chair.goto(address)
    assert "已销号" in chair.inner_text("main")
    assert "两侧同会" in chair.inner_text(".rt-answer")


@pytest.mark.parametrize(("width", "language"), [(1440, "zh"), (1440, "en"), (390, "zh"), (390, "en")])
def test_pages_of_meetings_fit_and_speak_the_language(browser: Any, site: Site, width: int, language: str) -> None:
    page = signed_in(browser, site, "secretary_manager", width, language)
    page.goto(f"{site.url}/meetings/?state=signed")
    signed = page.get_attribute("main table a >> nth=0", "href")
    page.goto(f"{site.url}/meetings/?kind=operating")
    operating = page.get_attribute("main table a >> nth=0", "href")
    pages = {"meetings": "/meetings/", "meeting": signed, "meeting-operating": operating, "meeting-version": f"{signed}versions/",
             "meeting-new": "/meetings/new", "meeting-series": "/meetings/series/", "series-new": "/meetings/series/new"}  # fmt: skip
    for name, url in pages.items():
        page.goto(f"{site.url}{url}")
        assert fits(page), (name, width)
        shot(page, f"{name}-{language}-{width}")


def test_nothing_serious_for_assistive_technology(browser: Any, site: Site) -> None:
    if not AXE.is_file():
        pytest.skip("left out: axe-core was not installed (no Node)")
    page = signed_in(browser, site, "secretary_manager")
    page.goto(f"{site.url}/meetings/?state=held")
    held = page.get_attribute("main table a >> nth=0", "href")
    found = []
    for url in ("/meetings/", "/meetings/new", "/meetings/series/", held, f"{held}minutes", f"{held}attendance", f"{held}facts"):
        page.goto(f"{site.url}{url}")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [(url, v["id"], v["nodes"][0]["html"][:120]) for v in result["violations"] if v["impact"] in {"serious", "critical"}]
    assert found == []


def test_meetings_that_recur_are_made_ahead(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "secretary_manager")
    page.goto(f"{site.url}/meetings/series/new?kind=lecture")
    fill(page, node="P-M1-1", day="15", every_months="1")
    send(page)
    page.wait_for_selector("text=已设为定期召开")
    page.click("main details summary >> nth=-1")
    form = page.locator("form[action$='/end']").last
    form.locator("[name=reason]").fill("试设")
    form.locator("button").click()
    page.wait_for_selector("text=定期会议已结束")
