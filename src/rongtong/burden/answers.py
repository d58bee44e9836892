"""What people typed into a sheet: the one class that reads and writes its JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from rongtong.burden.models import AnswerKind, Question
from rongtong.kernel.errors import Refused

MOST = 1000
YES = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Answers:
    """Question to what was typed: text, number, ISO day, true or false. What is absent was not answered."""

    by_question: Mapping[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Answers":
        return cls({int(key): value for key, value in stored.items()})

    def stored(self) -> dict[str, Any]:
        return {str(key): value for key, value in self.by_question.items()}

    def of_question(self, question: Question) -> Any:
        return self.by_question.get(question.pk)

    def missing(self, questions: Sequence[Question]) -> list[Question]:
        """What is typed and has no answer yet."""
        return [q for q in questions if q.kind != AnswerKind.HELD and self.by_question.get(q.pk) is None]


def read(questions: Sequence[Question], typed: Mapping[int, str]) -> Answers:
    """Check what was typed against its questions; empty is no answer. Refused with the question's own words."""
    found: dict[int, Any] = {}
    for question in questions:
        text = typed.get(question.pk, "").strip()
        if question.kind != AnswerKind.HELD and text:
            found[question.pk] = _one(question, text)
    return Answers(found)


def _one(question: Question, text: str) -> Any:
    field, words = f"q{question.pk}", {"question": question.words, "text": text[:40]}
    if question.kind == AnswerKind.NUMBER:
        return _number(field, words, text)
    if question.kind == AnswerKind.DAY:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as wrong:
            what = _("“%(text)s” is not a day (%(question)s)") % words
            raise Refused(what, field=field, remedy=_("write it as YYYY-MM-DD")) from wrong
    if question.kind == AnswerKind.YES:
        if text not in YES:
            raise Refused(_("“%(text)s” is neither yes nor no (%(question)s)") % words, field=field, remedy=_("choose one"))
        return YES[text]
    if len(text) > MOST:
        raise Refused(
            _("The answer is longer than 1,000 characters (%(question)s)") % words, field=field, remedy=_("attach it elsewhere as a file")
        )
    return text


def _number(field: str, words: dict[str, str], text: str) -> float:
    try:
        value = float(text.replace(",", "").replace("，", "").replace("−", "-"))
    except ValueError as wrong:
        raise Refused(_("“%(text)s” is not a number (%(question)s)") % words, field=field, remedy=_("write it in digits")) from wrong
    if not math.isfinite(value):
        raise Refused(_("“%(text)s” is not a number (%(question)s)") % words, field=field, remedy=_("write it in digits"))
    return value


def shown(question: Question, value: Any) -> str:
    """An answer as a table shows it."""
    if value is None:
        return ""
    if question.kind == AnswerKind.YES:
        return _("yes") if value else _("no")
    return f"{value:g}" if isinstance(value, float) else str(value)
