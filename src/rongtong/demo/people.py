"""People, posts and appointments of the sample enterprise. Names are drawn from common characters; nobody is meant."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from rongtong.demo.story import OPENED, SEED, Party, Story

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_GIVEN = "明华强军平勇杰涛超辉刚磊洋艳静丽娟敏芳霞秀兰玉红桂英建国志文海林峰宇鹏飞浩然子轩思远晓东立新春雷永健家豪雨泽欣怡佳琪梦瑶诗涵一凡博文俊熙"
_POSITIONS = {"head": ("主任", "Head"), "deputy_head": ("副主任", "Deputy head"), "department_head": ("部长", "Department head")}


@dataclass(frozen=True, slots=True)
class PersonRow:
    code: str
    name: str
    member_kind: str
    joined_on: date | None


@dataclass(frozen=True, slots=True)
class PostRow:
    code: str
    name: str
    node: str
    tree: str
    kind: str


@dataclass(frozen=True, slots=True)
class BelongingRow:
    """Who belongs to which organisation, as what, since when."""

    person: str
    party: str
    standing: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class ServingRow:
    person: str
    post: str
    starts_on: date
    ends_on: date | None = None
    kind: str = "formal"


class Cast:
    """Deals persons in order, so that the same story always has the same people."""

    def __init__(self, story: Story) -> None:
        self.rng = np.random.default_rng(SEED + 1)
        self.people: list[PersonRow] = []
        self.posts: list[PostRow] = []
        self.serving: list[ServingRow] = []
        self.belonging: list[BelongingRow] = []
        self._leaders(story)
        self._staff(story)
        self._members(story)

    def person(self, member: float) -> str:
        """A new person; `member` is the chance of being a Party member."""
        code = f"E{len(self.people) + 1:05d}"
        name = self.rng.choice(list(_SURNAMES)) + "".join(self.rng.choice(list(_GIVEN), size=int(self.rng.integers(1, 3))))
        drawn = self.rng.random()
        kind = "formal" if drawn < member * 0.95 else "probationary" if drawn < member else "applicant" if drawn < member + 0.04 else "none"
        joined = date(int(self.rng.integers(1995, 2024)), int(self.rng.integers(1, 13)), int(self.rng.integers(1, 28)))
        self.people.append(PersonRow(code, name, kind, joined if kind in {"formal", "probationary"} else None))
        return code

    def post(self, tree: str, node: str, kind: str, name: str, number: int = 1) -> str:
        code = f"{tree}-{node}-{kind}-{number}"
        self.posts.append(PostRow(code, name, node, tree, kind))
        return code

    def serve(self, person: str, post: str, since: date, until: date | None = None, kind: str = "formal") -> None:
        self.serving.append(ServingRow(person, post, since, until, kind))

    def _leaders(self, story: Story) -> None:
        heads: dict[str, str] = {}
        for unit in story.units:
            if unit.kind == "team":
                continue
            kind = "department_head" if unit.code.startswith("D-") else "head"
            head = self.post("B", unit.code, kind, f"{unit.name}{_POSITIONS[kind][0]}")
            heads[unit.code] = self.person(0.9)
            self.serve(heads[unit.code], head, date(2022, 3, 1))
            deputy = self.post("B", unit.code, "deputy_head", f"{unit.name}副职")
            if unit.code != "M4-2":  # a vacancy
                self.serve(self.person(0.7), deputy, date(2022, 9, 1))
        for party in story.parties:
            if party.kind != "group":
                self._party_posts(story, party.code, party.name, party.kind, party.units[0][0] if party.units else "", heads)

    def _party_posts(self, story: Story, code: str, name: str, kind: str, unit: str, heads: dict[str, str]) -> None:
        secretary = self.post("P", code, "secretary", f"{name}书记")
        character = story.characters.get(unit)
        person = heads[unit] if character is not None and character.is_dual and unit in heads else self.person(1.0)
        if code == "P-M3-2":  # left a while ago, nobody followed
            self.serve(person, secretary, date(2021, 5, 1), date(2026, 7, 31))
        else:
            self.serve(person, secretary, date(2022, 4, 1))
        deputy = self.post("P", code, "deputy", f"{name}副书记")
        if code not in {"P-M5-1", "P-X2"}:
            self.serve(self.person(1.0), deputy, date(2023, 1, 1))
        for number in range(1, 4 if kind == "branch" else 6):
            seat = self.post("P", code, "committee", f"{name}委员（{number}）", number)
            if (code, number) != ("P-M1-2", 3):
                self.serve(self.person(1.0), seat, date(2024, 1, 1))

    def _staff(self, story: Story) -> None:
        for unit in story.units:
            share = 0.0 if unit.code == "M3-3-T" else 0.24 if unit.unit_class in {"functional", "rnd"} else 0.17
            leaders = 0 if unit.kind == "team" else 2
            for number in range(1, unit.headcount - leaders + 1):
                post = self.post("B", unit.code, "staff", f"{unit.name}职工（{number}）", number)
                self.serve(self.person(share), post, OPENED)

    def _members(self, story: Story) -> None:
        """Each branch has as many members as the story says: who serves in it, leaders from above who live there, then staff of its units."""
        at: dict[str, list[str]] = defaultdict(list)
        for row in self.serving:
            tree, _, rest = row.post.partition("-")
            if row.ends_on is None:
                at[f"{tree}-{rest.rsplit('-', 2)[0]}"].append(row.person)
        place = {person.code: index for index, person in enumerate(self.people)}
        taken: set[str] = set()
        guests = _guests(story, at)
        for party in sorted((p for p in story.parties if p.kind == "branch"), key=lambda p: p.code):
            units = [unit for code, _kind, _share in party.units for unit in (code, f"{code}-T")]
            pool = [*at[f"P-{party.code}"], *guests[party.code], *(person for unit in units for person in at[f"B-{unit}"])]
            pool = [person for person in dict.fromkeys(pool) if person not in taken]
            firm = len(dict.fromkeys([*at[f"P-{party.code}"], *guests[party.code]]))
            ordered = pool[:firm] + sorted(
                pool[firm:], key=lambda code: self.people[place[code]].member_kind not in {"formal", "probationary"}
            )
            chosen = ordered[: party.members]
            taken |= set(pool)
            for index, code in enumerate(chosen):
                self._admit(place[code], party.code, index >= party.formal)
            for code in ordered[party.members :]:
                self.people[place[code]] = replace(self.people[place[code]], member_kind="none", joined_on=None)
        self._groups(story, at)

    def _admit(self, index: int, party: str, is_probationary: bool) -> None:
        person = self.people[index]
        probation = date(2026, 1, 5) + timedelta(days=index % 150)
        joined = probation if is_probationary else person.joined_on or date(2001 + index % 20, 1 + index % 12, 1 + index % 27)
        kind = "probationary" if is_probationary else "formal"
        self.people[index] = replace(person, member_kind=kind, joined_on=joined)
        self.belonging.append(BelongingRow(person.code, party, kind, max(joined, date(2022, 1, 1))))

    def _groups(self, story: Story, at: dict[str, list[str]]) -> None:
        """Some members of a branch belong to its group: those of the team first."""
        for party in (p for p in story.parties if p.kind == "group"):
            team = set(at[f"B-{party.units[0][0]}"])
            own = [index for index, row in enumerate(self.belonging) if row.party == party.parent and row.standing == "formal"]
            own.sort(key=lambda index: (self.belonging[index].person not in team, -index))
            for index in own[: party.members]:
                self.belonging[index] = replace(self.belonging[index], party=party.code)


def _guests(story: Story, at: dict[str, list[str]]) -> dict[str, list[str]]:
    """Leaders of a committee or general branch live in a branch below it (双重组织生活): dealt over the branches, of the committee's to one."""
    found: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[Party]] = defaultdict(list)
    for party in story.parties:
        if party.kind == "branch":
            below[party.parent].append(party)
    for parent, branches in below.items():
        own = {person for branch in branches for person in at[f"P-{branch.code}"]}
        leaders = [person for person in dict.fromkeys(at[f"P-{parent}"]) if person not in own]
        for number, person in enumerate(leaders):
            found[branches[0 if parent == "P0" else number % len(branches)].code].append(person)
    return found
