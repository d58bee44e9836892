"""One person's ability as a page shows it: posts with how they are filled, competences with both ratings and evidence, certificates, hours."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from rongtong.kernel.reference import titles_and_urls
from rongtong.organization.models import Appointment, Person
from rongtong.people import experience, hours, policies, queries, words
from rongtong.people.fitting import Fit, fit
from rongtong.people.frames import Competence
from rongtong.people.models import Evidence, Rating, RatingKind


@dataclass(slots=True)
class Line:
    """A competence of a person: what is asked, who sees which level on what, and what shows it."""

    competence: Competence
    asked: int | None = None
    superior: Rating | None = None
    own: Rating | None = None
    proven: int | None = None
    evidence: list[dict[str, Any]] = field(default_factory=list)

    @property
    def standing(self) -> str:
        """proven, expired, claimed or none: what the superior's rating is worth today."""
        if self.proven is not None:
            return "proven"
        if self.superior is None:
            return "none"
        return "claimed" if self.superior.is_claim else "expired"

    @property
    def is_short(self) -> bool:
        return self.asked is not None and self.proven is not None and self.proven < self.asked

    @property
    def level_words(self) -> str:
        """What can be observed at the proven level."""
        return dict(self.competence.shown).get(self.proven or 0, "")


def _posts(held: Iterable[Appointment], levels: dict[str, int], asks: queries.Asks, day: date) -> list[dict[str, Any]]:
    """Every post held, the latest first; those of today with how the person fits."""
    rows = []
    for row in held:
        is_now = row.starts_on <= day and (row.ends_on is None or row.ends_on > day)
        found: Fit | None = None
        asked = asks.at(row.post.kind, row.post.node.path)
        if is_now and asked is not None:
            found = fit(asked, levels)
        rows.append({"row": row, "is_now": is_now, "fit": found, "state": words.state(found.state) if found else None, "asked": asked})
    return rows


def page_of(actor: Any, person: Person, day: date) -> dict[str, Any]:
    """Everything about a person that a page shows."""
    held = list(Appointment.objects.filter(person=person).select_related("post__node").order_by("-starts_on", "-pk"))
    levels = queries.proven({person.pk}, day).get(person.pk, {})
    posts = _posts(held, levels, queries.Asks(day), day)
    asked: dict[str, int] = {}
    for post in posts:
        for code, level in post["asked"] or () if post["is_now"] else ():
            asked[code] = max(level, asked.get(code, 0))
    frame, ratings = queries.frame_on(day), list(queries.ratings_of(person.pk))
    attended = queries.attended([person.pk], day).get(person.pk, [])
    certificates = list(queries.certificates_of(person.pk))
    own = {
        "course": {str(row.course_id): (row.course.label, reverse("people:course", args=[row.course_id])) for row in attended},
        "certificate": {str(row.pk): (row.kind, "") for row in certificates},
    }
    evidence = _evidence(actor, list(queries.evidence_of(person.pk)), own, day)
    lines = [_line(one, asked, levels, ratings, evidence) for one in frame.competences]
    careers = [experience.Served.of(row) for row in held if row.starts_on <= day]
    return {
        "person": person, "posts": posts, "lines": lines, "history": [row for row in ratings if row.superseded_on], "levels": levels,
        "certificates": [{"row": row, "holds": row.holds_on(day)} for row in certificates],
        "year": hours.year_of(person, day), "courses": attended[::-1],
        "party_years": experience.party_years(careers, day), "business_years": experience.business_years(careers, day),
        "objections": [row for rating in ratings for row in rating.objections.all()], "is_self": policies.is_self(actor, person),
        "short": sum(line.is_short for line in lines), "unproven": sum(line.asked is not None and line.proven is None for line in lines),
        "names": {one.code: one.label for one in frame.competences}, "today": day,
    }  # fmt: skip


def _line(
    one: Competence, asked: dict[str, int], levels: dict[str, int], ratings: list[Rating], evidence: dict[str, list[dict[str, Any]]]
) -> Line:
    now = [row for row in ratings if row.superseded_on is None and row.competence == one.code]
    superior = next((row for row in now if row.kind == RatingKind.SUPERIOR), None)
    own = next((row for row in now if row.kind == RatingKind.SELF), None)
    return Line(one, asked.get(one.code), superior, own, levels.get(one.code), evidence.get(one.code, []))


Titles = dict[str, dict[str, tuple[str, str]]]


def _evidence(actor: Any, rows: list[Evidence], own: Titles, day: date) -> dict[str, list[dict[str, Any]]]:
    """Competence to its evidence, with title and address of the record where the reader may open it; each kind is asked once.

    `own` are the person's courses and certificates, which the page holds anyway.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.record_id and row.kind not in own:
            wanted[row.kind].add(row.record_id)
    titles = own | {kind: titles_and_urls(kind, sorted(keys), actor) for kind, keys in wanted.items()}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        title, url = titles.get(row.kind, {}).get(row.record_id, ("", ""))
        found[row.competence].append({"row": row, "title": title, "url": url, "holds": row.holds_on(day)})
    return found
