"""People, posts and appointments of the sample enterprise. Names are drawn from common characters; nobody is meant."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from rongtong.demo.story import OPENED, SEED, Story

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
        self._leaders(story)
        self._staff(story)

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
