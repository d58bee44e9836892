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


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One page in the navigation; `permission` is a value of the permission enum, empty for everyone."""

    group: str
    order: int
    label: Any
    url_name: str
    permission: str = ""


_entries: list[NavEntry] = []


def register(*entries: NavEntry) -> None:
    _entries.extend(entry for entry in entries if entry not in _entries)


def entries() -> list[NavEntry]:
    """All entries in the order of groups."""
    order = list(GROUPS)
    return sorted(_entries, key=lambda entry: (order.index(entry.group), entry.order))
