"""The method file: defaults of the interface, types, ranges, unknown settings."""

from pathlib import Path

import pytest

from rongtong.panel.files import BadPanel
from rongtong.panel.method import Method


def test_defaults_are_those_of_the_interface() -> None:
    assert Method().as_dict() == {
        "normalisation": "minmax", "span": (0, 1), "weighting": "entropy", "scaling": "minmax", "zeros": "squeeze", "epsilon": 0.002,
        "coupling": "standard", "subsystem_weights": (0.5, 0.5), "min_coverage": 0.7, "obstacles": 3, "row_share": True, "lag_tolerance": 0.1,
        "bands": "ten", "seed": 0, "level": 0.95,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "spam = 1", "span = [1, 0]", "span = [0]", "span = [0, 0.5, 1]", "span = [-1, 1]", "span = [0, 100]", 'span = "all"', 'row_share = "no"', "row_share = 0",
        "obstacles = 2.5", "obstacles = true", "obstacles = -1", "min_coverage = 1.2", 'min_coverage = "0.7"', "min_coverage = nan", "seed = -1", "level = 1",
        "epsilon = 0.5", "lag_tolerance = inf", "subsystem_weights = [0.5, 0.6]", "subsystem_weights = [1.5, -0.5]", 'weighting = "magic"',
        'normalisation = "zscore"', 'normalisation = "rank"\nspan = [0, 0.5]', "weighting = 3", "bands", "= 3",
    ],
)  # fmt: skip
def test_refusals_name_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "method.toml").write_text(text)
    with pytest.raises(BadPanel, match=r"method\.toml:::"):
        Method.load(tmp_path / "method.toml")


def test_whole_numbers_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "method.toml").write_text("span = [0, 1]\nmin_coverage = 1\nsubsystem_weights = [1, 0]\nrow_share = false\n")
    found = Method.load(tmp_path / "method.toml")
    assert (found.min_coverage, found.subsystem_weights, found.row_share, found.is_plain) == (1.0, (1.0, 0.0), False, True)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPanel, match="cannot be read"):
        Method.load(tmp_path / "none.toml")
