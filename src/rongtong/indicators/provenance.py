"""Where an observed figure comes from: every revision, who entered it, when, from which file and row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.indicators import collectors, queries
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel.periods import Period
from rongtong.kernel.reference import titles_and_urls
from rongtong.trees.models import Node


@dataclass(frozen=True, slots=True)
class ProvenanceStep:
    """One line of the drawer: what, how it came about, who and when, and where to look one step deeper."""

    title: str
    text: str = ""
    value: float | None = None
    who: str = ""
    at: datetime | None = None
    url: str = ""


def steps(actor: Any, node: Node, indicator: Indicator, period: int) -> list[ProvenanceStep]:
    """The definition first, then each revision, newest first. Unseen where the actor may not see the node."""
    rows = queries.revisions(actor, node, indicator, period)
    page = reverse("indicators:indicator", args=[indicator.code])
    head = ProvenanceStep(str(indicator), indicator.formula_label or indicator.definition_label, url=f"{page}?at={node.pk}&month={period}")
    if not rows:
        return [head, ProvenanceStep(_("No value was recorded for %(month)s") % {"month": Period.month(period)})]
    return [head, *(_step(row) for row in rows)]


def _step(row: Observation) -> ProvenanceStep:
    title = _("Revision %(number)d") % {"number": row.revision}
    if row.is_correction:
        title += " · " + _("marked correction")
    return ProvenanceStep(title, how(row), row.value, row.author_label, row.entered_at, reverse("indicators:observation", args=[row.pk]))


def how(row: Observation) -> str:
    """How a value came about, as a sentence."""
    parts = [str(row.get_source_display())]
    if row.batch is not None:
        parts.append(_("%(file)s, row %(row)s") % {"file": row.batch.file_name, "row": row.batch_row})
    if row.numerator is not None and row.denominator is not None:
        parts.append(f"{row.numerator:g} ÷ {row.denominator:g}")
    return " · ".join([*parts, row.note] if row.note else parts)


MOST_RECORDS = 100


@dataclass(frozen=True, slots=True)
class CountedRecord:
    """A record behind a collected figure, and whether it is in the numerator too."""

    title: str
    url: str
    counts: bool
    note: str = ""


def records(actor: Any, node: Node, indicator: Indicator, period: int) -> list[CountedRecord]:
    """The records that a collected figure counts, those that do not count first: they are what one looks for."""
    queries.require_view(actor, node)
    found = collectors.counted(indicator.collector, period, node.pk) if indicator.collector else None
    if found is None:
        return []
    keys = sorted(found.all, key=lambda pk: (pk in found.good, pk))
    shown = titles_and_urls(found.kind, map(str, keys[:MOST_RECORDS]), actor)
    lines = [CountedRecord(*shown[str(pk)], pk in found.good) for pk in keys[:MOST_RECORDS] if str(pk) in shown]
    hidden = len(keys) - len(lines)
    if hidden:
        title = _("%(count)d more that are not shown here") % {"count": hidden}
        lines.append(CountedRecord(title, "", False, _("outside your area, or beyond the first hundred")))
    return lines
