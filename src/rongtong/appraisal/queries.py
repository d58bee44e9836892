"""Questions to rounds: which units, what it costs them, what is left to review, how a class stands, what changed since launch."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access.queries import scoped
from rongtong.appraisal.content import Frozen, Head, Organisation, Scoring, read_facts
from rongtong.appraisal.models import SHOWN, Adjustment, Mark, Objection, Round, RoundClass, Sheet, Stage, Version
from rongtong.appraisal.numbers import numbers_at
from rongtong.appraisal.policies import RUN, VIEW
from rongtong.burden import costs
from rongtong.burden.askings import Asking
from rongtong.kernel.periods import Period
from rongtong.organization.models import Appointment, UnitClassAssignment
from rongtong.organization.queries import LEADING
from rongtong.schemes.data import Criterion, Fact, FactKind, SchemeData
from rongtong.schemes.holding import Hold
from rongtong.schemes.models import SchemeVersion
from rongtong.trees.models import AFTER, LinkKind, Node, TreeLink

UNIT = "unit"
BY_HAND = (FactKind.MANUAL, FactKind.EVENT)


def rounds(actor: Any) -> QuerySet[Round]:
    """Those the actor runs, and launched ones that reach its units; the latest first."""
    rows = Round.objects.select_related("node").order_by("-last", "-pk")
    own = scoped(Round.objects.all(), actor, "node", permission=RUN).values("pk")
    reached = scoped(Sheet.objects.filter(round=OuterRef("pk")), actor, "node", permission=VIEW)
    return rows.filter(Q(pk__in=own) | ~Q(stage=Stage.DRAFT) & Q(Exists(reached.order_by())))


def sheets(actor: Any) -> QuerySet[Sheet]:
    """Sheets of the actor's units, in the order of the tree."""
    rows = Sheet.objects.select_related("round__node", "node", "of_class__unit_class", "of_class__version__scheme").order_by(
        "node__path", "pk"
    )
    return scoped(rows.exclude(round__stage=Stage.CANCELLED), actor, "node", permission=VIEW)


def current_versions() -> Prefetch[str]:
    """Versions of sheets with their adjustments, read with the sheets."""
    rows = Version.objects.order_by("number").prefetch_related(Prefetch("adjustments", Adjustment.objects.order_by("pk")))
    return Prefetch("versions", rows, to_attr="all_versions")


def versions_of(sheet: Sheet) -> list[Version]:
    """Every version with its adjustments; without a question where they were read with the sheet."""
    read: list[Version] | None = getattr(sheet, "all_versions", None)
    return list(sheet.versions.order_by("number").prefetch_related("adjustments")) if read is None else read


# which units, and what it costs them


def members_at(round_: Round, day: date) -> list[tuple[Node, RoundClass]]:
    """Open units below the round's node that are of one of its classes on a day, with the class, in the order of the tree."""
    classes = {row.unit_class_id: row for row in round_.classes.select_related("version", "unit_class")}
    rows = UnitClassAssignment.objects.filter(starts_on__lte=day, unit_class__in=list(classes))
    rows = rows.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day), unit__path__gte=round_.node.path, unit__path__lt=round_.node.path + AFTER
    )
    rows = rows.filter(unit__opened_on__lte=day).filter(Q(unit__closed_on__isnull=True) | Q(unit__closed_on__gt=day))
    return [(row.unit, classes[row.unit_class_id]) for row in rows.select_related("unit").order_by("unit__path")]


def frozen_of(units: Sequence[Node], day: date) -> dict[int, Frozen]:
    """Unit to name, organisations and leading persons on a day; two questions."""
    links: dict[int, list[Node]] = defaultdict(list)
    for link in TreeLink.objects.on(day).filter(unit__in=units).exclude(kind=LinkKind.TEMPORARY).select_related("party").order_by("pk"):
        links[link.unit_id].append(link.party)
    places = {unit.pk for unit in units} | {party.pk for found in links.values() for party in found}
    leading: dict[int, list[Head]] = defaultdict(list)
    rows = Appointment.objects.on(day).filter(post__node__in=places, post__kind__in=LEADING).select_related("post", "person")
    for row in rows.order_by("post__code", "pk"):
        leading[row.post.node_id].append(Head(row.post_id, row.post.name, row.person_id, row.person.name))
    found = {}
    for unit in units:
        parties = tuple(Organisation(party.pk, party.name) for party in links[unit.pk])
        found[unit.pk] = Frozen(unit.name, tuple(head for at in (unit, *links[unit.pk]) for head in leading[at.pk]), parties)
    return found


def by_hand(data: SchemeData) -> list[Criterion]:
    """What no record tells: a reviewer judges it, or enters the events."""
    return data.where(lambda criterion: criterion.kind in BY_HAND)


def judged(data: SchemeData) -> list[Criterion]:
    """What a reviewer judges; the unit may claim it first."""
    return data.where(lambda criterion: criterion.kind == FactKind.MANUAL)


def cost_of(round_: Round, day: date) -> costs.Cost:
    """Person-hours of the units: what only people can tell, and reading what records filled in. What records tell is asked of nobody."""
    numbers, url = numbers_at(round_.node, day), reverse("appraisal:round", args=[round_.pk])
    nodes: dict[int, set[int]] = defaultdict(set)
    classes = {}
    for unit, of_class in members_at(round_, day):
        nodes[of_class.pk].add(unit.pk)
        classes[of_class.pk] = of_class.version.data
    items = []
    for pk, data in classes.items():
        there = frozenset(nodes[pk])
        held = data.where(lambda criterion: criterion.kind not in BY_HAND)
        items += [costs.Item("", one.label, UNIT, there, numbers.minutes_manual) for one in judged(data)]
        items += [costs.Item(f"indicator:{one.of}", one.label, UNIT, there) for one in held if one.kind == FactKind.INDICATOR]
        items.append(costs.Item("", _("read what the records filled in"), UNIT, there, numbers.minutes_record * len(held)))
    return costs.cost(items, day, source=round_.title, url=url)


def askings(nodes: Collection[int], day: date) -> Iterable[Asking]:
    """What rounds under way still ask of these nodes; other forms see it before they ask the same."""
    rows = Sheet.objects.filter(node__in=list(nodes), round__stage__in=[Stage.LAUNCHED, Stage.SELF_REPORT], reported_at__isnull=True)
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    known: dict[int, RoundClass] = {}
    for sheet in rows.select_related("round", "of_class__version").order_by("pk"):
        found[sheet.round_id, sheet.of_class_id].add(sheet.node_id)
        known[sheet.of_class_id] = sheet.of_class
        sheet.of_class.round = sheet.round
    for (_round, of_class), there in found.items():
        row = known[of_class]
        url = reverse("appraisal:round", args=[row.round_id])
        for criterion in judged(row.version.data):
            yield Asking("", criterion.label, UNIT, row.round.title, url, frozenset(there))


def holds(version: SchemeVersion) -> Iterable[Hold]:
    """Running rounds that use a version; nothing may end it meanwhile."""
    rows = RoundClass.objects.filter(version=version).exclude(round__stage__in=[Stage.FINAL, Stage.CANCELLED, Stage.DRAFT])
    for row in rows.select_related("round").order_by("pk"):
        yield Hold(row.round.title, reverse("appraisal:round", args=[row.round_id]), Period.month(row.round.last).ends_on)


# facts and reviews


def merged(data: SchemeData, facts: Mapping[str, Fact], marks: Iterable[Mark], evidence: Mapping[str, str]) -> dict[str, Fact]:
    """Facts of records, with what reviewers entered. Events nobody entered are none, because the review was closed with that said."""
    found, given = dict(facts), {mark.criterion: mark for mark in marks}
    for criterion in by_hand(data):
        mark = given.get(criterion.code)
        if mark is not None:
            shown = evidence.get(criterion.code, "")
            found[criterion.code] = Fact(
                mark.value, reason="" if mark.value is not None else mark.text, references=(shown,) if shown else (), basis=mark.basis,
                approver=mark.approver, note=f"{mark.by_label}：{mark.text}" if mark.text else mark.by_label,
            )  # fmt: skip
        elif criterion.kind == FactKind.EVENT:
            found[criterion.code] = Fact(0.0, note="none_entered")
    return found


def facts_of(sheet: Sheet) -> dict[str, Fact]:
    """What records said when they were gathered last, with the marks of the review."""
    evidence = {row.criterion: f"{row.record_kind}:{row.record_id}" for row in sheet.statements.all() if row.record_kind}
    return merged(sheet.of_class.version.data, read_facts(sheet.facts), sheet.marks.all(), evidence)


def left_to_judge(round_: Round) -> list[tuple[Sheet, list[Criterion]]]:
    """Sheets with criteria that somebody has to judge and nobody has: neither a value nor why there can be none."""
    marked = set(Mark.objects.filter(sheet__round=round_).values_list("sheet_id", "criterion"))
    data = {row.pk: judged(row.version.data) for row in round_.classes.select_related("version")}
    found = []
    for sheet in round_.sheets.select_related("node", "round").order_by("node__path"):
        left = [one for one in data[sheet.of_class_id] if (sheet.pk, one.code) not in marked]
        if left:
            found.append((sheet, left))
    return found


# how a class stands


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit in its class: equal scores share their ranks. Without a score it has none, and is behind nobody."""

    sheet: Sheet
    rank: int | None
    last: int | None

    @property
    def is_tied(self) -> bool:
        return self.rank != self.last


def standings(rows: Sequence[Sheet], class_scores: Sequence[int]) -> list[Standing]:
    """These sheets ranked among all scores of their class, the best first, those without a score at the end."""
    found = []
    for sheet in sorted(rows, key=lambda one: (one.score is None, -(one.score or 0), one.node.path)):
        if sheet.score is None:
            found.append(Standing(sheet, None, None))
        else:
            above = sum(score > sheet.score for score in class_scores)
            found.append(Standing(sheet, above + 1, above + sum(score == sheet.score for score in class_scores)))
    return found


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of a class: how many units hold it, and how many may."""

    code: str
    name: str
    count: int
    quota: int | None

    @property
    def over(self) -> int:
        return max(0, self.count - self.quota) if self.quota is not None else 0


def distribution(data: SchemeData, grades: Iterable[str]) -> list[Grade]:
    """Grades of a class, the best first; a quota is a share of the units that have a grade, rounded down."""
    counted = Counter(code for code in grades if code)
    rated = sum(counted.values())
    return [
        Grade(band.code, band.label, counted[band.code], None if band.quota is None else band.quota * rated // 10_000)
        for band in data.bands
    ]


def over_quota(round_: Round) -> list[Grade]:
    """Grades that more units hold than may, over all classes of a round."""
    grades: dict[int, list[str]] = defaultdict(list)
    for of_class, grade in round_.sheets.order_by().values_list("of_class_id", "grade"):
        grades[of_class].append(grade)
    return [one for row in round_.classes.select_related("version") for one in distribution(row.version.data, grades[row.pk]) if one.over]


def scoring_of(version: Version) -> Scoring:
    return Scoring.read(version.content)


def grade_of(version: Version) -> str:
    """The grade that a version has: the last adjustment, or what the scheme gave."""
    rows = list(version.adjustments.all())
    return rows[-1].grade if rows else str(version.content["scored"]["grade"])


# what happened meanwhile


@dataclass(frozen=True, slots=True)
class Since:
    """What is otherwise today than at launch. The round stays with what was frozen."""

    kind: str  # closed, renamed, head, party, class, scheme
    before: str
    now: str


def changes_since(sheet: Sheet, day: date) -> list[Since]:
    """Who moved, what was closed or renamed, another class, a later version of the scheme; four questions."""
    before, now = Frozen.read(sheet.frozen), frozen_of([sheet.node], day)[sheet.node_id]
    found = [] if sheet.node.closed_on is None or sheet.node.closed_on > day else [Since("closed", before.name, str(sheet.node.closed_on))]
    if before.name != now.name:
        found.append(Since("renamed", before.name, now.name))
    left = [head for head in before.heads if (head.post, head.person) not in {(one.post, one.person) for one in now.heads}]
    serving = {head.post: head.name for head in now.heads}
    found += [Since("head", f"{head.name} {head.title}", serving.get(head.post, "")) for head in left]
    found += [Since("party", party.name, "") for party in before.parties if party.node not in {one.node for one in now.parties}]
    rows = UnitClassAssignment.objects.filter(unit=sheet.node, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    of_class = rows.select_related("unit_class").first()
    if of_class is not None and of_class.unit_class_id != sheet.of_class.unit_class_id:
        found.append(Since("class", str(sheet.of_class.unit_class), str(of_class.unit_class)))
    version = sheet.of_class.version
    later = version.scheme.versions.filter(number__gt=version.number).exclude(issued_at=None).order_by("-number").first()
    return found + ([Since("scheme", f"v{version.number}", f"v{later.number}")] if later is not None else [])


# what waits, and what was used


def to_report(actor: Any) -> QuerySet[Sheet]:
    """Self-reports the actor may hand in, the first due first."""
    from rongtong.appraisal.policies import REPORT

    rows = Sheet.objects.filter(round__stage=Stage.SELF_REPORT, reported_at__isnull=True).select_related("round", "node")
    return scoped(rows, actor, "node", permission=REPORT).order_by("round__report_until", "node__path")


def to_answer(actor: Any) -> QuerySet[Objection]:
    """Objections that nobody has answered, the oldest first."""
    rows = Objection.objects.filter(is_accepted__isnull=True, sheet__round__stage=Stage.OBJECTIONS).select_related(
        "sheet__round", "sheet__node"
    )
    return scoped(rows, actor, "sheet__round__node", permission=RUN).order_by("on", "pk")


def shown_sheets(actor: Any) -> QuerySet[Sheet]:
    """Sheets whose grades are published, of the actor's units."""
    return sheets(actor).filter(round__stage__in=SHOWN)
