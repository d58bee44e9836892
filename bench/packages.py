"""Single methods beside pymcdm and scikit-criteria on the same dense matrix; prints one JSON line."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pymcdm.methods import TOPSIS
from pymcdm.normalizations import vector_normalization
from pymcdm.weights import critic_weights, entropy_weights, standard_deviation_weights
from skcriteria import mkdm
from skcriteria.agg import topsis as sk_topsis
from skcriteria.preprocessing.weighters import EntropyWeighter

from rongtong.engines import measurement as ours


def timed(function: Callable[[], Any], runs: int) -> tuple[float, Any]:
    function()
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        answer = function()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1000, np.asarray(answer, dtype=np.float64)


def main(runs: int) -> None:
    rng = np.random.default_rng(1)
    x = rng.random((100_000, 15)) + 0.1
    equal, benefit = np.full(15, 1 / 15), ["benefit"] * 15
    table = mkdm(x, [max] * 15, weights=equal)
    tasks: dict[str, dict[str, Callable[[], Any]]] = {
        "entropy weights": {
            "rongtong": lambda: ours.entropy_weights(x, scaling="none").weights,
            "pymcdm": lambda: entropy_weights(x),
            "scikit-criteria": lambda: EntropyWeighter().transform(table).weights,
        },
        "CRITIC weights": {"rongtong": lambda: ours.critic_weights(x, benefit).weights, "pymcdm": lambda: critic_weights(x)},
        "standard deviation weights": {
            "rongtong": lambda: ours.std_weights(x, benefit).weights,
            "pymcdm": lambda: standard_deviation_weights((x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))),
        },
        "TOPSIS": {
            "rongtong": lambda: ours.topsis(x, equal, benefit).closeness,
            "pymcdm": lambda: TOPSIS(normalization_function=vector_normalization)(x, equal, np.ones(15)),
            "scikit-criteria": lambda: sk_topsis.TOPSIS().evaluate(
                mkdm(x / np.sqrt((x**2).sum(axis=0)), [max] * 15, weights=equal)
            ).e_.similarity,
        },
    }  # fmt: skip
    rows = []
    for method, rivals in tasks.items():
        base, reference = timed(rivals["rongtong"], runs)
        for package, function in rivals.items():
            spent, answer = (base, reference) if package == "rongtong" else timed(function, runs)
            gap = float(np.abs(answer - reference).max())
            rows.append({"method": method, "package": package, "ms": spent, "ratio": spent / base, "difference": gap})
    print(json.dumps(rows))


if __name__ == "__main__":
    main(int(sys.argv[1]))
