"""What is shipped is sound as it stands, against the codes that an installation has."""

import pytest
from tests.town import Town

from rongtong.indicators.defining import install_sets
from rongtong.kernel.act import SYSTEM
from rongtong.schemes import queries
from rongtong.schemes.checking import Known, faults
from rongtong.schemes.data import SchemeData
from rongtong.schemes.linking import paper_weight
from rongtong.schemes.shipping import template, templates


def test_four_schemes_are_shipped_and_sound(town: Town) -> None:
    install_sets(by=SYSTEM)
    known = queries.known()
    survey = known.of["survey"] | {"P51"}
    whole = Known({**known.of, "survey": survey})
    assert [row.code for row in templates()] == ["additive-25", "double-multiplier", "forty-thirty-thirty", "functional-25"]
    for row in templates():
        assert faults(row.data, whole) == [], row.code
        assert "[" in row.source and SchemeData.read(row.data.write()) == row.data


@pytest.mark.parametrize(
    ("code", "weight"), [("additive-25", 0.25), ("double-multiplier", None), ("forty-thirty-thirty", 0.6), ("functional-25", 0.25)]
)
def test_their_paper_weights(code: str, weight: float | None) -> None:
    row = template(code)
    assert row is not None and paper_weight(row.data.linkage, row.data) == weight


def test_codes_that_nothing_has_are_found(town: Town) -> None:
    row = template("additive-25")
    assert row is not None and len(faults(row.data, Known())) >= 8
    assert template("none") is None
