"""The arithmetic of votes: the worked example of the regulation tables, every crowd up to 200, and what can never happen."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.meetings import voting
from rongtong.meetings.voting import BadCounts, Ballots, Comparison, Count, Numbers, Turnout, attendance_valid, elect, share_of, tally


def row(attendance: float, strict: bool, pass_of: str = "should", written: bool = False) -> Numbers:
    return Numbers.of(
        {"attendance_min": attendance, "attendance_strict": strict, "pass_min": 0.5, "pass_strict": True, "pass_of": pass_of,
         "written_vote_counts": written}
    )  # fmt: skip


ORDINARY, ADMISSION = row(0.5, False), row(0.5, True, written=True)
ELECTION_2020, ELECTION_1990 = row(0.8, False), row(0.8, True, "present")
TWO_THIRDS = row(0.6667, False, "members")


def test_the_worked_example() -> None:
    """21 formal, 1 probationary, 1 excluded: 20 should attend."""
    assert attendance_valid(20, 10, ORDINARY).holds
    assert not attendance_valid(20, 9, ORDINARY).holds
    assert tally(ORDINARY, Turnout(20, 20), 11).is_passed is True
    assert tally(ORDINARY, Turnout(20, 20), 10).is_passed is False
    assert attendance_valid(20, 16, ELECTION_2020).holds
    assert not attendance_valid(20, 15, ELECTION_2020).holds
    assert tally(ELECTION_2020, Turnout(20, 16), 11).is_passed is True
    assert tally(ELECTION_2020, Turnout(20, 16), 10).is_passed is False
    assert attendance_valid(20, 17, ELECTION_1990).holds
    assert not attendance_valid(20, 16, ELECTION_1990).holds
    assert tally(ELECTION_1990, Turnout(20, 17), 9).is_passed is True
    assert tally(ELECTION_1990, Turnout(20, 17), 8).is_passed is False


@pytest.mark.parametrize("base", range(1, 201))
def test_bounds_are_exact_for_every_crowd(base: int) -> None:
    """Whole-number arithmetic says the same as the rows, with no float between."""
    for present in range(base + 1):
        assert attendance_valid(base, present, TWO_THIRDS).holds == (3 * present >= 2 * base)
        assert attendance_valid(base, present, ELECTION_2020).holds == (5 * present >= 4 * base)
        assert attendance_valid(base, present, ELECTION_1990).holds == (5 * present > 4 * base)
        assert attendance_valid(base, present, ORDINARY).holds == (2 * present >= base and present > 0)
        assert attendance_valid(base, present, ADMISSION).holds == (2 * present > base)


@pytest.mark.parametrize(
    ("number", "share"),
    [(0.6667, "2/3"), (0.667, "2/3"), (0.6666, "2/3"), (2 / 3, "2/3"), (0.3334, "1/3"), (0.3333, "1/3"), (0.8, "4/5"), (0.5, "1/2"),
     (0.75, "3/4"), (0.67, "67/100"), (0.85, "17/20"), (0.751, "751/1000"), (1.0, "1"), (0.0, "0"), (0.0834, "1/12")],
)  # fmt: skip
def test_what_a_written_number_means(number: float, share: str) -> None:
    assert share_of(number) == Fraction(share)


def test_two_of_three_are_two_thirds() -> None:
    """Planted once: with the float itself, 2 of 3 present was refused (2 < 2.0001)."""
    assert attendance_valid(3, 2, TWO_THIRDS).holds
    assert not 2 >= 3 * 0.6667


def test_nobody_is_never_enough() -> None:
    assert not attendance_valid(0, 0, ORDINARY).holds
    assert tally(ORDINARY, Turnout(0, 0), 0).is_passed is None


def test_an_invalid_vote_has_not_failed() -> None:
    found = tally(ELECTION_2020, Turnout(20, 15), 15)
    assert (found.is_valid, found.is_passed) == (False, None)
    assert found.attendance.needed == 16


def test_written_opinions_count_only_where_the_row_says_so() -> None:
    assert tally(ADMISSION, Turnout(20, 11, written=2), 9).is_passed is True
    assert tally(ORDINARY, Turnout(20, 11, written=2), 9).is_passed is False
    assert not tally(ADMISSION, Turnout(20, 10, written=5), 10).is_valid  # they never count as having come


def test_members_of_the_body_may_be_more_than_those_who_should_attend() -> None:
    found = tally(TWO_THIRDS, Turnout(should=6, present=5, members=9), 4)
    assert (found.is_valid, found.is_passed) == (True, False)
    assert found.passing == Comparison(4, 9, Fraction(1, 2), True)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: attendance_valid(5, 6, ORDINARY), "present_above_should"),
        (lambda: tally(ADMISSION, Turnout(5, 4, written=2), 1), "written_above_absent"),
        (lambda: tally(ORDINARY, Turnout(5, 4), 5), "votes_above_present"),
        (lambda: tally(ORDINARY, Turnout(5, 4), -1), "votes_above_present"),
        (lambda: Ballots(5, 4, 4).check(4), "issued_too_many"),
        (lambda: Ballots(4, 5, 4).check(4), "returned_too_many"),
        (lambda: Ballots(4, 4, 5).check(4), "valid_too_many"),
        (lambda: tally(ORDINARY, Turnout(5, 4, members=4), 4), "should_above_members"),
        (lambda: elect(ELECTION_2020, Turnout(5, 5), Ballots(5, 5, 5), [Count(1, 6)], 1), "votes_above_ballots"),
        (lambda: elect(ELECTION_2020, Turnout(5, 5), Ballots(5, 5, 5), [Count(1, 5), Count(2, 1)], 1), "choices_above_seats"),
        (lambda: elect(ELECTION_2020, Turnout(5, 5), Ballots(5, 5, 5), [Count(1, 5)], 0), "no_seats"),
        (lambda: Numbers.of({}), "row"),
        (lambda: Numbers.of({"attendance_min": True}), "row"),
        (lambda: Numbers.of({"attendance_min": 0.5, "pass_min": 0.5, "pass_of": "everyone"}), "row"),
        (lambda: Numbers.of({"attendance_min": 1.5}), "row"),
    ],
)
def test_impossible_counts_are_refused(make: Any, code: str) -> None:
    with pytest.raises(BadCounts) as refused:
        make()
    assert refused.value.code == code


def run(votes: list[int], seats: int, numbers: Numbers = ELECTION_2020, should: int = 20, present: int = 20) -> voting.Elected:
    counts = [Count(at, got) for at, got in enumerate(votes, start=1)]
    return elect(numbers, Turnout(should, present), Ballots(present, present, present), counts, seats)


def test_the_most_votes_take_the_seats() -> None:
    found = run([12, 15, 11, 14], 3)
    assert (found.elected, found.tied, found.open_seats) == ((2, 4, 1), (), 0)


def test_equal_votes_at_the_last_seat_elect_none_of_the_equal() -> None:
    """Planted once: sorting by key alone gave the seat to the first name on the ballot."""
    found = run([15, 12, 12, 1], 2)
    assert (found.elected, found.tied, found.open_seats) == ((1,), (2, 3), 1)
    assert run([12, 12, 12], 2).elected == ()


def test_equal_votes_inside_the_seats_do_not_matter() -> None:
    assert run([12, 12, 11], 2).elected == (1, 2)


def test_without_a_majority_a_seat_stays_open() -> None:
    found = run([12, 10, 9], 2)
    assert (found.elected, found.open_seats) == ((1,), 1)


def test_in_1990_the_present_decided() -> None:
    assert run([9, 8], 1, ELECTION_1990, 20, 17).elected == (1,)
    assert run([9, 8], 1, ELECTION_2020, 20, 17).elected == ()
    assert not run([9, 7], 1, ELECTION_1990, 20, 16).is_valid


def test_an_invalid_election_elects_nobody() -> None:
    found = run([15, 0], 1, present=15)
    assert (found.is_valid, found.elected, found.open_seats) == (False, (), 1)


crowds = st.integers(1, 400).flatmap(lambda should: st.tuples(st.just(should), st.integers(0, should)))
rows = st.sampled_from([ORDINARY, ADMISSION, ELECTION_2020, ELECTION_1990, TWO_THIRDS])


@given(crowds, rows, st.data())
def test_one_more_vote_never_hurts_and_needed_is_the_bound(crowd: tuple[int, int], numbers: Numbers, data: st.DataObject) -> None:
    should, present = crowd
    votes = data.draw(st.integers(0, present))
    found = tally(numbers, Turnout(should, present), votes)
    assert found.attendance.holds == (present >= found.attendance.needed)
    assert found.passing is not None
    assert found.passing.holds == (votes >= found.passing.needed and found.passing.base > 0)
    if votes < present and found.is_passed:
        assert tally(numbers, Turnout(should, present), votes + 1).is_passed
    if present < should and found.is_valid:
        assert tally(numbers, Turnout(should, present + 1), votes).is_valid


@given(st.integers(1, 60), st.integers(1, 6), st.data())
def test_nobody_without_majority_is_elected_and_seats_add_up(present: int, seats: int, data: st.DataObject) -> None:
    votes = data.draw(st.lists(st.integers(0, present), min_size=1, max_size=9))
    counts = [Count(at, got) for at, got in enumerate(votes)]
    if sum(votes) > present * seats:
        with pytest.raises(BadCounts):
            elect(ELECTION_2020, Turnout(present, present), Ballots(present, present, present), counts, seats)
        return
    found = elect(ELECTION_2020, Turnout(present, present), Ballots(present, present, present), counts, seats)
    assert len(found.elected) + found.open_seats == seats
    assert all(2 * votes[key] > present for key in found.elected)
    assert len({votes[key] for key in found.tied}) <= 1
    assert len(found.tied) != 1
    assert not set(found.tied) & set(found.elected)
    out = [got for at, got in enumerate(votes) if at not in found.elected]
    assert all(votes[key] > got or 2 * got <= present for key in found.elected for got in out)


@given(st.integers(0, 400), st.integers(0, 400), st.fractions(0, 1, max_denominator=100), st.booleans())
def test_a_comparison_survives_its_storage(have: int, base: int, share: Fraction, strict: bool) -> None:
    found = Comparison(have, base, share, strict)
    assert Comparison.of(found.as_json()) == found


@pytest.mark.parametrize(("seats", "needed"), [(1, 2), (3, 4), (5, 6), (6, 8), (7, 9), (10, 12), (11, 14)])
def test_candidates_above_seats(seats: int, needed: int) -> None:
    assert voting.candidates_needed(seats, 0.2) == needed
