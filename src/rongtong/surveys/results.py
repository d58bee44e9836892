"""The results of a released wave as plain values for the page: every figure with its interval and the way to its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rongtong.access.queries import Area
from rongtong.duties import figures as duty_figures
from rongtong.duties import queries as duties
from rongtong.surveys import queries
from rongtong.surveys.content import PAIRED, Option, gap, measure
from rongtong.surveys.estimates import Effect, Sums, hedges_g, paired_g
from rongtong.surveys.figures import estimate
from rongtong.surveys.models import Aspect, Question, QuestionKind, Side, Wave
from rongtong.surveys.queries import Union
from rongtong.ui.figure import Figure


@dataclass(frozen=True, slots=True)
class Column:
    """A measure that is shown for every group."""

    code: str
    name: str
    unit: str
    decimals: int = 2
    side: str = ""
    is_signed: bool = False
    is_main: bool = True  # in the table of groups; the others stand in the drawer and in the API


@dataclass(frozen=True, slots=True)
class Row:
    """A group with its figures, those of the table apart; `effect` compares it with all the others."""

    union: Union
    figures: tuple[Figure, ...]
    main: tuple[Figure, ...]
    effect: Effect | None
    effect_words: str
    rate: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A question over everybody asked."""

    question: Question
    figure: Figure
    options: tuple[tuple[str, Figure], ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What the page says first."""

    business: Figure | None = None
    party: Figure | None = None
    gap: Figure | None = None
    effect: str = ""
    expected: Figure | None = None
    satisfaction: Figure | None = None


def columns_of(questions: Sequence[Question]) -> list[Column]:
    """The means that a questionnaire gives, sides side by side."""
    have = {(question.aspect, question.side) for question in questions if question.kind not in {QuestionKind.CHOICE, QuestionKind.TEXT}}
    points = pgettext("unit", "points")
    found = []
    for aspect in (Aspect.HARDNESS, Aspect.IMPORTANCE):
        both = all((aspect, side) in have for side in Side)
        names = {"aspect": str(aspect.label)}
        for side, tone in ((Side.BUSINESS, "production"), (Side.PARTY, "party")):
            if (aspect, side) in have:
                name = _("%(aspect)s of %(side)s") % {**names, "side": str(side.label)}
                found.append(Column(measure(aspect, side), name, points, side=tone, is_main=aspect == Aspect.HARDNESS))
        if both:
            found.append(Column(gap(aspect), _("%(aspect)s: business minus Party") % names, points, side="joined", is_signed=True))
    rest = ((Aspect.EXPECTED, "%", 1), (Aspect.COMMUNICATION, points, 2), (Aspect.SATISFACTION, points, 1))
    return found + [
        Column(measure(one), str(one.label), unit, decimals, is_main=one != Aspect.COMMUNICATION)
        for one, unit, decimals in rest
        if (one, "") in have
    ]


def url_of(wave: Wave, union: Union, code: str) -> str:
    return f"{reverse('surveys:source', args=[wave.pk])}?{urlencode({'cell': union.key, 'm': code})}"


def figure_of(wave: Wave, union: Union, column: Column, sums: Sums | None) -> Figure:
    """A self-reported figure, or why there is none."""
    if sums is None:
        reason = _("fewer than %(k)s answers: not shown") % {"k": wave.k_score}
        return Figure(None, unit=column.unit, reason=reason)
    found = estimate(column.code, sums, wave)
    by = 100.0 if ":" in column.code else 1.0
    return Figure(
        by * found.value, unit=column.unit, decimals=column.decimals, low=by * found.low, high=by * found.high, badge="claimed",
        url=url_of(wave, union, column.code), period=str(wave.closed_on), is_signed=column.is_signed, interval_words=_("95 % interval"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Results:
    """The page of a released wave."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    head: Head

    @property
    def main_columns(self) -> list[Column]:
        return [column for column in self.columns if column.is_main]

    @property
    def first_rows(self) -> list[Row]:
        """Everyone, roles, and the units right below the root; where there are none, all cells."""
        first = [row for row in self.rows if row.union.kind in {"whole", "role", "group"}]
        return first if len(first) > 1 else list(self.rows)

    @property
    def cell_rows(self) -> list[Row]:
        first = self.first_rows
        return [row for row in self.rows if row not in first]


def results(wave: Wave, area: Area) -> Results:
    """Everything that the page shows, from two questions to the database."""
    questions = list(wave.questionnaire.questions.all())
    unions, sums = queries.unions(wave, area), queries.sums([wave.pk], [])
    columns = columns_of(questions)
    whole = next((union for union in unions if union.kind == "whole"), None)
    rows = [_row(wave, union, whole, columns, sums) for union in unions if whole and sums]
    lines = [_line(wave, whole, question, sums) for question in questions if whole and question.kind != QuestionKind.TEXT]
    return Results(tuple(columns), tuple(rows), tuple(lines), _head(wave, rows[0], columns, sums) if rows else Head())


def _row(wave: Wave, union: Union, whole: Union, columns: Sequence[Column], sums: Mapping[tuple[int, str], Sums]) -> Row:
    figures = tuple(figure_of(wave, union, column, queries.over(sums, union.blocks, column.code)) for column in columns)
    effect = None
    if union.blocks != whole.blocks:
        code = next((column.code for column in columns if column.code == gap(Aspect.HARDNESS)), columns[0].code)
        own, rest = (queries.over(sums, part, code) for part in (union.blocks, whole.blocks - union.blocks))
        effect = hedges_g(own, rest) if own and rest else None
    rate = None if union.answered is None or not union.invited else union.answered / union.invited
    main = tuple(figure for column, figure in zip(columns, figures, strict=True) if column.is_main)
    return Row(union, figures, main, effect, size_words(effect), rate)


def size_words(effect: Effect | None) -> str:
    """A size of effect in words, with its figure."""
    if effect is None:
        return ""
    sizes = {
        "none": _("hardly any"),
        "small": pgettext("effect", "small"),
        "medium": pgettext("effect", "medium"),
        "large": pgettext("effect", "large"),
    }
    return f"{sizes[effect.size]} (g = {effect.g:+.2f})".replace("-", "−")


def _line(wave: Wave, whole: Union, question: Question, sums: Mapping[tuple[int, str], Sums]) -> Line:
    unit = "%" if question.kind in {QuestionKind.SHARE, QuestionKind.CHOICE} else pgettext("unit", "points")
    decimals = 1 if question.kind != QuestionKind.SCALE else 2
    if question.kind != QuestionKind.CHOICE:
        column = Column(question.code, str(question), unit, decimals)
        return Line(question, figure_of(wave, whole, column, queries.over(sums, whole.blocks, question.code)))
    options = []
    for option in Option.of(question):
        column = Column(f"{question.code}:{option.code}", option.label, unit, decimals)
        options.append((option.label, figure_of(wave, whole, column, queries.over(sums, whole.blocks, column.code))))
    return Line(question, Figure(None), tuple(sorted(options, key=lambda pair: -(pair[1].value or 0.0))))


def _head(wave: Wave, row: Row, columns: Sequence[Column], sums: Mapping[tuple[int, str], Sums]) -> Head:
    by = {column.code: figure.bare for column, figure in zip(columns, row.figures, strict=True)}
    apart = queries.over(sums, row.union.blocks, gap(Aspect.HARDNESS))
    hard = Aspect.HARDNESS
    return Head(
        by.get(measure(hard, Side.BUSINESS)), by.get(measure(hard, Side.PARTY)), by.get(gap(hard)), size_words(paired_g(apart)) if apart else "",
        by.get(measure(Aspect.EXPECTED)), by.get(measure(Aspect.SATISFACTION)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """Importance of Party work as it is said, beside what becomes of duties when it is busy."""

    importance: Figure
    drop: Figure
    url: str = ""


def said_and_done(wave: Wave, found: Results, day: date) -> Said | None:
    """Only where the questionnaire asked for the importance of Party work."""
    code = measure(Aspect.IMPORTANCE, Side.PARTY)
    said = next((row.figures[at] for row in found.rows[:1] for at, column in enumerate(found.columns) if column.code == code), None)
    if said is None:
        return None
    unit = pgettext("unit", "points")
    table = f"{reverse('ledger:table')}?at={wave.root_id}&origin=duty"
    if not wave.root.is_business:
        return Said(said, Figure(None, unit=unit, reason=_("told at business units")))
    points = duty_figures.busy_drop(wave.root, duties.nodes_under(wave.root, day), day).points
    reason = "" if points is not None else _("no closed months with a load, or no duty fell due in them")
    return Said(said, Figure(points, unit=unit, decimals=1, badge="measured", reason=reason, is_signed=True, url=""), table)


@dataclass(frozen=True, slots=True)
class Source:
    """The drawer of one figure."""

    title: str
    union: Union
    figure: Figure
    formula: str
    sums: Sums | None
    questions: tuple[Question, ...]
    parts: tuple[str, ...]


def source_of(wave: Wave, area: Area, key: str, code: str) -> Source | None:
    """Where a figure comes from: the questions, the groups, the sums; None if the wave shows no such figure here."""
    unions = queries.unions(wave, area)
    union = next((one for one in unions if one.key == key), None)
    questions = list(wave.questionnaire.questions.all())
    column = _column(questions, code)
    if union is None or column is None:
        return None
    sums = queries.over(queries.sums([wave.pk], [code]), union.blocks, code)
    asked = tuple(question for question in questions if _is_in(question, code))
    parts = tuple(one.label for one in unions if one.kind == "cell" and one.blocks <= union.blocks and one.key != union.key)
    return Source(column.name, union, figure_of(wave, union, column, sums), _formula(code, len(asked)), sums, asked, parts)


def _column(questions: Sequence[Question], code: str) -> Column | None:
    for column in columns_of(questions):
        if column.code == code:
            return column
    name, _colon, option = code.partition(":")
    question = next((one for one in questions if one.code == name and one.kind != QuestionKind.TEXT), None)
    if question is None or bool(option) != (question.kind == QuestionKind.CHOICE):
        return None
    if not option:
        return Column(code, str(question), "%" if question.kind == QuestionKind.SHARE else pgettext("unit", "points"), 2)
    labels = {one.code: one.label for one in Option.of(question)}
    return Column(code, labels[option], "%", 1) if option in labels else None


def _is_in(question: Question, code: str) -> bool:
    aspect, _dot, side = code.removeprefix("~").partition(".")
    if not code.startswith("~"):
        return question.code == code.partition(":")[0]
    return question.aspect == aspect and question.kind not in {QuestionKind.CHOICE, QuestionKind.TEXT} and side in {question.side, "gap"}


def _formula(code: str, count: int) -> str:
    if ":" in code:
        return _("share of those who chose this; Wilson's 95 % interval")
    if any(code == gap(aspect) for aspect in PAIRED):
        return _(
            "in each sheet: mean over the business tasks minus mean over the Party tasks; then the mean over all sheets, Student's 95 % interval"
        )
    if count > 1:
        return _("in each sheet: mean over %(count)s questions; then the mean over all sheets, Student's 95 %% interval") % {"count": count}
    return _("mean over all sheets, Student's 95 % interval")


def shown_so_far(wave: Wave, unions: Sequence[Union]) -> list[dict[str, Any]]:
    """Cells of an open wave with the answers so far, in steps of k; a union adds up what its cells show."""
    counts = queries.so_far(wave)
    return [{"union": union, "answered": sum(counts.get(block, 0) for block in union.blocks)} for union in unions]
