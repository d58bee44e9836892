"""What a set must satisfy before it is issued: weights that sum to 1, bands that rise."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _

from rongtong.indicators.models import Indicator, Subsystem
from rongtong.kernel.errors import Refused

SLACK = 1e-6


class Item(NamedTuple):
    """An indicator with its weight and norm bands."""

    indicator: Indicator
    weight: float
    bands: list[list[float]] | None = None


def check_items(items: Sequence[Item]) -> None:
    """Refused unless the weights of every subsystem that is present sum to 1 and the bands can be read."""
    for item in items:
        _check_weight(item)
        if item.bands is not None:
            check_bands(item.indicator, item.bands)
    codes = [item.indicator.code for item in items]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise Refused(
            _("%(codes)s stands in the set twice") % {"codes": ", ".join(twice)}, field="items", remedy=_("remove one"), code="set_twice"
        )
    for side, label in Subsystem.choices:
        _check_sum(str(label), [item for item in items if item.indicator.subsystem == side])


def _check_weight(item: Item) -> None:
    if not (math.isfinite(item.weight) and 0 <= item.weight <= 1):
        raise Refused(
            _("The weight of %(code)s is %(weight)s") % {"code": item.indicator.code, "weight": item.weight},
            field="weight",
            remedy=_("give a share of 0 to 1"),
            code="weight_range",
        )
    if item.indicator.is_veto and item.weight > 0:
        raise Refused(
            _("%(code)s is a veto item and stands outside the sums") % {"code": item.indicator.code},
            field="weight",
            remedy=_("give it the weight 0"),
            code="weight_veto",
        )


def _check_sum(label: str, items: Sequence[Item]) -> None:
    total = sum(item.weight for item in items)
    if items and any(not item.indicator.is_veto for item in items) and abs(total - 1) > SLACK:
        raise Refused(
            _("The weights of %(side)s sum to %(total)s, not to 1") % {"side": label, "total": f"{total:.4f}"},
            field="weight",
            remedy=_("change them so that they sum to 1"),
            code="weight_sum",
        )


def check_bands(indicator: Indicator, bands: list[list[float]]) -> None:
    """Bands are [edge, score] with rising edges and scores of 0 to 1."""
    is_shaped = len(bands) >= 2 and all(len(pair) == 2 and all(math.isfinite(number) for number in pair) for pair in bands)
    edges = [pair[0] for pair in bands] if is_shaped else []
    if not is_shaped or any(a >= b for a, b in pairwise(edges)) or any(not 0 <= pair[1] <= 1 for pair in bands):
        raise Refused(
            _("The norm bands of %(code)s cannot be read") % {"code": indicator.code},
            field="bands",
            remedy=_("give pairs of value and score, the values rising, the scores of 0 to 1"),
            code="bands",
        )
