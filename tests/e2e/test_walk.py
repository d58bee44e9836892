"""Every page and API list as accounts of different areas: what lies outside an account's area appears nowhere."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from tests.e2e.conftest import Site

PAGES = (
    "", "cockpit/", "organization/", "organization/people/", "organization/vacancies/", "rules/", "runs/", "runs/1/", "indicators/",
    "indicators/entry/", "indicators/observations/", "indicators/quality/", "indicators/targets/", "inbox/", "jobs/", "search/?q=%E8%BD%A6%E9%97%B4",
    "help/", "audit/", "nodes?q=",
)  # fmt: skip
LISTS = (
    "units", "parties", "links", "persons", "posts", "appointments", "indicators", "observations", "targets", "runs", "runs/1/scores",
    "runs/1/obstacles", "runs/1/rollup", "rules", "rules/results",
)  # fmt: skip
# names that only stand outside the first workshop, its branch and its plant
FOREIGN = ("机加二车间", "总装二车间", "热处理车间", "西南项目部", "设计所", "M1-2", "M2-2")


def opener(site: Site, role: str) -> urllib.request.OpenerDirector:
    """A signed-in client of the pages."""
    client = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = client.open(f"{site.url}/accounts/sign-in").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    account = site.accounts[role]
    body = {"username": account["username"], "password": account["password"], "csrfmiddlewaretoken": token[1]}
    client.open(f"{site.url}/accounts/sign-in", urllib.parse.urlencode(body).encode())
    return client


def plain(text: str) -> str:
    """JSON escapes undone, so that a name is found in whatever form it travels."""
    return json.dumps(json.loads(text), ensure_ascii=False) if text.startswith(("{", "[")) else text


def fetch(client: urllib.request.OpenerDirector, url: str, token: str = "") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with client.open(request) as answer:
            return answer.status, plain(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("role", ["secretary_manager", "member", "admin_system", "admin_security", "admin_audit"])
def test_pages_show_nothing_from_outside(site: Site, role: str) -> None:
    client = opener(site, role)
    for page in PAGES:
        status, text = fetch(client, f"{site.url}/{page}")
        assert status in {200, 403, 404}, (page, status)
        assert [name for name in FOREIGN if name in text] == [], page
        if (
            role.startswith("admin")
            and page not in {"", "inbox/", "jobs/", "help/", "audit/", "nodes?q=", "organization/"}
            and "search" not in page
        ):
            assert status in {403, 404}, page


@pytest.mark.parametrize("role", ["secretary_manager", "member", "admin_system", "admin_security", "admin_audit"])
def test_lists_show_nothing_from_outside(site: Site, role: str) -> None:
    client = urllib.request.build_opener()
    for name in LISTS:
        status, text = fetch(client, f"{site.url}/api/v1/{name}?limit=500", site.accounts[role]["token"])
        assert status in {200, 403, 404}, (name, status)
        assert [word for word in FOREIGN if word in text] == [], name


def test_the_same_names_are_seen_by_who_may(site: Site) -> None:
    """The check above can fail: the Party office sees every one of these names."""
    text = fetch(urllib.request.build_opener(), f"{site.url}/api/v1/units?limit=500", site.accounts["party_office"]["token"])[1]
    assert [name for name in FOREIGN if name not in text] == []


def test_without_a_token_or_a_session_nothing_is_told(site: Site) -> None:
    client = urllib.request.build_opener()
    for name in LISTS:
        assert fetch(client, f"{site.url}/api/v1/{name}")[0] == 401
    for page in PAGES[1:]:
        assert "csrfmiddlewaretoken" in fetch(client, f"{site.url}/{page}")[1]  # the sign-in page
