"""Nothing is lost: whatever is entered, missing, added or taken off, weights sum to 100 and what is shown sums to the score."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.unit.schemes.making import GRADES, criterion, part

from rongtong.schemes.data import WHOLE, Criterion, Fact, Linkage, Part, SchemeData
from rongtong.schemes.linking import weights_in_effect
from rongtong.schemes.results import Scored
from rongtong.schemes.scoring import score, score_all

ARGUMENTS = {"L1": {}, "L1b": {"inside": 1000}, "L1c": {}, "L5": {}, "L7": {"to_party": 1500, "to_production": 2500}}
SIDES = ("party", "production", "other", "party")


def split(total: int, cuts: list[int]) -> list[int]:
    """A whole in positive pieces at distinct cuts."""
    edges = [0, *sorted(set(cuts)), total]
    return [high - low for low, high in pairwise(edges)]


weights = st.lists(st.integers(1, WHOLE - 1), min_size=1, max_size=4, unique=True).map(lambda cuts: split(WHOLE, cuts))


class Counted(RuleBasedStateMachine):
    """A unit under a scheme: criteria become known and unknown again; every invariant holds after each step."""

    data: SchemeData
    facts: dict[str, Fact]

    @initialize(model=st.sampled_from(sorted(ARGUMENTS)), parts=weights.filter(lambda w: len(w) >= 2), inside=st.lists(weights, min_size=5, max_size=5))  # fmt: skip
    def begin(self, model: str, parts: list[int], inside: list[list[int]]) -> None:
        made = []
        for at, weight in enumerate(parts):
            own = [criterion(f"C{at}_{n}", share) for n, share in enumerate(inside[at])]
            extra = [criterion(f"UP{at}", 0, kind="event", rule="bonus", per=130, most=400), criterion(f"OFF{at}", 0, kind="event", rule="minus", per=270, most=9000)]  # fmt: skip
            made.append(part(f"K{at}", SIDES[at % 4], weight, *own, *extra))
        self.data, self.facts = SchemeData(tuple(made), GRADES, Linkage(model, **ARGUMENTS[model])), {}

    def criteria(self) -> list[Criterion]:
        return [c for _part, c in self.data.criteria()]

    @rule(at=st.integers(0, 40), value=st.floats(0, 100))
    def enter(self, at: int, value: float) -> None:
        c = self.criteria()[at % len(self.criteria())]
        self.facts[c.code] = Fact(value / 10 if c.weight == 0 else value)

    @rule(at=st.integers(0, 40))
    def lose(self, at: int) -> None:
        self.facts[self.criteria()[at % len(self.criteria())].code] = Fact(None, "gone")

    def scored(self) -> Scored:
        return score(self.data, self.facts)

    @invariant()
    def weights_of_present_and_dropped_are_100(self) -> None:
        got = self.scored()
        assert got.present + got.dropped == WHOLE
        for found in got.parts:
            assert found.present + found.dropped == WHOLE
            of = [line.of for line in got.lines if line.part == found.code and line.of is not None]
            assert sum(of) == (WHOLE if found.present else 0)

    @invariant()
    def points_shown_sum_to_the_score(self) -> None:
        got = self.scored()
        for found in got.parts:
            shown = sum(line.points or 0 for line in got.lines if line.part == found.code)
            assert shown == (found.score or 0)
        assert sum(found.points or 0 for found in got.parts) == (got.total or 0)

    @invariant()
    def what_is_missing_has_no_points_and_a_reason(self) -> None:
        for line in self.scored().lines:
            if self.facts.get(line.code, Fact(None)).value is None:
                assert line.points is None or line.weight == 0
                assert line.reason

    @invariant()
    def renormalisation_is_exact(self) -> None:
        """The same means in fractions, rounded once at each level."""
        got = self.scored()
        for made, found in zip(self.data.parts, got.parts, strict=True):
            base = _mean([(line.rate, line.weight) for line in got.lines if line.part == made.code])
            assert found.score == (None if base is None else base + found.adjusted)
        in_effect = weights_in_effect(self.data)
        assert got.total == _mean([(found.score, weight) for found, weight in zip(got.parts, in_effect, strict=True)])

    @invariant()
    def a_lost_criterion_never_counts_as_zero(self) -> None:
        """Losing the criterion with the lowest rate cannot lower its part."""
        got = self.scored()
        for made in self.data.parts:
            known = [line for line in got.lines if line.part == made.code and line.rate is not None]
            if len(known) > 1:
                lowest = min(known, key=lambda line: line.rate or 0)
                after = score(self.data, self.facts | {lowest.code: Fact(None, "gone")})
                assert (after.part(made.code).score or 0) >= (got.part(made.code).score or 0) - 1

    @invariant()
    def alone_or_among_others_it_is_the_same(self) -> None:
        got, among = self.scored(), score_all(self.data, {7: {}, 8: self.facts, 9: {}})
        assert among[8].as_dict() == got.as_dict()


def _mean(rows: list[tuple[int | None, int | Fraction]]) -> int | None:
    present = [(value, Fraction(weight)) for value, weight in rows if value is not None and weight]
    if not present:
        return None
    exact = sum((value * weight for value, weight in present), Fraction(0)) / sum((weight for _value, weight in present), Fraction(0))
    return int(exact + Fraction(1, 2))


TestCounted = Counted.TestCase
TestCounted.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


def test_the_machine_scores_parts() -> None:
    """The machine's own maker gives sound parts."""
    assert split(WHOLE, [2500]) == [2500, 7500]
    assert isinstance(part("P", "party", WHOLE), Part)
