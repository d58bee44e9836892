"""Where two objectives of a plan could be joined: by likeness of their words, and by the obstacles of the last run. People decide."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from scipy import sparse

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator
from rongtong.plans.models import Dismissal, IntegrationLink, Objective, Plan, PlanSide

_PLAIN = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
# words of the glossary that mean the same thing on both sides; a shared one weighs as a whole word
TERMS = (
    "质量",
    "安全",
    "成本",
    "交付",
    "创新",
    "人才",
    "返工",
    "合格率",
    "隐患",
    "违章",
    "能耗",
    "效率",
    "准时",
    "设备",
    "攻关",
    "班组",
    "培训",
    "改善",
)
LEAST = 0.06
MOST = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two objectives that could be joined, and why."""

    party: Objective
    production: Objective
    likeness: float
    kind: str  # reporting, obstacle or text
    reason: str


def pieces(text: str) -> list[str]:
    """Characters, pairs of characters, and terms of a text.

    >>> pieces("抓质量")
    ['抓', '质', '量', '抓质', '质量', '质量#']
    """
    plain = _PLAIN.sub("", text.lower())
    pairs = [plain[at : at + 2] for at in range(len(plain) - 1)]
    return [*plain, *pairs, *(f"{term}#" for term in TERMS if term in plain)]


def likeness(left: Sequence[str], right: Sequence[str]) -> NDArray[np.float64]:
    """Cosine of tf-idf over characters 1-2 and terms; shape (left, right), each in [0, 1]; 0 where a text is empty."""
    texts = [pieces(text) for text in (*left, *right)]
    words = {word: at for at, word in enumerate(sorted({word for text in texts for word in text}))}
    if not words or not left or not right:
        return np.zeros((len(left), len(right)))
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    columns = np.array([words[word] for text in texts for word in text], dtype=np.int64)
    counts = sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=(len(texts), len(words)))
    counts.sum_duplicates()
    seen_in = np.bincount(counts.indices, minlength=len(words))
    weighted = counts @ sparse.diags(np.log((1 + len(texts)) / (1 + seen_in)) + 1)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    scaled = sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ weighted
    return np.asarray((scaled[: len(left)] @ scaled[len(left) :].T).todense())


def suggest(
    objectives: Sequence[Objective],
    existing: Sequence[IntegrationLink],
    obstacles: Sequence[str],
    above: Collection[tuple[int, int]] = (),
    dismissed: Collection[tuple[int, int]] = (),
) -> list[Suggestion]:
    """The best few pairs of one plan that are not linked yet.

    `obstacles` are codes of indicators that hold the unit down, `above` pairs of objectives that the superior's plan joins,
    `dismissed` pairs that somebody set aside.
    """
    party = [o for o in objectives if o.side == PlanSide.PARTY and o.dropped_on is None]
    production = [o for o in objectives if o.side == PlanSide.PRODUCTION and o.dropped_on is None]
    linked = {(link.party_objective_id, link.production_objective_id) for link in existing if link.state != "lapsed"}
    alike = likeness([o.title for o in party], [o.title for o in production])
    found = []
    for at, one in enumerate(party):
        for to, other in enumerate(production):
            if (one.pk, other.pk) in linked or (one.pk, other.pk) in dismissed:
                continue
            if (one.parent_id or 0, other.parent_id or 0) in above:
                reason = _("the superior's plan joins the objectives they were taken over from")
                found.append(Suggestion(one, other, float(alike[at, to]), "reporting", reason))
                continue
            found += _of(one, other, float(alike[at, to]), obstacles)
    order = {"reporting": 0, "obstacle": 1, "text": 2}
    return sorted(found, key=lambda s: (order[s.kind], -s.likeness))[:MOST]


def _of(one: Objective, other: Objective, alike: float, obstacles: Sequence[str]) -> list[Suggestion]:
    held = [result.indicator for result in other.key_results.all() if result.indicator.code in obstacles]
    if held and alike > LEAST:
        reason = _("%(indicator)s is an obstacle of the last measurement, and the words are alike") % {"indicator": _names(held)}
        return [Suggestion(one, other, alike, "obstacle", reason)]
    shared = [term for term in TERMS if term in one.title and term in other.title]
    if alike <= (LEAST if shared else 2 * LEAST):
        return []
    reason = (
        _("both speak of %(terms)s") % {"terms": "、".join(shared)} if shared else _("the words are alike (%(share).2f)") % {"share": alike}
    )
    return [Suggestion(one, other, alike, "text", reason)]


def _names(indicators: Sequence[Indicator]) -> str:
    return "、".join(map(str, indicators))


def acceptance(rows: Any) -> tuple[int, int]:
    """How many proposed links came from a suggestion, and how many of those both sides confirmed."""
    taken = rows.exclude(suggested_by="")
    return taken.count(), taken.filter(state="confirmed").count()


@dataclass(frozen=True, slots=True)
class Worth:
    """What suggestions were worth so far: taken up, set aside, and of those taken up confirmed by both sides."""

    taken: int
    set_aside: int
    confirmed: int

    @property
    def decided(self) -> int:
        return self.taken + self.set_aside


def worth(links: QuerySet[IntegrationLink], aside: QuerySet[Dismissal]) -> Worth:
    taken, confirmed = acceptance(links)
    return Worth(taken, aside.count(), confirmed)


def dismissals(actor: Any) -> QuerySet[Dismissal]:
    """Suggestions that were set aside in the actor's area."""
    rows = Dismissal.objects.order_by("pk")
    return scoped(rows, actor, "party_objective__plan__unit", "party_objective__plan__party", permission=Permission.PLAN_VIEW)


def dismissed(plan: Plan) -> set[tuple[int, int]]:
    rows = Dismissal.objects.filter(party_objective__plan=plan).order_by()
    return set(rows.values_list("party_objective_id", "production_objective_id"))
