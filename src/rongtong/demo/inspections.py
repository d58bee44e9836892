"""Inspections of the sample enterprise: last year's with its closed findings, this year's, and two visits that could be one. Synthetic."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta

import numpy as np

from rongtong.demo.story import SEED, Character
from rongtong.demo.work import TODAY, Actors, fate
from rongtong.inspections import actions, queries
from rongtong.inspections.actions import NewFinding, NewInspection, Seen
from rongtong.inspections.models import Checklist, Finding, Inspection, Place
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger import generating
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.organization.models import Post, PostKind
from rongtong.trees.models import Node

OFFICE = SystemActor("demo-party-office", "党建部（演示）")
PROBLEMS = (
    ("主题党日记录与签到人数不一致", "at_once"), ("公开栏仍为上一季度内容", "at_once"), ("责任区标识与台账不符", "within_limit"),
    ("组织生活会问题清单整改情况未反馈党员", "within_limit"), ("融合项目目标未分解到班组", "long_term"), ("党小组会记录不完整", "within_limit"),
)  # fmt: skip
_MENDED = Character(0.78, 0.7)


def tell_inspections() -> None:
    """Runs after the checks: an inspection asks their results first."""
    with _on(date(2025, 1, 10)):
        actions.install(by=SYSTEM)
    _past("2025 年度基层党建工作检查", "branch-life", date(2025, 11, 10), date(2025, 11, 28), _branches("P-M1", "P-M2", "P-M3"))
    _past("融合工作调研（上半年）", "integration", date(2026, 6, 8), date(2026, 6, 19), _branches("P-M1", "P-M4"), "visit")
    _mend(by=SYSTEM)
    with _on(date(2026, 11, 12)):
        made = _plan(
            "2026 年度基层党建工作检查",
            "branch-life",
            date(2026, 12, 7),
            date(2026, 12, 25),
            _branches("P-M1", "P-M2", "P-M3", "P-M4", "P-M5"),
        )
        _issue(made)
        decisions = _plan(
            "“三重一大”决策专项督导",
            "decision-rules",
            date(2026, 11, 9),
            date(2026, 11, 20),
            [Node.objects.get(tree="P", code="P0")],
            "visit",
        )
        _issue(decisions)
    with _on(date(2026, 11, 18)):
        _on_site(decisions, np.random.default_rng(SEED + 53), share=1.0)
    with _on(TODAY):
        _plan("融合工作调研（下半年）", "integration", date(2026, 12, 14), date(2026, 12, 18), _branches("P-M1", "P-M2"), "visit")


def _on(day: date) -> AbstractContextManager[None]:
    return clock.frozen(datetime.combine(day, time(9, 30)))


def _branches(*above: str) -> list[Node]:
    return list(Node.objects.filter(parent__code__in=above, tree="P", party__kind="branch").order_by("path"))


def _plan(title: str, checklist: str, starts_on: date, ends_on: date, places: list[Node], kind: str = "check") -> Inspection:
    group = Node.objects.get(tree="P", code="P0")
    found = Checklist.objects.get(code=checklist)
    return actions.plan(by=OFFICE, new=NewInspection(kind, title, group, found, starts_on, ends_on, places, people=2))


def _issue(made: Inspection) -> Inspection:
    seen = queries.cost_of(queries.sheet_of(made), clock.today()).digest
    return actions.issue(by=OFFICE, inspection=made, seen=seen)


def _past(title: str, checklist: str, starts_on: date, ends_on: date, places: list[Node], kind: str = "check") -> None:
    """One that was issued, answered on site, and whose findings became matters."""
    rng = np.random.default_rng(SEED + starts_on.toordinal())
    with _on(starts_on - timedelta(days=14)):
        made = _issue(_plan(title, checklist, starts_on, ends_on, places, kind))
    with _on(starts_on + timedelta(days=3)):
        _on_site(made, rng, share=1.0)


def _on_site(made: Inspection, rng: np.random.Generator, share: float) -> None:
    sheet = queries.sheet_of(made)
    for place in sheet.places:
        for item in sheet.left(place):
            luck = rng.random()
            if luck > share:
                continue
            if luck < 0.14:
                text, pace = PROBLEMS[int(rng.integers(len(PROBLEMS)))]
                seen = Seen("problem", text, pace)
            else:
                seen = Seen("unclear") if luck > 0.93 else Seen("good")
            actions.answer(by=OFFICE, place=place, item=item, seen=seen)
    _more(sheet.places, rng)


def _more(places: Iterable[Place], rng: np.random.Generator) -> None:
    """What no single item gave; and what some units say to a finding."""
    for place in places:
        if rng.random() < 0.3:
            text, pace = PROBLEMS[int(rng.integers(len(PROBLEMS)))]
            actions.note_finding(by=OFFICE, place=place, new=NewFinding(text, pace, cause="职责不够明确"))
        for finding in place.findings.all():
            if rng.random() < 0.25:
                actions.comment(by=SYSTEM, finding=finding, text="情况属实，已安排专人负责。")


@act("demo.inspections")
def _mend(*, by: SystemActor) -> None:
    """Findings of past inspections are matters, most of them closed; then the inspection is closed too."""
    rng, actors = np.random.default_rng(SEED + 61), Actors()
    posts = {
        (post.node_id, post.kind): post
        for post in Post.objects.filter(closed_on=None, kind__in=[PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE]).order_by("-pk")
    }
    rows: list[tuple[Finding, Made]] = []
    for finding in Finding.objects.filter(matter=None).select_related("place__node", "place__inspection").order_by("pk"):
        node = finding.place.node
        secretary, handler = (
            posts.get((node.pk, PostKind.SECRETARY)),
            posts.get((node.pk, PostKind.DEPUTY)) or posts.get((node.pk, PostKind.COMMITTEE)),
        )
        if secretary is None or handler is None:
            continue
        due = finding.found_on + timedelta(days={"at_once": 7, "within_limit": 60, "long_term": 180}[finding.pace])
        new = ledger.NewMatter(
            f"整改：{finding.text}", Side.PARTY, node, due, ledger.Parts(secretary, handler), None, finding.found_on, finding.cause,
            origin=Origin.RECTIFICATION, record=Reference("finding", str(finding.pk)),
        )  # fmt: skip
        rows.append((finding, fate(Made(new), _MENDED, actors, rng)))
    generating.generate(by=by, rows=[made for _finding, made in rows])
    matters = {m.origin_id: m for m in Matter.objects.filter(origin_kind="finding").order_by("pk")}
    for finding, _made in rows:
        finding.matter = matters[str(finding.pk)]
    Finding.objects.bulk_update([finding for finding, _made in rows], ["matter"])
    for inspection in Inspection.objects.filter(stage="issued").order_by("pk"):
        if not Finding.objects.filter(place__inspection=inspection, matter=None, withdrawn_on=None).exists():
            with _on(inspection.ends_on):
                actions.close(by=OFFICE, inspection=inspection)
    current().about(Reference("demo", "inspections"), findings=len(rows))
