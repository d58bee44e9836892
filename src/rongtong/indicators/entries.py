"""One value as it arrives, and what must hold for it: finite, in the indicator's unit, a ratio that agrees with its parts."""

import math
from typing import NamedTuple

from django.utils.translation import gettext as _

from rongtong.indicators.models import LARGEST, Indicator, Kind
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import FIRST_YEAR, LAST_YEAR


class Entry(NamedTuple):
    """A value of an indicator at a node in a month; `row` is the row of the file it came from. A tuple, for speed."""

    node_id: int
    indicator_id: int
    period: int
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    row: int | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        return self.period, self.node_id, self.indicator_id


def checked(entry: Entry, indicator: Indicator) -> Entry:
    """The entry with its value (computed for a ratio given by its parts), or Refused."""
    check_period(entry.period)
    value, over, under = entry.value, entry.numerator, entry.denominator
    if over is None and under is None:
        if value is None:
            raise Refused(
                _("There is no value"), field="value", remedy=_("leave the whole row out where nothing is known"), code="value_empty"
            )
        _check_finite(value, "value")
        return entry
    return entry._replace(value=of_parts(indicator, value, over, under))


def of_parts(indicator: Indicator, value: float | None, over: float | None, under: float | None) -> float:
    """Value of a ratio from numerator and denominator; a typed value must agree to the shown decimals."""
    if indicator.kind != Kind.RATIO:
        raise Refused(
            _("%(code)s is not a ratio") % {"code": indicator.code},
            field="numerator",
            remedy=_("give the value alone, without numerator and denominator"),
            code="not_a_ratio",
        )
    if over is None or under is None:
        field = "numerator" if over is None else "denominator"
        raise Refused(_("Only one of numerator and denominator is given"), field=field, remedy=_("give both or neither"), code="ratio_half")
    _check_finite(over, "numerator")
    _check_finite(under, "denominator")
    if under == 0:
        raise Refused(
            _("The denominator is 0, so there is no ratio"),
            field="denominator",
            remedy=_("leave the row out: nothing was due"),
            code="denominator_zero",
        )
    computed = indicator.scale * over / under
    _check_finite(computed, "value")
    if value is not None and abs(value - computed) > 0.5000001 * 10.0**-indicator.decimals + 1e-9 * abs(computed):
        raise Refused(
            _("The value %(value)s does not agree with numerator ÷ denominator, which is %(computed)s")
            % {"value": f"{value:g}", "computed": f"{computed:.{indicator.decimals}f}"},
            field="value",
            remedy=_("correct the value or its parts"),
            code="ratio_mismatch",
        )
    return computed


def check_period(period: int) -> None:
    if not (FIRST_YEAR <= period // 100 <= LAST_YEAR and 1 <= period % 100 <= 12):
        raise Refused(_("“%(period)s” is not a month") % {"period": period}, field="period", remedy=_("write it as YYYY-MM"), code="period")


def _check_finite(value: float, field: str) -> None:
    if not (math.isfinite(value) and abs(value) <= LARGEST):
        raise Refused(
            _("“%(value)s” is not a finite number") % {"value": value},
            field=field,
            remedy=_("leave the cell empty where there is no value"),
            code="number_infinite",
        )


def check_target(indicator: Indicator, period: int, target: float, floor: float | None, stretch: float | None) -> None:
    """Refused unless the three numbers stand in the order of the indicator's direction."""
    check_period(period)
    known = [number for number in (floor, target, stretch) if number is not None]
    is_rising = indicator.direction != "cost"
    ordered = sorted(known, reverse=not is_rising)
    if known != ordered or len(set(known)) < len(known):
        raise Refused(
            _("Floor, target and stretch are not in order"),
            field="target",
            remedy=_("let them rise, or fall where less is better, and differ"),
            code="target_order",
        )
