"""Questions to indicators and observations: the one door for other packages."""

from rongtong.indicators.lookups import (
    Weighed,
    closings,
    counts_by_indicator,
    current,
    draft_of,
    filtered,
    indicator_by_code,
    indicators,
    indicators_for,
    is_closed,
    latest_period,
    revisions,
    series,
    set_for,
    targets_at,
    targets_of_year,
    values_at,
    weights_of,
)
from rongtong.indicators.policies import require_view
from rongtong.indicators.quality import Quality, differences, quality
from rongtong.indicators.readings import Measure, Reading, reading

__all__ = [
    "Measure",
    "Quality",
    "Reading",
    "Weighed",
    "closings",
    "counts_by_indicator",
    "current",
    "differences",
    "draft_of",
    "filtered",
    "indicator_by_code",
    "indicators",
    "indicators_for",
    "is_closed",
    "latest_period",
    "quality",
    "reading",
    "require_view",
    "revisions",
    "series",
    "set_for",
    "targets_at",
    "targets_of_year",
    "values_at",
    "weights_of",
]
