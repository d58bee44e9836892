"""Two years of meetings of the sample enterprise, by the characters of its story: regular ones, bursts before checks, those who drop
meetings in busy months, one branch without any. Deterministic; synthetic."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import numpy as np

from rongtong.demo import meeting_words as words
from rongtong.demo.figures import BUSY
from rongtong.demo.meeting_hosts import Host, hosts_of
from rongtong.demo.story import FIRST, SEED, Story
from rongtong.demo.work import TODAY, Actors, closed, fate
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.periods import add_months, month_range
from rongtong.ledger import actions as ledger
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Origin, Side
from rongtong.meetings import recording
from rongtong.meetings.models import Meeting, MeetingKind, MeetingState, Presence, Topic
from rongtong.meetings.recording import PastItem, PastMeeting, PastPresence, PastResolution
from rongtong.organization.models import Person, PostKind
from rongtong.rules.workdays import Workdays

Rng = np.random.Generator
BURST_MONTHS = (6, 12)  # the half-yearly checks
RECENT_DAYS, OPEN_DAYS = 45, 20
OPEN_AT_MOST = 110  # days: what is older was closed in the end, though late
LAST_OF_NO_MEETINGS = 202502
NAMED = ("P-M1-1", "P-D1", "M1-1")  # branches whose attendance is kept by person for the whole year


@dataclass(frozen=True, slots=True)
class Wanted:
    """A meeting that a place wants to hold: kind, day of the month, the chance that it does, and a burst's shift of the day."""

    kind: str
    day: int
    chance: float


class Teller:
    """Draws meetings in order, so that the same story always has the same ones."""

    def __init__(self, story: Story) -> None:
        self.rng = np.random.default_rng(SEED + 31)
        self.kinds = {kind.code: kind for kind in MeetingKind.objects.all()}
        self.hosts = hosts_of(story, TODAY)
        self.by_node = {host.node.pk: host for host in self.hosts}
        self.actors = Actors()
        self.workdays = Workdays(date(2024, 10, 1), TODAY)

    def past(self) -> Iterator[PastMeeting]:
        """Everything held until today, month by month."""
        for month in month_range(FIRST, TODAY.year * 100 + TODAY.month):
            for host in self.hosts:
                for wanted in self._wanted(host, month):
                    if self.rng.random() < wanted.chance:
                        made = self._held(host, wanted, month)
                        if made is not None:
                            yield made

    def _wanted(self, host: Host, month: int) -> Iterable[Wanted]:
        if host.node.is_business:
            return _unit_wants(host, month)
        if host.character.no_meetings and month > LAST_OF_NO_MEETINGS and host.kind in {"branch", "group"}:
            return ()
        return _WANTS.get(host.kind, _nothing)(host, month)

    def _held(self, host: Host, wanted: Wanted, month: int) -> PastMeeting | None:
        kind, rng = self.kinds[wanted.kind], self.rng
        day = _burst_day(host, wanted, month, rng)
        on = self._workday(date(month // 100, month % 100, min(day, 28)))
        chair = self._chair(host, on)
        if on > TODAY or chair is None:
            return None
        items, resolutions = self._agenda(host, kind, on)
        counts, attendance = self._attendance(host, kind, on)
        is_open = (TODAY - on).days < OPEN_DAYS and (rng.random() < 0.5 or host.node.code in NAMED)
        recorder = self._recorder(host, on, chair[1])
        return PastMeeting(
            kind, host.node, _title(kind, items, month, rng), on, time(14 if host.node.is_business else 15, 30), self._minutes(host, kind),
            chair[1], chair[0], recorder, MeetingState.HELD if is_open or recorder is None else MeetingState.SIGNED, tuple(items),
            tuple(resolutions), tuple(attendance), {"place": f"{host.node.name}会议室"[:120], **counts, **self._special(host, kind, on, counts)},
        )  # fmt: skip

    def _workday(self, day: date) -> date:
        """The day itself or the next worked one of its month, else the last worked one before it."""
        for after in range(10):
            later = day + timedelta(days=after)
            if later.month == day.month and self.workdays.is_workday(later):
                return later
        return self.workdays.on_or_before(day)

    def _minutes(self, host: Host, kind: MeetingKind) -> int:
        stretch = 1.0 + 0.9 * host.character.party if kind.is_study else 1.0
        return int(round(kind.minutes_wanted * stretch * self.rng.uniform(0.85, 1.2) / 5) * 5)

    def _chair(self, host: Host, on: date) -> Any:
        """The secretary or head; whoever delegates lets a deputy lead most of the time. A group's meeting is led by a member."""
        if host.kind == "group" and not host.node.is_business:
            return ("", host.members[0].person) if host.members else None
        serving = host.serving(host.leading, on)
        deputies = [one for one in serving if one[0] in {PostKind.DEPUTY, PostKind.DEPUTY_HEAD}] or serving[1:]
        often = 0.82 if host.character.delegates else 0.12
        if deputies and not host.node.is_business and self.rng.random() < often:
            return deputies[0]
        return serving[0] if serving else None

    def _recorder(self, host: Host, on: date, chair: Person) -> Person | None:
        """The last of the leaders who is not in the chair, else a member; in a unit, a leader of its organisation."""
        serving = [person for _kind, person in host.serving(host.leading, on)] + [one.person for one in host.members]
        other = self.by_node.get(host.other.pk) if host.other else None
        serving += [person for _kind, person in other.serving(other.leading, on)] if other else []
        free = [person for person in serving if person.pk != chair.pk]
        return free[min(len(free) - 1, 3)] if free else None

    def _attendance(self, host: Host, kind: MeetingKind, on: date) -> tuple[dict[str, int], list[PastPresence]]:
        rng, quality = self.rng, 1.0 if host.character.party > 0.95 else 0.76 + 0.22 * host.character.party
        quality -= 0.05 if on.month in BUSY and quality < 1 else 0.0
        people = _circle(host, kind, on)
        keeps = host.kind != "" and ((TODAY - on).days < RECENT_DAYS or (host.node.code in NAMED and on.year == TODAY.year))
        should = len(people) if people else 2 + min(10, host.headcount // 7)
        came = rng.random(should) < quality
        came[0] = True  # whoever leads is there
        present = int(came.sum())
        away = should - present
        counts = {"should": should, "present": present, "on_leave": away - int(away * 0.3)}
        if kind.has_votes and people:
            votes = np.array([vote for _pk, vote in people])
            counts |= {"voters": int(votes.sum()), "voters_present": int((votes & came).sum())}
        if not (keeps and people):
            return counts, []
        return counts, list(_presences(people, came, counts["on_leave"]))

    def _special(self, host: Host, kind: MeetingKind, on: date, counts: dict[str, int]) -> dict[str, Any]:
        """Columns that only some kinds have; a restricted kind says who holds its paper file."""
        found: dict[str, Any] = {}
        if kind.is_restricted:
            found |= {"holder": "党建部档案室", "paper_file": f"{on.year}-{host.node.code}-{on.month:02d}{on.day:02d}"}
            found["values"] = {name: int(self.rng.integers(2, 12)) for name, _zh, _en, form in kind.fields if form == "number"}
        if kind.code == "democratic_appraisal":
            excellent = round(counts["present"] * (0.42 if host.character.party < 0.5 else 0.28))
            found |= {
                "appraised": counts["present"],
                "excellent": excellent,
                "values": {"good": counts["present"] - excellent, "basic": 0, "poor": 0},
            }
        if kind.code == "lecture":
            serving = host.serving(host.leading, on)
            found["lecturer"] = serving[0][1] if serving and not host.character.delegates else None
        if kind.quorum and "present" in counts:
            found["is_valid"] = counts["present"] * 2 >= counts["should"]
        return found

    def _agenda(self, host: Host, kind: MeetingKind, on: date) -> tuple[list[PastItem], list[PastResolution]]:
        """Items of the kind's template; whether those of the other side stand on it, and leave a matter, is a matter of character."""
        items: list[PastItem] = []
        resolutions: list[PastResolution] = []
        joined = host.character.party if not host.node.is_business else host.character.party - 0.12
        for title, _english, topic, side in kind.agenda:
            is_other = side == Side.BOTH and kind.side != Side.BOTH
            if is_other and self.rng.random() > joined + 0.1:
                continue
            items.append(self._item(title, topic, side, on))
            if self._leaves_a_matter(kind, topic, is_other, joined):
                made = self._resolution(host, items, is_other, on)
                resolutions += [made] if made is not None else []
        return items, resolutions

    def _item(self, title: str, topic: str, side: str, on: date) -> PastItem:
        pools = {
            Topic.STUDY: words.STUDY, Topic.BUSINESS: words.PROBLEMS, Topic.PARTY_BUILDING: words.PARTY_WORK, Topic.LECTURE: words.THEMES,
            Topic.STRICT_GOVERNANCE: words.STRICT, Topic.DECISION: words.PRE_STUDY,
        }  # fmt: skip
        pool = pools.get(Topic(topic))
        named = f"{title}：{pool[int(self.rng.integers(len(pool)))]}" if pool else title
        return PastItem(named, side, topic, words.POINTS if (TODAY - on).days < 2 * RECENT_DAYS else "")

    def _leaves_a_matter(self, kind: MeetingKind, topic: str, is_other: bool, joined: float) -> bool:
        if topic in {Topic.STUDY, Topic.FIRST_AGENDA, Topic.LECTURE}:
            return False
        chance = 0.75 * joined if is_other else 0.3 if kind.side == Side.PRODUCTION or kind.code == "party_committee" else 0.14
        return bool(self.rng.random() < chance)

    def _resolution(self, host: Host, items: list[PastItem], is_other: bool, on: date) -> PastResolution | None:
        item = items[-1]
        subject = item.title.partition("：")[2] or item.title
        pool = words.AGREED["business" if item.topic == Topic.BUSINESS else "party"]
        text = pool[int(self.rng.integers(len(pool)))].format(topic=subject)
        matter = self._matter(host, text, item.side, on)
        return PastResolution(len(items) - 1, text, item.side, matter, is_other) if matter else None

    def _matter(self, host: Host, text: str, side: str, on: date) -> Made | None:
        other = self.by_node.get(host.other.pk) if host.other else None
        leader = host.posts.get(host.leading[0]) or host.posts.get(host.leading[1])
        handler = host.posts.get(PostKind.DEPUTY_HEAD if host.node.is_business else PostKind.DEPUTY)
        handler = handler or (other.posts.get(PostKind.DEPUTY_HEAD) if other else None)
        if leader is None or handler is None:
            return None
        due = on + timedelta(days=int(self.rng.integers(14, 50)))
        new = ledger.NewMatter(text, side, host.node, due, ledger.Parts(leader, handler), host.other, on, origin=Origin.RESOLUTION)
        made = fate(Made(new), host.character, self.actors, self.rng)
        if due < TODAY - timedelta(days=OPEN_AT_MOST) and "closed_on" not in made.fields:
            made = closed(Made(new), self.actors, due + timedelta(days=int(self.rng.integers(20, 90))), False)
        return made


def tell_meetings(story: Story) -> list[Meeting]:
    """All meetings that were held, with what they left."""
    return recording.record_past(by=SYSTEM, rows=list(Teller(story).past()))


def _nothing(host: Host, month: int) -> Iterable[Wanted]:
    return ()


def _steady(host: Host, month: int) -> float:
    """How surely a due meeting is held in its month."""
    party = host.character.party
    if party > 0.95:
        return 1.0
    drop = 0.35 if host.character.delegates or party < 0.6 else 0.08
    return min(0.6 + 0.42 * party, 0.985) - (drop if month % 100 in BUSY else 0.0)


def _branch_wants(host: Host, month: int) -> Iterator[Wanted]:
    steady, place, at = _steady(host, month), 3 + host.node.pk % 17, month % 100
    yield Wanted("theme_day", place, steady)
    yield Wanted("branch_committee", 2 + host.node.pk % 9, steady)
    if at % 3 == 2:
        yield Wanted("assembly", 10 + host.node.pk % 12, steady)
        yield Wanted("lecture", 8 + host.node.pk % 15, steady)
    if at % 3 == 0:
        yield Wanted("assembly", 18 + host.node.pk % 9, 0.75 * (1 - steady))
        yield Wanted("lecture", 20 + host.node.pk % 8, 0.75 * (1 - steady))
    if at == 1:
        yield Wanted("organisational_life", 12 + host.node.pk % 8, 0.4 + 0.55 * host.character.party)
        yield Wanted("democratic_appraisal", 13 + host.node.pk % 8, 0.4 + 0.5 * host.character.party)
        yield Wanted("secretary_report", 20 + host.node.pk % 6, 0.5 + 0.45 * host.character.party)
    if at in {4, 10}:
        yield Wanted("party_building", 15 + host.node.pk % 9, 0.15 + 0.6 * host.character.party)


def _general_wants(host: Host, month: int) -> Iterator[Wanted]:
    at = month % 100
    yield Wanted("party_committee", 8 + host.node.pk % 5, 0.9)
    if at % 3 == 2:
        yield Wanted("joint_meeting", 16, 0.7)
    if at in {3, 9}:
        yield Wanted("strict_governance", 18, 0.85)
    if at == 1:
        yield Wanted("secretary_report", 22, 0.95)
    if at == 5:
        yield Wanted("party_building", 12, 0.8)


def _committee_wants(host: Host, month: int) -> Iterator[Wanted]:
    at = month % 100
    yield Wanted("party_committee", 6, 1.0)
    yield Wanted("party_committee", 21, 0.9)
    if at % 3 == 2:
        yield Wanted("theory_group", 15, 0.95)
    if at in {4, 9}:
        yield Wanted("strict_governance", 17, 1.0)
    if at == 7:
        yield Wanted("lecture", 1, 1.0)
    if at == 1:
        yield Wanted("democratic_life", 16, 1.0)
        yield Wanted("secretary_report", 24, 1.0)
    if at in {3, 8}:
        yield Wanted("party_building", 13, 0.9)


def _group_wants(host: Host, month: int) -> Iterator[Wanted]:
    yield Wanted("group_meeting", 6 + host.node.pk % 14, _steady(host, month))


_WANTS: dict[str, Callable[[Host, int], Iterable[Wanted]]] = {
    "branch": _branch_wants, "general_branch": _general_wants, "committee": _committee_wants, "group": _group_wants,
}  # fmt: skip


def _unit_wants(host: Host, month: int) -> Iterator[Wanted]:
    if host.kind in {"team", "department"}:
        return
    yield Wanted("operating", 3 + host.node.pk % 4, 0.96)
    if host.node.code == "G0":
        yield Wanted("managers_meeting", 10, 1.0)
        if month % 3 == 0:
            yield Wanted("board", 25, 1.0)
    if host.kind == "plant" and month >= add_months(TODAY.year * 100 + TODAY.month, -6):
        yield Wanted("production_briefing", 14, 0.9)


def _burst_day(host: Host, wanted: Wanted, month: int, rng: Rng) -> int:
    """Before a half-yearly check those with weak Party work hold in two weeks what they left undone."""
    is_burst = month % 100 in BURST_MONTHS and host.character.party < 0.6 and not host.node.is_business
    return int(rng.integers(18, 28)) if is_burst else wanted.day


def _circle(host: Host, kind: MeetingKind, on: date) -> list[tuple[Person, bool]]:
    """(person, may vote) of those who should attend; empty where only the number is known."""
    if host.node.is_business:
        return [(person, False) for _kind, person in host.serving(host.leading, on)] if host.headcount < 0 else []
    if kind.circle in {"members", "group"}:
        return [(one.person, one.votes) for one in host.members if not one.is_excluded]
    return [(person, True) for _kind, person in host.serving(host.leading, on)]


def _presences(people: list[tuple[Person, bool]], came: Any, leave: int) -> Iterator[PastPresence]:
    for (person, votes), is_here in zip(people, came, strict=True):
        if is_here:
            yield PastPresence(person, Presence.PRESENT, votes)
            continue
        kind, why = (Presence.LEAVE, "倒班") if leave > 0 else (Presence.ABSENT, "未请假")
        leave -= 1
        yield PastPresence(person, kind, votes, why)


def _title(kind: MeetingKind, items: list[PastItem], month: int, rng: Rng) -> str:
    """A restricted kind has no words of its own."""
    head = f"{month // 100}年{month % 100}月{kind.name}"
    if kind.code == "theme_day":
        return f"{head}：{words.THEMES[int(rng.integers(len(words.THEMES)))]}"
    return f"{head}：{items[0].title.partition('：')[2]}" if kind.code == "lecture" and items else head
