"""Twenty users on one button, the same request twenty times, and a generator killed fifty times: nothing lost, nothing doubled."""

import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import ROOT, Site

NEW = {
    "title": "二十人同点一个按钮",
    "unit": "M1-1",
    "due_on": "2031-12-31",
    "leader_post": "P-P-M1-1-secretary-1",
    "handler_post": "P-P-M1-1-deputy-1",
}


def call(site: Site, path: str, token: str, body: Any = None, key: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    request = urllib.request.Request(f"{site.url}{path}", json.dumps(body).encode() if body else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def at_once(count: int, work: Callable[[int], int]) -> Counter[int]:
    """The same work on as many threads, started together; how often each status came."""
    ready, found = threading.Barrier(count), Counter[int]()

    def one(number: int) -> None:
        ready.wait()
        found[work(number)] += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def session(site: Site, role: str) -> tuple[Any, str]:
    """A signed-in opener that follows no redirect, and its CSRF token."""
    import http.cookiejar

    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _Stay())
    opener.open(f"{site.url}/accounts/sign-in", timeout=30).read()
    token = next(cookie.value or "" for cookie in jar if cookie.name == "csrftoken")
    account = site.accounts[role]
    fields = {"csrfmiddlewaretoken": token, "username": account["username"], "password": account["password"]}
    try:
        opener.open(f"{site.url}/accounts/sign-in", urllib.parse.urlencode(fields).encode(), timeout=30).read()
    except urllib.error.HTTPError as error:
        assert error.code == 302
    return opener, next(cookie.value or "" for cookie in jar if cookie.name == "csrftoken")


def test_the_same_request_twenty_times_makes_one_matter(site: Site) -> None:
    token = site.accounts["secretary_manager"]["token"]
    statuses = at_once(20, lambda _n: call(site, "/api/v1/matters", token, NEW | {"title": "同一请求"}, key="the-same")[0])
    assert statuses == {201: 20}
    status, listed = call(site, "/api/v1/matters?limit=500&unit=M1-1", token)
    assert status == 200
    assert sum(item["title"] == "同一请求" for item in listed["items"]) == 1


def test_twenty_users_on_one_button_make_one_step(site: Site) -> None:
    token = site.accounts["secretary_manager"]["token"]
    status, made = call(site, "/api/v1/matters", token, NEW)
    assert (status, made["state"]) == (201, "assigned")
    opener, csrf = session(site, "deputy")
    inbox = opener.open(f"{site.url}/inbox/", timeout=30).read().decode()
    pk = inbox.split(NEW["title"])[0].rsplit("/ledger/", 1)[1].split("/")[0]

    def press(_number: int) -> int:
        fields = urllib.parse.urlencode({"csrfmiddlewaretoken": csrf}).encode()
        try:
            return int(opener.open(f"{site.url}/ledger/{pk}/acknowledge/", fields, timeout=60).status)
        except urllib.error.HTTPError as error:
            return error.code

    assert at_once(20, press) == {302: 1, 422: 19}
    page = opener.open(f"{site.url}/ledger/{pk}/", timeout=30).read().decode()
    assert len(re.findall(r"签收\s*→", page)) == 1


def occurrences(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "rongtong.sqlite3") as database:
        rows = database.execute("SELECT occurrence FROM ledger_matter WHERE occurrence IS NOT NULL ORDER BY 1").fetchall()
        loose = database.execute(
            "SELECT count(*) FROM ledger_matter m WHERE NOT EXISTS (SELECT 1 FROM ledger_step s WHERE s.matter_id = m.id)"
        )
        assert loose.fetchone() == (0,), "a matter without its history"
    return [row[0] for row in rows]


def tick(folder: Path, until: str) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "RONGTONG_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "rongtong.cli.main", "tick", "--until", until]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_generator_killed_fifty_times(tmp_path: Path) -> None:
    """Killed between 0.4 and 2.4 s after its start while the months go by; afterwards everything due is there, once, and the chain holds."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    command = [sys.executable, "-m", "rongtong.cli.main", "demo", "--data-dir", str(whole), "--no-serve"]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(whole, killed)
    rng, finished = random.Random(7), 0
    for number in range(50):
        month = 11 + number // 6
        process = tick(killed, f"{2026 + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}-25")
        time.sleep(rng.uniform(0.4, 2.4))
        finished += process.poll() is not None
        process.kill()
        process.wait()
    assert finished < 50, "no run was killed in its course"
    for folder in (whole, killed):
        assert tick(folder, "2027-07-25").wait(120) == 0
    assert occurrences(killed) == occurrences(whole)
    assert len(set(occurrences(killed))) == len(occurrences(killed))
    verify = subprocess.run(
        [sys.executable, "-m", "rongtong.cli.main", "audit", "verify"],
        env=environment | {"RONGTONG_DATA_DIR": str(killed)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verify.returncode == 0, verify.stdout + verify.stderr
