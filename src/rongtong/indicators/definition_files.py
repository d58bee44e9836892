"""Files of targets and of indicator definitions, and the tables that go out."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.exchange import parsing
from rongtong.exchange.exporting import Exporter
from rongtong.exchange.importing import Column, Importer, Plan, Row
from rongtong.exchange.models import Batch
from rongtong.indicators import queries, recording
from rongtong.indicators.defining import check_definition
from rongtong.indicators.entries import check_target
from rongtong.indicators.importers import INDICATOR, indicators_by_code, nodes_by_code
from rongtong.indicators.models import Aggregate, Direction, Frequency, Indicator, Kind, SetItem, Subsystem, Target
from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import Period, month_range
from rongtong.trees.models import Node

# --- targets ---------------------------------------------------------------------------------------------------------------------------


def month_or_year(value: Any) -> list[int] | None:
    """The months of a cell: one, or the twelve of a year ("2026", "2026年")."""
    cleaned = parsing.folded(value)
    year = cleaned.removesuffix("年").removesuffix("年度")
    if len(year) == 4 and year.isascii() and year.isdigit():
        return month_range(int(year) * 100 + 1, int(year) * 100 + 12)
    month = parsing.month(value)
    return None if month is None else [month]


TARGET_COLUMNS = (
    Column("unit_code", ("node_code", "单位编码", "单位代码"), True, parsing.code, gettext_lazy("Code of the unit")),
    INDICATOR,
    Column("period", ("month", "期间", "月份", "年度"), True, month_or_year, gettext_lazy("Month or year")),
    Column("target", ("目标", "目标值"), True, parsing.quantity, gettext_lazy("Target")),
    Column("floor", ("底线值", "下限"), False, parsing.quantity, gettext_lazy("Floor")),
    Column("stretch", ("挑战值", "上限"), False, parsing.quantity, gettext_lazy("Stretch")),
)


@dataclass(frozen=True, slots=True)
class TargetRow:
    unit_id: int
    indicator_id: int
    period: int
    target: float
    floor: float | None
    stretch: float | None

    @property
    def key(self) -> tuple[int, int, int]:
        return self.unit_id, self.indicator_id, self.period


def plan_targets(actor: Any, rows: Iterable[Row]) -> Plan:
    """Compare a file of targets with what is stored. A yearly target of an amount is spread evenly over the months."""
    listed, plan = list(rows), Plan()
    nodes = nodes_by_code(actor, (row["unit_code"] for row in listed), Permission.TARGET_SET)
    indicators = indicators_by_code()
    wanted: dict[tuple[int, int, int], TargetRow] = {}
    for row in listed:
        for target in _targets_of(row, nodes, indicators, plan):
            if target.key in wanted:
                plan.refuse(row, "period", _("This unit, indicator and month have a target in another row"), _("keep one of the rows"))
            wanted[target.key] = target
    stored = {(t.unit_id, t.indicator_id, t.period): t for t in Target.objects.filter(period__in={key[2] for key in wanted}).order_by("pk")}
    for key, target in wanted.items():
        before = stored.get(key)
        if before is None:
            plan.creates.append(target)
        elif (before.target, before.floor, before.stretch) == (target.target, target.floor, target.stretch):
            plan.unchanged += 1
        else:
            plan.updates.append((target, before))
    return plan


def _targets_of(row: Row, nodes: dict[tuple[str, str], Any], indicators: dict[str, Indicator], plan: Plan) -> Iterator[TargetRow]:
    unit, indicator = nodes.get(("B", row["unit_code"])), indicators.get(row["indicator_code"])
    if unit is None:
        plan.refuse(
            row,
            "unit_code",
            _("There is no unit %(code)s") % {"code": row["unit_code"]},
            _("check the code, and that you may set its targets"),
        )
        return
    if indicator is None:
        what = _("There is no indicator %(code)s") % {"code": row["indicator_code"]}
        plan.refuse(row, "indicator_code", what, _("see the list of indicators for the codes"))
        return
    months = row["period"]
    share = 1 / len(months) if indicator.aggregate == Aggregate.SUM else 1.0
    try:
        numbers = [_in_unit(row[name], indicator) for name in ("target", "floor", "stretch")]
        target, floor, stretch = (None if number is None else number * share for number in numbers)
        for month in months:
            assert target is not None
            check_target(indicator, month, target, floor, stretch)
            yield TargetRow(unit.pk, indicator.pk, month, target, floor, stretch)
    except Refused as refusal:
        plan.refuse(row, refusal.field or "target", refusal.what, refusal.remedy)


def _in_unit(number: float | None, indicator: Indicator) -> float | None:
    if isinstance(number, parsing.Percent) and not indicator.is_percent:
        raise parsing.percent_refused(number, indicator.unit_text)
    return None if number is None else float(number)


def apply_targets(by: Actor, batch: Batch, plan: Plan) -> None:
    now = clock.now()
    rows = [Target(**asdict(row), batch=batch, set_by=by.label, set_at=now) for row in plan.creates]
    made = Target.objects.bulk_create(rows, batch_size=5000)
    before = [[old.pk, old.target, old.floor, old.stretch, old.batch_id, old.set_by, old.set_at.isoformat()] for _row, old in plan.updates]
    changed = []
    for row, old in plan.updates:
        old.target, old.floor, old.stretch, old.batch, old.set_by, old.set_at = row.target, row.floor, row.stretch, batch, by.label, now
        changed.append(old)
    Target.objects.bulk_update(changed, ["target", "floor", "stretch", "batch", "set_by", "set_at"], batch_size=500)
    batch.undo_data = {"created": [target.pk for target in made], "before": before}
    recording.mark_dirty({target.period for target in [*made, *changed]})


def undo_targets(_by: Actor, batch: Batch) -> None:
    touched = [*batch.undo_data["created"], *(row[0] for row in batch.undo_data["before"])]
    standing = {
        target.pk: target for start in range(0, len(touched), 900) for target in Target.objects.filter(pk__in=touched[start : start + 900])
    }
    if len(standing) < len(touched) or any(target.batch_id != batch.pk for target in standing.values()):
        raise Refused(
            _("Some of these targets were set again after this batch"), remedy=_("undo the later change first"), code="undo_later"
        )
    for start in range(0, len(batch.undo_data["created"]), 900):
        Target.objects.filter(pk__in=batch.undo_data["created"][start : start + 900]).delete()
    for pk, target, floor, stretch, batch_id, set_by, set_at in batch.undo_data["before"]:
        Target.objects.filter(pk=pk).update(target=target, floor=floor, stretch=stretch, batch_id=batch_id, set_by=set_by, set_at=set_at)
    recording.mark_dirty({target.period for target in standing.values()})


# --- indicators ------------------------------------------------------------------------------------------------------------------------


def _words(choices: Any, **more: str) -> dict[str, str]:
    return {**{value: value for value in choices.values}, **more}


_SUBSYSTEMS = _words(Subsystem, 党建="party", 生产="production", 生产经营="production", 融合="integration")
_DIRECTIONS = _words(
    Direction, **{"+": "benefit", "-": "cost", "正向": "benefit", "负向": "cost", "逆向": "cost", "区间": "interval", "适度": "interval"}
)
_KINDS = _words(Kind, 流量="flow", 存量="stock", 时期="flow", 时点="stock", 比率="ratio")
_AGGREGATES = _words(Aggregate, 求和="sum", 平均="mean", 末值="last", 比率="ratio", 不累计="none")
_FREQUENCIES = _words(Frequency, 月="month", 季="quarter", 年="year", 月度="month", 季度="quarter", 年度="year")
INDICATOR_COLUMNS = (
    Column("code", ("indicator_code", "指标编码", "编码"), True, parsing.code, gettext_lazy("Code")),
    Column("name", ("指标名称", "名称"), True, parsing.text, gettext_lazy("Name"), most=120),
    Column("name_en", ("英文名称",), False, parsing.text, gettext_lazy("English name"), most=200),
    Column("subsystem", ("子系统", "类别"), True, parsing.choice(_SUBSYSTEMS), gettext_lazy("Side")),
    Column("dimension", ("维度",), False, parsing.text, gettext_lazy("Dimension"), most=40),
    Column("unit_text", ("unit", "计量单位", "单位"), False, parsing.text, gettext_lazy("Unit"), most=40),
    Column("direction", ("方向",), True, parsing.choice(_DIRECTIONS), gettext_lazy("Direction")),
    Column("ideal_low", ("理想下限",), False, parsing.number, gettext_lazy("Ideal, lower end")),
    Column("ideal_high", ("理想上限",), False, parsing.number, gettext_lazy("Ideal, upper end")),
    Column("cap", ("封顶值",), False, parsing.number, gettext_lazy("Cap")),
    Column("kind", ("指标性质",), True, parsing.choice(_KINDS), gettext_lazy("Kind of figure")),
    Column("aggregate", ("累计方式",), True, parsing.choice(_AGGREGATES), gettext_lazy("Year to date")),
    Column("scale", ("系数",), False, parsing.number, gettext_lazy("Factor of the ratio")),
    Column("hold_months", ("沿用月数",), False, parsing.whole, gettext_lazy("Months a value holds")),
    Column("frequency", ("频率",), False, parsing.choice(_FREQUENCIES), gettext_lazy("Frequency")),
    Column("decimals", ("小数位",), False, parsing.whole, gettext_lazy("Decimals")),
    Column("definition", ("口径", "口径说明"), False, parsing.text, gettext_lazy("Definition")),
    Column("formula", ("计算公式",), False, parsing.text, gettext_lazy("Formula"), most=300),
    Column("source_text", ("来源",), False, parsing.text, gettext_lazy("Source"), most=200),
)
_FIELDS = tuple(column.name for column in INDICATOR_COLUMNS[1:])


def plan_indicators(_actor: Any, rows: Iterable[Row]) -> Plan:
    plan, stored = Plan(), indicators_by_code()
    seen: set[str] = set()
    for row in rows:
        if row["code"] in seen:
            plan.refuse(row, "code", _("%(code)s stands in the file twice") % {"code": row["code"]}, _("remove one"))
            continue
        seen.add(row["code"])
        _plan_indicator(row, stored.get(row["code"]), plan)
    return plan


def _plan_indicator(row: Row, before: Indicator | None, plan: Plan) -> None:
    given = {name: row[name] for name in _FIELDS if row[name] is not None}
    candidate = before or Indicator(code=row["code"])
    old = {name: getattr(candidate, name) for name in given}
    for name, value in given.items():
        setattr(candidate, name, value)
    if before is None and candidate.kind == Kind.RATIO and row["scale"] is None and candidate.is_percent:
        candidate.scale = 100.0
    try:
        check_definition(candidate)
    except Refused as refusal:
        plan.refuse(row, refusal.field, refusal.what, refusal.remedy)
        return
    if before is None:
        plan.creates.append(candidate)
    elif old == given:
        plan.unchanged += 1
    else:
        plan.updates.append((candidate, {name: value for name, value in old.items() if value != given[name]}))


def apply_indicators(_by: Actor, batch: Batch, plan: Plan) -> None:
    made = Indicator.objects.bulk_create(plan.creates)
    for indicator, old in plan.updates:
        indicator.save(update_fields=sorted(old))
    after = [[indicator.pk, {name: getattr(indicator, name) for name in old}] for indicator, old in plan.updates]
    batch.undo_data = {"created": [row.pk for row in made], "before": [[i.pk, old] for i, old in plan.updates], "after": after}


def undo_indicators(_by: Actor, batch: Batch) -> None:
    created = batch.undo_data["created"]
    used = Indicator.objects.filter(pk__in=created, observations__isnull=False) | Indicator.objects.filter(
        pk__in=SetItem.objects.filter(indicator_id__in=created).values("indicator_id")
    )
    used = used | Indicator.objects.filter(pk__in=Target.objects.filter(indicator_id__in=created).values("indicator_id"))
    first = used.distinct().order_by("code").first()
    if first is not None:
        raise Refused(
            _("%(code)s already has values, targets or a place in a set") % {"code": first.code},
            remedy=_("switch it off instead"),
            code="undo_later",
        )
    for pk, fields in batch.undo_data["after"]:
        if not Indicator.objects.filter(pk=pk, **fields).exists():
            raise Refused(
                _("Some of these indicators were changed after this batch"), remedy=_("change them back by hand"), code="undo_later"
            )
    Indicator.objects.filter(pk__in=created).delete()
    for pk, fields in batch.undo_data["before"]:
        Indicator.objects.filter(pk=pk).update(**fields)


TARGETS = Importer("targets", gettext_lazy("Targets"), TARGET_COLUMNS, plan_targets, apply_targets, undo_targets)
INDICATORS = Importer("indicators", gettext_lazy("Indicators"), INDICATOR_COLUMNS, plan_indicators, apply_indicators, undo_indicators)


# --- out -------------------------------------------------------------------------------------------------------------------------------


def observation_rows(actor: Any, **filters: Any) -> Iterator[tuple[Any, ...]]:
    """What the actor sees (and the page's filters leave), in the columns that import takes."""
    rows = queries.filtered(queries.current(actor), **filters).values_list(
        "node__code", "indicator__code", "period", "value", "numerator", "denominator"
    )
    for node, indicator, period, value, over, under in rows.iterator(chunk_size=5000):
        yield node, indicator, str(Period.month(period)), value, over, under


def targets_seen(actor: Any, node: Node, period: int) -> list[Target]:
    """A unit's targets of a month, if the actor sees it."""
    rows = Target.objects.filter(unit=node, period=period).select_related("indicator").order_by("indicator__subsystem", "indicator__code")
    return list(scoped(rows, actor, "unit", permission=Permission.OBSERVATION_VIEW))


def target_rows(actor: Any, **filters: Any) -> Iterator[tuple[Any, ...]]:
    rows = scoped(Target.objects.filter(**filters), actor, "unit", permission=Permission.OBSERVATION_VIEW).order_by(
        "unit_id", "indicator_id", "period"
    )
    for unit, indicator, period, *numbers in rows.values_list(
        "unit__code", "indicator__code", "period", "target", "floor", "stretch"
    ).iterator():
        yield unit, indicator, str(Period.month(period)), *numbers


def indicator_rows(_actor: Any, **filters: Any) -> Iterator[tuple[Any, ...]]:
    for indicator in queries.indicators().filter(**filters):
        yield tuple(getattr(indicator, column.name) for column in INDICATOR_COLUMNS)


EXPORTERS = (
    Exporter("observations", ("node_code", "indicator_code", "period", "value", "numerator", "denominator"), observation_rows),
    Exporter("targets", tuple(column.name for column in TARGET_COLUMNS), target_rows),
    Exporter("indicators", tuple(column.name for column in INDICATOR_COLUMNS), indicator_rows),
)
