"""Acts on indicators and observations."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.exchange.models import Batch
from rongtong.indicators import collecting, policies, recording
from rongtong.indicators.defining import assign_owner, define, install_sets, issue_set, switch
from rongtong.indicators.entries import Entry, check_period, check_target, checked
from rongtong.indicators.models import Draft, Indicator, MonthClose, Source, Target
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.periods import Period, month_of
from rongtong.kernel.reference import Reference
from rongtong.trees.models import Node

__all__ = [
    "assign_owner",
    "close_month",
    "collect",
    "define",
    "enter",
    "install_sets",
    "issue_set",
    "record",
    "save_draft",
    "set_target",
    "submit_draft",
    "switch",
]


@act("indicators.enter")
def enter(*, by: Actor, rows: Sequence[Entry], batch: Batch | None = None, note: str = "") -> int:
    """Record values. A value that is already stored changes nothing; another becomes a new revision, marked as a correction.

    In a closed month a reason (`note`) is needed. Returns how many rows were new.
    """
    nodes = Node.objects.in_bulk({row.node_id for row in rows})
    known = {
        indicator.pk: indicator for indicator in Indicator.objects.filter(pk__in={row.indicator_id for row in rows}).select_related("owner")
    }
    if len(nodes) < len({row.node_id for row in rows}) or len(known) < len({row.indicator_id for row in rows}):
        raise Unseen
    if not policies.is_system(by):
        for node_id, indicator_id in {(row.node_id, row.indicator_id) for row in rows}:
            policies.require_enter(by, nodes[node_id], known[indicator_id])
    entries = [_checked(row, nodes[row.node_id], known[row.indicator_id]) for row in rows]
    _refuse_twice(entries, nodes, known)
    return record(by=by, entries=entries, batch=batch, note=note)


def _checked(row: Entry, node: Node, indicator: Indicator) -> Entry:
    try:
        return checked(row, indicator)
    except Refused as refusal:
        place = f"{node.code} {indicator.code} {row.period}"
        raise Refused(f"{place}: {refusal.what}", field=refusal.field, remedy=refusal.remedy, code=refusal.code) from None


def _refuse_twice(entries: Sequence[Entry], nodes: dict[int, Node], known: dict[int, Indicator]) -> None:
    seen: set[tuple[int, int, int]] = set()
    for entry in entries:
        if entry.key in seen:
            what = f"{nodes[entry.node_id].code} {known[entry.indicator_id].code} {entry.period}"
            raise Refused(_("%(what)s is given twice") % {"what": what}, remedy=_("remove one"), code="given_twice")
        seen.add(entry.key)


@act("indicators.record")
def record(*, by: Actor, entries: Sequence[Entry], batch: Batch | None = None, note: str = "", source: str = "") -> int:
    """Write checked entries that differ from what is stored; the fast path of imports and collectors."""
    access.require_everywhere(by, Permission.OBSERVATION_ENTER if batch is None else Permission.IMPORT)
    stored = recording.current_values(entries)
    changes = recording.changed(entries, stored)
    _require_reason(changes, note)
    origin = recording.Origin(by, source or (Source.IMPORTED if batch else Source.ENTERED), batch, note[:300])
    count = recording.write(changes, stored, origin)
    about = Reference("batch", str(batch.pk)) if batch else Reference("node", str(entries[0].node_id) if entries else "")
    current().about(about, observations=count, months=sorted({entry.period for entry in changes}), note=note)
    return count


def _require_reason(changes: Sequence[Entry], note: str) -> None:
    if note.strip():
        return
    closed = recording.closed_months({entry.period for entry in changes})
    late = sorted({entry.period for entry in changes if closed.holds(entry.period, entry.node_id)})
    if late:
        months = ", ".join(str(Period.month(period)) for period in late)
        raise Refused(
            _("%(months)s is closed") % {"months": months},
            field="note",
            remedy=_("give the reason of the correction; it is recorded and marked"),
            code="month_closed",
        )


@act("indicators.close_month")
def close_month(*, by: Actor, period: int, node: Node | None = None) -> MonthClose:
    """关账: from now on the month takes corrections only. A month that has not ended cannot be closed; closing twice changes nothing."""
    access.require(by, Permission.MONTH_CLOSE, node)
    check_period(period)
    if period >= month_of(clock.today()):
        raise Refused(
            _("%(month)s has not ended") % {"month": Period.month(period)},
            field="period",
            remedy=_("close it after its last day"),
            code="month_running",
        )
    closing, is_new = MonthClose.objects.get_or_create(period=period, node=node, defaults={"closed_by": by.label, "closed_at": clock.now()})
    about = Reference("node", str(node.pk)) if node else Reference("month", str(period))
    current().about(about, period=period, repeated=not is_new)
    return closing


@act("indicators.set_target")
def set_target(
    *, by: Actor, unit: Node, indicator: Indicator, period: int, target: float, floor: float | None = None, stretch: float | None = None
) -> Target:
    """Set what a unit is to reach in a month; replaces the target before."""
    access.require(by, Permission.TARGET_SET, unit)
    check_target(indicator, period, target, floor, stretch)
    stored, _is_new = Target.objects.update_or_create(
        unit=unit,
        indicator=indicator,
        period=period,
        defaults={"target": target, "floor": floor, "stretch": stretch, "batch": None, "set_by": by.label, "set_at": clock.now()},
    )
    recording.mark_dirty([period])
    current().about(Reference("target", str(stored.pk)), unit=unit.code, indicator=indicator.code, period=period, target=target)
    return stored


@act("indicators.collect")
def collect(*, by: Actor, period: int) -> int:
    """Read a month's figures from the records, then compute the derived ones. Returns how many changed."""
    access.require_everywhere(by, Permission.OBSERVATION_ENTER)
    check_period(period)
    count = 0
    note = _("collected from the records")
    found = [checked(entry, indicator) for indicator, entries in collecting.collected(period) for entry in entries]
    count += record(by=by, entries=found, note=note, source=Source.COLLECTED) if found else 0
    for indicator, entries in collecting.derived(period):
        count += record(
            by=by, entries=entries, note=_("computed as %(formula)s") % {"formula": indicator.expression}, source=Source.DERIVED
        )
    current().about(Reference("month", str(period)), collected=count)
    return count


@act("indicators.save_draft")
def save_draft(*, by: User, node: Node, period: int, cells: dict[str, Any]) -> Draft:
    """Keep what somebody typed and did not submit; only they see it."""
    if not policies.can_enter_at(by, node):
        policies.require_view(by, node)
        access.require(by, Permission.OBSERVATION_ENTER, node, view=Permission.OBSERVATION_VIEW)
    check_period(period)
    draft, _is_new = Draft.objects.update_or_create(user=by, node=node, period=period, defaults={"cells": cells, "updated_at": clock.now()})
    current().about(Reference("node", str(node.pk)), period=period, cells=len(cells))
    return draft


@act("indicators.submit_draft")
def submit_draft(*, by: User, node: Node, period: int, rows: Sequence[Entry], note: str = "") -> int:
    """Enter the cells of the grid in one act and drop the draft."""
    count = enter(by=by, rows=rows, note=note)
    Draft.objects.filter(user=by, node=node, period=period).delete()
    return count
