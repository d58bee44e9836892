"""A rule's arguments as one line of text, as people write them in a spreadsheet cell or a form: `<60:0; 60-90:60; >=90:100`.

Chinese and English words are read; full-width marks are folded.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rongtong.exchange.parsing import folded
from rongtong.kernel.errors import Refused
from rongtong.schemes.data import WHOLE, Criterion, Linkage, Model, Rule, Step

_NUMBER = r"-?\d+(?:\.\d+)?"
_STEP = re.compile(
    rf"(?:<\s*(?P<below>{_NUMBER})|>=\s*(?P<above>{_NUMBER})|(?P<low>{_NUMBER})\s*[-~]\s*(?P<high>{_NUMBER}))\s*:\s*(?P<rate>{_NUMBER})"
)
_WORDS: Mapping[str, tuple[str, ...]] = {
    "target": ("target", "目标"),
    "floor": ("floor", "起点"),
    "cap": ("cap", "封顶"),
    "cost": ("cost", "负向"),
    "per": ("each", "每次"),
    "most": ("most", "最多"),
    "left": ("least", "最低"),
    "worst": ("worst", "最差"),
    "best": ("best", "满分"),
    "full": ("full", "满分"),
    "inside": ("inside", "含经营"),
    "to_party": ("to_party", "入党建"),
    "to_production": ("to_production", "入经营"),
    "steps": ("steps", "高几等"),
    "reverse": ("reverse", "反向"),
}
OWN = ("own", "自定")
_YES = ("yes", "是", "1")


def hundredths(text: str, *, field: str = "weight") -> int:
    """A number with at most two decimals as whole hundredths; no float between.

    >>> hundredths("99.9"), hundredths("25"), hundredths("0.5")
    (9990, 2500, 50)
    """
    match = re.fullmatch(r"(-?)(\d{1,6})(?:\.(\d{1,2})0*)?", text.strip().removesuffix("%").strip())
    if match is None:
        raise Refused(_("“%(text)s” is not a number with at most two decimals") % {"text": text[:40]}, field=field, remedy=_("write it as 12.5"), code="number")  # fmt: skip
    sign, whole, rest = match.groups()
    return (-1 if sign else 1) * (int(whole) * 100 + int((rest or "").ljust(2, "0")))


def plain(value: int) -> str:
    """Hundredths as people write them.

    >>> plain(9990), plain(2500), plain(-50)
    ('99.9', '25', '-0.5')
    """
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}".rstrip("0").rstrip(".")


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(value)


def pairs(text: str) -> dict[str, str]:
    """`each=1; most=5` by our words; Refused where a word is not known."""
    found = {}
    for piece in re.split(r"[;,]", folded(text)):
        if not piece.strip():
            continue
        word, mark, value = piece.partition("=")
        names = [name for name, words in _WORDS.items() if word.strip().lower() in words]
        if not mark or not names:
            raise Refused(_("“%(piece)s” is not understood") % {"piece": piece.strip()[:40]}, field="details", remedy=_("write each=1; most=5"), code="details")  # fmt: skip
        for name in names:
            found[name] = value.strip()
    return found


def read(rule: str, text: str, weight: int) -> dict[str, Any]:
    """Fields of a Criterion that a rule's text gives."""
    reader = _READERS.get(Rule(rule))
    return reader(text, weight) if reader else {}


def _formula(text: str, _weight: int) -> dict[str, Any]:
    return {"expression": folded(text)}


def _steps(text: str, _weight: int) -> dict[str, Any]:
    found = []
    for piece in re.split(r"[;,]", folded(text).replace("≥", ">=").replace("以上", "")):
        if not piece.strip():
            continue
        match = _STEP.fullmatch(piece.strip())
        if match is None:
            raise Refused(_("“%(piece)s” is not a band") % {"piece": piece.strip()[:40]}, field="details", remedy=_("write them as <60:0; 60-90:60; >=90:100"), code="details")  # fmt: skip
        g = match.groupdict()
        low, high = (g["low"], g["high"]) if g["low"] else (g["above"], g["below"])
        found.append(Step(float(low) if low else None, float(high) if high else None, hundredths(g["rate"], field="details")))
    return {"steps": tuple(sorted(found, key=lambda step: (step.low is not None, step.low or 0.0)))}


def _float(values: Mapping[str, str], name: str, otherwise: float) -> float:
    text = values.get(name, "")
    if not text:
        return otherwise
    if not re.fullmatch(_NUMBER, text):
        raise Refused(_("“%(text)s” is not a number") % {"text": text[:40]}, field="details", remedy=_("write digits"), code="number")
    return float(text)


def _points(values: Mapping[str, str], name: str, otherwise: int) -> int:
    return hundredths(values[name], field="details") if values.get(name) else otherwise


def _target(text: str, _weight: int) -> dict[str, Any]:
    values = pairs(text)
    own = values.get("target", "").lower() in {"", *OWN}
    target = None if own else _float(values, "target", 0.0)
    is_cost = values.get("cost", "").lower() in _YES
    return {"target": target, "is_cost": is_cost, "floor": _points(values, "floor", 0), "cap": _points(values, "cap", WHOLE)}


def _deduction(text: str, _weight: int) -> dict[str, Any]:
    values = pairs(text)
    return {"per": _points(values, "per", 0), "most": _points(values, "left", 0)}


def _adjusting(text: str, _weight: int) -> dict[str, Any]:
    values = pairs(text)
    return {"per": _points(values, "per", 0), "most": _points(values, "most", 0)}


def _test(text: str, _weight: int) -> dict[str, Any]:
    values = pairs(text)
    return {"least": _float(values, "worst", 0.0), "full": _float(values, "best", 100.0)}


_READERS: dict[Rule, Callable[[str, int], dict[str, Any]]] = {
    Rule.FORMULA: _formula,
    Rule.BANDS: _steps,
    Rule.TARGET: _target,
    Rule.DEDUCTION: _deduction,
    Rule.BONUS: _adjusting,
    Rule.MINUS: _adjusting,
    Rule.TEST: _test,
}


def write(c: Criterion) -> str:
    """The text from which `read` gives the same; in the words that both languages read."""
    writer = _WRITERS.get(Rule(c.rule))
    return writer(c) if writer else ""


def _write_steps(c: Criterion) -> str:
    return "; ".join(_write_step(step) for step in c.steps)


def _write_step(step: Step) -> str:
    rate = plain(step.rate)
    if step.low is None:
        return f"<{_number(step.high or 0.0)}:{rate}"
    return f">={_number(step.low)}:{rate}" if step.high is None else f"{_number(step.low)}-{_number(step.high)}:{rate}"


def _write_target(c: Criterion) -> str:
    said = [f"target={OWN[0] if c.target is None else _number(c.target)}"]
    said += ["cost=yes"] if c.is_cost else []
    said += [f"floor={plain(c.floor)}"] if c.floor else []
    return "; ".join(said + ([f"cap={plain(c.cap)}"] if c.cap != WHOLE else []))


_WRITERS: dict[Rule, Callable[[Criterion], str]] = {
    Rule.FORMULA: lambda c: c.expression,
    Rule.BANDS: _write_steps,
    Rule.TARGET: _write_target,
    Rule.DEDUCTION: lambda c: f"each={plain(c.per)}; least={plain(c.most)}",
    Rule.BONUS: lambda c: f"each={plain(c.per)}; most={plain(c.most)}",
    Rule.MINUS: lambda c: f"each={plain(c.per)}; most={plain(c.most)}",
    Rule.TEST: lambda c: f"worst={_number(c.least)}; best={_number(c.full)}",
}


def in_chinese(text: str) -> str:
    """The same arguments in Chinese words, for a page or file in Chinese; `read` takes both.

    >>> in_chinese("each=1; most=5"), in_chinese("target=own; cost=yes")
    ('每次=1; 最多=5', '目标=自定; 负向=是')
    """
    for words in _WORDS.values():
        text = re.sub(rf"\b{words[0]}=", f"{words[1]}=", text)
    return re.sub(r"=own\b", f"={OWN[1]}", re.sub(r"=yes\b", f"={_YES[1]}", text))


def read_linkage(model: str, text: str) -> Linkage:
    """A model with its arguments; L4 lists its coefficients by grade: `A=1.05; B=1`."""
    if model == Model.L4:
        return Linkage(model, coefficients={word: 100 * hundredths(value, field="details") for word, value in _plain_pairs(text).items()})
    values = pairs(text)
    return Linkage(
        model, _points(values, "full", WHOLE), _points(values, "inside", 0), _points(values, "to_party", 0), _points(values, "to_production", 0),
        _points(values, "steps", 100) // 100, values.get("reverse", "").lower() in _YES,
    )  # fmt: skip


def _plain_pairs(text: str) -> dict[str, str]:
    pieces = [piece.partition("=") for piece in re.split(r"[;,]", folded(text)) if piece.strip()]
    return {word.strip(): value.strip() for word, _mark, value in pieces}


def write_linkage(given: Linkage) -> str:
    """The arguments that a model has, as `read_linkage` reads them."""
    if given.model == Model.L4:
        return "; ".join(f"{grade}={plain(value // 100)}" for grade, value in given.coefficients.items())
    said = {
        Model.L1B: [f"inside={plain(given.inside)}"],
        Model.L2: [f"full={plain(given.full)}"],
        Model.L3: [f"full={plain(given.full)}"],
        Model.L6: [f"steps={given.steps}", *(["reverse=yes"] if given.is_reverse else [])],
        Model.L7: [f"to_party={plain(given.to_party)}", f"to_production={plain(given.to_production)}"],
    }
    return "; ".join(said.get(Model(given.model), []))
