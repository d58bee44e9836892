"""A number as it is shown: never without unit, period, kind of evidence and the way to its source."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BADGES: dict[str, str | Promise] = {
    "measured": _("measured"),
    "derived": _("derived"),
    "claimed": _("claimed"),
    "before_after": _("before-after"),
    "compared": _("compared"),
    "not_enough": _("not enough data"),
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


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, or the reason why there is none. `badge` is a key of BADGES."""

    value: float | None
    unit: str = ""
    decimals: int = 2
    low: float | None = None
    high: float | None = None
    badge: str = "derived"
    url: str = ""
    reason: str = ""

    @property
    def shown(self) -> str:
        return "" if self.value is None else _text(self.value, self.decimals)

    @property
    def interval(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"[{_text(self.low, self.decimals)}, {_text(self.high, self.decimals)}]"

    @property
    def badge_text(self) -> str:
        return str(BADGES["not_enough" if self.value is None else self.badge])


def _text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−")
