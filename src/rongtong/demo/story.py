"""The sample enterprise as plain data: an equipment maker with the complaints of DESIGN 1 built in. Synthetic; no real person or firm."""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

OPENED = date(2015, 1, 1)
FIRST, LAST = 202411, 202610  # 24 months; fixed, so that every build is the same
SEED = 20261123


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    name_en: str
    parent: str
    kind: str
    unit_class: str = ""
    headcount: int = 0
    is_legal_person: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    code: str
    name: str
    name_en: str
    parent: str
    kind: str
    units: tuple[tuple[str, str, float], ...] = ()  # (unit, link kind, share)
    members: int = 0
    formal: int = 0
    elected_on: date | None = None
    term_years: int | None = None


@dataclass(frozen=True, slots=True)
class Character:
    """How a unit fares: Party and production quality in 0..1, their trend over the two years, and its complaints."""

    party: float
    production: float
    party_trend: float = 0.0
    production_trend: float = 0.0
    is_dual: bool = False
    delegates: bool = False
    no_meetings: bool = False
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    units: tuple[Unit, ...]
    parties: tuple[Party, ...]
    characters: dict[str, Character] = field(default_factory=dict)


_PLANTS = (
    ("M1", "机加工厂", "Machining plant", ("机加一车间", "机加二车间", "数控车间", "齿轮车间")),
    ("M2", "装配厂", "Assembly plant", ("总装一车间", "总装二车间", "调试车间")),
    ("M3", "热表厂", "Heat treatment plant", ("热处理车间", "表面处理车间", "喷涂车间")),
    ("M4", "铸锻厂", "Foundry and forge", ("铸造车间", "锻造车间", "清理车间")),
    ("M5", "动力厂", "Utilities plant", ("动力车间", "维修车间", "工装车间")),
)
_WORKSHOPS_EN = {
    "机加一车间": "Machining shop 1", "机加二车间": "Machining shop 2", "数控车间": "CNC shop", "齿轮车间": "Gear shop",
    "总装一车间": "Assembly shop 1", "总装二车间": "Assembly shop 2", "调试车间": "Commissioning shop",
    "热处理车间": "Heat treatment shop", "表面处理车间": "Surface treatment shop", "喷涂车间": "Painting shop",
    "铸造车间": "Casting shop", "锻造车间": "Forging shop", "清理车间": "Cleaning shop",
    "动力车间": "Power shop", "维修车间": "Maintenance shop", "工装车间": "Tooling shop",
}  # fmt: skip
_DEPARTMENTS = (
    ("DW", "党建部", "Party work department"), ("QG", "企业管理部", "Enterprise management department"),
    ("SC", "生产部", "Production department"), ("ZL", "质量部", "Quality department"),
    ("AH", "安全环保部", "Safety and environment department"), ("RL", "人力资源部", "Human resources department"),
    ("CW", "财务部", "Finance department"), ("SB", "设备部", "Equipment department"),
)  # fmt: skip
_INSTITUTES = (
    ("设计所", "Design institute"), ("工艺所", "Process institute"), ("试验所", "Test institute"),
    ("电控所", "Control systems institute"), ("材料所", "Materials institute"), ("标准所", "Standards institute"),
)  # fmt: skip
_PROJECTS = (
    ("西南项目部", "South-west project"), ("华东项目部", "East project"), ("华北项目部", "North project"), ("西北项目部", "North-west project"),
    ("海外一项目部", "Overseas project 1"), ("海外二项目部", "Overseas project 2"), ("技改项目部", "Upgrade project"),
    ("检修项目部", "Overhaul project"),
)  # fmt: skip

# the complaints, one unit each; the others get an ordinary character
_COMPLAINTS = {
    "M1-1": Character(0.52, 0.70, 0.06, 0.02, is_dual=True, delegates=True),
    "M1-2": Character(0.36, 0.86, -0.02, 0.03, is_dual=True, delegates=True),  # strong production, weak Party work
    "M1-3": Character(0.84, 0.42, 0.03, -0.05),  # the reverse
    "M2-1": Character(0.80, 0.82, 0.06, 0.06),  # both high
    "M2-2": Character(0.40, 0.41, 0.0, 0.0, is_dual=True, no_meetings=True),  # both low, not one meeting
    "M3-1": Character(0.60, 0.62, 0.12, 0.10),  # rising together
    "M3-3": Character(0.97, 0.60, 0.0, 0.0),  # "perfect every month"
    "M4-1": Character(0.55, 0.50, 0.0, -0.10, is_dual=True),
    "M5-2": Character(0.62, 0.64, 0.0, 0.0, gaps=("production",)),  # production figures missing
    "X4": Character(0.58, 0.60, 0.0, 0.0, gaps=("party",)),  # project without a body until late
    "R3": Character(0.70, 0.75, 0.02, 0.04),
}


def tell() -> Story:
    """The whole enterprise; the same every time."""
    units = _units()
    rng = np.random.default_rng(SEED)
    characters = {unit.code: _COMPLAINTS.get(unit.code) or _ordinary(rng) for unit in units if unit.unit_class}
    return Story(tuple(units), tuple(_parties()), characters)


def _ordinary(rng: np.random.Generator) -> Character:
    party, production = rng.normal(0.62, 0.10), rng.normal(0.64, 0.10)
    trend = rng.normal(0.03, 0.04, size=2)
    return Character(
        float(np.clip(party, 0.3, 0.9)), float(np.clip(production, 0.3, 0.9)), float(trend[0]), float(trend[1]), bool(rng.random() < 0.4)
    )


def _units() -> list[Unit]:
    units = [Unit("G0", "示例装备集团", "Sample Equipment Group", "", "group", "", 36, True)]
    units += [
        Unit(f"D-{code}", name, english, "G0", "department", "functional", 16 + 2 * at)
        for at, (code, name, english) in enumerate(_DEPARTMENTS)
    ]
    team = 0
    for plant_at, (code, name, english, shops) in enumerate(_PLANTS):
        units.append(Unit(code, name, english, "G0", "plant", "", 18))
        for at, shop in enumerate(shops, start=1):
            people = 40 + (plant_at * 7 + at * 11) % 41
            units.append(Unit(f"{code}-{at}", shop, _WORKSHOPS_EN[shop], code, "workshop", "production", people))
            team += 1
            units.append(Unit(f"{code}-{at}-T", f"{shop}一班", f"{_WORKSHOPS_EN[shop]}, team 1", f"{code}-{at}", "team", "", 12 + team % 7))
    units.append(Unit("R0", "研发中心", "R&D centre", "G0", "company", "", 14))
    units += [
        Unit(f"R{at}", name, english, "R0", "department", "rnd", 24 + 4 * at) for at, (name, english) in enumerate(_INSTITUTES, start=1)
    ]
    units.append(Unit("X0", "工程公司", "Engineering company", "G0", "company", "", 16, True))
    units += [
        Unit(f"X{at}", name, english, "X0", "project", "project", 24 + 3 * at) for at, (name, english) in enumerate(_PROJECTS, start=1)
    ]
    return units


def _general(code: str, name: str, english: str, unit: str, members: int, elected: date) -> Party:
    """A general branch that belongs to one unit; two of its members are on probation."""
    return Party(code, name, english, "P0", "general_branch", ((unit, "own", 1.0),), members, members - 2, elected, 3)


def _parties() -> list[Party]:
    parties = [
        Party("P0", "中共示例装备集团委员会", "Party Committee of the Sample Equipment Group", "", "committee", (("G0", "own", 1.0),), 640, 622, date(2022, 6, 20), 5),
        Party("P-D1", "机关第一党支部", "Headquarters Party branch 1", "P0", "branch", (("D-DW", "joint", 0.4), ("D-RL", "joint", 0.3), ("D-QG", "joint", 0.3)), 24, 23, date(2024, 5, 10), 3),
        Party("P-D2", "机关第二党支部", "Headquarters Party branch 2", "P0", "branch", (("D-SC", "joint", 0.5), ("D-SB", "joint", 0.5)), 18, 17, date(2024, 5, 10), 3),
        Party("P-D3", "机关第三党支部", "Headquarters Party branch 3", "P0", "branch", (("D-ZL", "joint", 0.4), ("D-AH", "joint", 0.3), ("D-CW", "joint", 0.3)), 21, 20, date(2023, 9, 8), 3),
    ]  # fmt: skip
    for at, (code, name, english, shops) in enumerate(_PLANTS):
        title = f"General Party branch of the {english.lower()}"
        parties.append(_general(f"P-{code}", f"{name}党总支", title, code, 60 + at, date(2024, 3 + at, 15)))
        for place, shop in enumerate(shops, start=1):
            parties += _shop_parties(code, place, shop, at)
    parties.append(_general("P-R0", "研发中心党总支", "General Party branch of the R&D centre", "R0", 72, date(2024, 4, 18)))
    for at, (first, second) in enumerate(((1, 2), (3, 4), (5, 6)), start=1):
        links = ((f"R{first}", "joint", 0.5), (f"R{second}", "joint", 0.5))
        name = f"研发第{'一二三'[at - 1]}党支部"
        parties.append(Party(f"P-R{at}", name, f"R&D Party branch {at}", "P-R0", "branch", links, 24, 23, date(2024, 5, 20), 3))
    parties.append(_general("P-X0", "工程公司党总支", "General Party branch of the engineering company", "X0", 58, date(2023, 12, 1)))
    for at in (1, 2, 3, 5, 6, 7):
        name, english = _PROJECTS[at - 1]
        link = (f"X{at}", "temporary" if at in {5, 6} else "own", 1.0)
        title = f"Party branch of the {english.lower()}"
        parties.append(Party(f"P-X{at}", f"{name}党支部", title, "P-X0", "branch", (link,), 8 + at, 7 + at, date(2024, 8, 12), 3))
    return [_summed(party, parties) for party in parties]


def _summed(party: Party, parties: list[Party]) -> Party:
    """A committee or general branch has the members of the branches below it."""
    if party.kind not in {"committee", "general_branch"}:
        return party
    under = [one for one in parties if one.kind == "branch" and party.code in {"P0", one.parent}]
    return replace(party, members=sum(one.members for one in under), formal=sum(one.formal for one in under))


def _shop_parties(code: str, place: int, shop: str, at: int) -> list[Party]:
    unit = f"{code}-{place}"
    # two branches are past their term, one committee is due within half a year: ORG-03 and ORG-04 have something to say
    elected = {"M2-2": date(2023, 4, 6), "M4-1": date(2023, 8, 2), "M1-1": date(2024, 2, 26)}.get(unit, date(2024, 6 + at % 5, 3 + place))
    members = 14 + (at * 5 + place * 3) % 13
    english = _WORKSHOPS_EN[shop]
    branch = Party(
        f"P-{unit}",
        f"{shop}党支部",
        f"Party branch of {english}",
        f"P-{code}",
        "branch",
        ((unit, "own", 1.0),),
        members,
        members - 1 - place % 2,
        elected,
        3,
    )
    if place != 1 and code not in {"M1", "M2"}:
        return [branch]
    return [
        branch,
        Party(f"P-{unit}-G", f"{shop}第一党小组", f"Party group 1 of {english}", branch.code, "group", ((f"{unit}-T", "own", 1.0),), 5, 5),
    ]
