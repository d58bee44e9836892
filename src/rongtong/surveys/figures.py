"""Figures of surveys for pages above: the latest released wave that has a cell inside the asked nodes. Never a single answer; None below k."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.surveys import queries
from rongtong.surveys.content import ALIASES, PAIRED, RANGES, gap, measure
from rongtong.surveys.estimates import Effect, Estimate, Sums, hedges_g, mean_of, paired_g, share_of
from rongtong.surveys.models import Aspect, CellPart, Question, QuestionKind, Role, Side, Wave
from rongtong.trees.models import Node

WIDTH = {Aspect.EXPECTED: QuestionKind.SHARE, Aspect.SATISFACTION: QuestionKind.POINTS}


@dataclass(frozen=True, slots=True)
class Found:
    """The latest wave with cells inside some nodes: those cells, and which roles they hold."""

    wave: Wave
    blocks: frozenset[int]
    roles: Mapping[str, frozenset[int]]
    groups: Mapping[int, frozenset[int]]
    sums: Mapping[tuple[int, str], Sums]


def find(nodes: Collection[int], day: date, measures: Collection[str]) -> Found | None:
    """Three questions: the waves, their cells, the sums of all of them."""
    waves = queries.released(day)
    if not waves:
        return None
    rows = CellPart.objects.filter(wave__in=waves).order_by("cell_id", "pk").values_list("wave_id", "cell__block_id", "node_id", "role")
    parts: dict[int, dict[int, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for wave_id, block, node, role in rows:
        if block is not None:
            parts[wave_id][block].append((node, role))
    sums = queries.sums([wave.pk for wave in waves], measures)
    inside = set(nodes)
    for wave in waves:
        found = _in(wave, parts[wave.pk], inside, sums)
        if any((block, code) in sums for block in found.blocks for code in measures):
            return found
    return None


def _in(wave: Wave, parts: Mapping[int, list[tuple[int, str]]], nodes: set[int], sums: Mapping[tuple[int, str], Sums]) -> Found:
    is_all = wave.root_id in nodes
    blocks = {block for block, places in parts.items() if is_all or all(node in nodes for node, _role in places)}
    roles: dict[str, set[int]] = defaultdict(set)
    groups: dict[int, set[int]] = defaultdict(set)
    for block in blocks:
        held = {role for _node, role in parts[block]}
        there = {node for node, _role in parts[block]}
        if len(held) == 1:
            roles[next(iter(held))].add(block)
        if len(there) == 1:
            groups[next(iter(there))].add(block)
    return Found(
        wave, frozenset(blocks), {role: frozenset(found) for role, found in roles.items()},
        {node: frozenset(found) for node, found in groups.items()}, sums,
    )  # fmt: skip


def expected_share(nodes: Collection[int], day: date) -> Estimate | None:
    """How much of the unit's result is expected from Party work, 0 to 1."""
    found = answer_mean("expected_share", nodes, day)
    return found.scaled(0.01) if found else None


def answer_mean(question_code: str, nodes: Collection[int], day: date) -> Estimate | None:
    """Mean answer to a question, or to the questions of an aspect (`P51`, `expected_share`, `~importance.party`), on its own scale."""
    code = ALIASES.get(question_code, question_code)
    found = find(nodes, day, [code])
    sums = queries.over(found.sums, found.blocks, code) if found else None
    return estimate(code, sums, found.wave) if found and sums else None


def answer_means(question_codes: Collection[str], nodes: Collection[int], day: date) -> dict[tuple[str, int], Estimate]:
    """Code and node to the mean of a unit with everything below it, after the latest wave that has a cell there; absent below k. Four questions."""
    codes = {code: ALIASES.get(code, code) for code in question_codes}
    waves = queries.released(day)
    if not (waves and codes and nodes):
        return {}
    paths = dict(Node.objects.filter(pk__in=list(nodes)).order_by().values_list("pk", "path"))
    sums = queries.sums([wave.pk for wave in waves], set(codes.values()))
    places = queries.paths_of_blocks([wave.pk for wave in waves])
    found: dict[tuple[str, int], Estimate] = {}
    for wave in reversed(waves):  # a later wave writes over an earlier one
        for node, path in paths.items():
            blocks = queries.blocks_under(places[wave.pk], path)
            for code, measure_code in codes.items():
                total = queries.over(sums, blocks, measure_code)
                if total is not None:
                    found[code, node] = estimate(measure_code, total, wave)
    return found


def question_codes() -> frozenset[str]:
    """Codes that `answer_mean` knows: questions with numbers, and the means of their aspects and sides."""
    rows = Question.objects.exclude(kind__in=[QuestionKind.TEXT, QuestionKind.CHOICE]).order_by().values_list("code", "aspect", "side")
    return frozenset(code for question, aspect, side in rows for code in (question, measure(aspect, side))) | frozenset(ALIASES)


def estimate(code: str, sums: Sums, wave: Wave | None = None) -> Estimate:
    """A mean, or a share where the measure is an option of a choice."""
    return share_of(sums, wave) if ":" in code else mean_of(sums, wave, bounds_of(code))


def bounds_of(code: str) -> tuple[float, float] | None:
    """The ends of the scale of a mean over questions."""
    aspect = code.removeprefix("~").partition(".")[0]
    if code.endswith(".gap"):
        return -4.0, 4.0
    if not code.startswith("~") or aspect not in Aspect.values:
        return None
    low, high = RANGES[WIDTH.get(Aspect(aspect), QuestionKind.SCALE)]
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Distance:
    """Business minus Party in one aspect: the difference, its size, and both means; `reason` where it cannot be told."""

    aspect: str
    gap: Estimate | None
    effect: Effect | None = None
    business: Estimate | None = None
    party: Estimate | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupGap:
    """The distance as one role sees it, and how far it lies from the other roles'."""

    role: str
    label: str
    hardness: Estimate | None
    importance: Estimate | None
    against_others: Effect | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CognitionGap:
    """Distances between the sides, and between groups; a reason where nothing is released for these nodes."""

    wave: Wave | None
    hardness: Distance
    importance: Distance
    groups: tuple[GroupGap, ...] = ()
    between: Effect | None = None  # largest difference in hardness of Party work between two roles
    between_labels: tuple[str, str] = ("", "")
    reason: str = ""


def _measures() -> list[str]:
    return [code for aspect in PAIRED for code in (measure(aspect, Side.BUSINESS), measure(aspect, Side.PARTY), gap(aspect))]


def cognition(nodes: Collection[int], day: date) -> CognitionGap:
    """How far apart business and Party tasks stand in people's eyes at these nodes, after the latest released wave."""
    found = find(nodes, day, _measures())
    if found is None:
        reason = _("no released survey has a group of this unit that is large enough to be shown")
        hard, important = (Distance(aspect, None, reason=reason) for aspect in (Aspect.HARDNESS, Aspect.IMPORTANCE))
        return CognitionGap(None, hard, important, reason=reason)
    hardness, importance = (_distance(found, aspect) for aspect in (Aspect.HARDNESS, Aspect.IMPORTANCE))
    groups = tuple(_group(found, role) for role in Role.values if role in found.roles)
    effect, labels = _furthest(found)
    return CognitionGap(found.wave, hardness, importance, groups, effect, labels)


def _distance(found: Found, aspect: str) -> Distance:
    business, party = (_over(found, found.blocks, measure(aspect, side)) for side in (Side.BUSINESS, Side.PARTY))
    gaps = queries.over(found.sums, found.blocks, gap(aspect))
    if gaps is None:
        return Distance(aspect, None, reason=_("the questionnaire did not ask this of both sides"))
    return Distance(aspect, mean_of(gaps, found.wave, bounds_of(gap(aspect))), paired_g(gaps), business, party)


def _over(found: Found, blocks: Collection[int], code: str) -> Estimate | None:
    sums = queries.over(found.sums, blocks, code)
    return estimate(code, sums, found.wave) if sums else None


def _group(found: Found, role: str) -> GroupGap:
    blocks = found.roles[role]
    others = frozenset().union(*(rest for other, rest in found.roles.items() if other != role))
    own, rest = (queries.over(found.sums, part, gap(Aspect.HARDNESS)) for part in (blocks, others))
    against = hedges_g(own, rest) if own and rest else None
    hardness, importance = (_over(found, blocks, gap(aspect)) for aspect in (Aspect.HARDNESS, Aspect.IMPORTANCE))
    reason = "" if hardness else _("fewer answers than may be shown")
    return GroupGap(role, str(Role(role).label), hardness, importance, against, reason)


def _furthest(found: Found) -> tuple[Effect | None, tuple[str, str]]:
    """The two roles that see the hardness of Party tasks most differently."""
    code = measure(Aspect.HARDNESS, Side.PARTY)
    seen = [(role, sums) for role in Role.values if role in found.roles and (sums := queries.over(found.sums, found.roles[role], code))]
    pairs = [(hedges_g(one[1], other[1]), one[0], other[0]) for at, one in enumerate(seen) for other in seen[at + 1 :]]
    known = [(effect, one, other) for effect, one, other in pairs if effect is not None]
    if not known:
        return None, ("", "")
    effect, one, other = max(known, key=lambda row: abs(row[0].g))
    return effect, (str(Role(one).label), str(Role(other).label))
