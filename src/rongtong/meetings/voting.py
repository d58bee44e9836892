"""The arithmetic of votes (DOMAIN 2.5): is attendance enough, did it pass, who is elected. Whole numbers and fractions only, no database.

Every answer keeps what was compared with what, so that a page can say the sentence and a later rule row changes nothing.

    >>> row = Numbers.of({"attendance_min": 0.8, "attendance_strict": False, "pass_min": 0.5, "pass_strict": True, "pass_of": "should"})
    >>> attendance_valid(20, 16, row).holds, attendance_valid(20, 15, row).needed
    (True, 16)
    >>> tally(row, Turnout(should=20, present=16), votes_for=11).is_passed
    True
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

LARGEST_DENOMINATOR = 12
ROUNDED_FROM = 3  # decimals: 0.75 is three quarters, 0.667 is two thirds written shortly
SHOULD, MEMBERS, PRESENT = "should", "members", "present"


class BadCounts(ValueError):
    """Counts that cannot be those of one vote; `field` names the wrong one, `code` what is wrong with it."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{field}: {code}")
        self.code, self.field = code, field


def share_of(number: float) -> Fraction:
    """The fraction that a row's number means.

    Two thirds have no finite decimals: a row says 0.6667 (or 0.667, 0.6666). Taken literally, 2 of 3 present would be too few. So a
    number written with three or more decimals means the fraction with a denominator of at most 12 that lies less than one unit of its
    last decimal away; every other number means exactly what is written.

    >>> share_of(0.6667), share_of(0.8), share_of(0.3334), share_of(0.67)
    (Fraction(2, 3), Fraction(4, 5), Fraction(1, 3), Fraction(67, 100))
    """
    written = Decimal(repr(float(number)))
    exact = Fraction(written)
    decimals = max(-int(written.as_tuple().exponent), 0)
    near = exact.limit_denominator(LARGEST_DENOMINATOR)
    is_near = decimals >= ROUNDED_FROM and abs(near - exact) < Fraction(1, 10**decimals)
    return near if is_near else exact


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a rule row says: the share that must be present, and the share of which crowd that must be in favour."""

    attendance: Fraction
    is_attendance_strict: bool
    passing: Fraction | None = None  # a meeting that only needs attendance has none
    is_pass_strict: bool = True
    pass_of: str = SHOULD
    counts_written: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Numbers":
        """Read a row's arguments; BadCounts where it lacks the share that must be present or names an unknown crowd."""
        if not _is_share(arguments.get("attendance_min")):
            raise BadCounts("row", "attendance_min")
        pass_min, pass_of = arguments.get("pass_min"), arguments.get("pass_of", SHOULD)
        if (pass_min is not None and not _is_share(pass_min)) or pass_of not in {SHOULD, MEMBERS, PRESENT}:
            raise BadCounts("row", "pass_min")
        return cls(
            share_of(arguments["attendance_min"]), bool(arguments.get("attendance_strict", False)),
            None if pass_min is None else share_of(pass_min), bool(arguments.get("pass_strict", True)), pass_of,
            bool(arguments.get("written_vote_counts", False)),
        )  # fmt: skip


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number against the share of a crowd. `needed` is the smallest number that would do."""

    have: int
    base: int
    share: Fraction
    is_strict: bool

    @property
    def needed(self) -> int:
        bound = self.base * self.share
        return max(floor(bound) + 1 if self.is_strict else ceil(bound), 1)

    @property
    def holds(self) -> bool:
        return self.base > 0 and self.have >= self.needed

    def as_json(self) -> dict[str, Any]:
        return {"have": self.have, "base": self.base, "share": str(self.share), "is_strict": self.is_strict}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Comparison":
        return cls(int(data["have"]), int(data["base"]), Fraction(data["share"]), bool(data["is_strict"]))


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who should attend with the right to vote, who came, and prior written opinions in favour. `members`: of the body, if more."""

    should: int
    present: int
    written: int = 0
    members: int | None = None

    def check(self) -> None:
        """BadCounts where more came than should, or the written opinions are more than the absent."""
        if self.should < 0 or self.present < 0 or self.present > self.should:
            raise BadCounts("present_above_should", "present")
        if self.written < 0 or self.written > self.should - self.present:
            raise BadCounts("written_above_absent", "written")
        if self.members is not None and self.members < self.should:
            raise BadCounts("should_above_members", "should")

    def crowd(self, pass_of: str) -> int:
        """The crowd whose share decides."""
        if pass_of == PRESENT:
            return self.present
        return self.members if pass_of == MEMBERS and self.members is not None else self.should


@dataclass(frozen=True, slots=True)
class Ballots:
    """What the tellers counted of the papers."""

    issued: int
    returned: int
    valid: int

    def check(self, present: int) -> None:
        """More papers back than were given out make the ballot void: BadCounts, to be held again."""
        for name, count, limit in (
            ("issued", self.issued, present),
            ("returned", self.returned, self.issued),
            ("valid", self.valid, self.returned),
        ):
            if not 0 <= count <= limit:
                raise BadCounts(f"{name}_too_many", name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the vote was valid and whether it passed; None where it was not valid: an invalid vote has not failed."""

    attendance: Comparison
    passing: Comparison | None

    @property
    def is_valid(self) -> bool:
        return self.attendance.holds

    @property
    def is_passed(self) -> bool | None:
        return self.passing.holds if self.is_valid and self.passing is not None else None


def attendance_valid(should: int, present: int, numbers: Numbers) -> Comparison:
    """Attendance against the row; nobody who should attend makes nothing valid."""
    Turnout(should, present).check()
    return Comparison(present, should, numbers.attendance, numbers.is_attendance_strict)


def tally(numbers: Numbers, turnout: Turnout, votes_for: int) -> Outcome:
    """Attendance and votes in favour against the row. Written opinions count where the row says so, and never as attendance."""
    turnout.check()
    if not 0 <= votes_for <= turnout.present:
        raise BadCounts("votes_above_present", "votes_for")
    attendance = attendance_valid(turnout.should, turnout.present, numbers)
    return Outcome(attendance, _passing(numbers, turnout, votes_for))


def _passing(numbers: Numbers, turnout: Turnout, votes_for: int) -> Comparison | None:
    if numbers.passing is None:
        return None
    have = votes_for + (turnout.written if numbers.counts_written else 0)
    return Comparison(have, turnout.crowd(numbers.pass_of), numbers.passing, numbers.is_pass_strict)


@dataclass(frozen=True, slots=True)
class Count:
    """What a candidate got; `key` is the caller's own name for the candidate."""

    key: int
    votes_for: int
    against: int = 0
    abstained: int = 0


@dataclass(frozen=True, slots=True)
class Elected:
    """The result of an election. `tied` share the last seat, so that none of them has it; `open_seats` need a second ballot."""

    attendance: Comparison
    passing: tuple[tuple[int, Comparison], ...]  # candidate and comparison, most votes first
    elected: tuple[int, ...]
    tied: tuple[int, ...]
    open_seats: int

    @property
    def is_valid(self) -> bool:
        return self.attendance.holds


def elect(numbers: Numbers, turnout: Turnout, ballots: Ballots, counts: Sequence[Count], seats: int) -> Elected:
    """Who is elected: a majority as the row asks, then the most votes; equal votes at the last seat elect none of the equal."""
    turnout.check()
    ballots.check(turnout.present)
    _check_counts(ballots, counts, seats)
    attendance = attendance_valid(turnout.should, turnout.present, numbers)
    ranked = sorted(counts, key=lambda count: (-count.votes_for, count.key))
    passing = tuple((count.key, comparison) for count in ranked if (comparison := _passing(numbers, turnout, count.votes_for)))
    if not attendance.holds:
        return Elected(attendance, passing, (), (), seats)
    enough = [count for count in ranked if (comparison := _passing(numbers, turnout, count.votes_for)) and comparison.holds]
    elected, tied = _seated(enough, seats)
    return Elected(attendance, passing, elected, tied, seats - len(elected))


def _seated(enough: Sequence[Count], seats: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The keys that have a seat, and those equal at the last one."""
    if len(enough) <= seats:
        return tuple(count.key for count in enough), ()
    last = enough[seats - 1].votes_for
    if enough[seats].votes_for < last:
        return tuple(count.key for count in enough[:seats]), ()
    above = tuple(count.key for count in enough if count.votes_for > last)
    return above, tuple(count.key for count in enough if count.votes_for == last)


def _check_counts(ballots: Ballots, counts: Sequence[Count], seats: int) -> None:
    if seats < 1:
        raise BadCounts("no_seats", "seats")
    for count in counts:
        parts = (count.votes_for, count.against, count.abstained)
        if min(parts) < 0 or sum(parts) > ballots.valid:
            raise BadCounts("votes_above_ballots", f"candidate_{count.key}")
    if sum(count.votes_for for count in counts) > ballots.valid * seats:
        raise BadCounts("choices_above_seats", "candidates")


def candidates_needed(seats: int, surplus: float) -> int:
    """How many candidates an election with a surplus needs (差额).

    >>> candidates_needed(5, 0.2), candidates_needed(3, 0.2), candidates_needed(1, 0.0)
    (6, 4, 1)
    """
    return seats + ceil(seats * share_of(surplus))
