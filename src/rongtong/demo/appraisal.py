"""Appraisal of the sample enterprise: last year's round final, with an answered objection and its uses; this year's in self-report. Synthetic."""

from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta

import numpy as np

from rongtong.appraisal import actions, publishing, queries, using
from rongtong.appraisal.actions import NewRound, Timetable
from rongtong.appraisal.models import Mark, Round, Sheet, Stage, Statement
from rongtong.appraisal.publishing import Answer
from rongtong.appraisal.using import NewUse
from rongtong.demo.story import SEED, Character, Story
from rongtong.demo.work import characters_of
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger.actions import Parts
from rongtong.organization.models import Post, PostKind, UnitClass
from rongtong.schemes.data import Criterion, FactKind
from rongtong.schemes.queries import issued_for
from rongtong.trees.models import Node

MANAGEMENT, PARTY = SystemActor("demo-management-office", "企管部（演示）"), SystemActor("demo-party-office", "党建部（演示）")
UNIT = SystemActor("demo-unit", "基层单位（演示）")
_PLAIN = Character(0.62, 0.62)
LAST_ROUND = 202602  # the month in which last year's round became final: its figures are collected from here on
WORDS = "围绕年度重点任务开展攻关，主要做法见载体与成果台账。"


def tell_last_round(story: Story) -> None:
    """Runs once the figures of last year are collected."""
    _tell_last(by=SYSTEM, story=story)


def tell_this_round() -> None:
    """Runs once the figures of this year are collected."""
    _tell_this(by=SYSTEM)


@act("demo.appraisal.last")
def _tell_last(*, by: SystemActor, story: Story) -> None:
    with _on(date(2025, 12, 15)):
        made = _launched("2025 年度生产单位综合考核", 2025, _days(date(2026, 1, 16)))
    with _on(date(2026, 1, 5)):
        actions.gather(by=MANAGEMENT, round_=made)
        _reported(made, every=5)
    with _on(date(2026, 1, 19)):
        actions.close_reports(by=MANAGEMENT, round_=made)
        _judged(made, story)
    with _on(date(2026, 1, 30)):
        actions.close_review(by=MANAGEMENT, round_=made)
        _calibrated(made)
        publishing.propose(by=MANAGEMENT, round_=made)
    with _on(date(2026, 2, 2)):
        publishing.publish(by=PARTY, round_=made)
    _disputed(made)
    with _on(date(2026, 2, 24)):
        publishing.finish(by=MANAGEMENT, round_=made)
    with _on(date(2026, 3, 6)):
        _used(made)
    current().about(Reference("demo", "appraisal"), sheets=made.sheets.count())


@act("demo.appraisal.this")
def _tell_this(*, by: SystemActor) -> None:
    with _on(date(2026, 11, 16)):
        made = _launched("2026 年度生产单位综合考核", 2026, _days(date(2026, 12, 11)))
    with _on(date(2026, 11, 18)):
        actions.gather(by=MANAGEMENT, round_=made)
        _reported(made, every=2)
    current().about(Reference("demo", "appraisal"), sheets=made.sheets.count())


def _on(day: date) -> AbstractContextManager[None]:
    return clock.frozen(datetime.combine(day, time(9, 30)))


def _days(report_until: date) -> Timetable:
    return Timetable(report_until, *(report_until + timedelta(days=days) for days in (14, 17, 32, 40)))


def _launched(title: str, year: int, timetable: Timetable) -> Round:
    group, unit_class = Node.objects.get(tree="B", code="G0"), UnitClass.objects.get(code="production")
    version = issued_for(unit_class, date(year, 12, 1))
    assert version is not None
    last = year * 100 + (12 if year < 2026 else 10)
    made = actions.plan(by=MANAGEMENT, new=NewRound(title, group, year * 100 + 1, last, [version], timetable))
    return actions.launch(by=MANAGEMENT, round_=made, seen=queries.cost_of(made, clock.today()).digest)


def _sheets(made: Round) -> list[Sheet]:
    return list(made.sheets.select_related("round__node", "node", "of_class__version", "of_class__unit_class").order_by("node__path"))


def _reported(made: Round, every: int) -> None:
    """Most units have handed in; the workshop of the demo's secretary waits for its account. Written together, as one act."""
    rows = [row for at, row in enumerate(_sheets(made)) if row.node.code != "M1-1" and at % every]
    criteria = queries.judged(rows[0].of_class.version.data) if rows else []
    Statement.objects.bulk_create(
        [
            Statement(
                sheet=row, criterion=one.code, text=WORDS, claimed=85.0 + at % 10, by_uid=UNIT.uid, by_label=UNIT.label, at=clock.now()
            )
            for at, row in enumerate(rows)
            for one in criteria[:1]
        ]
    )
    for row in rows:
        row.report, row.reported_by, row.reported_label, row.reported_at = WORDS, UNIT.uid, UNIT.label, clock.now()
    Sheet.objects.bulk_update(rows, ["report", "reported_by", "reported_label", "reported_at"], batch_size=200)


def _judged(made: Round, story: Story) -> None:
    """What a superior judges follows the unit's character; an event here and there. Written together, as one act."""
    rng, characters = np.random.default_rng(SEED + 71), characters_of(story)
    marks = []
    for row in _sheets(made):
        character = characters.get(row.node_id, _PLAIN)
        marks += [mark for one in queries.by_hand(row.of_class.version.data) if (mark := _mark(row, one, character, rng)) is not None]
    Mark.objects.bulk_create(marks, batch_size=500)


def _mark(row: Sheet, one: Criterion, character: Character, rng: np.random.Generator) -> Mark | None:
    luck = float(rng.random())
    head = {"sheet": row, "criterion": one.code, "by_uid": PARTY.uid, "by_label": PARTY.label, "at": clock.now()}
    if one.kind == FactKind.MANUAL:
        value = round(float(np.clip(100 * (0.35 + 0.62 * character.party + 0.08 * (luck - 0.5)), 40, 98)), 1)
        return Mark(value=value, text="查阅记录并座谈", **head)
    if one.rule == "veto" or luck > 0.25:
        return None
    return Mark(value=1.0, text="按通报登记", basis="集团通报〔2025〕12号", **head)


def _calibrated(made: Round) -> None:
    """One grade is set lower than its points, with the reason."""
    graded = [row for row in _sheets(made) if row.grade]
    codes = [band.code for band in graded[0].of_class.version.data.bands]
    row = next(one for one in graded if codes.index(one.grade) < len(codes) - 1 and one.node.code != "M1-1")
    lower = codes[codes.index(row.grade) + 1]
    publishing.adjust(by=MANAGEMENT, sheet=row, grade=lower, reason="年中安全通报批评一次，集体研究下调一档")


def _disputed(made: Round) -> None:
    """One objection accepted with a new version, one not."""
    rows, data = _sheets(made), _sheets(made)[0].of_class.version.data
    criterion = queries.judged(data)[0]
    with _on(date(2026, 2, 6)):
        first = publishing.raise_objection(by=UNIT, sheet=rows[2], criterion=criterion.code, text="一季度攻关材料未计入，现补交。")
        second = publishing.raise_objection(by=UNIT, sheet=rows[5], criterion=criterion.code, text="认为评定偏低。")
    with _on(date(2026, 2, 12)):
        before = queries.scoring_of(queries.versions_of(rows[2])[-1]).facts[criterion.code].value or 0.0
        value = min(100.0, round(before + 6.0, 1))
        publishing.answer(by=MANAGEMENT, objection=first, answer=Answer(True, "补交材料属实，予以采纳", value))
        publishing.answer(by=MANAGEMENT, objection=second, answer=Answer(False, "所述情况评定时已考虑，维持原结果"))


def _used(made: Round) -> None:
    """Pay for all; honours and training where they belong; what cost points at the lowest becomes a matter."""
    grades = [band.code for band in _sheets(made)[0].of_class.version.data.bands]
    steps = dict(zip(grades, (1.05, 1.0, 0.95, 0.9, 0.85), strict=False))
    using.set_coefficients(by=MANAGEMENT, round_=made, coefficients=steps, basis="集团薪酬〔2026〕9号")
    rows = sorted((row for row in _sheets(made) if row.score is not None), key=lambda row: -(row.score or 0))
    using.use(by=PARTY, sheet=rows[0], new=NewUse("honours", "授予年度融合先进单位", "集团党〔2026〕11号"))
    using.use(by=PARTY, sheet=rows[-1], new=NewUse("training", "书记、主任参加融合专题轮训"))
    _rectified(made, rows[-1])


def _rectified(made: Round, row: Sheet) -> None:
    posts = {post.kind: post for post in Post.objects.filter(node=row.node, closed_on=None).order_by("-pk")}
    head, handler = posts.get(PostKind.HEAD), posts.get(PostKind.DEPUTY_HEAD) or posts.get(PostKind.STAFF)
    if head is None or handler is None or made.stage == Stage.DRAFT:
        return
    criterion = queries.judged(row.of_class.version.data)[0]
    using.rectify(by=MANAGEMENT, sheet=row, criterion=criterion.code, due_on=date(2026, 5, 29), parts=Parts(head, handler))
