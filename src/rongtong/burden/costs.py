"""What a form or a duty list costs before it is issued: person-hours over its units, what is held already, what is asked twice."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from rongtong.burden.askings import Asking, Twice, asked_twice, plain, standing
from rongtong.burden.facts import Fact, facts, facts_of

MINUTES = 60


def person_hours(minutes: float, places: int, times: int = 1) -> float:
    """Minutes of one filling-in, over so many places, so many times a year, in hours.

    >>> person_hours(20, 30, 4)
    40.0
    """
    return minutes * places * times / MINUTES


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that somebody has to fill in: the fact it is, if it has a name, or the words of the question."""

    fact: str
    words: str
    payer: str
    nodes: frozenset[int]
    minutes: float = 0.0
    times: int = 1

    def asking(self, source: str, url: str) -> Asking:
        return Asking(self.fact, self.words, self.payer, source, url, self.nodes)


@dataclass(frozen=True, slots=True)
class Cost:
    """What issuing costs. `held` are facts that nobody needs to type; of them `by_hand` are asked for all the same."""

    places: int
    items: int
    hours: float
    held: tuple[Fact, ...]
    by_hand: tuple[tuple[str, Fact], ...]
    twice: tuple[Twice, ...]

    @property
    def needs_reason(self) -> bool:
        return bool(self.by_hand or self.twice)

    @property
    def digest(self) -> str:
        """What the issuer saw; an issue with another digest is refused, so that nothing goes out unseen."""
        parts = (self.places, self.items, f"{self.hours:.3f}", [f.code for f in self.held], [w for w, _fact in self.by_hand])
        pairs = [(one.words, one.first.source, one.nodes) for one in self.twice]
        return hashlib.sha256(repr((parts, pairs)).encode()).hexdigest()[:16]


def cost(items: Sequence[Item], day: date, *, source: str, url: str, leave_out: Collection[str] = ()) -> Cost:
    """The cost of asking these items; `leave_out` are addresses of sources that they replace."""
    touched: set[int] = set().union(*(item.nodes for item in items)) if items else set()
    held = facts_of({item.fact for item in items if item.fact})
    others = [asking for asking in standing(touched, day) if asking.url not in leave_out] if touched else []
    return Cost(
        len(touched), len(items), sum(person_hours(item.minutes, len(item.nodes), item.times) for item in items),
        tuple(held[code] for code in sorted(held)), tuple(_typed_again(items, held)),
        tuple(asked_twice([item.asking(source, url) for item in items], others)),
    )  # fmt: skip


def _typed_again(items: Sequence[Item], held: dict[str, Fact]) -> list[tuple[str, Fact]]:
    """Questions in words that a held fact answers: nobody should type what stands in the system."""
    by_words = _by_words({item.words for item in items if not item.fact})
    found = []
    for item in items:
        fact = by_words.get(plain(item.words)) if not item.fact else held.get(item.fact)
        if fact is not None and item.minutes > 0:
            found.append((item.words or str(fact.name), fact))
    return found


def _by_words(words: Collection[str]) -> dict[str, Fact]:
    """Bare words to the fact of that name, in either language."""
    if not words:
        return {}
    from django.utils.translation import override

    found: dict[str, Fact] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {plain(str(fact.name)): fact for fact in facts()}
    return found
