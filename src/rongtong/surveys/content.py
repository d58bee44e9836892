"""What an answered sheet holds, and which measures its figures are taken from. The only readers of the JSON columns of this package."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.kernel.language import in_language
from rongtong.surveys.models import Aspect, Question, QuestionKind, Side

MOST_WORDS = 300
RANGES = {QuestionKind.SCALE: (1, 5), QuestionKind.POINTS: (0, 100), QuestionKind.SHARE: (0, 100)}
PAIRED = (Aspect.IMPORTANCE, Aspect.HARDNESS)


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer to a choice."""

    code: str
    text: str
    text_en: str

    @property
    def label(self) -> str:
        return in_language(self.text, self.text_en)

    @classmethod
    def of(cls, question: Question) -> "tuple[Option, ...]":
        return tuple(cls(*map(str, row)) for row in question.options)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by question code: a number, or the code of an option."""

    of: Mapping[str, float | str]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Scores":
        return cls(dict(content))

    def written(self) -> dict[str, float | str]:
        return dict(sorted(self.of.items()))


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answered sheet as it arrives: scores, and words apart."""

    scores: Scores
    words: Mapping[int, str]  # by key of the question


def cleaned(questions: Sequence[Question], given: Mapping[str, str]) -> Sheet:
    """A sheet from what was sent, or Refused with the question that is missing or wrong."""
    scores: dict[str, float | str] = {}
    words: dict[int, str] = {}
    for question in questions:
        text = str(given.get(question.code, "")).strip()
        if question.kind == QuestionKind.TEXT:
            words[question.pk] = _words(question, text)
        else:
            scores[question.code] = value_of(question, text)
    return Sheet(Scores(scores), {key: text for key, text in words.items() if text})


def _words(question: Question, text: str) -> str:
    if len(text) > MOST_WORDS:
        what = _("The suggestion is longer than %(most)s characters") % {"most": MOST_WORDS}
        raise Refused(what, field=question.code, remedy=_("shorten it"), code="long")
    return text


def value_of(question: Question, text: str) -> float | str:
    """The answer to one question; whole numbers in their range, or an option."""
    if not text:
        raise Refused(
            _("“%(question)s” is not answered") % {"question": question}, field=question.code, remedy=_("choose an answer"), code="empty"
        )
    if question.kind == QuestionKind.CHOICE:
        if text in {option.code for option in Option.of(question)}:
            return text
    elif text.isascii() and text.isdigit() and len(text) <= 3:
        low, high = RANGES[QuestionKind(question.kind)]
        if low <= int(text) <= high:
            return float(text)
    what = _("“%(question)s” has no such answer") % {"question": question}
    raise Refused(what, field=question.code, remedy=_("choose one of those offered"), code="no_such_answer")


def measured(questions: Sequence[Question], scores: Scores) -> dict[str, float]:
    """Every measure of one sheet: its questions, options as 0 or 1, means by aspect and side, business minus Party."""
    found: dict[str, float] = {}
    for question in questions:
        value = scores.of.get(question.code)
        if isinstance(value, str):
            found |= {f"{question.code}:{option.code}": float(option.code == value) for option in Option.of(question)}
        elif value is not None:
            found[question.code] = float(value)
    return found | _means(questions, found)


def _means(questions: Iterable[Question], found: Mapping[str, float]) -> dict[str, float]:
    by: dict[str, list[float]] = {}
    for question in questions:
        if question.code in found:
            by.setdefault(measure(question.aspect, question.side), []).append(found[question.code])
    means = {name: fmean(values) for name, values in by.items()}
    for aspect in PAIRED:
        pair = [means.get(measure(aspect, side)) for side in (Side.BUSINESS, Side.PARTY)]
        if pair[0] is not None and pair[1] is not None:
            means[gap(aspect)] = pair[0] - pair[1]
    return means


def measure(aspect: str, side: str = "") -> str:
    """The code of a mean over the questions of an aspect and side.

    >>> measure("importance", "party")
    '~importance.party'
    """
    return f"~{aspect}.{side}" if side else f"~{aspect}"


def gap(aspect: str) -> str:
    """The code of business minus Party, sheet by sheet."""
    return f"~{aspect}.gap"


ALIASES = {"P51": measure(Aspect.SATISFACTION), "expected_share": measure(Aspect.EXPECTED)}
