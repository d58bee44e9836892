"""Entries of the left-hand navigation; packages register theirs at start."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

GROUPS = {
    "work": _("Work"),
    "plan": _("Plan"),
    "life": _("Organisational life"),
    "measure": _("Measure"),
    "people": _("Organisation"),
    "library": _("Library"),
    "admin": _("Administration"),
}
# page or package to a symbol of icons.svg; an entry without one gets a dot
ICONS = {
    "web:home": "home", "inbox": "inbox", "ledger:table": "list", "ledger:supervision": "eye", "ledger:requests": "swap", "calendar": "calendar",
    "burden": "form", "jobs": "clock", "plans:plans": "flag", "plans:map": "grid", "plans:carriers": "carrier", "plans:results": "book",
    "duties": "check", "meetings": "users", "rules": "scale", "decisions": "gavel", "votes": "check", "elections": "flag", "talks": "users", "inspections": "search", "cockpit": "pulse",
    "indicators:index": "hash", "indicators:entry": "pencil", "indicators:observations": "table", "indicators:quality": "search",
    "panel": "play", "organization:trees": "tree", "organization:persons": "person", "roster": "users", "exchange": "upload",
    "surveys": "form", "schemes": "scale", "appraisal": "scale", "contribution": "pulse", "people": "person", "library": "folder", "reports": "file",
    "access": "key", "web:audit": "chain", "web:help": "help",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One page in the navigation; `permission` is a value of the permission enum, empty for everyone."""

    group: str
    order: int
    label: Any
    url_name: str
    permission: str = ""

    @property
    def icon(self) -> str:
        return ICONS.get(self.url_name) or ICONS.get(self.url_name.partition(":")[0], "dot")


_entries: list[NavEntry] = []


def register(*entries: NavEntry) -> None:
    _entries.extend(entry for entry in entries if entry not in _entries)


def entries() -> list[NavEntry]:
    """All entries in the order of groups."""
    order = list(GROUPS)
    return sorted(_entries, key=lambda entry: (order.index(entry.group), entry.order))
