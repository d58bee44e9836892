"""A rule's arguments in one cell: what is written reads back the same; what is not understood is refused."""

from typing import Any

import pytest
from tests.unit.schemes.making import criterion

from rongtong.kernel.errors import Refused
from rongtong.schemes import arguments
from rongtong.schemes.data import Linkage, Step

CRITERIA: list[tuple[str, dict[str, Any], str]] = [
    ("bands", {"steps": (Step(None, 60.0, 0), Step(60.0, 90.5, 6050), Step(90.5, None, 10_000))}, "<60:0; 60-90.5:60.5; >=90.5:100"),
    ("bands", {"steps": (Step(None, -1.0, 0), Step(-1.0, 0.0, 50), Step(0.0, None, 10_000))}, "<-1:0; -1-0:0.5; >=0:100"),
    ("target", {"target": 95.0}, "target=95"),
    ("target", {"target": None, "is_cost": True, "floor": 6000, "cap": 11_000}, "target=own; cost=yes; floor=60; cap=110"),
    ("deduction", {"per": 50, "most": 200}, "each=0.5; least=2"),
    ("bonus", {"per": 100, "most": 500}, "each=1; most=5"),
    ("minus", {"per": 100, "most": 500}, "each=1; most=5"),
    ("test", {"least": 1.0, "full": 5.0}, "worst=1; best=5"),
    ("formula", {"expression": "min(P11, 100)"}, "min(P11, 100)"),
    ("manual", {}, ""),
]


@pytest.mark.parametrize(("rule", "more", "text"), CRITERIA)
def test_written_and_read_it_is_the_same(rule: str, more: dict[str, Any], text: str) -> None:
    assert arguments.write(criterion("P1", rule=rule, **more)) == text
    read = arguments.read(rule, text, 10_000)
    assert {name: read[name] for name in more} == more


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("bands", "＜60：0；60~90：60；≥90：100", {"steps": (Step(None, 60.0, 0), Step(60.0, 90.0, 6000), Step(90.0, None, 10_000))}),
        ("target", "目标=95；负向=是；起点=60", {"target": 95.0, "is_cost": True, "floor": 6000, "cap": 10_000}),
        ("deduction", "每次=0.5；最低=0", {"per": 50, "most": 0}),
        ("bonus", "每次=1，最多=5", {"per": 100, "most": 500}),
        ("test", "最差=1；满分=5", {"least": 1.0, "full": 5.0}),
    ],
)
def test_chinese_words_and_full_width_marks(rule: str, text: str, expected: dict[str, Any]) -> None:
    assert arguments.read(rule, text, 10_000) == expected


@pytest.mark.parametrize(
    ("rule", "text", "words"),
    [("bands", "60以下0分", "is not a band"), ("bonus", "每次1分", "not understood"), ("bonus", "each=x", "at most two decimals"),
     ("bonus", "each=0.125", "at most two decimals"), ("target", "target=many", "not a number")],
)  # fmt: skip
def test_what_is_not_understood_is_refused_by_its_piece(rule: str, text: str, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        arguments.read(rule, text, 10_000)
    assert words in refusal.value.what and refusal.value.remedy


LINKAGES = [
    Linkage("L0"), Linkage("L1"), Linkage("L1b", inside=1000), Linkage("L2", full=12_000), Linkage("L6", steps=2, is_reverse=True),
    Linkage("L7", to_party=1000, to_production=2050), Linkage("L4", coefficients={"A": 10_500, "B": 10_000}),
]  # fmt: skip


@pytest.mark.parametrize("given", LINKAGES)
def test_linkage_models_read_back(given: Linkage) -> None:
    assert arguments.read_linkage(given.model, arguments.write_linkage(given)) == given
