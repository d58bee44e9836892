"""The engines against published numbers. Tolerances are the printed precision; cases marked `illustration` are examples, not published results."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rongtong.engines import measurement as m

DATA = Path(__file__).parent / "data"


def case(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_every_copied_case_is_used() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.stem for path in sorted(DATA.glob("*.json")) if path.stem not in text] == []


@pytest.mark.parametrize(("name", "tolerance"), [("ew-01-elsayed2017", 1e-6), ("ew-03-zavadskas2016", 5e-5), ("ew-06-2x2", 1e-6)])
def test_entropy_of_raw_values(name: str, tolerance: float) -> None:
    c = case(name)
    found = m.entropy_weights(c["input"]["matrix"], scaling="none").weights
    np.testing.assert_allclose(found, c["expected"]["weights"], atol=tolerance)


def test_entropy_small_r() -> None:
    c = case("ew-09-small-R")
    matrix, directions = c["input"]["matrix"], c["input"]["directions"]
    weights = m.entropy_weights(matrix, directions=directions, epsilon=c["input"]["epsilon"]).weights
    np.testing.assert_allclose(weights, c["expected"]["weights"], atol=5e-8)
    z = m.normalise(matrix, directions, span=(0.002, 0.998)).values
    np.testing.assert_allclose(100 * z @ weights, c["expected"]["scores"], atol=5e-6)


def test_entropy_hospital_illustration() -> None:
    c = case("ew-07-hospital")
    assert c["use"] == "illustration"
    found = m.entropy_weights(c["input"]["matrix"], directions=c["input"]["directions"], zeros="drop")
    np.testing.assert_allclose(found.entropy, c["expected"]["entropy"], atol=0.005)
    np.testing.assert_allclose(found.weights, c["expected"]["weights"], atol=0.005)
    np.testing.assert_allclose(np.array(c["input"]["matrix"]) @ found.weights, c["expected"]["scores"], atol=0.005)


def test_pipeline_of_80_rows() -> None:
    c = case("pipe-01-cdev-entropy")
    with (DATA / c["input"]["csv"]).open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    values = np.array([[float(cell) for cell in row[2:]] for row in rows])
    directions, groups = c["input"]["directions"], c["input"]["groups"]
    weights = np.concatenate(
        [m.entropy_weights(values[:, g], directions=[directions[i] for i in g], epsilon=0.002).weights for g in groups]
    )
    np.testing.assert_allclose(weights, c["expected"]["weights"], atol=5e-8)
    z = m.normalise(values, directions, span=(0.002, 0.998)).values
    scores = m.subsystem_scores(z, weights, groups).scores * 100
    np.testing.assert_allclose(scores[:10], c["expected"]["scores_first10"], atol=0.051)  # printed to three digits


@pytest.mark.parametrize("variant", ["minmax+pearson", "raw+pearson", "minmax+spearman", "raw+spearman"])
def test_critic_four_variants(variant: str) -> None:
    c = case("critic-01-diakoulaki1995")
    scaling, correlation = variant.split("+")
    found = m.critic_weights(
        c["input"]["matrix"], c["input"]["directions"], scaling={"raw": "none"}.get(scaling, scaling), correlation=correlation
    )
    np.testing.assert_allclose(found.weights, c["expected"]["weights"][variant], atol=1e-8)


def test_critic_small_r() -> None:
    c = case("critic-04-small-R")
    found = m.critic_weights(c["input"]["matrix"], c["input"]["directions"]).weights
    np.testing.assert_allclose(found, c["expected"]["weights"], atol=5e-8)
    z = m.normalise(c["input"]["matrix"], c["input"]["directions"]).values
    np.testing.assert_allclose(100 * z @ found, c["expected"]["scores"], atol=5e-6)


def test_ahp_random_index_tables() -> None:
    tables = case("ahp-00-ri-tables")["expected"]
    assert list(m.RANDOM_INDEX["saaty_common"]) == tables["saaty_common"]
    for name in ("saaty_AHPy", "donegan_dodd_AHPy", "mathmodels_book"):
        assert {str(n): m.RANDOM_INDEX[name][n - 1] for n in map(int, tables[name])} == tables[name]


def test_ahp_drinks() -> None:
    c = case("ahp-01-saaty-drinks")
    found = m.ahp(c["input"]["matrix"], random_index="saaty_AHPy")
    np.testing.assert_allclose(found.weights, c["expected"]["weights"], atol=5e-5)
    assert found.cr == pytest.approx(c["expected"]["CR_saaty_RI_1_35"], abs=5e-4)
    assert m.ahp(c["input"]["matrix"], random_index="donegan_dodd_AHPy").cr == pytest.approx(c["expected"]["CR_donegan_dodd"], abs=5e-5)
    assert found.lambda_max == pytest.approx(c["expected"]["own"]["lambda_max"], abs=1e-9)


def test_ahp_travel() -> None:
    c = case("ahp-03-travel")
    found = m.ahp_hierarchy(c["input"]["criteria_matrix"], c["input"]["alternative_matrices"])
    np.testing.assert_allclose(found.criteria.weights, c["expected"]["weights"], atol=5e-8)
    assert found.criteria.cr == pytest.approx(c["expected"]["CR"], abs=5e-8)
    np.testing.assert_allclose(found.weights, c["expected"]["total"], atol=5e-7)
    assert [a.cr for a in found.alternatives] == pytest.approx(c["expected"]["CR_layer2"], abs=1e-8)
    np.testing.assert_allclose(np.stack([a.weights for a in found.alternatives], axis=1), c["expected"]["layer2"], atol=5e-8)
    assert (found.criteria.lambda_max, found.criteria.ci) == pytest.approx((c["expected"]["lambda_max"], c["expected"]["CI"]), abs=5e-7)


def test_ahp_root_method() -> None:
    c = case("ahp-07-root-method")
    found = m.ahp(c["input"]["matrix"], method="geometric_mean")
    np.testing.assert_allclose(found.weights, c["expected"]["weights"], atol=5e-5)
    assert found.cr == pytest.approx(c["expected"]["CR"], abs=5e-4)


def test_four_ways_to_combine() -> None:
    c = case("comb-01-four-ways")
    s, o = c["input"]["w_subjective"], c["input"]["w_objective"]
    ways = {
        "linear_0.6": ("linear", 0.6),
        "multiplicative": ("multiplicative", 0.5),
        "geometric": ("geometric", 0.5),
        "game_linear": ("game", 0.5),
    }
    for key, (method, alpha) in ways.items():
        np.testing.assert_allclose(m.combine_weights(s, o, method=method, alpha=alpha).weights, c["expected"][key], atol=5e-8)


def test_coupling_of_ten_years() -> None:
    c = case("ccd-01-urban-rural-logistics")
    found = m.coupling(np.array(c["input"]["rows"])[:, 1:])
    printed = np.array([row[1:4] for row in c["expected"]["rows"]], dtype=float)
    np.testing.assert_allclose(found.c, printed[:, 0], atol=0.002)  # inputs are printed to three digits as well
    np.testing.assert_allclose(found.t, printed[:, 1], atol=0.0015)
    np.testing.assert_allclose(found.d, printed[:, 2], atol=0.0015)


@pytest.mark.parametrize(("name", "variant"), [("ccd-02-gzma-standard", "standard"), ("ccd-03-gzma-wang", "wang2021")])
def test_coupling_of_four_subsystems(name: str, variant: str) -> None:
    c = case(name)
    found = m.coupling(c["input"]["U"], variant=variant)
    np.testing.assert_allclose(found.c, c["expected"]["C"], atol=5e-7)
    np.testing.assert_allclose(found.d, c["expected"]["D"], atol=5e-7)


def test_bands() -> None:
    c = case("ccd-07-bands")
    assert [[low, high, zh, en] for low, high, _code, zh, en in m.TEN_BANDS] == c["expected"]["ten_grades"]
    values = np.array(c["input"]["D_values"])
    assert m.grade(values, m.TEN_BANDS).tolist() == [1, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10]
    assert m.grade(values, m.TEN_BANDS, closed="right").tolist() == [1, 1, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10]


def test_topsis() -> None:
    for name, option, key in (
        ("topsis-01-opricovic2004", "minmax", "closeness_minmax"),
        ("topsis-01-opricovic2004", "vector", "own_vector"),
        ("topsis-02-tzeng2011", "vector", "closeness"),
        ("topsis-05-small-R", "vector", "closeness"),
    ):
        c = case(name)
        found = m.topsis(c["input"]["matrix"], c["input"]["weights"], c["input"]["directions"], normalisation=option).closeness
        np.testing.assert_allclose(found, c["expected"][key], atol={"topsis-05-small-R": 5e-8}.get(name, 5e-4))
