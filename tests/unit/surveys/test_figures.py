"""Estimates by hand, figures of released waves for other packages, P51; None below k and nothing before a release."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.town import OPENED, TODAY, node
from tests.unit.surveys.conftest import Crowd, sheet

from rongtong.indicators.collectors import counted, entries_of
from rongtong.kernel import clock
from rongtong.organization.models import Appointment, Post
from rongtong.surveys import collectors, figures, queries
from rongtong.surveys.content import Scores, measured
from rongtong.surveys.estimates import Sums, hedges_g, mean_of, paired_g, share_of
from rongtong.surveys.models import Wave

ONE, OTHER = [1.0, 2.0, 2.0, 3.0, 5.0, 4.0], [3.0, 4.0, 4.0, 5.0, 5.0]


def test_a_mean_and_its_interval_are_those_of_scipy() -> None:
    found = mean_of(Sums.of(ONE))
    expected = stats.t.interval(0.95, len(ONE) - 1, loc=np.mean(ONE), scale=stats.sem(ONE))
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(ONE), *expected), abs=1e-12)
    assert mean_of(Sums.of([5.0, 5.0, 5.0, 1.0, 5.0]), bounds=(1.0, 5.0)).high == 5.0
    assert Sums.of(ONE) + Sums.of(OTHER) == Sums.of([*ONE, *OTHER])


def test_hedges_g_by_hand() -> None:
    found = hedges_g(Sums.of(ONE), Sums.of(OTHER))
    pooled = np.sqrt((5 * np.var(ONE, ddof=1) + 4 * np.var(OTHER, ddof=1)) / 9)
    expected = (1 - 3 / (4 * 9 - 1)) * (np.mean(ONE) - np.mean(OTHER)) / pooled
    assert found is not None and found.g == pytest.approx(expected, abs=1e-12)
    assert found.low < found.g < found.high and found.size == "large"
    assert hedges_g(Sums.of([3.0] * 5), Sums.of([3.0] * 5)) is None and paired_g(Sums.of([1.0] * 5)) is None


def test_wilsons_interval_of_none_is_not_zero_wide() -> None:
    found = share_of(Sums(10, 0.0, 0.0))
    assert (found.value, found.low) == (0.0, 0.0) and found.high == pytest.approx(0.2775, abs=1e-4)


def test_measures_of_a_sheet(crowd: Crowd) -> None:
    given: dict[str, Any] = {code: float(text) if text.isdigit() else text for code, text in sheet(crowd.questions).items()}
    given |= {"hard_delivery": 5.0, "hard_safety": 4.0, "hard_quality": 3.0, "hard_life": 1.0, "hard_members": 2.0, "hard_people": 3.0}
    found = measured(crowd.questions, Scores.read(given))
    assert (found["~hardness.business"], found["~hardness.party"], found["~hardness.gap"]) == (4.0, 2.0, 2.0)
    assert (found["~importance.gap"], found["~satisfaction"], found["expected"]) == (0.0, 30.0, 30.0)
    assert (found["wish:content"], found["wish:time"]) == (1.0, 0.0)


def test_figures_for_other_packages(crowd: Crowd, django_assert_max_num_queries: Any) -> None:
    nodes = [node.pk for node in (crowd.town.group, *crowd.shops)]
    assert figures.cognition(nodes, TODAY).reason and figures.expected_share(nodes, TODAY) is None
    wave = crowd.launched()
    crowd.all_answer(wave)
    crowd.closed(wave)
    assert figures.expected_share(nodes, TODAY) is None  # closed is not released
    crowd_released(crowd, wave)
    with django_assert_max_num_queries(3):
        share = figures.expected_share(nodes, TODAY)
    assert share is not None and share.n == 200 and 0.25 < share.low < share.value < share.high < 0.35
    with django_assert_max_num_queries(3):
        found = figures.cognition(nodes, TODAY)
    assert found.hardness.gap is not None and found.hardness.effect is not None and found.hardness.business is not None
    assert 1.2 < found.hardness.gap.value < 1.8 and found.hardness.effect.size == "large" and found.hardness.gap.n == 200
    assert [group.role for group in found.groups] == ["leaders", "members", "staff"]
    leaders = found.groups[0]
    assert leaders.hardness is not None and leaders.hardness.value < found.hardness.gap.value
    assert leaders.against_others is not None and leaders.against_others.g < 0 and found.between is not None
    assert "leaders" in found.between_labels
    assert figures.expected_share(nodes, date(2026, 11, 22)) is None  # not yet released on that day


def crowd_released(crowd: Crowd, wave: Wave) -> None:
    from tests.town import fresh

    from rongtong.surveys import actions

    actions.release(by=fresh(crowd.town.office), wave=wave)


def test_figures_of_one_unit_are_over_its_own_cells_only(crowd: Crowd) -> None:
    wave = crowd.launched()
    for person in crowd.people:
        crowd.answer(wave, person, sheet(crowd.questions, 5 if person.code[1] == "0" else 2))
    crowd.released(wave)
    shop = figures.answer_mean("imp_safety", [crowd.shops[0].pk], TODAY)
    assert shop is not None and (shop.value, shop.n) == (5.0, 33)  # its leaders are counted with those of all workshops
    means = figures.answer_means(["P51", "imp_safety", "nonsense"], [node.pk for node in (crowd.town.group, *crowd.shops)], TODAY)
    assert means["imp_safety", crowd.shops[1].pk].value == 2.0 and means["P51", crowd.shops[0].pk].value == 50.0
    assert means["P51", crowd.town.group.pk].n == 200 and ("nonsense", crowd.town.group.pk) not in means
    assert figures.answer_mean("imp_safety", [crowd.town.branch.pk], TODAY) is None
    option = figures.answer_mean("wish:content", [crowd.town.group.pk], TODAY)
    assert option is not None and option.value == 1.0
    assert {"P51", "imp_safety", "~hardness.party"} <= figures.question_codes() and "word" not in figures.question_codes()


def test_a_unit_below_k_has_no_figure(crowd: Crowd) -> None:
    few = [person for person in crowd.people if person.code[1] == "3"][4:]
    Appointment.objects.filter(person__in=few).update(ends_on=TODAY)
    wave = crowd.launched()
    crowd.all_answer(wave, [person for person in crowd.people if person not in few])
    crowd.released(wave)
    assert figures.answer_mean("imp_safety", [crowd.shops[3].pk], TODAY) is None
    assert figures.cognition([crowd.shops[3].pk], TODAY).reason != ""


def test_p51_is_collected_in_the_month_in_which_a_wave_closed(crowd: Crowd) -> None:
    wave = crowd.launched()
    for person in crowd.people:
        crowd.answer(wave, person, sheet(crowd.questions, 4 if person.code[1] == "0" else 3))
    nodes = [crowd.town.group.pk, crowd.town.branch.pk, *(shop.pk for shop in crowd.shops)]
    assert list(collectors.satisfaction(202611, nodes)) == []
    crowd.released(wave)
    found = {node: over / under for node, over, under in collectors.satisfaction(202611, nodes)}
    assert found[crowd.shops[0].pk] == 40.0 and found[crowd.shops[1].pk] == 30.0
    assert found[crowd.town.branch.pk] == 40.0  # the branch that is the workshop's own
    assert 30.0 < found[crowd.town.group.pk] < 35.0
    assert list(collectors.satisfaction(202610, nodes)) == [] and list(collectors.satisfaction(202611, [])) == []
    assert entries_of("P51", 1, 202611, nodes) and counted("P51", 202611, crowd.town.group.pk) is not None


def test_a_unit_stands_for_everything_below_it(crowd: Crowd) -> None:
    shop = crowd.shops[5]
    teams = [node("B", f"{shop.path[1:]}0000{at}", f"T{at}", f"{at}班", shop) for at in (1, 2)]
    for at, team in enumerate(teams):
        Post.objects.filter(code__in=[f"XS5-{number}" for number in range(9 * at, 9 * at + 9)]).update(node=team)
    wave = crowd.launched(depth=2)
    for person in crowd.people:
        value = 5 if person.code in {f"S5-{number}" for number in range(9)} else 1
        crowd.answer(wave, person, sheet(crowd.questions, value))
    crowd.released(wave)
    shown = {union.label: union for union in queries.unions(wave)}
    assert "6车间" not in shown  # its two leaders are counted with those of the other workshops
    assert shown["1班 · other employees"].answered == 9
    whole, team = (figures.answer_mean("imp_safety", [one.pk for one in nodes], TODAY) for nodes in ([shop, *teams], teams[:1]))
    assert whole is not None and (whole.n, whole.value) == (31, (9 * 5 + 22) / 31)
    assert team is not None and (team.n, team.value) == (9, 5.0)
    found = {at: (total, count) for at, total, count in collectors.satisfaction(202611, [shop.pk, teams[0].pk, teams[1].pk])}
    assert found == {shop.pk: (670.0, 31.0), teams[0].pk: (450.0, 9.0), teams[1].pk: (90.0, 9.0)}
    assert figures.answer_means(["imp_safety"], [shop.pk], TODAY)["imp_safety", shop.pk].n == 31


def test_a_unit_with_leaders_enough_is_shown_whole(crowd: Crowd) -> None:
    Post.objects.filter(code__in=[f"XS5-{number}" for number in range(4)]).update(kind="deputy_head")
    wave = crowd.launched()
    crowd.all_answer(wave)
    crowd.released(wave)
    shown = {union.label: union for union in queries.unions(wave)}
    assert (shown["6车间"].kind, shown["6车间"].answered) == ("group", 33)
    assert shown["leaders"].answered == 16


def test_the_later_of_two_waves_counts(crowd: Crowd) -> None:
    for at, month in ((2, 1), (4, 9)):
        with clock.frozen(datetime(2026, month, 10, 9, 0)):
            wave = crowd.launched(closes_on=date(2026, month, 20))
            for person in crowd.people[:40]:
                crowd.answer(wave, person, sheet(crowd.questions, at))
            crowd.released(wave)
    nodes = [crowd.town.group.pk]
    now, before = (figures.answer_mean("imp_safety", nodes, day) for day in (TODAY, date(2026, 5, 1)))
    assert now is not None and now.value == 4.0 and before is not None and before.value == 2.0
    assert [one.pk for one in queries.released(TODAY)] == sorted(Wave.objects.values_list("pk", flat=True), reverse=True)
    assert OPENED < TODAY
