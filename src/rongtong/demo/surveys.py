"""Surveys of the sample enterprise: two released waves a year apart, one that can be answered. Business is seen as hard, Party work as soft. Synthetic."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from rongtong.demo.story import SEED
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Person
from rongtong.surveys import actions, launching, sealing
from rongtong.surveys.actions import NewWave
from rongtong.surveys.models import Answer, Cell, Invitation, Question, QuestionKind, Questionnaire, Role, Side, Waiting, Wave
from rongtong.trees.models import Node

OFFICE = SystemActor("demo-party-office", "党建部（演示）")
WORDS = (
    "主题党日放在检修日，别占生产高峰", "党课多讲车间里的质量问题", "表格少一点，数据别重复报", "书记项目要有钱有时间", "技术骨干进了党员突击队，效果好", "希望党组织多帮倒班职工解决吃饭问题",
    "联席会议定的事要有人盯", "部门之间有事要等好几天才回话", "党员责任区要和设备点检合在一起", "考核里党建分数大家都差不多，看不出好坏", "支部和班组一起定目标，年底一起算账", "组织生活会提的问题要有回音",
    "安全隐患整改让党员带头", "不要只看记录本",
)  # fmt: skip
# level of business and Party tasks by aspect, and how much each role lifts Party work
_LEVELS = {
    ("importance", Side.BUSINESS): 4.55,
    ("importance", Side.PARTY): 3.75,
    ("hardness", Side.BUSINESS): 4.5,
    ("hardness", Side.PARTY): 2.7,
}
_LIFT = {Role.LEADERS: 0.45, Role.MEMBERS: 0.3, Role.STAFF: 0.0}


@dataclass(frozen=True, slots=True)
class Year:
    """How a wave was answered: share of those asked, shift of Party work's levels, satisfaction in tens."""

    rate: float
    shift: float
    satisfaction: float
    seed: int


def tell_surveys() -> None:
    """Runs before figures are collected: satisfaction becomes P51 in the month in which a wave closes."""
    group, plant = Node.objects.get(tree="B", depth=0), Node.objects.get(tree="B", code="M1")
    with _on(date(2025, 9, 8)):
        actions.install(by=SYSTEM)
    _past("2025 年党建与生产经营融合认识调查", group, date(2025, 9, 8), Year(0.40, 0.0, 6.9, 1))
    _past("2026 年党建与生产经营融合认识调查", group, date(2026, 9, 7), Year(0.44, 0.15, 7.3, 2))
    with _on(date(2026, 11, 16)):
        wave = _launched("机加工厂融合认识调查（2026 年四季度）", plant, date(2027, 1, 31))
        _answered(by=OFFICE, wave=wave, year=Year(0.5, 0.2, 7.2, 3), is_open=True)


def _on(day: date) -> AbstractContextManager[None]:
    return clock.frozen(datetime.combine(day, time(10, 0)))


def _launched(title: str, root: Node, closes_on: date) -> Wave:
    chosen = Questionnaire.objects.get(code="cognition", is_closed=False)
    wave = actions.draft(by=OFFICE, new=NewWave(chosen, title, root, closes_on, depth=2 if root.depth == 0 else 1))
    Wave.objects.filter(pk=wave.pk).update(is_synthetic=True)
    return actions.launch(by=OFFICE, wave=wave, seen=launching.plan_of(wave, clock.today()).digest)


def _past(title: str, root: Node, day: date, year: Year) -> None:
    with _on(day):
        wave = _launched(title, root, day + timedelta(days=18))
        _answered(by=OFFICE, wave=wave, year=year, is_open=False)
    with _on(day + timedelta(days=19)):
        closed = actions.close(by=OFFICE, wave=wave)
    with _on(day + timedelta(days=23)):
        actions.release(by=OFFICE, wave=closed)


@act("demo.surveys")
def _answered(*, by: SystemActor, wave: Wave, year: Year, is_open: bool) -> None:
    """All answers of a wave at once, as the pool would have written them; an open one keeps k sealed in each cell."""
    rng = np.random.default_rng([SEED, 61, year.seed])
    questions = list(wave.questionnaire.questions.all())
    cells = list(Cell.objects.filter(wave=wave).prefetch_related("parts").order_by("position"))
    kept = {sealing.stub(code) for code in sealing.tickets(wave.uid, _demo_accounts() if is_open else [])}
    answers: list[Answer] = []
    waiting: list[Waiting] = []
    used: list[int] = []
    for cell in cells:
        free = [pk for pk, code in Invitation.objects.filter(cell=cell).order_by("pk").values_list("pk", "ticket") if code not in kept]
        many = max(min(len(free), int(cell.invited * year.rate)), min(len(free), wave.k_score))
        used += free[:many]  # they stand in no order already
        role = next(iter({part.role for part in cell.parts.all()}))
        sheets = _sheets(questions, role, year, many, rng)
        sealed = wave.k_score if is_open else 0
        answers += [Answer(wave=wave, cell=cell, content=one) for one in sheets[sealed:]]
        waiting += [Waiting(wave=wave, cell=cell, sealed=sealing.seal(wave.uid, one)) for one in sheets[:sealed]]
    waiting += _words(wave, questions, 16 + 4 * year.seed, rng)
    Answer.objects.bulk_create(answers, batch_size=1000)
    Waiting.objects.bulk_create(waiting, batch_size=200)
    for at, part in enumerate(np.array_split(np.array(used), 4)):
        Invitation.objects.filter(pk__in=part.tolist()).update(answered_on=clock.today() + timedelta(days=at))
    current().about(Reference("survey_wave", str(wave.pk)), answered=len(used))


def _demo_accounts() -> list[int]:
    """Whoever is invited and can sign in to the demo has not answered yet."""
    rows = Person.objects.filter(account__isnull=False).exclude(account__username__startswith="demo-")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _sheets(questions: Sequence[Question], role: str, year: Year, many: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Sheets of a cell: each person has a leaning, each question its level."""
    lean = rng.normal(0.0, 0.35, many)
    columns: dict[str, list[Any]] = {}
    for question in questions:
        noise = rng.normal(0.0, 0.7, many)
        if question.kind == QuestionKind.CHOICE:
            codes = [row[0] for row in question.options]
            columns[question.code] = [codes[at] for at in rng.choice(len(codes), many, p=[0.27, 0.25, 0.29, 0.14, 0.05])]
        elif question.kind == QuestionKind.SCALE:
            level = _level(question, role, year) + lean * (question.side != Side.BUSINESS) + noise
            columns[question.code] = np.clip(np.rint(level), 1, 5).astype(float).tolist()
        elif question.kind != QuestionKind.TEXT:
            mean = 3.0 + 0.6 * _lift(role) if question.kind == QuestionKind.SHARE else year.satisfaction + _lift(role)
            columns[question.code] = (10 * np.clip(np.rint(mean + 1.2 * (lean + noise)), 0, 10)).tolist()
    return [dict(sorted(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _lift(role: str) -> float:
    return _LIFT.get(Role(role), 0.0) if role else 0.0


def _level(question: Question, role: str, year: Year) -> float:
    if question.aspect == "communication":
        return 2.9 + year.shift
    level = _LEVELS[question.aspect, Side(question.side)]
    return level + (year.shift + _lift(role) if question.side == Side.PARTY else 0.0)


def _words(wave: Wave, questions: Sequence[Question], many: int, rng: np.random.Generator) -> list[Waiting]:
    word = next(question for question in questions if question.kind == QuestionKind.TEXT)
    chosen = rng.choice(len(WORDS), many)
    return [Waiting(wave=wave, sealed=sealing.seal(wave.uid, {str(word.pk): WORDS[at]})) for at in chosen]
