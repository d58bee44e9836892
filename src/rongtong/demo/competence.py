"""Ability in the sample enterprise: a frame, many posts filled of which only some are shown to fit, courses, careers, benches. Synthetic."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from rongtong.demo.story import SEED
from rongtong.demo.work import TODAY
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Appointment, Person, Post
from rongtong.people import frame_actions, queries
from rongtong.people.frames import Frame, Side
from rongtong.people.models import (
    BenchEntry,
    Certificate,
    Course,
    CourseAttendance,
    Evidence,
    FrameVersion,
    Objection,
    PayParity,
    Rating,
    RatingEvidence,
)
from rongtong.trees.models import Node, Tree

OFFICE = "党建部（演示）"
BEGAN = date(2025, 1, 1)
COURSES = (
    ("党支部书记集中培训（2025）", "Training of branch secretaries 2025", "P0", date(2025, 4, 14), 5, 40.0, ("PA1", "PA2", "PA4"), "secretary"),
    ("党务干部履职培训（2025）", "Training of Party workers 2025", "P0", date(2025, 9, 8), 3, 24.0, ("PA2", "PA3"), "deputy"),
    ("车间主任经营能力培训（2025）", "Running a workshop 2025", "G0", date(2025, 10, 20), 3, 24.0, ("BU1", "BU3"), "head"),
    ("书记懂生产专题培训（2025）", "Production for secretaries 2025", "P0", date(2025, 11, 10), 2, 16.0, ("BU1", "BU2"), "secretary deputy"),
    (
        "行政负责人党建责任培训（2025）", "Party work for unit heads 2025", "P0", date(2025, 11, 24), 1, 8.0, ("PA1", "PA4"),
        "head deputy_head department_head",
    ),
    ("党支部书记集中培训（2026）", "Training of branch secretaries 2026", "P0", date(2026, 4, 13), 5, 40.0, ("PA1", "PA2", "PA4"), "secretary"),
    ("党务干部履职培训（2026）", "Training of Party workers 2026", "P0", date(2026, 6, 8), 3, 24.0, ("PA2", "PA3"), "deputy"),
    ("安全生产管理能力培训（2026）", "Safety management 2026", "G0", date(2026, 9, 14), 2, 16.0, ("BU2",), "head"),
    ("书记懂生产专题培训（2026）", "Production for secretaries 2026", "P0", date(2026, 12, 7), 2, 16.0, ("BU1", "BU2"), "secretary"),
    ("行政负责人党建责任培训（2026）", "Party work for unit heads 2026", "P0", date(2026, 12, 15), 1, 8.0, ("PA1", "PA4"), "head"),
)  # fmt: skip
# who came to lead a unit in these years, and from where: unit, day, "party" (a former secretary), "both" (still in the committee), "staff"
PROMOTED = (
    ("M1", date(2024, 3, 1), "both"), ("M2", date(2025, 3, 1), "party"), ("M3", date(2025, 7, 1), "staff"), ("M4", date(2026, 2, 1), "party"),
    ("M5", date(2026, 5, 1), "staff"), ("R0", date(2024, 9, 1), "both"), ("X0", date(2026, 6, 1), "staff"),
)  # fmt: skip


def tell_competence() -> None:
    """Runs before the checks: hours of courses belong to what they count."""
    with clock.frozen(datetime.combine(BEGAN, time(9, 0))):
        frame_actions.install(by=SYSTEM, starts_on=BEGAN)
    with clock.frozen(datetime.combine(TODAY, time(9, 0))):
        _careers(by=SYSTEM)
        _courses(by=SYSTEM)
        _assess(by=SYSTEM)
        _plans_for_posts(by=SYSTEM)


# careers


@act("demo.careers")
def _careers(*, by: SystemActor) -> None:
    """Earlier posts of some secretaries, and leaders promoted in these years with where they came from."""
    nodes = {(node.tree, node.code): node for node in Node.objects.all()}
    posts = {post.code: post for post in Post.objects.exclude(kind="staff")}
    serving = {row.post_id: row.person_id for row in Appointment.objects.on(TODAY).filter(post__in=posts.values())}
    rows = _earlier(posts, serving)
    for unit, since, origin in PROMOTED:
        node = nodes["B", unit]
        seat = Post.objects.create(
            code=f"B-{unit}-deputy_head-2", name=f"{node.name}副职（2）", node=node, kind="deputy_head", opened_on=since
        )
        rows += _promotion(unit, seat, since, origin, posts, serving)
    Appointment.objects.bulk_create(rows)
    current().about(Reference("demo", "careers"), appointments=len(rows))


def _earlier(posts: dict[str, Post], serving: dict[int, int]) -> list[Appointment]:
    """Every second secretary of a workshop had been its deputy head."""
    rows = []
    seats = sorted(code for code in posts if code.startswith("P-P-M") and code.endswith("-secretary-1") and code.count("-") == 5)
    for code in seats[::2]:
        before = posts.get(f"B-{code[4:].removesuffix('-secretary-1')}-deputy_head-1")
        person = serving.get(posts[code].pk)
        if before is not None and person is not None and serving.get(before.pk) != person:
            rows.append(Appointment(person_id=person, post=before, starts_on=date(2017, 3, 1), ends_on=date(2022, 3, 31)))
    return rows


def _promotion(unit: str, seat: Post, since: date, origin: str, posts: dict[str, Post], serving: dict[int, int]) -> list[Appointment]:
    if origin == "both":
        person = serving[posts[f"P-P-{unit}-committee-3"].pk]
        return [Appointment(person_id=person, post=seat, starts_on=since)]
    staff = (
        Appointment.objects.on(TODAY)
        .filter(post__node__code=unit, post__kind="staff")
        .order_by("post__code")[3 if origin == "party" else 4]
    )
    rows = [Appointment(person_id=staff.person_id, post=seat, starts_on=since)]
    if origin == "party":  # before the present secretary of the first workshop
        first = posts[f"P-P-{unit}-1-secretary-1"]
        rows.append(Appointment(person_id=staff.person_id, post=first, starts_on=date(2018, 5, 1), ends_on=date(2022, 3, 31)))
    return rows


# courses


@act("demo.courses")
def _courses(*, by: SystemActor) -> None:
    """Courses of two years with who was there, and two to come."""
    rng = np.random.default_rng(SEED + 71)
    nodes = {(node.tree, node.code): node for node in Node.objects.filter(code__in=["P0", "G0"])}
    people: dict[str, list[int]] = {}
    for kind, person in (
        Appointment.objects.on(TODAY).exclude(post__kind="staff").order_by("post__code").values_list("post__kind", "person_id")
    ):
        people.setdefault(kind, []).append(person)
    rows: list[CourseAttendance] = []
    for number, (title, english, code, starts_on, days, hours, serves, kinds) in enumerate(COURSES, start=1):
        ends_on = starts_on + timedelta(days=days - 1)
        held = ends_on <= TODAY
        course = Course.objects.create(
            code=f"C{starts_on.year}-{100 + number}", title=title, title_en=english, node=nodes["P" if code == "P0" else "B", code], starts_on=starts_on,
            ends_on=ends_on, hours=hours, competences=sorted(serves), for_party=any(one.startswith("PA") for one in serves),
            state="held" if held else "planned", made_label=OFFICE,
        )  # fmt: skip
        rows += _present(course, list(dict.fromkeys(person for one in kinds.split() for person in people.get(one, []))), rng)
    CourseAttendance.objects.bulk_create(rows, batch_size=1000)
    current().about(Reference("demo", "courses"), attendance=len(rows))


def _present(course: Course, people: list[int], rng: np.random.Generator) -> list[CourseAttendance]:
    """Most of those asked came; a few left early; of a course to come nothing is known."""
    if course.state == "planned":
        return [CourseAttendance(course=course, person_id=person) for person in people[::3]]
    found = []
    for person in people:
        luck = rng.random()
        if luck > 0.85:
            continue  # was not asked
        presence = "present" if luck < 0.74 else "absent"
        hours = (course.hours if luck < 0.66 else 0.75 * course.hours) if presence == "present" else None
        found.append(CourseAttendance(course=course, person_id=person, presence=presence, hours=hours))
    return found


# ratings


@dataclass(slots=True)
class _Made:
    """Rows gathered to be written at once."""

    evidence: list[Evidence]
    ratings: list[Rating]
    links: list[RatingEvidence]


@act("demo.ratings")
def _assess(*, by: SystemActor) -> None:
    """About half the holders are assessed, most of them fit; of some a part, of the rest nothing. What rests on an expired paper no longer counts."""
    rng, version = np.random.default_rng(SEED + 73), FrameVersion.objects.get(number=1)
    asked = _asked()
    served: dict[tuple[int, Side], Appointment] = {}
    for row in Appointment.objects.on(TODAY).filter(person__in=asked).select_related("post__node").order_by("starts_on", "pk"):
        side = Side.BUSINESS if row.post.node.tree == Tree.BUSINESS else Side.PARTY
        if row.starts_on < date(2025, 11, 1):
            served.setdefault((row.person_id, side), row)
    papers = _certificates(sorted(asked), version.frame, rng)
    made, trained = _Made([], [], []), queries.attended(asked, TODAY)
    for person in sorted(asked):
        luck = rng.random()
        if luck < 0.46:
            continue
        levels = _levels(asked[person], version.frame, rng, is_fit=luck > 0.62, share=1.0 if luck > 0.54 else 0.4)
        shown = {attendance.course_id: attendance.course for attendance in trained.get(person, ())}
        for code, level in levels.items():
            proof = _proof(person, code, served, papers, list(shown.values()), version.frame)
            _rate(made, person, code, level, proof, version, rng)
    Evidence.objects.bulk_create(made.evidence, batch_size=1000)
    Rating.objects.bulk_create(made.ratings, batch_size=1000)
    RatingEvidence.objects.bulk_create(made.links, batch_size=1000)
    _objections(made.ratings)
    current().about(Reference("demo", "ratings"), ratings=len(made.ratings))


def _asked() -> dict[int, dict[str, int]]:
    """Holder to the highest level that any of its posts asks for."""
    asks, found = queries.Asks(TODAY), dict[int, dict[str, int]]()
    for seat in queries.seats(list(Node.objects.values_list("pk", flat=True)), TODAY):
        levels = asks.at(seat.kind, seat.path)
        if seat.person is not None and levels is not None:
            own = found.setdefault(seat.person, {})
            for code, level in levels:
                own[code] = max(level, own.get(code, 0))
    return found


def _levels(asked: dict[str, int], frame: Frame, rng: np.random.Generator, *, is_fit: bool, share: float) -> dict[str, int]:
    """Levels seen in a person: all that is asked for, or one short somewhere; and of what is not asked something too."""
    found = {}
    for one in frame.competences:
        base = asked.get(one.code, int(rng.integers(1, 3)))
        found[one.code] = min(4, base + int(rng.random() < 0.25))
    if not is_fit:
        short = [code for code, level in asked.items() if level > 1]
        for code in short[: 1 + int(rng.integers(2))]:
            found[code] = asked[code] - 1
    keep = max(1, round(share * len(found)))
    return dict(list(found.items())[:keep])


def _certificates(people: list[int], frame: Frame, rng: np.random.Generator) -> dict[tuple[int, str], Certificate]:
    """A safety paper and a project paper of some; every sixth has run out."""
    rows = []
    for person in people:
        for kind, codes, years in (("安全生产管理人员考核合格证", ["BU1", "BU2"], 3), ("管理能力评估证书", ["BU3", "BU4", "PA3"], 5)):
            if rng.random() < 0.55:
                issued = date(2023, 2, 1) + timedelta(days=int(rng.integers(0, 800)))
                ends = date(2026, 9, 30) if rng.random() < 0.17 else issued.replace(day=1, year=issued.year + years)
                rows.append(
                    Certificate(
                        person_id=person, kind=kind, number=f"SN{person:05d}", issued_on=issued, expires_on=max(ends, issued + timedelta(days=30)),
                        competences=codes, added_label=OFFICE,
                    )
                )  # fmt: skip
    made = Certificate.objects.bulk_create(rows, batch_size=1000)
    return {(row.person_id, code): row for row in made for code in row.competences}


def _proof(
    person: int, code: str, served: dict[tuple[int, Side], Appointment], papers: dict[tuple[int, str], Certificate], courses: list[Course], frame: Frame
) -> Evidence | None:  # fmt: skip
    """The record that shows it: a course, a certificate, the post itself; without any it stays a claim."""
    competence = frame.get(code)
    assert competence is not None
    given = {"person_id": person, "competence": code, "added_label": OFFICE}
    course = next((one for one in courses if code in one.serves), None)
    if course is not None:
        return Evidence(kind="course", record_id=str(course.pk), on=course.ends_on, **given)
    paper = papers.get((person, code))
    if paper is not None:
        return Evidence(kind="certificate", record_id=str(paper.pk), on=paper.issued_on, valid_until=paper.expires_on, **given)
    post = served.get((person, Side(competence.side)))
    return Evidence(kind="appointment", record_id=str(post.pk), on=TODAY, **given) if post is not None else None


def _rate(made: _Made, person: int, code: str, level: int, proof: Evidence | None, version: FrameVersion, rng: np.random.Generator) -> None:
    on = date(2026, 3, 2) + timedelta(days=int(rng.integers(0, 200)))
    given = {"person_id": person, "competence": code, "frame": version, "on": on}
    rating = Rating(kind="superior", level=level, is_claim=proof is None, by_uid="demo-party-office", by_label=OFFICE, **given)
    made.ratings.append(rating)
    if proof is not None:
        made.evidence.append(proof)
        made.links.append(RatingEvidence(rating=rating, evidence=proof))
    if rng.random() < 0.4:  # one's own view, often a step higher
        own = min(4, level + int(rng.random() < 0.5))
        made.ratings.append(Rating(kind="self", level=own, is_claim=True, by_uid="demo", by_label="本人（演示）", **given))


def _objections(ratings: list[Rating]) -> None:
    """Three objections: two answered, one open."""
    superior = [row for row in ratings if row.kind == "superior" and row.level == 2][:3]
    for at, rating in enumerate(superior):
        answered = (
            {"answer": "已核对记录，维持评定并安排培训。", "answered_on": date(2026, 10, 12), "answered_label": OFFICE} if at < 2 else {}
        )
        Objection.objects.create(rating=rating, text="近一年独立完成了相关工作，请复核。", on=date(2026, 10, 8), **answered)


# benches, equal pay


@act("demo.benches")
def _plans_for_posts(*, by: SystemActor) -> None:
    """Who could step into a few posts, and what is on record about equal pay."""
    wanted = {
        "P-P-M3-2-secretary-1": ("P-P-M3-2-deputy-1", "P-P-M3-1-deputy-1", "P-P-M3-committee-1"),
        "P-P-M1-1-secretary-1": ("P-P-M1-1-deputy-1", "P-P-M1-2-deputy-1"),
        "B-M1-head-1": ("B-M1-deputy_head-1", "B-M1-2-head-1"), "B-M1-1-head-1": ("B-M1-1-deputy_head-1",),
    }  # fmt: skip
    posts = {post.code: post for post in Post.objects.filter(code__in=[*wanted, *(code for codes in wanted.values() for code in codes)])}
    people = {row.post_id: row.person_id for row in Appointment.objects.on(TODAY).filter(post__in=posts.values())}
    pairs = {(posts[post].pk, people[posts[code].pk]) for post, codes in wanted.items() for code in codes if posts[code].pk in people}
    holders = {(post, person) for post, person in people.items()}
    rows = [
        BenchEntry(post_id=post, person_id=person, reason="熟悉岗位，具备基础", named_on=date(2026, 5, 11), named_label=OFFICE)
        for post, person in sorted(pairs - holders)
    ]
    BenchEntry.objects.bulk_create(rows)
    PayParity.objects.bulk_create(
        [
            PayParity(post_kind="secretary", answer="yes", paper="示例薪酬〔2025〕3号", on=date(2025, 3, 5), by_label=OFFICE),
            PayParity(post_kind="deputy", answer="no", paper="示例薪酬〔2025〕3号", on=date(2025, 3, 5), by_label=OFFICE),
            PayParity(post_kind="committee", answer="unknown", on=date(2025, 3, 5), by_label=OFFICE),
        ]
    )
    current().about(Reference("demo", "benches"), named=len(rows), people=Person.objects.filter(benches__in=rows).distinct().count())
