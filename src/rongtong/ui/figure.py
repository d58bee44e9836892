"""A number as it is shown: never without unit, period, kind of evidence and the way to its source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BADGES: dict[str, str | Promise] = {
    "measured": _("measured"),
    "derived": _("derived"),
    "claimed": _("claimed"),
    "before_after": _("before-after"),
    "compared": _("compared"),
    "not_enough": _("not enough data"),
    "not_applicable": _("not applicable"),
    "synthetic": _("synthetic"),
}
_STATES: dict[str, tuple[str, str | Promise, str]] = {
    "met": ("✓", _("met"), "green"),
    "due": ("◔", _("due"), "amber"),
    "late": ("▲", _("late"), "red"),
    "excused": ("○", _("excused"), "grey"),
    "not_applicable": ("·", _("not applicable"), "grey"),
    "not_enough_data": ("—", _("not enough data"), "grey"),
    "measured": ("✓", _("measured"), "green"),
    "waiting": ("◔", _("waiting"), "grey"),
    "running": ("◑", _("running"), "amber"),
    "done": ("✓", _("done"), "green"),
    "failed": ("▲", _("failed"), "red"),
    "cancelled": ("○", _("cancelled"), "grey"),
    "draft": ("◔", _("draft"), "amber"),
    "published": ("✓", _("published"), "green"),
    "superseded": ("○", _("superseded"), "grey"),
}


def state_mark(code: str) -> tuple[str, str | Promise, str]:
    """Icon, word and tone of a state."""
    return _STATES.get(code, ("·", code, "grey"))


UNCERTAIN_WEIGHTS = _("interval under uncertain weights")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, or the reason why there is none. `badge` is a key of BADGES; `trend` the last periods, None where one is missing.

    `change` is the difference to the period one compares with; its words say which (`against`).
    """

    value: float | None
    unit: str = ""
    decimals: int = 2
    low: float | None = None
    high: float | None = None
    badge: str = "derived"
    url: str = ""
    reason: str = ""
    period: str = ""
    trend: tuple[float | None, ...] = ()
    change: float | None = None
    against: str = ""
    is_signed: bool = False
    interval_words: str | Promise = UNCERTAIN_WEIGHTS

    @property
    def bare(self) -> "Figure":
        """The same for a sentence that tells the change in words."""
        return replace(self, change=None, trend=())

    @property
    def shown(self) -> str:
        text = "" if self.value is None else _text(self.value, self.decimals)
        return f"+{text}" if self.is_signed and self.value is not None and self.value > 0 else text

    @property
    def interval(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"[{_text(self.low, self.decimals)}, {_text(self.high, self.decimals)}]"

    @property
    def change_text(self) -> str:
        """The difference with its sign; one that the decimals do not show is none."""
        if self.change is None:
            return ""
        text = f"{self.change:+.{self.decimals}f}".replace("-", "−")
        return f"±{text[1:]}" if not text.strip("+−0.") else text

    @property
    def spark(self) -> list[str]:
        """The trend as points of polylines; a missing period breaks the line, it is never drawn through."""
        return sparkline(self.trend)

    @property
    def badge_text(self) -> str:
        return str(BADGES["not_enough" if self.value is None and self.badge != "not_applicable" else self.badge])


def _text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−")


SPARK_WIDTH, SPARK_HEIGHT = 84, 22


def sparkline(trend: Sequence[float | None]) -> list[str]:
    """Points of one polyline a stretch of two or more present values, in a box of 84 by 22; a value between two gaps is no line.

    >>> sparkline([0.0, 1.0, None, 0.5])
    ['0.0,20.0 28.0,2.0']
    """
    known = [value for value in trend if value is not None]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    step, room = SPARK_WIDTH / (len(trend) - 1), SPARK_HEIGHT - 4
    places = [
        (at * step, None if v is None else 2 + room * ((high - v) / (high - low) if high > low else 0.5)) for at, v in enumerate(trend)
    ]
    stretches = [list(group) for is_known, group in groupby(places, key=lambda place: place[1] is not None) if is_known]
    return [" ".join(f"{x:.1f},{y:.1f}" for x, y in stretch) for stretch in stretches if len(stretch) > 1]
