"""Who asks which fact of whom, and where the same thing is asked twice. Packages that make people fill something in register what they ask.

register_asker("duties", lambda nodes, day: [Asking("meeting.on", "", "branch_secretary", "Keep the meetings", "/duties/3/", nodes)])
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_SKIPPED = frozenset("的（）()：:，,。. 　/、-—_“”\"'？?（）")


@dataclass(frozen=True, slots=True)
class Asking:
    """One fact (or, where nobody named it, one question in words) that a source asks of somebody at nodes."""

    fact: str
    words: str
    payer: str  # who answers at the node: the unit itself, or a class of people there
    source: str
    url: str
    nodes: frozenset[int]

    @property
    def key(self) -> str:
        """What makes two askings the same: the fact, or else the bare words."""
        return self.fact or f"={plain(self.words)}"


def plain(words: str) -> str:
    """Words without width, case, spaces and punctuation.

    >>> plain("党员 人数（人）") == plain("党员人数(人)")
    True
    """
    folded = unicodedata.normalize("NFKC", words).lower()
    return "".join(sign for sign in folded if sign not in _SKIPPED)


@dataclass(frozen=True, slots=True)
class Twice:
    """The same thing asked of the same payer by two sources, at so many nodes."""

    words: str
    first: Asking
    second: Asking
    nodes: int


Asker = Callable[[Collection[int], date], Iterable[Asking]]
_askers: dict[str, Asker] = {}


def register_asker(code: str, asker: Asker) -> None:
    """Called from the owner's AppConfig.ready; asked with the nodes in question and the day."""
    _askers[code] = asker


def standing(nodes: Collection[int], day: date) -> list[Asking]:
    """Everything that is asked of these nodes today."""
    return [asking for asker in _askers.values() for asking in asker(nodes, day)]


def asked_twice(new: Sequence[Asking], others: Iterable[Asking] = ()) -> list[Twice]:
    """Pairs that ask the same of the same payer at a common node: inside `new`, and between `new` and `others`."""
    seen: dict[tuple[str, str], list[Asking]] = defaultdict(list)
    for asking in others:
        seen[asking.key, asking.payer].append(asking)
    found = []
    for asking in new:
        for before in seen[asking.key, asking.payer]:
            common = len(asking.nodes & before.nodes)
            if common:
                found.append(Twice(asking.words or before.words or asking.fact, before, asking, common))
        seen[asking.key, asking.payer].append(asking)
    return found
