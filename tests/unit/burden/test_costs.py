"""Person-hours, what is held, what is asked twice; and that the shipped templates ask nothing twice."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import pytest
from tests.town import TODAY, Town

from rongtong.burden import askings, costs, facts
from rongtong.burden.askings import Asking, asked_twice, plain
from rongtong.burden.costs import Cost, Item, cost, person_hours
from rongtong.burden.facts import Fact, register_facts

SHOP, OTHER = frozenset({1}), frozenset({2})


@pytest.fixture
def only_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Registries of this test alone."""
    monkeypatch.setattr(facts, "_facts", {})
    monkeypatch.setattr(facts, "_families", {})
    monkeypatch.setattr(askings, "_askers", {})
    yield


def test_hours_are_minutes_times_places_times_a_year() -> None:
    assert person_hours(15, 40, 12) == 120.0
    assert person_hours(15, 0) == 0.0


def test_what_is_held_is_named_and_costs_only_where_it_is_typed(only_here: None) -> None:
    register_facts(Fact("party.members", "党员人数", "组织页", "P"), Fact("party.elected_on", "换届日期", "组织页", "P"))
    items = [
        Item("party.members", "", "unit", SHOP),
        Item("", "换届 日期", "unit", SHOP | OTHER, 3.0),
        Item("", "困难", "unit", SHOP, 10.0),
    ]
    found = cost(items, date(2026, 11, 23), source="表", url="/f/")
    assert (found.places, found.items, found.hours) == (2, 3, (3 * 2 + 10) / 60)
    assert [fact.code for fact in found.held] == ["party.members"]
    assert [(words, fact.code) for words, fact in found.by_hand] == [("换届 日期", "party.elected_on")]
    assert found.needs_reason


def test_the_same_fact_of_the_same_payer_at_a_common_place_is_asked_twice() -> None:
    first = Asking("meeting.on", "", "branch", "清单", "/a/", SHOP)
    assert asked_twice([Asking("meeting.on", "", "branch", "表", "/b/", SHOP | OTHER)], [first])[0].nodes == 1
    assert asked_twice([Asking("meeting.on", "", "committee", "表", "/b/", SHOP)], [first]) == []
    assert asked_twice([Asking("meeting.on", "", "branch", "表", "/b/", OTHER)], [first]) == []
    words = [Asking("", "党员 人数（人）", "unit", "甲", "/c/", SHOP), Asking("", "党员人数(人)", "unit", "乙", "/d/", SHOP)]
    assert [one.first.source for one in asked_twice(words)] == ["甲"]
    assert plain("！") != ""  # only listed signs are left out: two questions of signs alone are not the same


def test_a_source_that_is_replaced_does_not_count_against_itself(only_here: None) -> None:
    askings.register_asker("x", lambda _nodes, _day: [Asking("a", "", "unit", "旧表", "/old/", SHOP)])
    items = [Item("a", "", "unit", SHOP, 1.0)]
    assert len(cost(items, TODAY, source="新表", url="/new/").twice) == 1
    assert cost(items, TODAY, source="新表", url="/new/", leave_out=["/old/"]).twice == ()


def test_the_digest_follows_what_was_shown() -> None:
    def shown(hours: float, twice: int) -> Cost:
        one = askings.Twice("a", Asking("a", "", "u", "s", "/", SHOP), Asking("a", "", "u", "t", "/", SHOP), 1)
        return Cost(3, 2, hours, (), (), (one,) * twice)

    digests = {shown(1.0, 0).digest, shown(1.5, 0).digest, shown(1.0, 1).digest, shown(1.0, 0).digest}
    assert len(digests) == 3


def test_nothing_is_asked_twice_in_the_shipped_templates() -> None:
    """Duties: no fact twice of one subject. Carriers: no field that every carrier has anyway, and none twice."""
    duties = tomllib.loads(files("rongtong.duties").joinpath("data/template.toml").read_text(encoding="utf-8"))["duty"]
    asked = Counter((row["subject"], fact) for row in duties for fact in row["fields"])
    assert len(asked) > 10
    assert [key for key, count in asked.items() if count > 1] == []
    base = {"name", "title", "party", "unit", "owner", "indicator", "baseline", "target", "starts_on", "ends_on", "result", "saving_yuan"}
    for kind in tomllib.loads(files("rongtong.plans").joinpath("data/carriers.toml").read_text(encoding="utf-8"))["kind"]:
        names = [field[0] for field in kind["fields"]]
        assert len(set(names)) == len(names) and not set(names) & base, kind["code"]


@pytest.mark.django_db
def test_facts_of_the_organisation_are_read_from_where_they_are_kept(town: Town) -> None:
    found = facts.filled_in(
        {"node.leader", "node.code", "party.members", "unit.headcount", "nothing.known"}, [town.shop, town.branch], TODAY
    )
    assert found["node.leader", town.shop.pk] == "zhou" and found["node.leader", town.branch.pk] == "zhou"
    assert found["node.code", town.branch.pk] == "P1"
    assert ("unit.headcount", town.branch.pk) not in found  # of the other tree
    assert not any(code in {"party.members", "nothing.known"} for code, _node in found)  # not known is absent, never 0
    assert costs.facts_of({"party.members"})["party.members"].is_filled_in
