"""The page's answer in one sentence: how high, how balanced, and, apart from that, how far joined."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from rongtong.cockpit.picture import Picture, Row
from rongtong.engines.measurement import TEN_BANDS

_LEVELS = ((0.4, "low"), (0.6, "middling"), (0.8, "good"))


@dataclass(frozen=True, slots=True)
class Headline:
    """Parts of the sentence. `d` and the rest are None where there is not enough data; then `reason` says why."""

    level: str
    d: float | None
    low: float | None
    high: float | None
    grade: str
    changed: str
    linkage: str
    reason: str = ""


def headline(picture: Picture) -> Headline:
    """Compose the answer for a node: its own D, else the roll-up of what lies below."""
    row = picture.score
    if row is not None and row["d"] is not None:
        changed = _changed(picture, _change(row, picture.before))
        return Headline(_level(row), row["d"], row["d_low"], row["d_high"], grade_name(row["band"]), changed, _linkage(picture))
    rollup = picture.rollup
    if rollup is not None and rollup["d"] is not None and (row is None or row["state"] == "not_applicable"):
        text = _("%(units)d units below are measured, %(missing)d have not enough data") % rollup
        return Headline(text, rollup["d"], None, None, "", _changed(picture, _change(rollup, picture.rollup_before)), "")
    return Headline("", None, None, None, "", "", _linkage(picture), reason=_reason(picture))


def _level(row: Row) -> str:
    party, production = _word(row["u1"]), _word(row["u2"])
    if party == production:
        both = {"low": _("Both lines are low"), "middling": _("Both lines are middling")}
        text = both.get(party) or {"good": _("Both lines are good"), "high": _("Both lines are high")}[party]
        return text + _balance(row["lag"])
    return _("Party work is %(party)s, production %(production)s") % {"party": word_name(party), "production": word_name(production)}


def _word(u: float) -> str:
    return next((word for edge, word in _LEVELS if u < edge), "high")


def word_name(word: str) -> str:
    return {"low": _("low"), "middling": _("middling"), "good": _("good"), "high": _("high")}[word]


def _balance(lag: int) -> str:
    return {0: _(" and in step"), -1: _(", Party work behind"), 1: _(", production behind")}.get(lag, "")


def grade_name(band: int) -> str:
    """Name of one of the ten grades in the page's language; empty for none."""
    if not band:
        return ""
    return _grades()[band - 1]


def _grades() -> list[str]:
    return [_(str(english).capitalize()) for *_edges, english in TEN_BANDS]


def _change(now: Row | None, before: Row | None) -> float | None:
    return None if now is None or before is None or now["d"] is None or before["d"] is None else float(now["d"] - before["d"])


def _changed(picture: Picture, change: float | None) -> str:
    """The change as words: against what, and by how much."""
    if change is None:
        return ""
    months = (picture.period.code // 100 - picture.versus.code // 100) * 12 + picture.period.code % 100 - picture.versus.code % 100
    words = {1: _("%(change)s against the month before"), 12: _("%(change)s against the year before")}
    text = f"{change:+.2f}".replace("-", "−").replace("+0.00", "±0.00").replace("−0.00", "±0.00")
    return words.get(months, _("%(change)s against three months before")) % {"change": text}


def _linkage(picture: Picture) -> str:
    """Level and balance say nothing of being joined; that sentence stands apart."""
    score = picture.score
    if score is None:
        return ""
    if score["i"] is not None:
        return _("How far the two are joined: linkage index I")
    present = sum(dimension.present for dimension in picture.dimensions)
    expected = sum(dimension.expected for dimension in picture.dimensions)
    if not expected:
        return ""
    values = {"present": present, "expected": expected}
    return _("Whether they are joined cannot be told yet: %(present)d of %(expected)d linkage indicators have records") % values


def _reason(picture: Picture) -> str:
    score = picture.score
    if score is None:
        return _("This unit was not part of the measurement of this period")
    if score["state"] == "not_applicable":
        return _("This class of unit has no indicators on one of the two sides, so there is nothing to balance")
    side = min(("coverage_party", "coverage_production"), key=lambda name: score[name] or 0.0)
    named = _("Party side") if side == "coverage_party" else _("production side")
    share = 100 * (score[side] or 0.0)
    return _("Not enough data: on the %(side)s only %(share).0f %% of the weight has values") % {"side": named, "share": share}
