"""Faults while signing: killed after every statement, pressed twenty times at once; twelve meetings prepared at once."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
from datetime import date
from pathlib import Path
from typing import Any

from tests.e2e.conftest import ROOT, Site
from tests.e2e.test_faults import at_once, call, session

HALF = {"state": "held", "version": 0, "minutes": 0, "signatures": 1, "audited": 1}
WHOLE = {"state": "signed", "version": 1, "minutes": 1, "signatures": 0, "audited": 2}


def test_killed_after_every_statement_nothing_is_half_signed(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "RONGTONG_DATA_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("signing.py"))], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    states = [{name: row[name] for name in HALF} for row in found]
    assert len(found) > 20, "hardly a statement was reached"
    assert [row["killed"] for row in found] == [True] * (len(found) - 1) + [False]
    assert states[-1] == WHOLE
    assert all(state == HALF for state in states[:-1]), [state for state in states if state not in (HALF, WHOLE)]


def press(site: Site, opener: Any, csrf: str, path: str, **fields: str) -> int:
    """Send a form; the status of the answer."""
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": csrf, **fields}).encode()
    try:
        return int(opener.open(f"{site.url}{path}", body, timeout=120).status)
    except urllib.error.HTTPError as error:
        return error.code


def held(site: Site) -> list[dict[str, Any]]:
    """The lectures of the workshop's branch, as the API lists them."""
    status, listed = call(site, "/api/v1/meetings?limit=500&party=P-M1-1", site.accounts["secretary_manager"]["token"])
    assert status == 200
    return [item for item in listed["items"] if item["kind"] == "branch_committee"]


def test_twelve_meetings_prepared_at_once_have_twelve_numbers(site: Site) -> None:
    opener, csrf = session(site, "secretary_manager")
    fields = {
        "kind": "branch_committee", "node": "P-M1-1", "day": "2031-01-15", "from_time": "09:00", "mode": "on_site", "confirm": "1",
        "recorder": "E00120",
    }  # fmt: skip
    assert at_once(12, lambda _n: press(site, opener, csrf, "/meetings/new", **fields)) == {302: 12}
    numbers = sorted(item["number"] for item in held(site) if item["year"] == 2031)
    assert numbers == list(range(1, 13))


def test_twenty_presses_of_one_signature_make_one_version(site: Site) -> None:
    chair, chair_csrf = session(site, "secretary_manager")
    recorder, recorder_csrf = session(site, "deputy")
    today = date.today().isoformat()
    fields = {"kind": "branch_committee", "node": "P-M1-1", "day": today, "from_time": "00:10", "to_time": "00:20", "mode": "on_site"}
    assert press(site, chair, chair_csrf, "/meetings/new", **fields, confirm="1", recorder="E00120", title="二十人同签一份记录") == 302
    page = chair.open(f"{site.url}/meetings/?text={urllib.parse.quote('二十人同签一份记录')}", timeout=60).read().decode()
    path = "/meetings/" + page.split("二十人同签一份记录</a>")[0].rsplit('href="/meetings/', 1)[1].split('"')[0]
    times = {"held_on": today, "from_time": "00:10", "to_time": "00:20"}
    assert press(site, chair, chair_csrf, f"{path}facts", **times) == 302
    assert press(site, chair, chair_csrf, f"{path}attendance", all="1") == 302
    assert press(site, recorder, recorder_csrf, f"{path}step/sign_recorder") == 302
    assert at_once(20, lambda _n: press(site, chair, chair_csrf, f"{path}step/sign_chair")) == {302: 1, 422: 19}
    versions = chair.open(f"{site.url}{path}versions/", timeout=60).read().decode()
    assert versions.count("?from=1&amp;to=1") == 1
