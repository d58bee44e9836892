"""Fill against fit, both sides, careers and dual-skilled secretaries: unknown is never unfit, and what is counted is what is on record."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.town import OPENED, account, fresh, post
from tests.unit.people.conftest import LI_ASKED, Folk

from rongtong.kernel.reference import Reference
from rongtong.organization.models import Appointment, Person, PostKind
from rongtong.people import actions, collectors, figures
from rongtong.people.actions import NewRating
from rongtong.people.figures import Share, Tally
from rongtong.people.fitting import State, fit
from rongtong.people.frames import Levels
from rongtong.rules.models import RuleRow

TODAY = date(2026, 11, 23)


def test_unknown_is_kept_apart(folk: Folk) -> None:
    """Four posts of the town filled; one shown to fit, one shown not to, two not assessed."""
    town = folk.town
    before = figures.fill_and_fit(folk.nodes(), TODAY)
    assert (before.posts, before.filled, before.assessed, before.fitted, before.unknown) == (4, 4, 0, 0, 4)
    assert (before.value, before.low, before.high, before.reason) == (None, None, None, "not_assessed")
    folk.make_fit(town.li, LI_ASKED)
    row = actions.add_evidence(by=fresh(town.office), person=folk.person(town.chen), competence="BU1", record=folk.appointment(town.chen))
    actions.rate(by=fresh(town.office), person=folk.person(town.chen), new=NewRating("BU1", 1, [row]))
    found = figures.fill_and_fit(folk.nodes(), TODAY)
    assert (found.posts, found.filled, found.assessed, found.fitted, found.unknown) == (4, 4, 2, 1, 2)
    assert (found.value, found.low, found.high, found.n, found.reason) == (0.5, 0.25, 0.75, 2, "")
    by_kind = {kind: (one.posts, one.fitted, one.unfit, one.unknown) for kind, one in found.by_kind.items()}
    assert by_kind == {"secretary": (1, 0, 0, 1), "deputy": (1, 1, 0, 0), "head": (2, 0, 1, 1)}


def test_a_self_rating_or_a_claim_makes_nobody_fit(folk: Folk) -> None:
    li = folk.person(folk.town.li)
    for code, level in LI_ASKED.items():
        if code.startswith("PA"):
            actions.rate_self(by=fresh(folk.town.li), person=li, new=NewRating(code, level, [folk.evidence(folk.town.li, code)]))
        actions.rate(by=fresh(folk.town.zhou), person=li, new=NewRating(code, level, is_claim=True))
    assert figures.fill_and_fit([folk.town.branch.pk], TODAY).by_kind["deputy"] == Tally(1, 1, 0, 0, 1)


def test_an_expired_certificate_makes_unknown_not_unfit(folk: Folk) -> None:
    folk.make_fit(folk.town.li, {code: level for code, level in LI_ASKED.items() if code != "BU1"})
    paper = folk.certified(folk.town.li, ["BU1"], date(2026, 12, 1), issued_on=date(2025, 2, 2))
    folk.evidence(folk.town.li, "BU1", Reference("certificate", str(paper.pk)))
    folk.rate(folk.town.li, "BU1", 1)
    assert figures.fill_and_fit([folk.town.branch.pk], TODAY).by_kind["deputy"].fitted == 1
    then = figures.fill_and_fit([folk.town.branch.pk], date(2026, 12, 1)).by_kind["deputy"]
    assert (then.fitted, then.unfit, then.unknown) == (0, 0, 1)


def test_vacant_posts_and_posts_without_requirement(folk: Folk) -> None:
    Appointment.objects.filter(post=folk.town.deputy).update(ends_on=TODAY)
    found = figures.fill_and_fit([folk.town.branch.pk], TODAY)
    assert (found.posts, found.filled, found.by_kind["deputy"].reason) == (2, 1, "vacant")
    assert figures.fill_and_fit([], TODAY).reason == "no_post"
    from rongtong.people.models import Requirement

    Requirement.objects.filter(post_kind="secretary").delete()
    assert figures.fill_and_fit([folk.town.branch.pk], TODAY).by_kind["secretary"].unknown == 1


def test_an_acting_holder_beside_a_formal_one_is_not_a_second_post(folk: Folk) -> None:
    acting = Person.objects.get(account=folk.town.wang)
    Appointment.objects.create(person=acting, post=folk.town.deputy, kind="acting", starts_on=OPENED)
    found = figures.fill_and_fit([folk.town.branch.pk], TODAY)
    assert (found.posts, found.filled) == (2, 2)
    folk.make_fit(folk.town.li, LI_ASKED)
    assert figures.fill_and_fit([folk.town.branch.pk], TODAY).by_kind["deputy"].fitted == 1


@given(st.lists(st.sampled_from([*State, None]), max_size=40))
def test_bounds_hold_whatever_the_unknown_are(states: list[State | None]) -> None:
    """However the unknown ones turn out, the share lies between the bounds; and no post is lost."""
    tally = Tally()
    for state in states:
        tally = tally.plus(state)
    assert tally.posts == len(states)
    assert tally.filled == tally.assessed + tally.unknown
    if tally.value is not None:
        assert tally.low is not None
        assert tally.high is not None
        for extra in range(tally.unknown + 1):
            assert tally.low <= (tally.fitted + extra) / tally.filled <= tally.high
        assert tally.low <= tally.value <= tally.high


@given(st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 4), min_size=1), st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 4)))
def test_more_proof_never_turns_known_into_unknown(asked: dict[str, int], proven: dict[str, int]) -> None:
    """Fit needs every level; one lower level alone is enough for unfit; taking proof away only makes unknown."""
    state = fit(Levels(asked), proven).state
    assert (state is State.FIT) == all(proven.get(code, 0) >= level for code, level in asked.items())
    assert (state is State.UNFIT) == any(code in proven and proven[code] < level for code, level in asked.items())
    assert fit(Levels(asked), {}).state is State.UNKNOWN


def test_a_share_without_known_ones_is_none() -> None:
    assert (Share(0, 0, 5).value, Share(0, 0, 5).low, Share(0, 0, 5).high) == (None, None, None)


# both sides


def test_the_map_counts_only_who_is_known_on_both_sides(folk: Folk) -> None:
    frame = folk.frame.frame
    found = figures.competence_map(folk.nodes(), TODAY, frame)
    assert (found.placed, len(found.unknown)) == (0, 3)
    folk.make_fit(folk.town.li, {code: 3 for code in frame.codes} | {"PA3": 2, "BU4": 1})
    found = figures.competence_map(folk.nodes(), TODAY, frame)
    assert found.cells == {(2, 1): frozenset({folk.person(folk.town.li).pk})}
    assert len(found.unknown) == 2


# careers


def serve(user: Any, seat: Any, since: date, until: date | None = None) -> None:
    Appointment.objects.create(person=Person.objects.get(account=user), post=seat, starts_on=since, ends_on=until)


def test_career_flow_counts_new_leaders_and_moves(folk: Folk) -> None:
    """Three new heads: one was secretary, one only staff, one has no history; older ones are outside the window."""
    town = folk.town
    heads = [post(f"H{n}", f"主任{n}", town.shop, "head") for n in range(5, 9)]
    seat = post("S9", "书记", town.branch, "secretary")
    came, grew, fell = account("came"), account("grew"), account("fell")
    serve(came, seat, date(2021, 1, 1), date(2025, 6, 1))
    serve(came, heads[0], date(2025, 6, 1))
    serve(grew, post("W9", "职工", town.shop, "staff"), date(2021, 1, 1), date(2024, 5, 1))
    serve(grew, heads[1], date(2024, 5, 1))
    serve(fell, heads[2], date(2026, 1, 1))
    found = figures.career_flow(folk.nodes(), TODAY)
    assert (found.promoted, found.served, found.as_secretary, found.unknown) == (3, 1, 1, 1)
    assert (found.value, found.low, found.high, found.n, found.years) == (0.5, 1 / 3, 2 / 3, 2, 3.0)
    assert (found.to_business, found.to_party, found.both) == (1, 0, 0)
    serve(grew, seat, date(2026, 3, 1))
    assert figures.career_flow(folk.nodes(), TODAY).both == 1
    assert figures.career_flow([town.other.pk], TODAY).reason == "nobody_promoted"
    RuleRow.objects.filter(code="ABILITY").delete()
    assert figures.career_flow(folk.nodes(), TODAY).reason == "no_rule"


# dual-skilled secretaries


def test_dual_skilled_needs_years_and_training(folk: Folk) -> None:
    town = folk.town
    before = figures.dual_competent(folk.nodes(), TODAY)
    assert (before.secretaries, before.dual, before.unknown) == (1, 0, 0)  # zhou: head since 2020, no course
    folk.held(town.zhou, competences=["BU1"])
    assert figures.dual_competent(folk.nodes(), TODAY).dual == 0  # no training in Party work
    folk.held(town.zhou)
    found = figures.dual_competent(folk.nodes(), TODAY)
    assert (found.dual, found.value) == (1, 1.0)
    assert figures.dual_competent(folk.nodes(), date(2026, 11, 3)).dual == 0  # the course was not over
    RuleRow.objects.filter(code="ABILITY").update(arguments={"business_years": 10, "flow_years": 3, "evidence_months": 12})
    assert figures.dual_competent(folk.nodes(), TODAY).dual == 0
    RuleRow.objects.filter(code="ABILITY").delete()
    assert figures.dual_competent(folk.nodes(), TODAY).reason == "no_rule"


def test_a_secretary_without_history_is_unknown(folk: Folk) -> None:
    serve(account("late"), post("S9", "书记", folk.town.branch, "secretary"), date(2025, 1, 1))
    found = figures.dual_competent(folk.nodes(), TODAY)
    assert (found.secretaries, found.unknown, found.value, found.low, found.high) == (2, 1, 0.0, 0.0, 0.5)


def test_p62_is_silent_before_the_first_course(folk: Folk) -> None:
    nodes = folk.nodes()
    assert list(collectors.dual_skilled(202611, nodes)) == []
    folk.held(folk.town.zhou)
    assert list(collectors.dual_skilled(202611, nodes)) == [(folk.town.branch.pk, 1.0, 1.0)]
    assert list(collectors.dual_skilled(202610, nodes)) == []


def test_each_figure_costs_at_most_three_statements(folk: Folk, django_assert_max_num_queries: Any) -> None:
    nodes = folk.nodes()
    folk.held(folk.town.zhou)
    for figure in (figures.fill_and_fit, figures.career_flow, figures.dual_competent):
        with django_assert_max_num_queries(3):
            figure(nodes, TODAY)
    with django_assert_max_num_queries(3):
        figures.competence_map(nodes, TODAY, folk.frame.frame)


def test_every_kind_of_post_is_asked_or_staff(folk: Folk) -> None:
    from rongtong.people.models import Requirement

    assert {row.post_kind for row in Requirement.objects.all()} == set(PostKind.values) - {"staff"}


@pytest.mark.parametrize("day", [date(2019, 1, 1), date(2031, 1, 1)])
def test_a_day_without_records_is_not_enough_data(folk: Folk, day: date) -> None:
    found = figures.fill_and_fit(folk.nodes(), day)
    assert (found.value, found.fitted) == (None, 0)
