"""Eight clients on the running sample enterprise: the 95th percentile of lists and of cockpits. The clients share the two cores with the server.

python bench/load.py [SECONDS]; prints one JSON line.
"""

import http.client
import http.cookiejar
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

CLIENTS = 8
PAGES = {
    "lists": ["/indicators/observations/", "/organization/people/", "/runs/", "/indicators/"],
    "cockpit": ["/cockpit/?at={node}", "/cockpit/"],
}


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def signed_in(base: str, account: dict[str, Any]) -> str:
    """The session cookie of an account."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    text = browser.open(f"{base}/accounts/sign-in").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "username": account["username"], "password": account["password"]}
    browser.open(f"{base}/accounts/sign-in", urllib.parse.urlencode(fields).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def client(where: int, cookie: str, pages: list[str], until: float, took: list[float]) -> None:
    """One user without pauses on a kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", where, timeout=30)
    at = 0
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.request("GET", pages[at % len(pages)], headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{pages[at % len(pages)]} answered {answer.status}")
        took.append(time.perf_counter() - began)
        at += 1


def load(where: int, accounts: list[dict[str, Any]], seconds: float) -> dict[str, dict[str, float]]:
    """Median and 95th percentile in ms of each kind of page, all clients at once."""
    chosen = [account for account in accounts if account["role"] in ("party_office", "management_office", "inspector", "secretary_manager")]
    cookies = [signed_in(f"http://127.0.0.1:{where}", chosen[at % len(chosen)]) for at in range(CLIENTS)]
    answers = {}
    for kind, pages in PAGES.items():
        took: list[float] = []
        filled = [page.format(node=17) for page in pages]
        for page in filled:  # templates and caches are warm
            client(where, cookies[0], [page], time.monotonic() + 0.3, [])
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=client, args=(where, cookie, filled, until, took)) for cookie in cookies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cuts = statistics.quantiles(took, n=20)
        answers[kind] = {"median_ms": 1000 * statistics.median(took), "p95_ms": 1000 * cuts[-1], "per_second": len(took) / seconds}
    return answers


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        where, data = port(), Path(folder) / "demo"
        command = [sys.executable, "-m", "rongtong.cli.main", "demo", "--data-dir", str(data), "--port", str(where)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{where}/healthz", timeout=2).read()
                    break
                except OSError:
                    time.sleep(0.3)
            print(json.dumps(load(where, json.loads((data / "accounts.json").read_text()), seconds)))
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
