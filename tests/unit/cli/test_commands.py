"""The command line as a newcomer meets it: a data directory of its own, real files, exit codes, errors with their place."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

PLACED = re.compile(r"^[^:]+:[^:]*:\d*:[^:]* .+; .+$")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    assert run(folder, "migrate").returncode == 0
    return folder


def run(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """One command as a process on a SQLite data directory."""
    environment = {**os.environ, "RONGTONG_DATA_DIR": str(home), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "rongtong.cli.main", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


UNITS = "code,name,parent_code,kind,opened_on,class_code\nG,融通装备集团,,group,2020-01-01,\nA,一厂,G,plant,2020-01-01,\n"


def test_import_dry_run_same_file_twice_and_undo(home: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "units.csv", UNITS)
    dry = run(home, "import", "units", file, "--dry-run")
    assert (dry.returncode, "2 new" in dry.stdout) == (0, True), dry.stderr
    first = run(home, "import", "units", file)
    assert first.returncode == 0, first.stderr
    batch = first.stdout.split()[0]
    again = run(home, "import", "units", file)
    assert (again.returncode, "0 new, 0 changed" in again.stdout) == (0, True)
    out = tmp_path / "out.csv"
    assert run(home, "export", "units", out).returncode == 0
    assert "一厂" in out.read_text(encoding="utf-8-sig")
    undone = run(home, "import", "--undo", batch)
    assert undone.returncode == 0, undone.stderr
    assert run(home, "export", "units", out).returncode == 0
    assert "一厂" not in out.read_text(encoding="utf-8-sig")
    assert run(home, "audit", "verify").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,name,parent_code,kind,opened_on\nA,甲,A,plant,2020-01-01\n", "A → A"),
        ("code,name,parent_code,kind,opened_on\nA,甲,X,plant,2020-01-01\n", "X"),
        ("code,name,parent_code,kind,opened_on\nA,甲,,plant,soon\n", "soon"),
        ("code,name,parent_code,kind,opened_on\nA,甲,,castle,2020-01-01\n", "castle"),
        ("code,name\n", ""),
    ],
)
def test_a_refused_file_names_the_place_and_changes_nothing(home: Path, tmp_path: Path, text: str, said: str) -> None:
    before = run(home, "audit", "verify").stdout
    refused = run(home, "import", "units", written(tmp_path / "bad.csv", text))
    assert refused.returncode == 1
    assert all(PLACED.match(line) for line in refused.stderr.splitlines()), refused.stderr
    assert said in refused.stderr
    assert run(home, "audit", "verify").stdout == before


def test_exit_codes(home: Path, tmp_path: Path) -> None:
    assert run(home, "import", "units", tmp_path / "absent.csv").returncode == 1
    assert run(home, "import", "castles", written(tmp_path / "a.csv", UNITS)).returncode == 1
    assert run(home, "import").returncode == 2
    assert run(home, "nothing").returncode == 2
    assert run(home, "measure", tmp_path / "absent", "--out", tmp_path / "run", "--engine", "spark").returncode == 3
    assert run(home, "import", "--undo", "0" * 32).returncode == 1


def test_three_administrators_and_no_default_password(home: Path) -> None:
    assert run(home, "createadmin", "--role", "system", "--username", "sys", "--password", "a-long-Passw0rd-here").returncode == 0
    weak = run(home, "createadmin", "--role", "audit", "--username", "aud", "--password", "123456")
    assert weak.returncode == 1
    assert run(home, "createadmin", "--role", "audit", "--username", "sys", "--password", "a-long-Passw0rd-here").returncode == 1


def test_synth_measure_frozen(home: Path, tmp_path: Path) -> None:
    panel = tmp_path / "panel"
    assert run(home, "synth", "--units", 40, "--periods", 6, "--seed", 3, "--out", panel).returncode == 0
    first, second = tmp_path / "one", tmp_path / "two"
    assert run(home, "measure", panel, "--out", first, "--robustness", 50).returncode == 0
    assert run(home, "measure", panel, "--out", second, "--frozen", first / "run.json").returncode == 0
    scores, frozen = (pq.read_table(folder / "scores.parquet") for folder in (first, second))
    assert scores["d"].equals(frozen["d"])
    assert scores["d_low"].null_count < len(scores)
    assert json.loads((first / "run.json").read_text())["input_hash"]
    written(panel / "indicators.csv", "indicator_id,code\n1,A\n")
    broken = run(home, "measure", panel, "--out", tmp_path / "three")
    assert (broken.returncode, broken.stderr.count("\n") >= 1) == (1, True)
    assert not (tmp_path / "three").exists()


def test_backup_restore_and_a_flipped_byte(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    assert run(home, "backup", archive).returncode == 0
    fresh = tmp_path / "fresh"
    restored = run(fresh, "restore", archive)
    assert restored.returncode == 0, restored.stderr
    assert run(fresh, "audit", "verify").stdout == run(home, "audit", "verify").stdout
    content = archive.read_bytes()
    for place in (4, len(content) // 3, len(content) // 2, len(content) - 1):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        refused = run(tmp_path / "other", "restore", archive)
        assert (refused.returncode, "damaged" in refused.stderr) == (1, True), place
    archive.write_bytes(content[:-1])
    assert run(tmp_path / "other", "restore", archive).returncode == 1
    assert not (tmp_path / "other").exists()


def test_tick_is_safe_to_repeat(home: Path) -> None:
    first, second = (run(home, "tick", "--until", "2026-11-24") for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert run(home, "tick", "--until", "yesterday").returncode == 1
