"""Questions to inspections: by year and place, what is left for on site, what it costs a unit, where two visits could be one, what is open."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from rongtong.access import policies as access
from rongtong.access.queries import scoped
from rongtong.burden import costs
from rongtong.burden.askings import Asking
from rongtong.inspections.answering import Said, said
from rongtong.inspections.models import RUNNING, Answer, Checklist, Finding, Found, Inspection, Item, Place, Stage, in_language
from rongtong.inspections.numbers import CODE, numbers_at
from rongtong.inspections.policies import RUN, VIEW
from rongtong.kernel.reference import Reference
from rongtong.ledger.states import OPEN
from rongtong.rules.queries import in_force
from rongtong.trees.models import Node

UNIT = "unit"  # who answers on site, as the burden counts it


def inspections(actor: Any) -> QuerySet[Inspection]:
    """Those of the actor's inspecting nodes, and issued ones that reach its units; the latest first."""
    rows = Inspection.objects.select_related("node", "checklist").order_by("-starts_on", "-pk")
    own = scoped(Inspection.objects.all(), actor, "node", permission=VIEW).values("pk")
    reached = scoped(Place.objects.filter(inspection=OuterRef("pk")), actor, "node", permission=VIEW)
    return rows.filter(Q(pk__in=own) | ~Q(stage=Stage.DRAFT) & Q(Exists(reached.order_by())))


def places(actor: Any) -> QuerySet[Place]:
    """Places that the actor sees, in the order of their nodes."""
    rows = Place.objects.select_related("inspection__node", "node", "combined_with__inspection").order_by(
        "node__path", "inspection__starts_on", "pk"
    )
    own = scoped(Place.objects.all(), actor, "inspection__node", permission=VIEW).values("pk")
    reached = scoped(Place.objects.exclude(inspection__stage=Stage.DRAFT), actor, "node", permission=VIEW).values("pk")
    return rows.filter(Q(pk__in=own) | Q(pk__in=reached))


def findings(actor: Any) -> QuerySet[Finding]:
    """The problem list of what the actor sees, the latest first."""
    rows = Finding.objects.select_related("place__node", "place__inspection__node", "item", "matter__handler_post", "matter__lead")
    return rows.filter(place__in=places(actor).order_by().values("pk")).order_by("-found_on", "-pk")


def open_findings(actor: Any) -> QuerySet[Finding]:
    """Problems that nobody mends yet, or whose matter is still open."""
    return findings(actor).filter(withdrawn_on__isnull=True).filter(Q(matter__isnull=True) | Q(matter__state__in=OPEN))


# what is left for on site


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about the items of an inspection at its places; read once."""

    inspection: Inspection
    items: tuple[Item, ...]
    places: tuple[Place, ...]
    answers: Mapping[tuple[int, int], Answer]
    taken: frozenset[tuple[int, int]]  # (place, item) that a combined visit asks already

    def answer(self, place: Place, item: Item) -> Answer | None:
        return self.answers.get((place.pk, item.pk))

    def is_left(self, place: Place, item: Item) -> bool:
        """Whether the place itself has to be asked: a question, or a rule that records cannot tell, and no combined visit asks it."""
        if (place.pk, item.pk) in self.taken:
            return False
        answer = self.answer(place, item)
        return not item.rule_code or answer is None or answer.is_on_site or answer.state == Found.NOT_ENOUGH_DATA

    def left(self, place: Place) -> list[Item]:
        return [item for item in self.items if self.is_left(place, item)]

    def is_done(self, place: Place, item: Item) -> bool:
        answer = self.answer(place, item)
        return answer is not None and answer.is_on_site

    @property
    def open_count(self) -> int:
        """Answers still to be given on site."""
        return sum(not self.is_done(place, item) for place in self.places for item in self.left(place))


def sheet_of(inspection: Inspection, at: Collection[Place] | None = None) -> Sheet:
    """Items and answers of an inspection, at these places or all."""
    items = tuple(inspection.items.order_by("position"))
    found = tuple(at if at is not None else inspection.places.select_related("node", "inspection", "combined_with").order_by("node__path"))
    answers = {(row.place_id, row.item_id): row for row in Answer.objects.filter(place__in=[place.pk for place in found])}
    return Sheet(inspection, items, found, answers, _taken(items, found))


def _taken(items: Sequence[Item], found: Sequence[Place]) -> frozenset[tuple[int, int]]:
    """What the visit a place is combined with asks too: by rule, or by the same words."""
    partners = {place.combined_with_id: place for place in found if place.combined_with_id and place.combined_with}
    keys: dict[int, set[str]] = defaultdict(set)
    wanted = {place.combined_with.inspection_id for place in partners.values() if place.combined_with}
    for item in Item.objects.filter(inspection__in=wanted):
        keys[item.inspection_id].add(key_of(item))
    return frozenset(
        (place.pk, item.pk)
        for place in partners.values()
        for item in items
        if place.combined_with and key_of(item) in keys[place.combined_with.inspection_id]
    )


def key_of(item: Item) -> str:
    """What makes two items the same."""
    return item.rule_code or f"={item.question.strip()}"


# what it costs before it is issued


def cost_of(sheet: Sheet, day: date) -> costs.Cost:
    """Person-hours of the units for what is left on site; what records answer costs nothing. And what is asked of them elsewhere too."""
    url = reverse("inspections:inspection", args=[sheet.inspection.pk])
    items = [
        costs.Item("", words(item), UNIT, frozenset(nodes), float(item.minutes * sheet.inspection.people))
        for item in sheet.items
        if (nodes := {place.node_id for place in sheet.places if sheet.is_left(place, item)})
    ]
    return costs.cost(items, day, source=sheet.inspection.title, url=url)


def words(item: Item) -> str:
    return item.text or item.rule_code


def askings(nodes: Collection[int], day: date) -> Iterable[Asking]:
    """What issued inspections still ask of these nodes on site; forms and other inspections see it before they ask the same."""
    running = Inspection.objects.filter(stage=Stage.ISSUED, ends_on__gte=day, places__node__in=list(nodes)).distinct().order_by("pk")
    for inspection in running:
        sheet = sheet_of(inspection)
        url = reverse("inspections:inspection", args=[inspection.pk])
        for item in sheet.items:
            there = {place.node_id for place in sheet.places if sheet.is_left(place, item) and not sheet.is_done(place, item)} & set(nodes)
            if there:
                yield Asking("", words(item), UNIT, inspection.title, url, frozenset(there))


# where two visits could be one


@dataclass(frozen=True, slots=True)
class Clash:
    """Another inspection that comes to the same unit within the days of the row, or asks the same items in the year."""

    place: Place
    other: Place
    days: int
    same: int
    is_near: bool

    @property
    def is_combined(self) -> bool:
        return self.place.combined_with_id == self.other.pk or self.other.combined_with_id == self.place.pk


def day_of(place: Place) -> date:
    return place.visit_on or place.inspection.starts_on


def clashes(sheet: Sheet, day: date) -> list[Clash]:
    """Every such pair, the nearest first."""
    most = numbers_at(sheet.inspection.node, day).combine_days
    by_node = {place.node_id: place for place in sheet.places}
    rows = Place.objects.filter(node__in=list(by_node), inspection__stage__in=RUNNING).exclude(inspection=sheet.inspection)
    others = list(rows.filter(inspection__year=sheet.inspection.year).select_related("inspection", "node").order_by("pk"))
    keys: dict[int, set[str]] = defaultdict(set)
    for item in Item.objects.filter(inspection__in={place.inspection_id for place in others}):
        keys[item.inspection_id].add(key_of(item))
    own = {key_of(item) for item in sheet.items}
    found = []
    for other in others:
        place = by_node[other.node_id]
        days, same = abs((day_of(place) - day_of(other)).days), len(own & keys[other.inspection_id])
        if days <= most or same:
            found.append(Clash(place, other, days, same, days <= most))
    return sorted(found, key=lambda clash: (clash.days, clash.place.node.path, clash.other.pk))


# for the folder and for a unit that wants to know before anybody asks


@dataclass(frozen=True, slots=True)
class Line:
    """An item with its answer, in how many of the year's periods it is so, and the records behind it."""

    section: str
    code: str
    text: str
    state: str
    note: str
    records: tuple[Reference, ...]
    is_on_site: bool
    periods: tuple[int, ...] = ()
    of: int = 0


def lines(sheet: Sheet, place: Place, titles: Mapping[str, str]) -> list[Line]:
    """Every item at a place in the order of the list; what nobody answered yet says so."""
    found = []
    for item in sheet.items:
        answer = sheet.answer(place, item)
        read = Said.read(answer.state, answer.content) if answer else Said("not_enough_data")
        text = titles.get(item.rule_code, item.rule_code) if item.rule_code else item.text
        is_on_site, note = (answer.is_on_site, answer.note) if answer else (False, "")
        found.append(Line(item.part, item.rule_code, text, read.state, note, tuple(read.records), is_on_site, read.periods, read.of))
    return found


def folder(actor: Any, key: str, node: Node) -> list[Line] | None:
    """The items of an inspection at a node with answers and records, for the inspection folder; None where the actor sees no such place."""
    place = places(actor).filter(inspection=int(key) if key.isascii() and key.isdigit() else 0, node=node).first()
    if place is None:
        return None
    sheet = sheet_of(place.inspection, [place])
    return lines(sheet, place, rule_titles(sheet.items, clock_day(place)))


def beforehand(checklist: Checklist, node: Node, year: int, day: date) -> list[Line]:
    """What the records say already of a list's items, without any inspection: a unit looks by itself."""
    items = list(checklist.items.order_by("position"))
    found = said([node], [item.rule_code for item in items if item.rule_code], year, day)
    titles = rule_titles(items, day)
    made = []
    for item in items:
        one = found[node.pk, item.rule_code] if item.rule_code else Said("")
        text = titles.get(item.rule_code, item.rule_code) if item.rule_code else item.text
        made.append(Line(item.part, item.rule_code, text, one.state, "", tuple(one.records), False, one.periods, one.of))
    return made


def clock_day(place: Place) -> date:
    """The day on which rules are read for a place: the last of its inspection, or before."""
    return place.inspection.ends_on


def rule_titles(items: Iterable[Any], day: date) -> dict[str, str]:
    """Rule to its title in the reader's language."""
    codes = {item.rule_code for item in items if item.rule_code}
    rows = in_force(day).filter(code__in=codes, node__isnull=True)
    return {row.code: in_language(row.title, row.title_en) for row in rows}


def is_checked(code: str, day: date) -> bool:
    """Whether a rule is one that records can answer."""
    return in_force(day).filter(code=code).exclude(predicate="").exists()


def checked_rules(day: date) -> list[tuple[str, str]]:
    """Rules that records can answer, to choose from."""
    rows = in_force(day).filter(node__isnull=True).exclude(predicate="").order_by("code")
    return [(row.code, f"{row.code} {in_language(row.title, row.title_en)}") for row in rows]


def people_on_site(day: date) -> int:
    """How many people of a unit are usually there, by the national row."""
    row = in_force(day).filter(code=CODE, node__isnull=True).first()
    return int(row.arguments.get("people", 1)) if row else 1


def may_define(actor: Any) -> bool:
    """Check lists are the whole enterprise's: whoever inspects may change them."""
    return access.can(actor, RUN)
