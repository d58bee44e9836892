"""The filters of the ledger as they stand in an address."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.kernel.errors import Refused, Unseen
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.ledger.numbers import Reader
from rongtong.ledger.queries import MARKS, Filters
from rongtong.ledger.states import LIGHT_WORDS, OPEN, Light, State
from rongtong.trees.models import Node

NAMES = {
    "node": "at", "states": "state", "side": "side", "origin": "origin", "light": "light", "text": "text", "from_on": "from", "to_on": "to",
    "is_vacant": "vacant", "origins": "origin", "mark": "mark", "is_linked": "linked",
}  # fmt: skip
ALL, OPEN_WORD = "all", "open"


def filters_of(request: HttpRequest, default: str = "") -> Filters:
    """Read them; unknown words filter nothing, a node outside the actor's sight is not found. `default` is the state where none is named."""
    get = request.GET
    state = get.get("state", "" if get.get("light") else default)
    states = tuple(OPEN) if state == OPEN_WORD else (state,) if state in State.values else ()
    origins = tuple(word for word in get.get("origin", "").split(",") if word in Origin.values)
    return Filters(
        node=_node(request, get.get("at", "")), states=states, side=get.get("side", "") if get.get("side") in Side.values else "",
        origin=origins[0] if len(origins) == 1 else "", origins=origins if len(origins) > 1 else (),
        light=get.get("light", "") if get.get("light") in set(Light) else "", text=get.get("text", "").strip()[:60],
        from_on=_day(get.get("from", "")), to_on=_day(get.get("to", "")), is_vacant=get.get("vacant") == "1",
        mark=get.get("mark", "") if get.get("mark") in MARKS else "", is_linked=get.get("linked") == "1",
    )  # fmt: skip


def _node(request: HttpRequest, at: str) -> Node | None:
    if not at:
        return None
    found = nodes_of(request.user, Permission.MATTER_VIEW).filter(pk=int(at)).first() if at.isascii() and at.isdigit() else None
    if found is None:
        raise Unseen
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        what = _("“%(text)s” is not a day") % {"text": text}
        raise Refused(what, field="from", remedy=_("write it as YYYY-MM-DD"), code="day") from wrong


def chips(request: HttpRequest, filters: Filters, default: str = "") -> list[dict[str, str]]:
    """One chip a filter, each with the address without it; taking the default state away asks for every state."""
    return [
        {
            "label": _label(name, getattr(filters, name)),
            "query": with_query(request, **{address: ALL if name == "states" and default else ""}),
        }
        for name, address in NAMES.items()
        if getattr(filters, name)
    ]


def _label(name: str, value: Any) -> str:
    if name == "states":
        return _("open") if len(value) > 1 else str(State(value[0]).label)
    if name == "light":
        return str(LIGHT_WORDS[Light(value)])
    words: dict[str, Any] = {"side": Side, "origin": Origin}
    if name in words:
        return str(words[name](value).label)
    if name == "origins":
        return "、".join(str(Origin(one).label) for one in value)
    if name == "mark":
        return str(MARKS[value])
    flags = {"is_vacant": _("nobody serves as handler"), "is_linked": _("with what is linked to it")}
    if name in flags:
        return flags[name]
    if isinstance(value, date):
        return (_("due from %(day)s") if name == "from_on" else _("due before %(day)s")) % {"day": value}
    return str(value)


def with_query(request: HttpRequest, **changes: str) -> str:
    """The address's query with some parts changed; a changed filter starts at the first page."""
    query = request.GET.copy()
    for name in ("after", "export", *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
    return query.urlencode()


def soon_of(rows: Sequence[Matter], day: date, reader: Reader | None = None) -> dict[int, int]:
    """Node to the days in which its matters show yellow; key 0 holds the national number, which counts over many units use."""
    reader = reader or Reader(day)
    found = {matter.lead_id: reader.at(matter.lead).soon_days for matter in rows}
    return found | {0: reader.national().soon_days}
