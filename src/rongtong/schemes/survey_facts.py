"""Means of survey questions at units: released cells only, with the reason where fewer answered than may be shown."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from rongtong.schemes.data import Fact
from rongtong.surveys import figures


def means_at(questions: Collection[str], units: Collection[int], day: date) -> dict[tuple[int, str], Fact]:
    """(unit, question) to its fact: the mean over the unit with everything below it in the latest released wave that reached one of them."""
    found = figures.answer_means(questions, units, day) if questions else {}
    facts = {}
    for unit in units:
        for question in questions:
            mean = found.get((question, unit))
            if mean is None:
                facts[unit, question] = Fact(None, _("no survey result is released here"))
                continue
            references = (f"survey_wave:{mean.wave.pk}",) if mean.wave else ()
            facts[unit, question] = Fact(mean.value, references=references, note=_("mean of %(count)d answers") % {"count": mean.n})
    return facts
