"""What a newcomer does: sign in, see how a unit stands, click down to the record; import, run, publish; the same in English and on a phone."""

from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import ROOT, Site, posted

pytestmark = pytest.mark.browser
SHOTS = ROOT / "build" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def signed_in(browser: Any, site: Site, role: str, width: int = 1440, language: str = "zh") -> Any:
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{site.url}/accounts/sign-in")
    if language == "en":
        page.click(".rt-language button")
    account = site.accounts[role]
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.click("main .btn-primary")
    page.wait_for_selector(".rt-side")
    return page


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)


def test_from_sign_in_to_the_record_in_six_clicks(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "secretary_manager")  # click 1: sign in
    shot(page, "home-zh-1440")
    page.click(".rt-main table a >> nth=0")  # 2: my unit
    page.wait_for_url("**/cockpit/**")  # the home page, too, has an answer: a click before the swap would hit a page that leaves
    page.wait_for_selector(".rt-answer .rt-number")
    assert "协调" in page.inner_text(".rt-answer")
    shot(page, "cockpit-zh-1440")
    page.click(".rt-answer a.rt-number")  # 3: where does D come from
    page.wait_for_selector("#drawer .rt-lines")
    assert "D = √" in page.inner_text("#drawer")
    page.click("#drawer .rt-lines a >> nth=1")  # 4: the production index
    page.wait_for_selector("#drawer .rt-lines li:nth-child(5)")
    page.click("#drawer .rt-lines a >> nth=0")  # 5: one indicator: its records
    page.wait_for_function("document.querySelector('#drawer').innerText.includes('2026')")
    shot(page, "drawer-zh-1440")


def test_a_run_from_start_to_published(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "party_office")
    page.goto(f"{site.url}/runs/")
    page.fill("#run-period", "2026-09")
    page.click("main form .btn-primary")
    page.wait_for_selector("text=查看结果", timeout=60_000)
    page.click("text=查看结果")
    page.click("text=发布此测算")
    page.wait_for_selector(".rt-state.rt-green")
    assert "#2" in page.inner_text(".rt-answer")


def test_import_shows_errors_and_writes_nothing(browser: Any, site: Site, tmp_path: Path) -> None:
    page = signed_in(browser, site, "party_office")
    bad = tmp_path / "坏数据.csv"
    bad.write_text("node_code,indicator_code,period,value\nM1-1,B21,2026-13,97\nNOPE,B21,2026-11,abc\n", encoding="utf-8")
    page.goto(f"{site.url}/indicators/import/")
    page.select_option("select[name=kind]", "observations")
    page.set_input_files("input[type=file]", str(bad))
    posted(page, page.locator("main form button[type=submit], main form .btn-primary").first)
    text = page.inner_text("main")
    assert "2026-13" in text
    assert "NOPE" in text or "abc" in text
    shot(page, "import-zh-1440")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_and_speak_the_language(browser: Any, site: Site, width: int, language: str) -> None:
    page = signed_in(browser, site, "party_office", width, language)
    for name in ("", "cockpit/", "organization/", "organization/vacancies/", "rules/", "runs/", "runs/1/", "indicators/", "help/"):
        page.goto(f"{site.url}/{name}")
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        shot(page, f"{name.replace('/', '-') or 'home'}{language}-{width}")
    expected = "帮助" if language == "zh" else "Help"
    assert expected in page.inner_text(".rt-menu") or width < 900


def test_nothing_serious_for_people_with_disabilities(browser: Any, site: Site) -> None:
    if not AXE.is_file():
        pytest.skip("left out: axe-core is not installed")
    page = signed_in(browser, site, "party_office")
    source = AXE.read_text(encoding="utf-8")
    for name in ("", "cockpit/", "organization/", "rules/", "runs/", "inbox/", "help/"):
        page.goto(f"{site.url}/{name}")
        page.evaluate(source)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"] if v["impact"] in {"serious", "critical"}]
        assert serious == [], name
