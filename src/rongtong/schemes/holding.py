"""What packages above hold a version with: a running round keeps its version, and nothing may end it meanwhile."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from rongtong.schemes.models import SchemeVersion


@dataclass(frozen=True, slots=True)
class Hold:
    """A running round that uses a version: its title, its address, and the last day it appraises."""

    title: str
    url: str
    until: date


Holder = Callable[[SchemeVersion], Iterable[Hold]]
_holders: list[Holder] = []


def register_holder(holder: Holder) -> None:
    """Called once from AppConfig.ready by the package that runs rounds."""
    if holder not in _holders:
        _holders.append(holder)


def holds_of(version: SchemeVersion) -> list[Hold]:
    return [hold for holder in _holders for hold in holder(version)]
