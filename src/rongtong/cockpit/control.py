"""One indicator of a unit over time as the run used it: what is a signal, what is noise, and which carriers began when."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.engines.control import xmr
from rongtong.indicators.models import Indicator
from rongtong.kernel.periods import Period, month_of
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.plans import queries as plans
from rongtong.trees.models import Node
from rongtong.ui import charts as build


@dataclass(frozen=True, slots=True)
class Control:
    """A control chart with its sentence; `option` is None where there are too few values."""

    indicator: Indicator
    sentence: str
    option: dict[str, Any]
    rows: list[dict[str, Any]]


def control(actor: Any, run: Run, node: Node, indicator: Indicator) -> Control | None:
    """The chart of an indicator at a unit; None if the run holds no such series. A value that still holds is no new measurement: a gap."""
    rows = panel.values(actor, run, node=node, indicator_id=indicator.pk)
    if not rows:
        return None
    values = [None if row["is_held"] else row["value"] for row in rows]
    found = xmr([float("nan") if value is None else value for value in values])
    labels = [str(Period.month(row["period"])) for row in rows]
    signals = [bool(signal) for signal in found.signals]
    has_limits = found.lower == found.lower
    limits = (found.lower, found.centre, found.upper) if has_limits else None
    starts = _starts(actor, node, indicator, rows)
    shown = [
        {"month": label, "value": value, "is_signal": hit, "is_held": row["is_held"]}
        for label, value, hit, row in zip(labels, values, signals, rows, strict=True)
    ]
    return Control(
        indicator, _sentence(sum(signals), found.present, has_limits), build.xmr(labels, values, signals, limits, starts), shown[::-1]
    )


def _sentence(signals: int, present: int, has_limits: bool) -> str:
    if not has_limits:
        return _("%(count)d months have a value: too few to tell a signal from noise") % {"count": present}
    if not signals:
        return _("No month of %(count)d is a signal: the ups and downs are noise") % {"count": present}
    return ngettext(
        "%(signals)d month of %(count)d is a signal; the others are noise", "%(signals)d months of %(count)d are signals; the others are noise", signals
    ) % {"signals": signals, "count": present}  # fmt: skip


def _starts(actor: Any, node: Node, indicator: Indicator, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Month and title of the carriers that began at the unit for this indicator."""
    if not can(actor, Permission.PLAN_VIEW, node):
        return []
    begun = plans.carriers(actor).filter(unit=node, indicator=indicator).order_by("starts_on")
    known = {row["period"] for row in rows}
    months = [(month_of(carrier.starts_on), carrier.title) for carrier in begun]
    return [(str(Period.month(month)), title) for month, title in months if month in known]
