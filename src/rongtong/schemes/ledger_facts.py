"""Figures of the ledger that a criterion may name, counted at units over what fell due in a span."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.ledger import queries as ledger
from rongtong.ledger.models import Origin
from rongtong.ledger.states import State
from rongtong.schemes.data import Fact

MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """What is counted of a matter."""

    pk: int
    lead_id: int
    partner_id: int | None
    origin: str
    state: str
    is_on_time: bool
    has_outcome: bool
    returned: int


@dataclass(frozen=True, slots=True)
class LedgerFigure:
    """A share in percent: which matters are counted, and which of them count as done."""

    name: str | Promise
    counts: Callable[[Row], bool]
    done: Callable[[Row], bool]


FIGURES: Mapping[str, LedgerFigure] = {
    "on_time": LedgerFigure(gettext_lazy("matters closed out on time"), lambda _row: True, lambda row: row.is_on_time),
    "duties_on_time": LedgerFigure(gettext_lazy("duties met on time"), lambda row: row.origin == Origin.DUTY, lambda row: row.is_on_time),
    "deployed_done": LedgerFigure(
        gettext_lazy("instructions past due that closed with a business-side result"), lambda row: row.origin == Origin.INSTRUCTION,
        lambda row: row.state == State.CLOSED and row.has_outcome,
    ),
    "mended_on_time": LedgerFigure(
        gettext_lazy("rectifications closed out on time"), lambda row: row.origin == Origin.RECTIFICATION, lambda row: row.is_on_time
    ),
    "accepted_first": LedgerFigure(
        gettext_lazy("closed matters that were never returned"), lambda row: row.state == State.CLOSED, lambda row: row.returned == 0
    ),
}  # fmt: skip


def figures_at(
    codes: Collection[str], places: Mapping[int, Collection[int]], starts_on: date, ends_on: date
) -> dict[tuple[int, str], Fact]:
    """(unit, figure) to its fact; `places` are the nodes whose matters are the unit's: itself and the organisations linked with it."""
    if not codes:
        return {}
    by_node = _rows({node for nodes in places.values() for node in nodes}, starts_on, ends_on)
    found = {}
    for unit, nodes in places.items():
        mine = list({row.pk: row for node in nodes for row in by_node.get(node, ())}.values())
        for code in codes:
            found[unit, code] = _fact(FIGURES[code], mine)
    return found


def _rows(nodes: Collection[int], starts_on: date, ends_on: date) -> dict[int, list[Row]]:
    rows: dict[int, list[Row]] = defaultdict(list)
    due = ledger.past_due(ends_on).filter(Q(lead__in=nodes) | Q(partner__in=nodes), due_on__gte=starts_on).order_by("due_on", "pk")
    columns = ("pk", "lead_id", "partner_id", "origin", "state", "closed_on", "due_on", "outcome", "returned")
    for pk, lead, partner, origin, state, closed_on, due_on, outcome, returned in due.values_list(*columns):
        row = Row(pk, lead, partner, origin, state, closed_on is not None and closed_on <= due_on, bool(outcome), returned)
        for node in {lead, partner} - {None}:
            rows[node].append(row)
    return rows


def _fact(figure: LedgerFigure, rows: Collection[Row]) -> Fact:
    counted = [row for row in rows if figure.counts(row)]
    if not counted:
        return Fact(None, _("nothing fell due that is counted here"))
    done = sum(figure.done(row) for row in counted)
    note = _("%(done)d of %(count)d: %(name)s") % {"done": done, "count": len(counted), "name": figure.name}
    # what was not done first: it is what somebody wants to look at
    shown = sorted(counted, key=figure.done)[:MOST_REFERENCES]
    return Fact(100 * done / len(counted), references=tuple(f"matter:{row.pk}" for row in shown), note=note)
