"""Means of survey questions at units: released cells only, with the reason where fewer answered than may be shown."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from rongtong.schemes.data import Fact
from rongtong.surveys import figures, queries
from rongtong.surveys.content import ALIASES
from rongtong.surveys.models import Question
from rongtong.trees.models import AFTER, Node


def codes() -> frozenset[str]:
    """What a criterion may name: the questions that give a number, and the means over an aspect."""
    asked = Question.objects.exclude(kind__in=["text", "choice"]).order_by().values_list("code", flat=True)
    return frozenset(asked) | frozenset(ALIASES)


def means_at(questions: Collection[str], units: Collection[int], day: date) -> dict[tuple[int, str], Fact]:
    """(unit, question) to its fact: the mean over the unit with everything below it in the latest released wave that reached one of them."""
    if not questions:
        return {}
    measures = {question: ALIASES.get(question, question) for question in questions}
    below = _below(units)
    found = figures.find({node for nodes in below.values() for node in nodes}, day, set(measures.values()))
    facts = {(unit, question): Fact(None, _("no survey result is released here")) for unit in units for question in questions}
    if found is None:
        return facts
    for unit, nodes in below.items():
        blocks = {block for node in nodes for block in found.groups.get(node, ())}
        for question, measure in measures.items():
            sums = queries.over(found.sums, blocks, measure) if blocks else None
            if sums is not None:
                note = _("mean of %(count)d answers") % {"count": sums.count}
                facts[unit, question] = Fact(sums.mean, references=(f"survey_wave:{found.wave.pk}",), note=note)
    return facts


def _below(units: Collection[int]) -> dict[int, set[int]]:
    """Unit to itself with everything below it."""
    roots = dict(Node.objects.filter(pk__in=units).values_list("path", "pk"))
    found: dict[int, set[int]] = defaultdict(set)
    if not roots:
        return found
    low, high = min(roots), max(roots) + AFTER
    for pk, path in Node.objects.filter(path__gte=low, path__lt=high).order_by().values_list("pk", "path"):
        for end in range(6, len(path) + 1, 5):
            if path[:end] in roots:
                found[roots[path[:end]]].add(pk)
    return found
