"""What the pages of a sheet and of a class show: plain values, every number a figure that opens to its evidence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.appraisal import queries
from rongtong.appraisal.content import Scoring, read_facts
from rongtong.appraisal.models import Adjustment, Mark, Sheet, Statement, Version
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.schemes.data import Criterion, Fact, FactKind, Part, Rule, SchemeData, Side
from rongtong.schemes.results import Line, PartScore, Scored
from rongtong.ui.figure import Figure

BADGES = {
    FactKind.INDICATOR: "measured", FactKind.RULE: "measured", FactKind.MATTER: "measured", FactKind.SURVEY: "measured",
    FactKind.MANUAL: "derived", FactKind.EVENT: "measured",
}  # fmt: skip
CAPS = {"veto": gettext_lazy("veto"), "gate": gettext_lazy("gate"), "quota": gettext_lazy("quota")}
NOTES = (
    "%(present)d of %(expected)d months",
    "met %(met)d of %(count)d times",
    "mean of %(count)d answers",
    "%(done)d of %(count)d: %(name)s",
)
HUNDRED = 100


def words(reason: str) -> str:
    """A stored reason in the language of the page; reasons are kept in the language of the source."""
    return _(reason) if reason else ""


def spoken(note: str) -> str:
    """What was counted, in the language of the page: stored in the source language with its numbers, which are put into the page's sentence."""
    for sentence in NOTES:
        pattern = re.sub(r"%\\\((\w+)\\\)d", r"(?P<\1>\\d+)", re.escape(sentence)).replace(r"%\(name\)s", "(?P<name>.+)")
        found = re.fullmatch(pattern, note)
        if found is not None:
            given = {name: _(text) if name == "name" else int(text) for name, text in found.groupdict().items()}
            return _(sentence) % given
    return words(note)


def points(value: int | None, reason: str = "", url: str = "", badge: str = "derived") -> Figure:
    """Hundredths of a point as points."""
    shown = None if value is None else value / HUNDRED
    return Figure(shown, decimals=2, badge=badge, url=url, reason=words(reason) or _("not enough data"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A criterion on a sheet: what was found, what it earned, what the unit and the superior say."""

    criterion: Criterion
    weight: float  # percent inside its part
    rule: str
    source: str
    fact: Figure
    points: Figure | None
    statement: Statement | None
    mark: Mark | None
    evidence: tuple[tuple[str, str], ...]
    may_say: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A part with its entries; what dropped out is shown with its weight."""

    part: Part
    weight: float
    score: Figure | None
    present: float
    dropped: float
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sheet side by side: Party parts left, production parts right, the others below."""

    party: tuple[Block, ...]
    production: tuple[Block, ...]
    other: tuple[Block, ...]
    total: Figure | None
    grade: str
    grade_name: str
    scored: Scored | None


def shown(sheet: Sheet, actor: Any, *, with_scores: bool, may_say: bool) -> Shown:
    """Everything about a sheet in one pass; four questions and one for each kind of evidence."""
    data = sheet.of_class.version.data
    versions = queries.versions_of(sheet) if with_scores else []
    scoring = Scoring.read(versions[-1].content) if versions else None
    marks = {row.criterion: row for row in sheet.marks.all()} if with_scores else {}
    said = {row.criterion: row for row in sheet.statements.all()}
    facts = scoring.facts if scoring else read_facts(sheet.facts)
    reader = _Reader(sheet, actor, data, facts, scoring.scored if scoring else None, said, marks, may_say)
    blocks = [reader.block(part) for part in data.parts]
    band = data.grade(sheet.grade)
    return Shown(
        tuple(b for b in blocks if b.part.side == Side.PARTY), tuple(b for b in blocks if b.part.side == Side.PRODUCTION),
        tuple(b for b in blocks if b.part.side not in {Side.PARTY, Side.PRODUCTION}),
        points(scoring.scored.total, scoring.scored.reason) if scoring else None, sheet.grade, band.label if band else "",
        scoring.scored if scoring else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reader:
    sheet: Sheet
    actor: Any
    data: SchemeData
    facts: Mapping[str, Fact]
    scored: Scored | None
    said: Mapping[str, Statement]
    marks: Mapping[str, Mark]
    may_say: bool

    def block(self, part: Part) -> Block:
        score = self.scored.part(part.code) if self.scored else None
        entries = tuple(self.entry(criterion) for criterion in part.criteria)
        shown_score = points(score.score, score.reason) if score else None
        present, dropped = (score.present / HUNDRED, score.dropped / HUNDRED) if score else (0.0, 0.0)
        return Block(part, part.weight / HUNDRED, shown_score, present, dropped, entries)

    def entry(self, criterion: Criterion) -> Entry:
        fact = self.facts.get(criterion.code, Fact(None, "not gathered yet"))
        line = self.scored.line(criterion.code) if self.scored else None
        url = reverse("appraisal:source", args=[self.sheet.pk, criterion.code])
        statement = self.said.get(criterion.code)
        badge = (
            "claimed"
            if fact.value is None and statement is not None and statement.claimed is not None
            else BADGES[FactKind(criterion.kind)]
        )
        found = Figure(fact.value, badge=badge, url=url, reason=words(fact.reason) or _("nobody has judged it yet"))
        earned = None if line is None or criterion.rule == Rule.VETO else points(line.points, line.reason or fact.reason, url)
        return Entry(
            criterion, criterion.weight / HUNDRED, str(Rule(criterion.rule).label), str(FactKind(criterion.kind).label), found, earned, statement,
            self.marks.get(criterion.code), self._evidence(statement), self.may_say,
        )  # fmt: skip

    def _evidence(self, statement: Statement | None) -> tuple[tuple[str, str], ...]:
        if statement is None or not statement.record_kind:
            return ()
        found = title_and_url(Reference(statement.record_kind, statement.record_id), self.actor)
        return (found,) if found else ()


# one criterion: the drawer


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number of a sheet comes from: rule, value, weight, points, and the records behind it."""

    part: Part
    criterion: Criterion
    fact: Fact
    reason: str
    line: Line | None
    part_score: PartScore | None
    records: tuple[tuple[str, str], ...]
    hidden: int
    statement: Statement | None
    mark: Mark | None
    observations: str
    rule: str
    source: str
    earned: float | None
    of: float | None
    note: str


def source(sheet: Sheet, actor: Any, code: str, *, with_scores: bool) -> Source | None:
    data = sheet.of_class.version.data
    part, criterion = next(((p, c) for p, c in data.criteria() if c.code == code), (None, None))
    if part is None or criterion is None:
        return None
    versions = queries.versions_of(sheet) if with_scores else []
    scoring = Scoring.read(versions[-1].content) if versions else None
    facts = scoring.facts if scoring else read_facts(sheet.facts)
    fact = facts.get(code, Fact(None, "not gathered yet"))
    line = scoring.scored.line(code) if scoring else None
    records = tuple(found for found in (title_and_url(Reference.parse(key), actor) for key in fact.references) if found)
    url = f"{reverse('indicators:source')}?at={sheet.node_id}&indicator={criterion.of}&month={sheet.round.last}"
    return Source(
        part, criterion, fact, words((line.reason if line else "") or fact.reason), line, scoring.scored.part(part.code) if scoring else None,
        records, len(fact.references) - len(records), sheet.statements.filter(criterion=code).first(),
        sheet.marks.filter(criterion=code).first() if with_scores else None, url if criterion.kind == FactKind.INDICATOR else "",
        str(Rule(criterion.rule).label), str(FactKind(criterion.kind).label), _points(line.points if line else None),
        _points(line.of if line else None), "" if fact.note == "none_entered" else spoken(fact.note),
    )  # fmt: skip


def _points(value: int | None) -> float | None:
    return None if value is None else value / HUNDRED


# a class


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in the table of its class."""

    standing: queries.Standing
    party: Figure
    production: Figure
    total: Figure
    grade: str
    by_points: str
    caps: tuple[str, ...]
    adjustments: tuple[Adjustment, ...]
    version: Version | None


@dataclass(frozen=True, slots=True)
class ClassShown:
    """A class: its scheme, the distribution of grades, its units ranked with ties."""

    name: str
    scheme: str
    scheme_url: str
    grades: tuple[queries.Grade, ...]
    rows: tuple[Row, ...]
    without: int
    hidden: int  # units of the class outside the actor's area
    most: int  # of a grade, to draw bars
    hashed: str


def classes(round_: Any, rows: Sequence[Sheet]) -> list[ClassShown]:
    """Every class of a round as far as the rows go; ranks and distribution over the whole class."""
    whole: dict[int, list[tuple[str, int | None]]] = {}
    for of_class, grade, score in round_.sheets.order_by().values_list("of_class_id", "grade", "score"):
        whole.setdefault(of_class, []).append((grade, score))
    found = []
    for one in round_.classes.select_related("version__scheme", "unit_class"):
        data, all_of = one.version.data, whole.get(one.pk, [])
        grades = tuple(queries.distribution(data, [grade for grade, _score in all_of]))
        own = [row for row in rows if row.of_class_id == one.pk]
        ranked = queries.standings(own, [score for _grade, score in all_of if score is not None])
        found.append(
            ClassShown(
                one.unit_class.label, f"{one.version.scheme.label} v{one.version.number}", reverse("schemes:version", args=[one.version_id]), grades,
                tuple(_row(standing, data) for standing in ranked), sum(not grade for grade, _score in all_of), len(all_of) - len(own),
                max((grade.count for grade in grades), default=0), one.digest,
            )
        )  # fmt: skip
    return found


def _row(standing: queries.Standing, data: SchemeData) -> Row:
    sheet = standing.sheet
    versions = queries.versions_of(sheet)
    version = versions[-1] if versions else None
    scored = Scoring.read(version.content).scored if version else None
    url = reverse("appraisal:sheet", args=[sheet.pk])
    name = data.grade(sheet.grade)
    before = data.grade(scored.grade_by_points) if scored else None
    return Row(
        standing, points(scored.party if scored else None), points(scored.production if scored else None),
        points(scored.total if scored else None, scored.reason if scored else "", url), name.label if name else "", before.label if before else "",
        tuple(str(CAPS[one.by]) for one in scored.capped) if scored else (), tuple(version.adjustments.all()) if version else (), version,
    )  # fmt: skip
