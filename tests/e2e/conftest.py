"""A real server on the sample enterprise and a real browser. Left out, by name, where Chromium is absent."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@dataclass(frozen=True)
class Site:
    """The running sample enterprise: its address and accounts by role."""

    url: str
    accounts: dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def site(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(template, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "rongtong.cli.main", "demo", "--data-dir", str(folder), "--port", str(port)]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, server)
        accounts = {account["role"]: account for account in json.loads((folder / "accounts.json").read_text(encoding="utf-8"))}
        yield Site(url, accounts)
    finally:
        server.terminate()
        server.wait(15)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the demo ended before it answered")
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).read()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise RuntimeError("the demo did not answer within 90 s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("left out: Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def posted(page: Any, button: Any) -> None:
    """Press, and wait until the answer stands on the page: 'network idle' is true already before a move begins."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        button.click()
    page.wait_for_function("() => document.readyState === 'complete' && !document.querySelector('.htmx-request')")
