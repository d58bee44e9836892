"""ECharts options as plain dicts: one theme, direct labels, intervals as bands, gaps where data are missing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PARTY, PRODUCTION, JOINED = "#B4232A", "#1F5FA8", "#6B4FA0"
GREY, PALE, INK = "#667085", "#cfd4de", "#1c2430"
MOST_NAMED = 24  # more names than these only cover each other
Option = dict[str, Any]
_AXIS: Option = {
    "axisLine": {"lineStyle": {"color": PALE}},
    "axisTick": {"show": False},
    "axisLabel": {"color": GREY},
    "splitLine": {"lineStyle": {"color": "#eef0f4"}},
    "nameTextStyle": {"color": GREY},
}


def _base() -> Option:
    return {
        "animation": False,
        "aria": {"enabled": True},
        "textStyle": {"fontFamily": "inherit"},
        "tooltip": {"renderMode": "richText", "trigger": "axis"},
    }


def line_with_band(
    labels: Sequence[str],
    values: Sequence[float | None],
    low: Sequence[float | None],
    high: Sequence[float | None],
    grades: Sequence[tuple[float, str]],
) -> Option:
    """D over time with its interval as a band and grade lines; a missing period is a gap."""
    known = [v for v in (*values, *low, *high) if v is not None]
    floor = max(0.0, int((min(known, default=0.5) - 0.05) * 10) / 10)
    top = min(1.0, (int((max(known, default=0.9) + 0.05) * 10) + 1) / 10)
    width = [None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)]
    last = next((f"{v:.2f}" for v in reversed(values) if v is not None), "")
    lines = [{"yAxis": edge, "label": {"formatter": name}} for edge, name in grades if floor < edge < top]
    band: Option = {"type": "line", "stack": "band", "symbol": "none", "silent": True, "lineStyle": {"opacity": 0}}
    main: Option = {
        "type": "line", "name": "D", "data": list(values), "connectNulls": False, "symbolSize": 5,
        "lineStyle": {"color": JOINED, "width": 2}, "itemStyle": {"color": JOINED},
        "endLabel": {"show": True, "formatter": last, "color": JOINED, "fontWeight": 700},
        "markLine": {"silent": True, "symbol": "none", "lineStyle": {"color": "#c3c8d2", "type": "dashed"}, "label": {"position": "insideStartTop", "color": GREY, "backgroundColor": "rgba(255,255,255,0.75)"}, "data": lines},
    }  # fmt: skip
    return _base() | {
        "grid": {"left": 40, "right": 48, "top": 12, "bottom": 28},
        "xAxis": {"type": "category", "data": list(labels), "boundaryGap": False, **_AXIS},
        "yAxis": {"min": floor, "max": top, **_AXIS},
        "series": [
            {**band, "data": list(low), "tooltip": {"show": False}},
            {**band, "data": width, "areaStyle": {"color": JOINED, "opacity": 0.14}},
            main,
        ],
    }


@dataclass(frozen=True, slots=True)
class Point:
    """A unit in the quadrant, and where a click on it leads."""

    x: float
    y: float
    name: str
    url: str = ""
    is_own: bool = False


def quadrant(points: Sequence[Point], x_name: str, y_name: str, before: Point | None = None, balance: str = "") -> Option:
    """U1 against U2 of the units of a class; the diagonal is balance, not linkage. `before` is where one's own unit stood."""
    others = [{"value": [p.x, p.y], "name": p.name, "url": p.url} for p in points if not p.is_own]
    own = [p for p in points if p.is_own]
    mine = [{"value": [p.x, p.y], "name": p.name} for p in own]
    known = [v for p in (*points, *([before] if before else [])) for v in (p.x, p.y)]
    low = max(0.0, int((min(known, default=0.2) - 0.05) * 10) / 10)
    ground = {"backgroundColor": "rgba(255,255,255,0.85)", "padding": [1, 3]}  # one's own name stays legible above the others
    label: Option = {"show": True, "formatter": "{b}", "position": "top", "color": JOINED, "fontWeight": 700, **ground}
    trail: list[Option] = []
    if before and own:
        start = {"value": [before.x, before.y], "name": before.name, "symbolSize": 8}
        trail = [
            {
                "type": "line", "data": [start, {"value": [own[0].x, own[0].y], "symbolSize": 0}], "symbol": "emptyCircle",
                "lineStyle": {"color": JOINED, "width": 1.5, "opacity": 0.6}, "itemStyle": {"color": JOINED},
                "label": {"show": True, "formatter": "{b}", "position": "bottom", "color": GREY, "fontSize": 11}, "silent": True,
            }
        ]  # fmt: skip
    axis: Option = {"type": "value", "min": low, "max": 1, "nameLocation": "middle", **_AXIS}
    return _base() | {
        "tooltip": {"renderMode": "richText", "trigger": "item", "formatter": "{b}"},
        "grid": {"left": 52, "right": 24, "top": 16, "bottom": 42},
        "xAxis": {**axis, "name": x_name, "nameGap": 26, "nameTextStyle": {"color": PARTY}},
        "yAxis": {**axis, "name": y_name, "nameGap": 34, "nameTextStyle": {"color": PRODUCTION}},
        "series": [
            {
                "type": "line",
                "data": [[low, low], {"value": [1, 1], "name": balance, "label": {"show": bool(balance)}}],
                "symbol": "none",
                "silent": True,
                "lineStyle": {"color": "#c3c8d2", "type": "dashed"},
                "label": {"formatter": balance, "position": [-62, 14], "color": GREY, "fontSize": 11},
            },
            {
                "type": "scatter",
                "data": others,
                "symbolSize": 9,
                "itemStyle": {"color": "#98a1b2"},
                "label": {"show": len(points) <= MOST_NAMED, "formatter": "{b}", "position": "right", "color": GREY, "fontSize": 11},
                "labelLayout": {"hideOverlap": True},
            },
            *trail,
            {"type": "scatter", "data": mine, "symbolSize": 14, "z": 6, "itemStyle": {"color": JOINED}, "label": label},
        ],
    }


def xmr(
    labels: Sequence[str],
    values: Sequence[float | None],
    signals: Sequence[bool],
    limits: tuple[float, float, float] | None,
    starts: Sequence[tuple[str, str]] = (),
) -> Option:
    """One unit's series with centre and natural limits; signals are marked, the rest is noise. `starts`: label and name of carriers that began."""
    marks: list[Option] = [{"yAxis": value} for value in limits or ()]
    known = [v for v in (*values, *(limits or ())) if v is not None]
    margin = 0.06 * ((max(known) - min(known)) or abs(max(known)) or 1.0) if known else 0.0
    digits = max(0, 2 - math.floor(math.log10(margin))) if margin > 0 else 2
    span = {"min": round(min(known) - margin, digits), "max": round(max(known) + margin, digits)} if known else {}
    marks += [
        {"xAxis": at, "name": name, "label": {"formatter": "{b}", "color": JOINED}, "lineStyle": {"color": JOINED}} for at, name in starts
    ]
    data = [
        {"value": v, "itemStyle": {"color": PARTY if hit else PRODUCTION}, "symbolSize": 9 if hit else 5}
        for v, hit in zip(values, signals, strict=True)
    ]
    line: Option = {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": GREY, "type": "dashed"},
        "label": {"color": GREY, "formatter": "{c}", "precision": 2},
        "data": marks,
    }
    return _base() | {
        "grid": {"left": 52, "right": 60, "top": 12, "bottom": 28},
        "xAxis": {"type": "category", "data": list(labels), "boundaryGap": False, **_AXIS},
        "yAxis": {"scale": True, **span, **_AXIS, "axisLabel": {"color": GREY, "showMinLabel": False, "showMaxLabel": False}},
        "series": [{"type": "line", "data": data, "connectNulls": False, "lineStyle": {"color": PRODUCTION}, "markLine": line}],
    }


def bars(labels: Sequence[str], values: Sequence[float | None], colour: str = JOINED) -> Option:
    """Horizontal bars from a zero line, the largest on top."""
    return _base() | {
        "grid": {"left": 8, "right": 48, "top": 4, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, **_AXIS},
        "yAxis": {"type": "category", "inverse": True, "data": list(labels), **_AXIS},
        "series": [
            {
                "type": "bar",
                "data": list(values),
                "barMaxWidth": 14,
                "itemStyle": {"color": colour},
                "label": {"show": True, "position": "right", "color": INK},
            }
        ],
    }


def months(labels: Sequence[str], values: Sequence[float | None], marked: Sequence[bool]) -> Option:
    """Small columns, one a month, from a zero line; the marked months stand out. A missing month has no column."""
    data = [{"value": v, "itemStyle": {"color": PARTY if hit else PALE}} for v, hit in zip(values, marked, strict=True)]
    return _base() | {
        "grid": {"left": 4, "right": 4, "top": 8, "bottom": 20},
        "xAxis": {"type": "category", "data": list(labels), **_AXIS, "axisLabel": {"color": GREY, "fontSize": 10, "interval": 0}},
        "yAxis": {"type": "value", "min": 0, "max": 100, "show": False},
        "series": [{"type": "bar", "data": data, "barMaxWidth": 14}],
    }


def shares(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float | None], str]]) -> Option:
    """Shares in percent of a few named series on one axis from 0 to 100; a month without a base is a gap."""
    return _base() | {
        "grid": {"left": 40, "right": 84, "top": 12, "bottom": 28},
        "xAxis": {"type": "category", "data": list(labels), "boundaryGap": False, **_AXIS},
        "yAxis": {"min": 0, "max": 100, **_AXIS},
        "series": [
            {
                "type": "line",
                "name": name,
                "data": list(values),
                "connectNulls": False,
                "symbolSize": 6,
                "lineStyle": {"color": colour, "width": 2},
                "itemStyle": {"color": colour},
                "endLabel": {"show": True, "formatter": "{a}", "color": colour},
                "labelLayout": {"moveOverlap": "shiftY"},
            }
            for name, values, colour in series
        ],
    }
