"""Files of observations, targets and indicators: what they hold, what they would change, and how that is taken back."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.exchange import parsing
from rongtong.exchange.importing import Column, Importer, Plan, Rows, match_columns
from rongtong.exchange.models import Batch
from rongtong.exchange.reader import read_table
from rongtong.indicators import policies, recording
from rongtong.indicators.actions import record
from rongtong.indicators.entries import Entry, checked
from rongtong.indicators.models import Indicator, Observation, Subsystem
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import Period
from rongtong.trees.models import Node

NODE = Column(
    "node_code",
    ("unit_code", "party_code", "单位编码", "单位代码", "组织编码", "节点编码"),
    True,
    parsing.code,
    gettext_lazy("Code of the unit"),
)
INDICATOR = Column("indicator_code", ("指标编码", "指标代码"), True, parsing.code, gettext_lazy("Code of the indicator"))
PERIOD = Column("period", ("month", "期间", "月份", "统计月份", "所属期"), True, parsing.month, gettext_lazy("Month"))
OBSERVATION_COLUMNS = (
    NODE,
    INDICATOR,
    PERIOD,
    Column("value", ("数值", "指标值", "完成值", "实际值"), False, parsing.quantity, gettext_lazy("Value")),
    Column("numerator", ("分子",), False, parsing.number, gettext_lazy("Numerator")),
    Column("denominator", ("分母",), False, parsing.number, gettext_lazy("Denominator")),
)
SAMPLE = 500
NOBODY: tuple[Indicator | None, int, dict[str, int]] = (None, 0, {})
Problem = tuple[str, str, str]  # column, what, what to do


def indicators_by_code() -> dict[str, Indicator]:
    return {indicator.code: indicator for indicator in Indicator.objects.select_related("owner")}


def nodes_by_code(actor: Any, codes: Iterable[str], permission: Permission = Permission.OBSERVATION_VIEW) -> dict[tuple[str, str], Node]:
    """(tree, code) to node, for the codes named and the nodes the actor sees."""
    wanted, seen = sorted(set(codes)), nodes_of(actor, permission)
    found: dict[tuple[str, str], Node] = {}
    for start in range(0, len(wanted), 900):
        found.update({(node.tree, node.code): node for node in seen.filter(code__in=wanted[start : start + 900])})
    return found


class _Resolver:
    """Codes of a row to its node and indicator, or the column and the sentence that says why not."""

    def __init__(self, actor: Any, node_codes: Iterable[str]) -> None:
        self.actor = actor
        self.is_free = policies.is_system(actor)
        self.nodes = nodes_by_code(actor, node_codes)
        self.indicators = indicators_by_code()
        self.sides = {side: self._side(side) for side in Subsystem.values}
        # indicator code to the indicator, its key and the nodes that its side may mean
        self.by_code: dict[str, tuple[Indicator | None, int, dict[str, int]]] = {
            code: (row, row.pk, self.sides[row.subsystem]) for code, row in self.indicators.items()
        }
        self.reasons: dict[tuple[int, int], str] = {}

    def _side(self, side: str) -> dict[str, int]:
        """Code to node. The two trees may share a code: Party figures prefer the Party organisation, the others the unit."""
        order = {Subsystem.PARTY: ("B", "P"), Subsystem.PRODUCTION: ("B",)}.get(Subsystem(side), ("P", "B"))
        return {code: node.pk for tree in order for (its_tree, code), node in self.nodes.items() if its_tree == tree}

    def why_not(self, node_code: str, indicator_code: str) -> Problem | None:
        """Why a row cannot be taken; None where it can."""
        found = self.by_code.get(indicator_code)
        if found is None:
            return (
                "indicator_code",
                _("There is no indicator %(code)s") % {"code": indicator_code},
                _("see the list of indicators for the codes"),
            )
        if node_code not in found[2]:
            if ("P", node_code) in self.nodes:
                return (
                    "node_code",
                    _("%(code)s is a Party organisation") % {"code": node_code},
                    _("production figures belong to business units"),
                )
            return "node_code", _("There is no unit %(code)s") % {"code": node_code}, _("check the code, and that you may see the unit")
        assert found[0] is not None
        reason = self._reason(found[0], found[2][node_code], node_code)
        return ("indicator_code", str(WHY_NOT[reason][0]), str(WHY_NOT[reason][1])) if reason else None

    def _reason(self, indicator: Indicator, node_id: int, node_code: str) -> str:
        if self.is_free:
            return ""
        key = node_id, indicator.pk
        if key not in self.reasons:
            node = next(
                self.nodes[tree, node_code]
                for tree in "BP"
                if (tree, node_code) in self.nodes and self.nodes[tree, node_code].pk == node_id
            )
            self.reasons[key] = policies.why_not_enter(self.actor, node, indicator)
        return self.reasons[key]


WHY_NOT: dict[str, tuple[Any, Any]] = {
    "collected": (gettext_lazy("This figure is collected from the records"), gettext_lazy("correct the records, it follows them")),
    "derived": (gettext_lazy("This figure is computed from others"), gettext_lazy("enter those")),
    "switched_off": (gettext_lazy("This indicator is switched off"), gettext_lazy("leave the row out, or have it switched on")),
    "not_owner": (gettext_lazy("Only the unit itself or the owner department enters this figure"), gettext_lazy("ask them to enter it")),
}


def plan_observations(actor: Any, rows: Rows) -> Plan:
    """Compare a file with what is stored. Memory: one small tuple a row."""
    chunks = list(rows.chunks())
    resolver = _Resolver(actor, {code for chunk in chunks for code in set(chunk.columns["node_code"])})
    plan, entries = Plan(), []
    for chunk in chunks:
        entries += _entries(chunk.numbers, [chunk.columns[column.name] for column in OBSERVATION_COLUMNS], resolver, plan)
    chunks.clear()
    _refuse_twice(entries, plan)
    stored = recording.current_values(entries)
    if not stored:
        plan.creates, entries = entries, []
    for entry in entries:
        before = stored.get(entry.key)
        if before is None:
            plan.creates.append(entry)
        elif recording.is_same(entry, before):
            plan.unchanged += 1
        else:
            plan.updates.append(entry)
    _notice_closed(plan)
    return plan


def _entries(numbers: Sequence[int], columns: Sequence[list[Any]], resolver: _Resolver, plan: Plan) -> list[Entry]:
    """Entries of a chunk: all at once where every row is a known code and a plain number, else row by row."""
    node_codes, indicator_codes, periods, values, over, under = columns
    found = [resolver.by_code.get(code, NOBODY) for code in indicator_codes]
    node_ids = [nodes.get(code) for (_row, _pk, nodes), code in zip(found, node_codes, strict=True)]
    is_plain = set(map(type, values)) == {float} and over.count(None) == under.count(None) == len(over)
    if is_plain and resolver.is_free and None not in node_ids:
        return list(map(Entry._make, zip(node_ids, (pk for _row, pk, _nodes in found), periods, values, over, under, numbers, strict=True)))
    rows = zip(numbers, node_ids, found, node_codes, indicator_codes, zip(periods, values, over, under, strict=True), strict=True)
    entries = [_entry(number, node_id, its[0], (node, code), cells, resolver, plan) for number, node_id, its, node, code, cells in rows]
    return [entry for entry in entries if entry is not None]


def _entry(
    number: int,
    node_id: int | None,
    indicator: Indicator | None,
    codes: tuple[str, str],
    cells: tuple[Any, ...],
    resolver: _Resolver,
    plan: Plan,
) -> Entry | None:
    problem = resolver.why_not(*codes) if node_id is None or indicator is None or not resolver.is_free else None
    if problem is not None or node_id is None or indicator is None:
        plan.refuse(number, *(problem or ("node_code", "", "")))
        return None
    period, value, over, under = cells
    return _checked(Entry(node_id, indicator.pk, period, value, over, under, number), indicator, plan)


def _checked(entry: Entry, indicator: Indicator, plan: Plan) -> Entry | None:
    try:
        if isinstance(entry.value, parsing.Percent):
            if not indicator.is_percent:
                raise parsing.percent_refused(entry.value, indicator.unit_text)
            entry = entry._replace(value=float(entry.value))
        return checked(entry, indicator)
    except Refused as refusal:
        plan.refuse(entry.row or 0, refusal.field or "value", refusal.what, refusal.remedy)
        return None


def _refuse_twice(entries: list[Entry], plan: Plan) -> None:
    """Two rows for one figure are an error of the later one."""
    if len(set(map(itemgetter(0, 1, 2), entries))) == len(entries):
        return
    first: dict[tuple[int, int, int], int] = {}
    for entry in entries:
        row = first.setdefault(entry.key, entry.row or 0)
        if row != entry.row:
            what = _("The same unit, indicator and month already stand in row %(row)d") % {"row": row}
            plan.refuse(entry.row or 0, "period", what, _("keep one of the two rows"))


def _notice_closed(plan: Plan) -> None:
    changes = [*plan.creates, *plan.updates]
    closed = recording.closed_months({entry[2] for entry in changes})
    late = {entry.period for entry in changes if closed.holds(entry.period, entry.node_id)} if closed.any() else set()
    if late:
        months = ", ".join(str(Period.month(period)) for period in sorted(late))
        plan.notices.append(_("%(months)s is closed: give the reason of the correction before you confirm") % {"months": months})
    values = [entry.value for entry in plan.creates[:SAMPLE] if entry.numerator is None]
    if len(values) >= 20 and all(value is not None and 0 <= value <= 1 for value in values):
        plan.notices.append(_("Every value lies between 0 and 1: percentages are written as 95.5, not as 0.955"))


def apply_observations(by: Actor, batch: Batch, plan: Plan) -> None:
    record(by=by, entries=[*plan.creates, *plan.updates], batch=batch, note=batch.note)


def undo_observations(by: Actor, batch: Batch) -> None:
    """Remove the batch's revisions and make those before current again; refused where a later value or a closed month stands on them."""
    rows = Observation.objects.filter(batch=batch)
    later = rows.filter(is_current=False).select_related("node", "indicator").order_by("period", "node_id").first()
    if later is not None:
        what = f"{later.node.code} {later.indicator.code} {Period.month(later.period)}"
        raise Refused(
            _("%(what)s was changed after this batch") % {"what": what},
            remedy=_("undo the later change first, or correct single values"),
            code="undo_later",
        )
    periods = sorted(set(rows.order_by().values_list("period", flat=True)))
    _refuse_closed_since(batch, periods)
    own = Observation.objects.filter(
        batch=batch, node=OuterRef("node"), indicator=OuterRef("indicator"), period=OuterRef("period"), revision=OuterRef("revision") + 1
    )
    before = list(
        Observation.objects.filter(is_current=False, period__in=periods).filter(Exists(own)).order_by().values_list("pk", flat=True)
    )
    rows.delete()
    for start in range(0, len(before), recording.CHUNK):
        Observation.objects.filter(pk__in=before[start : start + recording.CHUNK]).update(is_current=True)
    recording.mark_dirty(periods)


def _refuse_closed_since(batch: Batch, periods: Sequence[int]) -> None:
    closed = recording.closings_after(batch.applied_at, periods)
    if closed:
        months = ", ".join(str(Period.month(period)) for period in closed)
        raise Refused(
            _("%(months)s was closed after this batch") % {"months": months},
            remedy=_("enter marked corrections instead"),
            code="undo_closed",
        )


OBSERVATIONS = Importer(
    "observations", gettext_lazy("Observations"), OBSERVATION_COLUMNS, plan_observations, apply_observations, undo_observations
)


def read_report(actor: Any, source: Any, filename: str, encoding: str | None = None) -> tuple[dict[tuple[int, int, int], float], Plan]:
    """Values of a monthly report for comparison only: (period, node, indicator) to value, and the rows that cannot be read."""
    table = read_table(source, filename, encoding)
    plan = Plan()
    rows = Rows(OBSERVATION_COLUMNS, match_columns(table.columns, OBSERVATION_COLUMNS), plan, table.rows)
    chunks = list(rows.chunks())
    resolver = _Resolver(actor, {code for chunk in chunks for code in set(chunk.columns["node_code"]) if code})
    resolver.is_free = True
    found: list[Entry] = []
    for chunk in chunks:
        found += _entries(chunk.numbers, [chunk.columns[column.name] for column in OBSERVATION_COLUMNS], resolver, plan)
    return {entry.key: entry.value for entry in found if entry.value is not None}, plan
