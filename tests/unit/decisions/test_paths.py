"""The amount against the limits decides the path, exactly at the bound too; what is not known never takes the easier path."""

from typing import Any

import pytest

from rongtong.decisions.paths import Bound, Measure, Path, compare, default_role, path_of, reaches, unlisted

LIMITS = (Bound("amount", "at_least", 1000, "managers"), Bound("amount", "at_least", 5000, "board"))


@pytest.mark.parametrize(
    ("amount", "kind", "body", "reason"),
    [
        (999, "unlisted", "managers", "below"),
        (1000, "pre_study", "managers", "reached"),
        (4999, "pre_study", "managers", "reached"),
        (5000, "pre_study", "board", "reached"),
        (0, "unlisted", "managers", "below"),
        (None, "pre_study", "managers", "unknown"),
    ],
)
def test_the_amount_decides(amount: int | None, kind: str, body: str, reason: str) -> None:
    found = path_of("pre_study", "pre_study", "managers", LIMITS, Measure(amount))
    assert (found.kind, found.body, found.reason) == (kind, body, reason)


@pytest.mark.parametrize(
    ("operator", "at", "beside"), [("at_least", True, True), ("above", False, True), ("at_most", True, False), ("below", False, False)]
)
def test_the_bound_itself(operator: str, at: bool, beside: bool) -> None:
    assert (reaches(operator, 100, 100), reaches(operator, 101, 100)) == (at, beside)


def test_shares_are_compared_without_rounding() -> None:
    bound = Bound("net_assets", "at_least", 300, "board")  # 3 %
    assert compare(bound, Measure(3_000_000, 100_000_000)).is_reached is True
    almost = compare(bound, Measure(2_999_999, 100_000_000))
    assert (almost.is_reached, almost.actual) == (False, 299)
    for given in (Measure(None, 100), Measure(5, None), Measure(5, 0), Measure(5, -4)):
        assert compare(bound, given).is_reached is None


def test_an_item_without_limits_is_listed_whatever_its_amount() -> None:
    assert path_of("pre_study", "pre_study", "board", (), Measure()).reason == "always"


def test_a_reached_limit_stands_although_another_cannot_be_compared() -> None:
    bounds = (*LIMITS, Bound("net_assets", "at_least", 100, "owners"))
    found = path_of("pre_study", "pre_study", "managers", bounds, Measure(6000))
    assert (found.kind, found.body, found.reason) == ("pre_study", "board", "reached")


@pytest.mark.parametrize(
    ("role", "kind"), [("pre_study", "pre_study"), ("collective_gate", "gate"), ("participate", "no_study"), ("none", "no_study")]
)
def test_the_role_decides_who_studies(role: str, kind: str) -> None:
    assert path_of(role, "pre_study", "board", (), Measure()).kind == kind
    assert path_of(role, "own", "committee", (), Measure()).kind == "own"


def test_a_path_is_read_back_as_it_was_kept() -> None:
    found = path_of("pre_study", "pre_study", "managers", LIMITS, Measure(4999))
    assert Path.read(found.kind, found.body, found.stored()) == found
    assert Path.read("unlisted", "managers", unlisted().stored()) == unlisted()


FACTS = {"is_group": False, "is_legal_person": False, "has_committee": False, "is_delegated": False}


@pytest.mark.parametrize(
    ("facts", "role", "reason"),
    [
        ({"is_legal_person": True, "has_committee": True}, "pre_study", "legal_committee"),
        ({"is_legal_person": True}, "collective_gate", "legal_branch"),
        ({"is_delegated": True}, "collective_gate", "delegated"),
        ({}, "participate", "ordinary"),
        ({"has_committee": True}, "participate", "ordinary"),
        ({"is_legal_person": None}, "participate", "unknown_unit"),
        ({"is_group": True, "is_legal_person": True}, "none", "group"),
    ],
)
def test_the_default_role_follows_the_facts(facts: dict[str, Any], role: str, reason: str) -> None:
    found = default_role(**(FACTS | facts))
    assert (found.role, found.reason) == (role, reason)
