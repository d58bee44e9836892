"""Fill rate against fit rate, career flow and dual-skilled secretaries of any nodes on a day. At most three statements each.

What is not known is kept apart: a share stands with the lowest and the highest value that the unknown ones allow. Figures are counts of
posts and moves; no person is named, and none is ranked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F

from rongtong.access.queries import Among
from rongtong.organization.models import Appointment, PostKind
from rongtong.organization.queries import BUSINESS_POSTS, PARTY_POSTS
from rongtong.people import experience, queries
from rongtong.people.experience import Served
from rongtong.people.fitting import Fit, State, fit, side_level
from rongtong.people.frames import Frame, Side
from rongtong.people.models import CourseAttendance
from rongtong.people.numbers import Asked, years_before
from rongtong.trees.models import Tree

LEADERS = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.HEAD, PostKind.DEPUTY_HEAD, PostKind.DEPARTMENT_HEAD)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many known ones, and the unknown ones beside them."""

    good: int
    known: int
    unknown: int

    @property
    def value(self) -> float | None:
        """The share among those that are known; nothing where none is."""
        return self.good / self.known if self.known else None

    @property
    def low(self) -> float | None:
        return self.good / (self.known + self.unknown) if self.known else None

    @property
    def high(self) -> float | None:
        return (self.good + self.unknown) / (self.known + self.unknown) if self.known else None

    @property
    def n(self) -> int:
        return self.known


# fill and fit


@dataclass(frozen=True, slots=True)
class Tally:
    """Posts, those filled, and of the filled how many are shown to fit, shown not to, and unknown."""

    posts: int = 0
    filled: int = 0
    fitted: int = 0
    unfit: int = 0
    unknown: int = 0

    @property
    def assessed(self) -> int:
        return self.fitted + self.unfit

    @property
    def fill_rate(self) -> float | None:
        return self.filled / self.posts if self.posts else None

    @property
    def share(self) -> Share:
        return Share(self.fitted, self.assessed, self.unknown)

    @property
    def value(self) -> float | None:
        return self.share.value

    @property
    def low(self) -> float | None:
        return self.share.low

    @property
    def high(self) -> float | None:
        return self.share.high

    @property
    def n(self) -> int:
        return self.assessed

    @property
    def reason(self) -> str:
        """Why there is no fit rate: `no_post`, `vacant` or `not_assessed`; empty, if there is one."""
        if not self.posts:
            return "no_post"
        if not self.filled:
            return "vacant"
        return "" if self.assessed else "not_assessed"

    def plus(self, state: State | None) -> "Tally":
        """With one more post; None is a vacant one."""
        if state is None:
            return Tally(self.posts + 1, self.filled, self.fitted, self.unfit, self.unknown)
        return Tally(
            self.posts + 1, self.filled + 1, self.fitted + (state is State.FIT), self.unfit + (state is State.UNFIT),
            self.unknown + (state is State.UNKNOWN),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FillFit:
    """All posts together, and by kind of post."""

    total: Tally = Tally()
    by_kind: Mapping[str, Tally] = field(default_factory=dict)

    @property
    def posts(self) -> int:
        return self.total.posts

    @property
    def filled(self) -> int:
        return self.total.filled

    @property
    def assessed(self) -> int:
        return self.total.assessed

    @property
    def fitted(self) -> int:
        return self.total.fitted

    @property
    def unknown(self) -> int:
        return self.total.unknown

    @property
    def value(self) -> float | None:
        return self.total.value

    @property
    def low(self) -> float | None:
        return self.total.low

    @property
    def high(self) -> float | None:
        return self.total.high

    @property
    def n(self) -> int:
        return self.total.n

    @property
    def reason(self) -> str:
        return self.total.reason


Proven = Mapping[int, Mapping[str, int]]


def fits(seats: Iterable[queries.Seat], day: date, levels: Proven | None = None) -> dict[int, Fit]:
    """Post to how its holder fits; vacant ones are absent. Two questions, or one where the proven levels were read already."""
    held = [seat for seat in seats if seat.person is not None]
    found = queries.proven({seat.person for seat in held if seat.person is not None}, day) if levels is None else levels
    asks = queries.Asks(day)
    return {seat.post: fit(asks.at(seat.kind, seat.path), found.get(seat.person or 0, {})) for seat in held}


def fill_and_fit(nodes: Collection[int], day: date) -> FillFit:
    """Posts at these nodes, filled, and shown to fit. A holder who is not assessed is unknown, never unfit."""
    seats = queries.seats(nodes, day)
    return tally(seats, fits(seats, day))


def tally(seats: Iterable[queries.Seat], found: Mapping[int, Fit]) -> FillFit:
    """The same of seats and fits that were read already."""
    total, by_kind = Tally(), dict[str, Tally]()
    for seat in seats:
        state = found[seat.post].state if seat.post in found else None
        total = total.plus(state)
        by_kind[seat.kind] = by_kind.get(seat.kind, Tally()).plus(state)
    return FillFit(total, {kind: by_kind[kind] for kind in PostKind.values if kind in by_kind})


# both sides


@dataclass(frozen=True, slots=True)
class Map:
    """Leaders by their level on the Party side and on the business side; those with an unknown side are counted apart."""

    cells: Mapping[tuple[int, int], frozenset[int]]
    unknown: frozenset[int]

    @property
    def placed(self) -> int:
        return sum(len(people) for people in self.cells.values())


def competence_map(nodes: Collection[int], day: date, frame: Frame) -> Map:
    """Where leaders stand on both sides, as sets of keys; who may see names is decided where it is shown."""
    seats = queries.seats(nodes, day, LEADERS)
    return placed(seats, queries.proven({seat.person for seat in seats if seat.person is not None}, day), frame)


def placed(seats: Iterable[queries.Seat], levels: Proven, frame: Frame) -> Map:
    """The same of seats and levels that were read already."""
    cells: dict[tuple[int, int], set[int]] = defaultdict(set)
    unknown: set[int] = set()
    for person in {seat.person for seat in seats if seat.person is not None and seat.kind in LEADERS}:
        own = levels.get(person, {})
        party, business = side_level(frame, Side.PARTY, own), side_level(frame, Side.BUSINESS, own)
        if party is None or business is None:
            unknown.add(person)
        else:
            cells[party, business].add(person)
    return Map({key: frozenset(found) for key, found in cells.items()}, frozenset(unknown))


# careers


@dataclass(frozen=True, slots=True)
class CareerFlow:
    """Unit leaders newly promoted within the rule's years: how many had served in Party posts before, and moves between the sides."""

    promoted: int = 0
    served: int = 0  # of the known ones: in a Party post before
    as_secretary: int = 0
    unknown: int = 0  # nothing earlier on record
    to_business: int = 0
    to_party: int = 0
    both: int = 0  # took on the other side as well and kept the first
    years: float | None = None

    @property
    def share(self) -> Share:
        return Share(self.served, self.promoted - self.unknown, self.unknown)

    @property
    def value(self) -> float | None:
        return self.share.value

    @property
    def low(self) -> float | None:
        return self.share.low

    @property
    def high(self) -> float | None:
        return self.share.high

    @property
    def n(self) -> int:
        return self.share.n

    @property
    def reason(self) -> str:
        """Why there is no share: `no_rule`, `nobody_promoted` or `no_history`."""
        if self.years is None:
            return "no_rule"
        if not self.promoted:
            return "nobody_promoted"
        return "" if self.n else "no_history"


@dataclass(frozen=True, slots=True)
class _Start:
    person: int
    kind: str
    path: str
    on: date

    @property
    def side(self) -> str:
        return Side.BUSINESS if self.path.startswith(Tree.BUSINESS) else Side.PARTY


def career_flow(nodes: Collection[int], day: date) -> CareerFlow:
    """Who came to lead a unit within the window, and from where; counted once a person, at the first leading post of a business unit."""
    asked = Asked(day)
    starts, years = _starts(nodes, day, asked)
    if years is None:
        return CareerFlow()
    careers = experience.served_by({one.person for one in starts}, day)
    counts: dict[str, int] = defaultdict(int)
    seen: set[int] = set()
    for one in starts:
        before = [row for row in careers[one.person] if row.starts_on < one.on]
        counts[_move(one, before)] += 1
        if one.kind in BUSINESS_POSTS and one.person not in seen and not any(row.kind in BUSINESS_POSTS for row in before):
            seen.add(one.person)
            counts["promoted"] += 1
            counts["unknown"] += not before
            counts["served"] += any(row.kind in PARTY_POSTS for row in before)
            counts["as_secretary"] += any(row.kind == PostKind.SECRETARY for row in before)
    return CareerFlow(
        counts["promoted"], counts["served"], counts["as_secretary"], counts["unknown"], counts["to_business"], counts["to_party"],
        counts["both"], years,
    )  # fmt: skip


def _starts(nodes: Collection[int], day: date, asked: Asked) -> tuple[list[_Start], float | None]:
    """Appointments to leaders' posts within the window of their place, the earliest first; and the longest window."""
    rows = Appointment.objects.filter(starts_on__lte=day, post__kind__in=LEADERS).filter(Among(F("post__node"), nodes))
    found, longest = [], None
    windows: dict[str, float | None] = {}
    for person, kind, path, on in rows.order_by("starts_on", "pk").values_list("person_id", "post__kind", "post__node__path", "starts_on"):
        if path not in windows:
            numbers = asked.at(path)
            windows[path] = numbers.flow_years if numbers else None
        years = windows[path]
        if years is not None:
            longest = max(longest or 0.0, years)
            if on > years_before(day, years):
                found.append(_Start(person, kind, path, on))
    return found, longest


def _move(one: _Start, before: list[Served]) -> str:
    """What kind of move an appointment is: from one side to the other, taking on both, or none."""
    other = [row for row in before if row.side != one.side and row.is_leading]
    own = [row for row in before if row.side == one.side and row.is_leading]
    if not other or (own and max(row.starts_on for row in own) > max(row.starts_on for row in other)):
        return "none"
    latest = max(other, key=lambda row: row.starts_on)
    kept = latest.ends_on is None or latest.ends_on > one.on + timedelta(days=1)
    if kept:
        return "none" if own else "both"
    return "to_business" if one.side == Side.BUSINESS else "to_party"


# dual-skilled secretaries


@dataclass(frozen=True, slots=True)
class Dual:
    """Secretaries with enough years in business posts and training in Party work (复合型书记)."""

    secretaries: int = 0
    dual: int = 0
    unknown: int = 0
    all_keys: frozenset[int] = frozenset()
    dual_keys: frozenset[int] = frozenset()
    places: Mapping[int, str] = field(default_factory=dict)
    has_rule: bool = True

    @property
    def share(self) -> Share:
        return Share(self.dual, self.secretaries - self.unknown, self.unknown)

    @property
    def value(self) -> float | None:
        return self.share.value

    @property
    def low(self) -> float | None:
        return self.share.low

    @property
    def high(self) -> float | None:
        return self.share.high

    @property
    def n(self) -> int:
        return self.share.n

    @property
    def reason(self) -> str:
        """Why there is no share: `no_rule`, `no_secretary` or `no_history`."""
        if not self.has_rule:
            return "no_rule"
        if not self.secretaries:
            return "no_secretary"
        return "" if self.n else "no_history"


def dual_competent(nodes: Collection[int], day: date) -> Dual:
    """A secretary with neither an earlier post nor a course on record is unknown: what was before the records began cannot be told."""
    serving = Appointment.objects.on(day).filter(Among(F("post__node"), nodes), post__kind=PostKind.SECRETARY)
    asked, careers = Asked(day), experience.served_by(serving.order_by().values("person_id"), day)
    places = secretaries(careers, day)
    if any(asked.at(path) is None for path in places.values()):
        return Dual(has_rule=False)
    trained = _trained(places, day)
    good = {
        person
        for person, path in places.items()
        if trained.get(person) and (numbers := asked.at(path)) and experience.business_years(careers[person], day) >= numbers.business_years
    }
    unknown = {person for person in places if person not in trained and len(careers[person]) == 1}
    return Dual(len(places), len(good), len(unknown), frozenset(places) - unknown, frozenset(good), places)


def secretaries(careers: Mapping[int, list[Served]], day: date) -> dict[int, str]:
    """Person to where it is secretary on a day; whoever acts beside a formal secretary does not count."""
    seats = [(person, row) for person, rows in careers.items() for row in rows if row.kind == PostKind.SECRETARY and row.holds_on(day)]
    formal = {row.post for _person, row in seats if not row.is_acting}
    return {person: row.path for person, row in seats if not row.is_acting or row.post not in formal}


def _trained(people: Collection[int], day: date) -> dict[int, bool]:
    """Person to whether a held course on the Party side was attended; absent, where no course is on record at all."""
    rows = CourseAttendance.objects.filter(person_id__in=list(people), presence="present", course__state="held", course__ends_on__lte=day)
    found: dict[int, bool] = {}
    for person, for_party in rows.order_by().values_list("person_id", "course__for_party"):
        found[person] = found.get(person, False) or for_party
    return found
