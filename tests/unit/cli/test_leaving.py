"""How commands leave: one line, the exit code of its kind, nothing half done; and what a new installation begins with."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    done = run(folder, "migrate")
    assert done.returncode == 0, done.stderr
    assert "added" in done.stdout
    return folder


def started(home: Path, *words: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "RONGTONG_DATA_DIR": str(home), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "rongtong.cli.main", *map(str, words)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    process = started(home, *words)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def count(home: Path, table: str) -> int:
    with sqlite3.connect(home / "rongtong.sqlite3") as connection:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def test_a_new_installation_has_what_the_product_ships(home: Path) -> None:
    """Without classes, rules and lists an enterprise of one's own could import nothing that matters."""
    tables = (
        "organization_unitclass",
        "indicators_indicator",
        "indicators_indicatorset",
        "rules_rulerow",
        "access_roletemplate",
        "duties_duty",
    )
    counts = {table: count(home, table) for table in tables}
    assert all(counts.values()), counts
    again = run(home, "migrate")
    assert (again.returncode, "added" in again.stdout) == (0, False)
    assert {table: count(home, table) for table in tables} == counts


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["audit", "verify", "--anchor", "absent.json"], 1, "absent.json::: is no anchor"),
        (["restore", "absent.tar.gz"], 1, "absent.tar.gz:::"),
        (["audit", "anchor", "no/such/folder/a.json"], 3, "no/such/folder/a.json:::"),
        (["export", "units", "no/such/folder/a.csv"], 3, "no/such/folder/a.csv"),
        (["export", "units", "a.pdf"], 1, "a.pdf"),
        (["export", "castles", "a.csv"], 1, "castles"),
        (["import", "units", "absent.csv"], 1, "absent.csv:::"),
        (["measure", "absent", "--out", "run"], 1, "absent/indicators.csv:::"),
        (["measure", "--database", "--period", "202613"], 1, "202613"),
        (["measure", "--database"], 1, ";"),
        (["measure", "absent"], 2, "Usage"),
        (["synth", "--units", "0", "--periods", "1", "--seed", "1", "--out", "p"], 2, "Usage"),
        (["synth", "--units", "3"], 2, "Usage"),
        (["collect", "--period", "soon"], 1, "soon"),
        (["tick", "--until", "2026-02-30"], 1, "2026-02-30"),
        (["demo", "--size", "huge"], 2, "Usage"),
        (["createadmin", "--role", "king"], 2, "Usage"),
        (["study", "s.toml", "--out", "o"], 3, "not built"),
        (["nothing"], 2, "Usage"),
    ],
)
def test_one_line_and_the_code_of_its_kind(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(home, *words)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_old_or_absent_database_is_the_environments_fault(tmp_path: Path) -> None:
    for words in (["tick"], ["export", "units", tmp_path / "u.csv"], ["audit", "verify"], ["createadmin", "--role", "system"]):
        done = run(tmp_path / "empty", *words)
        assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr


def test_a_taken_folder_is_left_alone(home: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    done = run(home, "synth", "--units", 3, "--periods", 1, "--seed", 1, "--out", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_administrators_without_a_terminal_get_a_password_that_is_shown_once(home: Path) -> None:
    for role in ("system", "security", "audit"):
        made = run(home, "createadmin", "--role", role)
        assert made.returncode == 0, made.stderr
        assert f"created admin_{role} as {role} administrator" in made.stdout
        assert len(made.stdout.rsplit(" ", 1)[1].strip()) >= 16
    assert run(home, "createadmin", "--role", "system").returncode == 1  # the name is taken


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_cancelled_measurement_leaves_130_and_nothing_else(home: Path, tmp_path: Path, sign: signal.Signals) -> None:
    assert run(home, "synth", "--units", 4000, "--periods", 12, "--seed", 1, "--out", tmp_path / "panel").returncode == 0
    process = started(home, "measure", tmp_path / "panel", "--out", tmp_path / "run", "--robustness", 4000)
    for _ in range(200):
        if list(tmp_path.glob(".run.*")):
            break
        time.sleep(0.05)
    process.send_signal(sign)
    _out, err = process.communicate(timeout=60)
    assert (process.returncode, "cancelled" in err) == (130, True), err
    assert [path.name for path in tmp_path.iterdir()] == ["panel"]


def test_an_anchor_proves_the_tail(home: Path, tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    assert run(home, "audit", "anchor", anchor).returncode == 0
    proved = run(home, "audit", "verify", "--anchor", anchor)
    assert (proved.returncode, "not proved" in proved.stdout) == (0, False)
    known = json.loads(anchor.read_text())
    for change in ({"digest": "0" * 64}, {"seq": known["seq"] + 5}):
        anchor.write_text(json.dumps(known | change))
        assert run(home, "audit", "verify", "--anchor", anchor).returncode == 1
    anchor.write_text('{"seq": "1"}')
    assert "is no anchor" in run(home, "audit", "verify", "--anchor", anchor).stderr


def test_measuring_files_imports_no_pandas(tmp_path: Path) -> None:
    """Arrow's own converters import it where it is installed: a quarter of a second, more than half of a small measurement."""
    panel, out = tmp_path / "panel", tmp_path / "out"
    assert run(tmp_path, "synth", "--units", "50", "--periods", "3", "--seed", "1", "--out", str(panel)).returncode == 0
    script = "import sys; from rongtong.cli.main import cli; cli(sys.argv[1:], standalone_mode=False)"
    script = f"import atexit, sys; atexit.register(lambda: print('pandas' in sys.modules)); {script}"
    done = subprocess.run(
        [sys.executable, "-c", script, "measure", str(panel), "--out", str(out)], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (out / "scores.parquet").is_file() and done.stdout.splitlines()[-1] == "False", done.stderr
