"""The hash over a round, and the same numbers and the same hash once more from what is frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rongtong.appraisal.content import Scoring, digest
from rongtong.appraisal.counting import score, score_all
from rongtong.appraisal.models import Round, RoundClass, Sheet, Snapshot, Version
from rongtong.appraisal.queries import current_versions, grade_of, versions_of
from rongtong.schemes.data import SchemeData

Picked = Mapping[int, Version]  # sheet to the version that counts


def content_of(round_: Round, rows: Sequence[Sheet], picked: Picked) -> dict[str, Any]:
    """Everything that is hashed: the schemes as they stand, and for every unit its facts, scores, adjustments and grade."""
    classes = round_.classes.select_related("version", "unit_class")
    return {
        "round": round_.code,
        "schemes": {row.unit_class.code: row.version.content for row in classes},
        "sheets": {str(row.node_id): _sheet(picked[row.pk]) for row in rows},
    }  # fmt: skip


def _sheet(version: Version) -> dict[str, Any]:
    adjusted = [[row.before, row.grade, row.reason] for row in version.adjustments.all()]
    return dict(version.content) | {"version": version.number, "adjusted": adjusted, "grade": grade_of(version)}


def digest_now(round_: Round) -> tuple[str, dict[str, Any]]:
    """The hash over a round as it stands, and unit to version and grade."""
    rows = list(round_.sheets.prefetch_related(current_versions()).order_by("node__path"))
    picked = {row.pk: versions_of(row)[-1] for row in rows}
    covered = {str(row.node_id): [picked[row.pk].number, grade_of(picked[row.pk]), picked[row.pk].adjustments.count()] for row in rows}
    return digest(content_of(round_, rows, picked)), covered


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Whether facts and scheme give the same numbers again, and the numbers the same hash; where not, which units."""

    digest: str
    expected: str
    differing: tuple[int, ...]  # nodes whose score came out otherwise
    changed_schemes: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return self.digest == self.expected and not self.differing and not self.changed_schemes


def recompute(snapshot: Snapshot) -> Recomputed:
    """Score everything again from the frozen facts, and hash it again; nothing is written."""
    round_ = snapshot.round
    rows = list(round_.sheets.prefetch_related(current_versions()).order_by("node__path"))
    picked = {row.pk: _picked(row, snapshot) for row in rows}
    differing = []
    changed = []
    for of_class in round_.classes.select_related("version", "unit_class"):
        own = [row for row in rows if row.of_class_id == of_class.pk]
        differing += _differing(of_class, own, picked)
        if digest(of_class.version.content) != of_class.digest:
            changed.append(of_class.unit_class.code)
    return Recomputed(digest(content_of(round_, rows, picked)), snapshot.digest, tuple(differing), tuple(changed))


def _picked(sheet: Sheet, snapshot: Snapshot) -> Version:
    """The version a snapshot covers, with as many adjustments as it had then."""
    number, _grade, count = snapshot.versions[str(sheet.node_id)]
    version = next(one for one in versions_of(sheet) if one.number == number)
    kept = list(version.adjustments.all())[:count]
    version._prefetched_objects_cache = {"adjustments": kept}  # type: ignore[attr-defined]
    return version


def _differing(of_class: RoundClass, rows: Sequence[Sheet], picked: Picked) -> list[int]:
    """First versions are scored together, as they were; later ones each by itself."""
    data: SchemeData = of_class.version.data
    first = {row.node_id: Scoring.read(versions_of(row)[0].content) for row in rows}
    together = score_all(data, {node: one.facts for node, one in first.items()}, of_class.least_present)
    wrong = {node for node, one in first.items() if together[node] != one.scored}
    for row in rows:
        if picked[row.pk].number > 1:
            later = Scoring.read(picked[row.pk].content)
            wrong |= {row.node_id} if score(data, later.facts, of_class.least_present) != later.scored else set()
    return sorted(wrong)
