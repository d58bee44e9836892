"""An election in a real browser: from the path of the term over candidates, ballots and counts to appointments and a new term."""

import re
from typing import Any

import pytest
from tests.e2e.conftest import Site, posted
from tests.e2e.test_flows import AXE, shot, signed_in
from tests.e2e.test_work import fill, send

pytestmark = pytest.mark.browser


def branch_of(page: Any, site: Site, code: str) -> str:
    """The key of a branch, from the list of re-elections."""
    page.goto(f"{site.url}/meetings/elections/?q={code}")
    page.click("main table tbody a >> nth=0")
    page.wait_for_url(re.compile(r"/elections/\d+/"))
    return re.findall(r"/elections/(\d+)/", page.url)[0]


def prepare(page: Any, site: Site, branch: str) -> str:
    """The assembly, with today as its day, as the path's own button starts it."""
    page.goto(f"{site.url}/meetings/elections/{branch}/start")
    today = page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")
    fill(page, on=today, at="00:05", place="党员活动室")
    send(page)
    return str(re.findall(r"/meetings/(\d+)/", page.url)[0])


def candidates(page: Any, site: Site, branch: str) -> list[str]:
    """Names of three full members of the branch."""
    page.goto(f"{site.url}/organization/roster/{branch}/")
    rows = page.locator("main table >> nth=0").locator("tbody tr", has_text="正式党员")
    return [str(rows.nth(at).locator("td a").first.inner_text()) for at in range(3)]


def everybody_came(page: Any, site: Site, meeting: str) -> None:
    page.goto(f"{site.url}/meetings/{meeting}/facts")
    send(page)
    page.goto(f"{site.url}/meetings/{meeting}/attendance")
    posted(page, page.locator("button[name=all]"))


def test_an_election_from_candidates_to_appointments(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "party_office")  # not at the secretary's own branch: other tests need that secretary in office
    branch = branch_of(page, site, "P-M1-3")
    shot(page, "election-path-zh-1440")
    names = candidates(page, site, branch)
    shot(page, "roster-zh-1440")
    meeting = prepare(page, site, branch)
    page.goto(f"{site.url}/meetings/votes/open?meeting={meeting}&kind=election")
    fill(page, office="secretary", seats="1", candidates="\n".join(names[:2]))
    send(page)
    vote = re.findall(r"/votes/(\d+)/", page.url)[0]
    assert "尚未计票" in page.inner_text(".rt-answer")
    with page.expect_download() as ballots:
        page.click("button:has-text('选票（pdf）')")
    assert ballots.value.suggested_filename.startswith("ballots-")
    everybody_came(page, site, meeting)
    page.goto(f"{site.url}/meetings/votes/{vote}/count")
    present = _present(page)
    votes = dict.fromkeys(("issued", "returned", "valid"), str(present))
    fill(page, **votes, monitor="钱监票", counter=names[0])
    fields = page.locator("main tbody input")
    for at, count in enumerate((present, 0, 0, 0, present, 0)):
        fields.nth(at).fill(str(count))
    send(page)
    assert "不得担任监票人或计票人" in page.inner_text("#errors")  # a candidate counts no votes; what was typed is kept
    fill(page, counter="赵计票")
    send(page)
    assert f"当选：{names[0]}" in " ".join(page.inner_text(".rt-answer").split())
    shot(page, "election-result-zh-1440")
    _appoint(browser, site, vote, branch, names[0])


def _present(page: Any) -> int:
    """How many came with a vote, as the page says before anybody types."""
    return int(re.findall(r"实到 (\d+) 人", page.inner_text(".rt-under"))[0])


def _appoint(browser: Any, site: Site, vote: str, branch: str, name: str) -> None:
    office = signed_in(browser, site, "party_office")
    office.goto(f"{site.url}/meetings/votes/{vote}/")
    office.click("a:has-text('为当选人办理任职')")
    fill(office, document="批〔2026〕88号")
    shot(office, "election-appoint-zh-1440")
    send(office)
    assert "批〔2026〕88号" in office.inner_text(".rt-under")
    office.goto(f"{site.url}/meetings/elections/{branch}/")
    assert "任期内" in office.inner_text(".rt-answer")
    office.goto(f"{site.url}/organization/n/{branch}/")
    assert name in office.inner_text("main")


@pytest.mark.parametrize("path", ["organization/roster/", "meetings/votes/", "meetings/elections/", "meetings/talks/"])
def test_pages_fit_a_phone_and_axe_finds_nothing_serious(browser: Any, site: Site, path: str) -> None:
    page = signed_in(browser, site, "secretary_manager")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shot(page, f"{path.strip('/').replace('/', '-')}-zh-390")
    if not AXE.is_file():
        pytest.skip("left out: axe-core is not installed")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id))")
    assert found == []


def test_a_talk_takes_two_names_on_a_phone(browser: Any, site: Site) -> None:
    page = signed_in(browser, site, "secretary_manager")
    branch = branch_of(page, site, "P-M1-1")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/meetings/talks/{branch}/record")
    page.select_option("[name=second]", index=2)
    send(page)
    assert "已登记" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shot(page, "talks-zh-390")
