"""Two hundred people in six workshops, some leaders, some Party members; a wave prepared, launched, answered, closed, released."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from tests.town import OPENED, Town, fresh, node

from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.organization.models import Appointment, Person, Post
from rongtong.surveys import actions, launching, sealing
from rongtong.surveys.actions import NewWave
from rongtong.surveys.models import Question, QuestionKind, Questionnaire, Wave
from rongtong.trees.models import Node

END = date(2026, 12, 20)
LEADERS, MEMBERS, STAFF = 2, 8, 23


def sheet(questions: Sequence[Question], value: int = 3, **more: str) -> dict[str, str]:
    """A whole sheet: the same on every scale, in tens on the others, the first option, no words."""
    given = {}
    for question in questions:
        match question.kind:
            case QuestionKind.SCALE:
                given[question.code] = str(value)
            case QuestionKind.POINTS | QuestionKind.SHARE:
                given[question.code] = str(10 * value)
            case QuestionKind.CHOICE:
                given[question.code] = question.options[0][0]
    return given | more


@dataclass
class Crowd:
    """The people, the workshops, and short ways to run a wave."""

    town: Town
    shops: list[Node]
    people: list[Person]
    questionnaire: Questionnaire
    questions: list[Question] = field(default_factory=list)

    def draft(self, **more: Any) -> Wave:
        new = NewWave(**({"questionnaire": self.questionnaire, "title": "认识问卷", "root": self.town.group, "closes_on": END} | more))
        return actions.draft(by=fresh(self.town.office), new=new)

    def launched(self, **more: Any) -> Wave:
        wave = self.draft(**more)
        return actions.launch(by=fresh(self.town.office), wave=wave, seen=launching.plan_of(wave, clock.today()).digest)

    def answer(self, wave: Wave, person: Person, given: Mapping[str, str] | None = None) -> None:
        code = sealing.ticket(wave.uid, person.pk)
        actions.answer(by=actions.RESPONDENT, wave=wave, ticket=code, given=given or sheet(self.questions))

    def all_answer(self, wave: Wave, people: Sequence[Person] | None = None, seed: int = 1) -> None:
        """Business seen as harder than Party work, by leaders less than by others; a fifth writes something."""
        rng = random.Random(seed)
        for person in people if people is not None else self.people:
            is_leader = person.code.startswith("L")
            given = sheet(self.questions, word="多办实事" if rng.random() < 0.2 else "")
            for question in self.questions:
                if question.aspect in {"importance", "hardness"}:
                    level = 4.4 if question.side == "business" else 3.8 if is_leader else 2.8
                    given[question.code] = str(max(1, min(5, round(rng.gauss(level, 0.7)))))
            given["expected"] = str(10 * rng.choice([2, 3, 4]))
            self.answer(wave, person, given)

    def closed(self, wave: Wave) -> Wave:
        return actions.close(by=fresh(self.town.office), wave=wave)

    def released(self, wave: Wave) -> Wave:
        return actions.release(by=fresh(self.town.office), wave=self.closed(wave))


def crowd_of(town: Town) -> Crowd:
    """The people of the fixture; the tests of the pages take it too."""
    shops = [town.shop, town.other, *(node("B", f"000010000{at}", f"M{at}", f"{at}车间", town.group) for at in range(3, 7))]
    people, posts = [], []
    for at, shop in enumerate(shops):
        for kind, letter, many in (("head", "L", LEADERS), ("staff", "M", MEMBERS), ("staff", "S", STAFF)):
            for number in range(many + 2 * (letter == "S" and at == 0)):
                code = f"{letter}{at}-{number}"
                people.append(Person(pk=10_001 + len(people), code=code, name=code, member_kind="formal" if letter == "M" else "none"))
                posts.append(Post(code=f"X{code}", name=code, node=shop, kind=kind, opened_on=OPENED))
    Person.objects.bulk_create(people)
    Post.objects.bulk_create(posts)
    Appointment.objects.bulk_create(
        [Appointment(person=person, post=post, starts_on=OPENED) for person, post in zip(people, posts, strict=True)]
    )
    actions.install(by=SYSTEM)
    found = Questionnaire.objects.get(code="cognition")
    return Crowd(town, shops, people, found, list(found.questions.all()))


@pytest.fixture
def crowd(town: Town) -> Crowd:
    return crowd_of(town)
