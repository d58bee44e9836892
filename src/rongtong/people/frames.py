"""A competence frame as it was issued, and the levels a post asks for: the only readers of their JSON columns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rongtong.kernel.language import in_language

LEVELS = (1, 2, 3, 4)


class Side(models.TextChoices):
    PARTY = "party", _("Party side")
    BUSINESS = "business", _("business side")


@dataclass(frozen=True, slots=True)
class Competence:
    """One competence with what can be observed at each level, in Chinese and English."""

    code: str
    side: str
    name: str
    name_en: str = ""
    behaviours: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)

    @property
    def shown(self) -> list[tuple[int, str]]:
        """Level and what can be observed there, in the language of the page."""
        return [(level, in_language(*texts)) for level, texts in zip(LEVELS, self.behaviours, strict=True)]


@dataclass(frozen=True, slots=True)
class Frame:
    """The competences of a version, by code, in the order of the frame."""

    competences: tuple[Competence, ...] = ()

    @classmethod
    def read(cls, content: list[dict[str, Any]]) -> "Frame":
        return cls(
            tuple(
                Competence(row["code"], row["side"], row["name"], row["name_en"], tuple((zh, en) for zh, en in row["behaviours"]))
                for row in content
            )
        )

    def stored(self) -> list[dict[str, Any]]:
        return [
            {
                "code": one.code,
                "side": one.side,
                "name": one.name,
                "name_en": one.name_en,
                "behaviours": [list(texts) for texts in one.behaviours],
            }
            for one in self.competences
        ]

    def get(self, code: str) -> Competence | None:
        return next((one for one in self.competences if one.code == code), None)

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(one.code for one in self.competences)

    def of_side(self, side: str) -> tuple[Competence, ...]:
        return tuple(one for one in self.competences if one.side == side)


@dataclass(frozen=True, slots=True)
class Levels:
    """Competence to the level that a post asks for; what is absent is not asked for."""

    by_code: Mapping[str, int]

    @classmethod
    def read(cls, content: Mapping[str, int]) -> "Levels":
        return cls({str(code): int(level) for code, level in content.items()})

    def stored(self) -> dict[str, int]:
        return dict(sorted(self.by_code.items()))

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(sorted(self.by_code.items()))

    def __len__(self) -> int:
        return len(self.by_code)


@dataclass(frozen=True, slots=True)
class Codes:
    """Competences that a course or a certificate serves."""

    codes: tuple[str, ...] = ()

    @classmethod
    def read(cls, content: Iterable[str]) -> "Codes":
        return cls(tuple(str(code) for code in content))

    def stored(self) -> list[str]:
        return sorted(set(self.codes))

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __contains__(self, code: str) -> bool:
        return code in self.codes
