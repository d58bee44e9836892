"""Files of observations, targets and indicators: what they hold, what they would change, and how that is taken back."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.exchange import parsing
from rongtong.exchange.importing import Column, Importer, Plan, Rows
from rongtong.exchange.models import Batch
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
Lookup = dict[str, Any]


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
    """Codes of a row to its node and indicator, or the sentence that says why not. Every pair is looked up once."""

    def __init__(self, actor: Any, node_codes: Iterable[str], refuse: Callable[[Any, Node, Indicator], str]) -> None:
        self.actor, self.refuse = actor, refuse
        self.nodes = nodes_by_code(actor, node_codes)
        self.indicators = indicators_by_code()
        self.pairs: dict[tuple[str, str], tuple[Node, Indicator] | tuple[str, str, str]] = {}

    def pair(self, node_code: str, indicator_code: str) -> tuple[Node, Indicator] | tuple[str, str, str]:
        key = node_code, indicator_code
        if key not in self.pairs:
            self.pairs[key] = self._look(node_code, indicator_code)
        return self.pairs[key]

    def _look(self, node_code: str, indicator_code: str) -> tuple[Node, Indicator] | tuple[str, str, str]:
        indicator = self.indicators.get(indicator_code)
        if indicator is None:
            return (
                "indicator_code",
                _("There is no indicator %(code)s") % {"code": indicator_code},
                _("see the list of indicators for the codes"),
            )
        node = self._node(node_code, indicator)
        if node is None:
            return "node_code", _("There is no unit %(code)s") % {"code": node_code}, _("check the code, and that you may see the unit")
        if indicator.subsystem == Subsystem.PRODUCTION and not node.is_business:
            return (
                "node_code",
                _("%(code)s is a Party organisation") % {"code": node_code},
                _("production figures belong to business units"),
            )
        reason = self.refuse(self.actor, node, indicator)
        return ("indicator_code", *WHY_NOT[reason]) if reason else (node, indicator)

    def _node(self, code: str, indicator: Indicator) -> Node | None:
        """The two trees may share a code: Party figures prefer the Party organisation, the others the unit."""
        order = ("P", "B") if indicator.subsystem == Subsystem.PARTY else ("B", "P")
        return next((self.nodes[tree, code] for tree in order if (tree, code) in self.nodes), None)


WHY_NOT: dict[str, tuple[Any, Any]] = {
    "collected": (gettext_lazy("This figure is collected from the records"), gettext_lazy("correct the records, it follows them")),
    "derived": (gettext_lazy("This figure is computed from others"), gettext_lazy("enter those")),
    "switched_off": (gettext_lazy("This indicator is switched off"), gettext_lazy("leave the row out, or have it switched on")),
    "not_owner": (gettext_lazy("Only the unit itself or the owner department enters this figure"), gettext_lazy("ask them to enter it")),
}


def _may_import(actor: Any, node: Node, indicator: Indicator) -> str:
    return "" if policies.is_system(actor) else policies.why_not_enter(actor, node, indicator)


def plan_observations(actor: Any, rows: Rows) -> Plan:
    """Compare a file with what is stored. Memory: one small tuple a row."""
    chunks = list(rows.chunks())
    resolver = _Resolver(actor, {code for chunk in chunks for code in set(chunk.columns["node_code"])}, _may_import)
    plan, entries = Plan(), []
    for chunk in chunks:
        entries += _entries(chunk.numbers, [chunk.columns[column.name] for column in OBSERVATION_COLUMNS], resolver, plan)
    chunks.clear()
    entries = _once(entries, plan)
    stored = recording.current_values(entries)
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


def _entries(numbers: Sequence[int], columns: Sequence[Sequence[Any]], resolver: _Resolver, plan: Plan) -> list[Entry]:
    found = []
    pairs = resolver.pairs
    for number, node_code, indicator_code, period, value, over, under in zip(numbers, *columns, strict=True):
        pair = pairs.get((node_code, indicator_code)) or resolver.pair(node_code, indicator_code)
        if len(pair) == 3:
            plan.refuse(number, pair[0], str(pair[1]), str(pair[2]))
            continue
        node, indicator = pair
        entry: Entry | None = Entry(node.pk, indicator.pk, period, value, over, under, number)
        if type(value) is not float or over is not None or under is not None:
            entry = _checked(Entry(node.pk, indicator.pk, period, value, over, under, number), indicator, plan)
        if entry is not None:
            found.append(entry)
    return found


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


def _once(entries: list[Entry], plan: Plan) -> list[Entry]:
    first: dict[tuple[int, int, int], int] = {}
    for entry in entries:
        row = first.setdefault((entry.period, entry.node_id, entry.indicator_id), entry.row or 0)
        if row != entry.row:
            what = _("The same unit, indicator and month already stand in row %(row)d") % {"row": row}
            plan.refuse(entry.row or 0, "period", what, _("keep one of the two rows"))
    return entries


def _notice_closed(plan: Plan) -> None:
    changes = [*plan.creates, *plan.updates]
    closed = recording.closed_months({entry.period for entry in changes})
    late = {entry.period for entry in changes if closed.holds(entry.period, entry.node_id)}
    if late:
        months = ", ".join(str(Period.month(period)) for period in sorted(late))
        plan.notices.append(_("%(months)s is closed: give the reason of the correction before you confirm") % {"months": months})
    values = [entry.value for entry in plan.creates if entry.numerator is None]
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
