"""The two examples of real input run, and their files go through the same doors as a user's."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from rongtong.exchange import actions
from rongtong.indicators.models import Observation
from rongtong.kernel.act import SYSTEM
from rongtong.trees.models import Node

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / name / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore")  # linearmodels and pandas, on import
def test_plants_of_the_job_training_panel(tmp_path: Path) -> None:
    example("jobtraining").main(tmp_path)
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "plant-years: 471, plants: 157" in report
    assert "all three production figures: 77 plant-years" in report
    assert "What may not be concluded" in report


@pytest.mark.django_db
def test_the_published_table_is_measured_and_imported(tmp_path: Path) -> None:
    assert example("published").main(tmp_path) < 0.051  # printed to 0.1
    for kind in ("units", "indicators", "observations"):
        actions.import_file(by=SYSTEM, kind=kind, source=tmp_path / "import" / f"{kind}.csv", filename=f"{kind}.csv")
    assert Node.objects.count() == 9
    assert Observation.objects.count() == 80 * 9
