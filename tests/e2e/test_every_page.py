"""Every kind of page that an account reaches by links, in a real browser: nothing serious for people with disabilities, no sideways scroll,
no error in the console; a picture of each is kept to be looked at."""

import re
from collections import deque
from typing import Any

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PlaywrightError
from tests.e2e.conftest import Site
from tests.e2e.test_flows import AXE, shot, signed_in

pytestmark = pytest.mark.browser
NOT_PAGES = re.compile(r"export|feed|\.ics|sign-out|/go\?|file=|/paper/|download|docx|pdf|xlsx")
# who, in which language, how wide: both languages and both widths over the two accounts that see most, and everybody else once;
# the department, whose pages are much those of the secretary, in make test-long
VISITORS = (
    ("party_office", "zh", 1440), ("secretary_manager", "en", 390), ("admin_system", "en", 1440), ("admin_security", "zh", 390),
    ("admin_audit", "en", 390), ("member", "zh", 390),
)  # fmt: skip
LEAST = {"party_office": 60, "secretary_manager": 45, "department": 45}


def links_of(page: Any, path: str) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    return [path + href if href.startswith("?") else href for href in found if href.startswith(("/", "?"))]


def kind_of(url: str) -> str:
    """The name of the route; a link into nowhere fails."""
    try:
        return resolve(url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]).view_name
    except Resolver404:
        pytest.fail(f"a page links to {url}, which does not exist")


def serious(page: Any, source: str) -> list[str]:
    page.evaluate(source)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:140]}" for one in found if one["impact"] in {"serious", "critical"}]


@pytest.mark.timeout(600)  # a hundred pages on a shared core
@pytest.mark.parametrize(("role", "language", "width"), [*VISITORS, pytest.param("department", "en", 1440, marks=pytest.mark.long)])
def test_every_kind_of_page(browser: Any, site: Site, role: str, language: str, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("left out: axe-core is not installed")
    source = AXE.read_text(encoding="utf-8")
    page = signed_in(browser, site, role, width, language)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    waiting, seen, wrong = deque(["/"]), set[str](), dict[str, list[str]]()
    while waiting:
        url = waiting.popleft()
        if NOT_PAGES.search(url) or (kind := kind_of(url)) in seen:
            continue
        seen.add(kind)
        try:
            answer = page.goto(f"{site.url}{url}")
        except PlaywrightError as error:
            if "Download is starting" in str(error):
                continue
            raise
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        page.wait_for_timeout(60)  # what a page fetches for itself has begun by then
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        found = [] if answer.status == 200 else [f"status {answer.status}"]
        reach = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{reach} px wide"] if reach > width else []
        shot(page, f"{kind.replace(':', '-')}-{role}-{language}-{width}")
        found += serious(page, source) + errors
        errors.clear()
        if found:
            wrong[f"{kind} {url}"] = found
        waiting.extend(links_of(page, url.split("?")[0].split("#")[0]))
    assert wrong == {}, "\n".join(f"{where}: {what}" for where, what in wrong.items())
    assert len(seen) >= LEAST.get(role, 4), sorted(seen)


def test_the_check_finds_what_is_planted(browser: Any, site: Site) -> None:
    if not AXE.is_file():
        pytest.skip("left out: axe-core is not installed")
    page = signed_in(browser, site, "member")
    page.goto(f"{site.url}/help/")
    page.evaluate("() => { const img = document.createElement('img'); img.src = 'data:,'; document.querySelector('main').append(img); }")
    assert any(one.startswith("image-alt") for one in serious(page, AXE.read_text(encoding="utf-8")))
