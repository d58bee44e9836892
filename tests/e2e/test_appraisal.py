"""Appraisal in a real browser, in Chinese: a round from an issued scheme to published, hashed results with an answered objection; killed while publishing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import ROOT, Site
from tests.e2e.test_flows import AXE, shot, signed_in
from tests.e2e.test_work import fill, send

PHONE = 390
HALF = {"stage": "calibration", "by": "", "snapshots": 0, "told": 0, "audited": 0}
WHOLE = {"stage": "published", "by": "office (office)", "snapshots": 1, "told": 3, "audited": 1}
TITLE = "一厂季度考核（浏览器）"
DATES = {
    "report_until": "2031-01-10", "review_until": "2031-01-20", "publish_on": "2031-01-25", "objection_until": "2031-02-10", "final_on": "2031-02-20",
}  # fmt: skip


def test_killed_after_every_statement_nothing_is_half_published(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "RONGTONG_DATA_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("publishing.py"))], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    states = [{name: row[name] for name in HALF} for row in found]
    assert len(found) > 20, "hardly a statement was reached"
    assert [row["killed"] for row in found] == [True] * (len(found) - 1) + [False]
    assert states[-1] == WHOLE
    assert all(state == HALF for state in states[:-1]), [state for state in states if state not in (HALF, WHOLE)]


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def press(page: Any, words: str, then: str) -> None:
    """Press a button and wait for what the next page says."""
    page.click(f"main button:has-text('{words}'), .rt-next button:has-text('{words}')")
    page.wait_for_selector(f"main :text('{then}')")


@pytest.mark.browser
def test_a_round_from_scheme_to_hashed_results_with_an_objection(browser: Any, site: Site) -> None:
    office, party = signed_in(browser, site, "management_office"), signed_in(browser, site, "party_office")
    unit = signed_in(browser, site, "secretary_manager", PHONE)
    address = _launch(office, site)
    own = _report(unit, site)
    office.goto(address)
    press(office, "截止自评，进入评审", "待评定")
    _review(party, address)
    office.goto(address)
    press(office, "结束评审并计分", "等次分布")
    shot(office, "appraisal-calibration-zh-1440")
    office.click("a:has-text('提请发布')")
    office.wait_for_selector("[name=quota_reason]")
    send(office)
    office.wait_for_selector("text=您提请的结果须由另一人发布")
    assert not office.locator("button:has-text('发布')").count()  # not by the same person
    party.goto(address)
    press(party, "发布", "各单位可以看到自己的得分")
    _dispute(unit, office, own)
    party.goto(f"{address}recompute")
    assert party.inner_text("main").count("数字与哈希值均一致") == 1
    shot(party, "appraisal-recompute-zh-1440")
    _is_accessible(party, [address, f"{address}results", own])


def _launch(page: Any, site: Site) -> str:
    """Plan below one plant by the issued scheme, see what it costs, launch, fill in from the records; returns the round's address."""
    page.goto(f"{site.url}/appraisal/new")
    fill(page, title=TITLE, node="M1", first="2026-07", last="2026-09", **DATES)
    page.check("label:has-text('生产单位年度考核办法 v2') input")
    send(page)
    page.wait_for_selector("text=系统已有、自动填入")
    assert "4 个单位" in page.inner_text(".rt-answer")
    shot(page, "appraisal-launch-zh-1440")
    press(page, "启动考核", "各单位已收到时间安排")
    address = str(page.url)
    press(page, "由记录填入并开放自评", "已按记录重新填入 4 张考核表")
    return address


def _report(page: Any, site: Site) -> str:
    """The secretary opens the sheet from the list on a phone, looks where a number comes from, adds words, hands in."""
    page.goto(f"{site.url}/appraisal/")
    page.click(f"li:has-text('{TITLE}') a")
    page.wait_for_selector("text=已由记录填入")
    own = str(page.url)
    assert fits(page)
    page.click(".rt-lines a.rt-number >> nth=0")
    page.wait_for_selector("#drawer .rt-facts")
    shot(page, "appraisal-source-zh-390")
    page.goto(own)
    page.click("li:has-text('上级党组织评价') a:has-text('补充说明或佐证')")
    page.wait_for_selector("[name=claimed]")
    fill(page, text="带头攻克返工难题", claimed="88")
    send(page)
    page.wait_for_selector("text=带头攻克返工难题")
    page.click("a:has-text('提交自评')")
    page.wait_for_selector("main textarea[name=text]")
    send(page)
    page.wait_for_selector("text=自评已提交")
    shot(page, "appraisal-sheet-zh-390")
    return own


def _review(page: Any, address: str) -> None:
    """The Party office judges what no record tells, sheet by sheet."""
    page.goto(address)
    sheets = page.eval_on_selector_all("main table a[href*='/appraisal/sheets/']", "rows => rows.map(one => one.href)")
    assert len(sheets) == 4
    for at, sheet in enumerate(sheets):
        page.goto(f"{sheet}review")
        page.fill("main [name=value-PSUP]", str(70 + 5 * at))
        page.fill("main [name=text-PSUP]", "查阅记录并座谈")
        send(page)
        page.wait_for_selector("text=评审意见")


def _dispute(unit: Any, office: Any, own: str) -> None:
    """The unit sees its points and disputes one; the office accepts it, and a new version stands beside the first."""
    unit.goto(own)
    before = unit.inner_text(".rt-answer .rt-number")
    assert fits(unit)
    unit.click("a:has-text('对结果提出申诉')")
    unit.wait_for_selector("[name=criterion]")
    fill(unit, criterion="PSUP", text="攻关材料已补交")
    send(unit)
    unit.wait_for_selector("text=尚未答复")
    office.goto(own)
    office.click("#main article a:has-text('答复')")
    office.wait_for_selector("[name=is_accepted]")
    fill(office, is_accepted="yes", value="90", text="材料属实，予以采纳")
    send(office)
    office.wait_for_selector("text=予以采纳")
    unit.goto(own)
    assert "版本 2 · 材料属实" in unit.inner_text("main")
    assert float(unit.inner_text(".rt-answer .rt-number")) > float(before)
    shot(unit, "appraisal-objection-zh-390")


def _is_accessible(page: Any, addresses: list[str]) -> None:
    if not AXE.is_file():
        return
    for address in addresses:
        page.goto(address)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        serious = [(v["id"], v["nodes"][0]["html"][:160]) for v in found["violations"] if v["impact"] in {"serious", "critical"}]
        assert serious == [], address
