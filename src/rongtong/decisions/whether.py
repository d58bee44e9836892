"""四个是否: the four questions a pre-study answers, each with its reason. One class reads and writes the column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

QUESTIONS = {
    "line": _("Does it fit the Party's line and the national strategy?"),
    "value": _("Does it raise efficiency and competitiveness and keep the value of state assets?"),
    "public": _("Does it serve the public interest?"),
    "staff": _("Does it keep the lawful rights of the staff?"),
}
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One question; `yes` None: not answered yet."""

    question: str
    yes: bool | None = None
    reason: str = ""

    @property
    def text(self) -> Any:
        return QUESTIONS[self.question]


@dataclass(frozen=True, slots=True)
class Answers:
    """All four, in their order."""

    rows: tuple[Answer, ...]

    @classmethod
    def read(cls, stored: Sequence[Sequence[Any]]) -> "Answers":
        known = {row[0]: Answer(row[0], row[1], row[2]) for row in stored}
        return cls(tuple(known.get(name, Answer(name)) for name in QUESTIONS))

    @classmethod
    def of(cls, given: Iterable[Answer]) -> "Answers":
        return cls.read([[a.question, a.yes, a.reason] for a in given])

    def stored(self) -> list[list[Any]]:
        return [[a.question, a.yes, a.reason] for a in self.rows]

    @property
    def is_complete(self) -> bool:
        return all(a.yes is not None for a in self.rows)
