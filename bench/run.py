"""Our file engine beside what an analyst would write: pandas, Polars, DuckDB SQL, and the bare scan. One run, whole processes, median of N.

python bench/run.py [--units 5000] [--periods 24] [--runs 5] [--json FILE]
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TASKS = ("rongtong", "pandas", "polars", "duckdb", "scan")
NAMES = {
    "rongtong": "rongtong measure (bounds, weights, scores, obstacles, roll-up, files)",
    "pandas": "pandas (entropy weights, U1, U2, D)",
    "polars": "Polars (entropy weights, U1, U2, D)",
    "duckdb": "DuckDB SQL (entropy weights, U1, U2, D)",
    "scan": "DuckDB, bare scan of the four columns",
}


def once(task: str, folder: Path) -> dict[str, float]:
    """One whole process: wall and CPU seconds, peak memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, HERE / "tasks.py", task, folder], capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{task}: {done.stderr[-800:]}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "peak_mb": answer["peak_mb"], "mean_d": answer["mean_d"]}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--units", type=int, default=5000)
    options.add_argument("--periods", type=int, default=24)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    from rongtong.panel.synth import synth

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "panel"
        synth(chosen.units, chosen.periods, 1, folder)
        found: dict[str, list[dict[str, float]]] = {task: [] for task in TASKS}
        for _ in range(chosen.runs):
            for task in TASKS:
                found[task].append(once(task, folder))
    rows = {task: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for task, runs in found.items()}
    same = [rows[task]["mean_d"] for task in TASKS if task != "scan"]
    if max(same) - min(same) > 1e-6:
        raise SystemExit(f"the answers differ: {same}")
    report = {"units": chosen.units, "periods": chosen.periods, "runs": chosen.runs, "rows": rows}
    ours = rows["rongtong"]["wall"]
    lines = [
        f"{chosen.units} units x {chosen.periods} periods x 30 indicators, median of {chosen.runs} whole processes, two cores shared with nothing else known.",
        "",
    ]
    lines += ["| what | wall s | CPU s | peak MB | wall against ours |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {NAMES[t]} | {r['wall']:.2f} | {r['cpu']:.2f} | {r['peak_mb']:.0f} | {r['wall'] / ours:.2f} |" for t, r in rows.items()]
    print("\n".join(lines))
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
