"""Template tags of the house: the figure, numbers with a real minus sign, states with icon and word."""

import re
from datetime import date
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.ui.figure import Figure, state_mark

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of the house's own small set; decoration beside words, so screen readers skip it."""
    return format_html('<svg class="rt-icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("ui/icons.svg"), name)


@register.inclusion_tag("ui/figure.html")
def figure(it: Figure, side: str = "") -> dict[str, Any]:
    """The one component for every number."""
    return {"it": it, "side": side}


@register.filter
def number(value: float | None, decimals: int = 2) -> str:
    """A number with a fixed count of decimals and a true minus sign; an outlined dash for none."""
    if value is None:
        return "—"
    return f"{value:,.{decimals}f}".replace("-", "−").replace(",", " ")


@register.filter
def signed(value: float | None, decimals: int = 2) -> str:
    """A difference with its sign."""
    if value is None:
        return "—"
    return f"{value:+.{decimals}f}".replace("-", "−")


@register.filter
def percent(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return "—" if value is None else f"{100 * value:.1f} %"


@register.filter
def unlocalize_number(value: float) -> str:
    """A number as an address carries it."""
    return f"{value:g}"


@register.filter
def at(rows: Any, index: int) -> Any:
    """The element at a position."""
    return rows[index]


@register.filter
def get(values: Any, key: Any) -> Any:
    """What a mapping holds under a key; None if nothing."""
    return values.get(key)


@register.simple_tag
def share(part: int, whole: int) -> str:
    """A part of a whole as a percentage with one decimal; a dash where there is no whole."""
    return percent(part / whole) if whole else "—"


@register.filter
def month(code: int | None) -> str:
    """202610 as 2026-10."""
    return "" if not code else f"{code // 100}-{code % 100:02d}"


@register.filter
def who(label: str) -> str:
    """The label of an author; the program's own in the language of the page."""
    return _("the system") if label == SYSTEM.label else label


@register.filter
def days_from_today(day: date) -> int:
    """Days until a day; negative once it has passed."""
    return (day - clock.today()).days


@register.filter
def absolute(value: int) -> int:
    return abs(value)


@register.simple_tag
def state(code: str) -> SafeString:
    """A state as icon and word, never colour alone."""
    mark, word, tone = state_mark(code)
    return format_html('<span class="rt-state rt-{}"><span aria-hidden="true">{}</span> {}</span>', tone, mark, word)


class _Sentence(template.Node):
    def __init__(self, inside: NodeList) -> None:
        self.inside = inside

    def render(self, context: template.Context) -> SafeString:
        text = re.sub(r"\s+", " ", self.inside.render(context)).strip()
        text = re.sub(r"([，。；：、！？]) +", r"\1", text)  # full-width marks bring their own space
        return mark_safe(re.sub(r" +((?:</\w+>)*)(?=[，。；：、！？,.;:!?)）])", r"\1", text))  # noqa: S308 (rendered above)


@register.tag
def sentence(parser: Parser, token: Token) -> _Sentence:
    """A sentence put together from parts: no space before its punctuation, whatever the layout of the template."""
    inside = parser.parse(("endsentence",))
    parser.delete_first_token()
    return _Sentence(inside)
