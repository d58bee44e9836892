"""Derived answers: dual roles, vacancies, units without a body, blank teams; all scoped."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.organization.conftest import OPENED, World, person

from rongtong.accounts.models import User
from rongtong.kernel.act import SYSTEM
from rongtong.organization import actions, queries
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import Post
from rongtong.rules import actions as rules
from rongtong.trees.models import Node

TODAY = date(2026, 11, 23)


def staff(world: World, node: Node, count: int, kind: str = "formal", prefix: str = "S") -> None:
    for i in range(count):
        post = actions.create_post(by=SYSTEM, code=f"{prefix}{i}", name="工人", node=node, kind="staff", opened_on=OPENED)
        actions.appoint(by=SYSTEM, person=person(f"{prefix}{i}", f"工{i}", kind), post=post, starts_on=OPENED)


def test_a_dual_role_needs_both_posts_and_a_link(world: World) -> None:
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.secretary_post, starts_on=OPENED)
    row = actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=OPENED)
    assert queries.dual_roles(SYSTEM, TODAY) == []
    assert [found.code for found in queries.cross_appointed(SYSTEM, TODAY)] == ["E1"]
    link = trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    assert [one.code for one, _rows in queries.dual_roles(SYSTEM, TODAY)] == ["E1"]
    assert len(queries.dual_role_of(world.zhou, TODAY)) == 2
    trees.end_link(by=SYSTEM, link=link, on=date(2026, 1, 1))
    assert queries.dual_roles(SYSTEM, TODAY) == []
    actions.end_appointment(by=SYSTEM, appointment=row, on=TODAY)
    assert not queries.cross_appointed(SYSTEM, TODAY).exists()


def test_vacancies_are_leading_posts_in_which_nobody_serves_that_day(world: World) -> None:
    row = actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=date(2026, 1, 1))
    assert {post.code for post in queries.vacancies(SYSTEM, TODAY)} == {"P1-S"}
    assert {post.code for post in queries.vacancies(SYSTEM, date(2025, 12, 31))} == {"P1-S", "M1-1-H"}
    actions.end_appointment(by=SYSTEM, appointment=row, on=TODAY)
    actions.appoint(by=SYSTEM, person=world.wang, post=world.head_post, starts_on=TODAY, kind="acting")
    assert {post.code for post in queries.vacancies(SYSTEM, TODAY)} == {"P1-S"}
    Post.objects.filter(code="P1-S").update(closed_on=TODAY)
    assert not queries.vacancies(SYSTEM, TODAY).exists()


def test_units_without_a_body_follow_the_number_of_the_rule(world: World) -> None:
    staff(world, world.shop, 3)
    assert queries.uncovered_units(SYSTEM, TODAY) == []  # no rule row, nothing is claimed
    rules.install(by=SYSTEM)
    assert queries.uncovered_units(SYSTEM, TODAY) == [world.shop]
    assert queries.uncovered_units(SYSTEM, TODAY, at_least=4) == []
    rules.override(by=SYSTEM, code="ORG-01", node=world.plant, change=rules.RowChange({"body_needed_from": 5}), on=TODAY)
    assert queries.uncovered_units(SYSTEM, TODAY) == []
    assert queries.uncovered_units(SYSTEM, date(2026, 11, 22)) == [world.shop]


@pytest.mark.parametrize(("kind", "covered"), [("own", True), ("joint", True), ("covers", False)])
def test_only_an_own_or_joint_body_counts(world: World, kind: str, covered: bool) -> None:
    rules.install(by=SYSTEM)
    staff(world, world.shop, 3)
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind=kind, share=1, starts_on=OPENED)
    assert (world.shop not in queries.uncovered_units(SYSTEM, TODAY)) is covered


def test_a_team_without_people_is_not_known_and_not_blank(world: World) -> None:
    assert list(queries.teams_without_member(SYSTEM, TODAY)) == []
    staff(world, world.team, 2, "none")
    assert list(queries.teams_without_member(SYSTEM, TODAY)) == [world.team]
    staff(world, world.team, 1, "probationary", "Q")
    assert list(queries.teams_without_member(SYSTEM, TODAY)) == []


def test_everything_is_scoped(world: World) -> None:
    staff(world, world.shop, 3)
    rules.install(by=SYSTEM)
    actions.appoint(by=SYSTEM, person=world.wang, post=world.head_post, starts_on=OPENED)
    stranger, reader = world.stranger, world.reader
    for answer in (queries.units, queries.persons, queries.posts, queries.appointments):
        assert answer(reader).exists()
    assert [unit.node.code for unit in queries.units(stranger)] == ["M1-2"]
    assert not queries.persons(stranger).exists()
    assert not queries.posts(stranger).exists()
    assert queries.uncovered_units(stranger, TODAY) == []
    assert not queries.persons(User.objects.get(username="member")).exists()  # a member sees units, not people


def test_search_by_chinese_pinyin_initials_and_code(world: World) -> None:
    for text in ("机加", "jijia", "JJCJ", "m1-1", "ji jia che jian"):
        assert world.shop in Node.objects.named(text), text
    assert world.branch in Node.objects.named("jjdzb")
    people = queries.persons(SYSTEM)
    for text in ("周", "zhouming", "ZM", "e1"):
        assert [found.code for found in queries.find_persons(people, text)] == ["E1"], text
    assert not Node.objects.named("zzzz").exists()


def test_questions_do_not_grow_with_rows(world: World) -> None:
    rules.install(by=SYSTEM)

    def cost() -> list[int]:
        costs = []
        for ask in (
            lambda: queries.uncovered_units(SYSTEM, TODAY),
            lambda: queries.dual_roles(SYSTEM, TODAY),
            lambda: list(queries.vacancies(SYSTEM, TODAY)),
            lambda: list(queries.teams_without_member(SYSTEM, TODAY)),
        ):
            with CaptureQueriesContext(connection) as seen:
                ask()
            costs.append(len(seen))
        return costs

    staff(world, world.shop, 3)
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.secretary_post, starts_on=OPENED)
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=OPENED)
    before = cost()
    staff(world, world.other, 12, prefix="Z")
    assert cost() == before
    assert max(before) <= 4
