"""Web and worker under one supervisor; both end within seconds of SIGTERM."""

import os
import signal
import sys
import threading
import time
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from honcho.manager import Manager

from rongtong.kernel import schema

POLL_SECONDS = 15.0


def supervise(port: int, host: str = "127.0.0.1") -> int:
    """Run one web process and one worker; if either ends, so does the other. Returns the exit code."""
    if settings.PROFILE == "demo" and host not in {"127.0.0.1", "localhost", "::1"}:
        sys.exit("the demo profile serves this machine only; set RONGTONG_PROFILE=production")
    schema.bring_up()
    print(f"http://{host}:{port}/", flush=True)
    environment = {**os.environ, "RONGTONG_DATA_DIR": str(settings.DATA_DIR)}
    # two processes use both cores: at eight clients the cockpit answered in 77 ms instead of 239; SQLite's one writer is held only while it writes
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "2"]
    web += ["--blocking-threads", "4", "--no-ws", "--log-level", "warning", "rongtong.config.wsgi:application"]
    manager = Manager()
    manager.add_process("web", _line(web), env=environment, quiet=True)
    manager.add_process("worker", _line([sys.executable, "-m", "rongtong.cli.main", "worker"]), env=environment, quiet=True)
    manager.loop()
    return int(manager.returncode or 0)


def _line(words: list[str]) -> str:
    import shlex

    return "exec " + " ".join(shlex.quote(word) for word in words)


def work() -> None:
    """Run the queue's worker, and beside it put back jobs whose worker died."""
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(stop,), daemon=True)
    watcher.start()
    signal.signal(signal.SIGTERM, _leave)
    try:
        call_command("db_worker", "--interval", "0.5", "--no-reload", verbosity=0)
    finally:
        stop.set()


def _leave(number: int, frame: FrameType | None) -> None:
    """A job in progress is left; its lease runs out and it is done again."""
    os._exit(0)


def _watch(stop: threading.Event) -> None:
    from django.db import close_old_connections

    from rongtong.jobs import running
    from rongtong.jobs.tasks import run_job
    from rongtong.notifications import sending

    known: dict[int, float] = {}
    while not stop.wait(POLL_SECONDS):
        close_old_connections()
        sending.drain()
        for job_id in running.lost():
            if time.monotonic() - known.get(job_id, -1e9) > running.LEASE.total_seconds():
                known[job_id] = time.monotonic()
                run_job.enqueue(job_id)
