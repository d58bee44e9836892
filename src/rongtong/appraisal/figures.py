"""What appraisal says about the credit gap of a place: the weight Party work really has, results that were used, linkage. At most three questions each."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from rongtong.appraisal.content import read_facts
from rongtong.appraisal.models import SHOWN, Purpose, Round, RoundClass, Sheet, Stage, Use, Version
from rongtong.kernel import clock
from rongtong.kernel.periods import add_months, month_of
from rongtong.schemes.data import Fact
from rongtong.schemes.results import Influence
from rongtong.schemes.scoring import effective_weight

USED = (Purpose.PAY, Purpose.TRAINING, Purpose.POSTS)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Credited:
    """Effective weight of Party work in the appraisal of a class: its share of the variance of results, beside what the scheme says."""

    unit_class: str
    round: int
    title: str
    paper: float | None
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str = ""
    derivative: float | None = None  # points of the result per point of Party work
    elasticity: float | None = None
    of_units: dict[int, float] = field(default_factory=dict)  # elasticity at every unit


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many, or why it cannot be told."""

    part: int
    whole: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Strength:
    """Mean elasticity of the result with respect to Party work over the units of a place (I41)."""

    value: float | None
    n: int = 0
    reason: str = ""


def _latest(nodes: Collection[int], day: date, stages: Collection[str]) -> list[RoundClass]:
    """For every class with a unit among the nodes, the latest published round that appraised it; one question."""
    after = datetime.combine(day + timedelta(days=1), time(), clock.BUSINESS_ZONE)
    own = Sheet.objects.filter(of_class=OuterRef("pk"), node__in=list(nodes))
    rows = RoundClass.objects.filter(Exists(own), round__stage__in=list(stages), round__published_at__lt=after)
    found: dict[int, RoundClass] = {}
    for row in rows.select_related("round", "unit_class", "version").order_by("-round__last", "-round_id"):
        found.setdefault(row.unit_class_id, row)
    return sorted(found.values(), key=lambda row: row.unit_class.code)


def _facts(classes: Collection[RoundClass]) -> dict[int, dict[int, dict[str, Fact]]]:
    """Class to unit to the facts of its current version; one question, over all units of the class: a share of variance is the class's."""
    newer = Version.objects.filter(sheet=OuterRef("sheet"), number__gt=OuterRef("number"))
    rows = Version.objects.filter(~Exists(newer), sheet__of_class__in=[row.pk for row in classes])
    found: dict[int, dict[int, dict[str, Fact]]] = {row.pk: {} for row in classes}
    for of_class, node, content in rows.order_by("sheet__node_id").values_list("sheet__of_class_id", "sheet__node_id", "content"):
        found[of_class][node] = read_facts(content["facts"])
    return found


def credited(nodes: Collection[int], day: date) -> tuple[Credited, ...]:
    """Class by class what Party work weighs in the latest published round; two questions. Empty where nothing is published."""
    classes = _latest(nodes, day, SHOWN)
    facts = _facts(classes) if classes else {}
    return tuple(_credited(row, facts[row.pk]) for row in classes)


def _credited(row: RoundClass, facts: dict[int, dict[str, Fact]]) -> Credited:
    found: Influence = effective_weight(row.version.data, facts)
    share = found.variance
    return Credited(
        row.unit_class.label, row.round_id, row.round.title, found.paper, share.value, share.low, share.high, share.n,
        share.reason or found.reason, found.mean_derivative, found.mean_elasticity, dict(found.elasticity),
    )  # fmt: skip


def used_results(nodes: Collection[int], day: date) -> Part:
    """I42: grades of rounds that became final in the last twelve months, and how many of them were used; one question."""
    since = add_months(month_of(day), -MONTHS)
    used = Use.objects.filter(sheet=OuterRef("pk"), purpose__in=USED, on__lte=day)
    rows = Sheet.objects.filter(node__in=list(nodes), round__stage=Stage.FINAL, round__finished_on__lte=day).exclude(grade="")
    rows = rows.filter(
        Q(round__finished_on__year__gt=since // 100) | Q(round__finished_on__year=since // 100, round__finished_on__month__gt=since % 100)
    )
    told = list(rows.annotate(is_used=Exists(used)).order_by().values_list("is_used", flat=True))
    return Part(sum(told), len(told), "" if told else _("no round became final in the last twelve months"))


def linkage(nodes: Collection[int], day: date) -> Strength:
    """I41 at a place: the mean elasticity over its own units; two questions."""
    here = set(nodes)
    values = [value for row in credited(nodes, day) for node, value in row.of_units.items() if node in here]
    if not values:
        return Strength(None, reason=_("no published round tells it"))
    return Strength(sum(values) / len(values), len(values))


def last_round(nodes: Collection[int], day: date) -> Round | None:
    """The latest published round that appraised one of these nodes; one question."""
    found = _latest(nodes, day, SHOWN)
    return found[0].round if found else None
