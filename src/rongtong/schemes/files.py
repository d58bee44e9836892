"""An existing 考核办法 from a spreadsheet, and a scheme as one: a row per part, criterion and grade, with Chinese headers.

A bare list of criteria is enough: parts come from their columns, grades from those shipped, and the model is L1. What is exported reads
back equal.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange import parsing
from rongtong.exchange.exporting import Cell, Exporter, register_exporter
from rongtong.exchange.importing import Column, Importer, Plan, Row, Rows, register_importer
from rongtong.exchange.models import Batch
from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.organization.models import UnitClass
from rongtong.schemes import actions, arguments, queries
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.checking import CODE, faults
from rongtong.schemes.data import WEIGHTLESS, Criterion, FactKind, GradeBand, Linkage, Model, Part, Rule, SchemeData, Side
from rongtong.schemes.models import Scheme, SchemeVersion, State
from rongtong.schemes.shipping import default_grades

_KINDS = {"scheme": ("scheme", "办法"), "part": ("part", "板块"), "criterion": ("criterion", "要点", "指标"), "grade": ("grade", "等次")}
_SIDES = {Side.PARTY: ("party", "党建"), Side.PRODUCTION: ("production", "生产经营", "经营"), Side.OTHER: ("other", "其他")}
_SOURCES = {
    FactKind.INDICATOR: ("indicator", "指标"), FactKind.SURVEY: ("survey", "问卷"), FactKind.MATTER: ("matter", "台账"),
    FactKind.RULE: ("rule", "规则"), FactKind.MANUAL: ("manual", "人工", "评审"), FactKind.EVENT: ("event", "事件"),
}  # fmt: skip
_RULES = {
    Rule.FORMULA: ("formula", "公式"), Rule.BANDS: ("bands", "分档"), Rule.TARGET: ("target", "目标完成"), Rule.DEDUCTION: ("deduction", "扣减"),
    Rule.BONUS: ("bonus", "加分"), Rule.MINUS: ("minus", "减分"), Rule.VETO: ("veto", "一票否决"), Rule.MANUAL: ("manual", "评审打分", "人工"),
    Rule.PEER: ("peer", "互评"), Rule.TEST: ("test", "民主测评"),
}  # fmt: skip


def _word(words: Mapping[Any, tuple[str, ...]], what: Any) -> Any:
    def parse(value: Any) -> str | None:
        text = parsing.folded(value).lower()
        for code, names in words.items():
            if text in names:
                return str(code)
        if not text:
            return None
        known = ", ".join(names[-1] for names in words.values())
        raise Refused(_("“%(text)s” is not a %(what)s") % {"text": text[:30], "what": what}, remedy=_("use one of: %(known)s") % {"known": known})  # fmt: skip

    return parse


def _weight(value: Any) -> int | None:
    text = parsing.folded(value)
    return arguments.hundredths(text) if text else None


COLUMNS = (
    Column("scheme_code", ("办法编码", "考核办法编码"), True, parsing.code, gettext_lazy("Code of the scheme")),
    Column("row", ("行类", "类型"), False, _word(_KINDS, gettext_lazy("kind of row")), gettext_lazy("Kind of row")),
    Column("code", ("编码", "要点编码", "指标编号"), True, parsing.code, gettext_lazy("Code"), 30),
    Column("name", ("名称", "评价要点", "考核指标", "考核内容"), True, parsing.text, gettext_lazy("Name"), 120),
    Column("name_en", ("英文名称",), False, parsing.text, gettext_lazy("Name in English"), 200),
    Column("part", ("板块编码", "板块"), False, parsing.code, gettext_lazy("Part")),
    Column("side", ("侧", "类别"), False, _word(_SIDES, gettext_lazy("side")), gettext_lazy("Side")),
    Column("part_weight", ("板块权重",), False, _weight, gettext_lazy("Weight of the part (%)")),
    Column("weight", ("权重", "分值"), False, _weight, gettext_lazy("Weight (%)")),
    Column("source", ("数据来源", "来源"), False, _word(_SOURCES, gettext_lazy("source of a fact")), gettext_lazy("Source")),
    Column("of", ("数据编码", "指标编码"), False, parsing.code, gettext_lazy("Code of the data")),
    Column("rule", ("评分规则", "评分方式"), False, parsing.text, gettext_lazy("Scoring rule or model")),
    Column("arguments", ("规则参数", "评分标准"), False, parsing.text, gettext_lazy("Arguments"), 400),
    Column("basis", ("依据文件", "依据"), False, parsing.text, gettext_lazy("Basis document"), 120),
    Column("approver", ("批准人", "批准机构"), False, parsing.text, gettext_lazy("Approver"), 120),
    Column("remark", ("出处", "备注"), False, parsing.text, gettext_lazy("Remark"), 200),
    Column("starts_on", ("生效日期",), False, parsing.day, gettext_lazy("Holds from")),
)
NAMES = tuple(column.name for column in COLUMNS)


@dataclass(slots=True)
class Sheet:
    """The rows of one scheme while they are read."""

    code: str
    first: int
    head: Row | None = None
    parts: dict[str, Row] = field(default_factory=dict)
    criteria: list[Row] = field(default_factory=list)
    grades: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A scheme as a file wants it: a new one, the next version of one, or a changed draft."""

    code: str
    name: str
    name_en: str
    unit_class: UnitClass
    data: SchemeData
    paper: Paper
    scheme: Scheme | None = None
    draft: SchemeVersion | None = None


def plan_schemes(actor: Any, rows: Rows) -> Plan:
    """Compare a file with what is stored; every fault of a scheme is an error at its row."""
    plan, sheets = Plan(), _sheets(rows)
    known, classes = queries.known(), {row.code: row for row in UnitClass.objects.order_by("code")}
    stored = {row.code: row for row in Scheme.objects.filter(code__in=sheets).select_related("unit_class").order_by("code")}
    for sheet in sheets.values():
        before = plan.error_count
        wanted = _wanted(sheet, classes, stored.get(sheet.code), plan)
        if wanted is None or plan.error_count > before:
            continue
        for fault in faults(wanted.data, known):
            plan.refuse(_row_of(sheet, fault.where), _COLUMN_OF.get(fault.field, ""), fault.what, fault.remedy)
        if plan.error_count == before:
            _file(plan, wanted)
    return plan


_COLUMN_OF = {"weight": "weight", "of": "of", "expression": "arguments", "steps": "arguments", "per": "arguments", "most": "arguments",
              "target": "arguments", "floor": "arguments", "full": "arguments", "kind": "source", "rule": "rule", "basis": "basis",
              "approver": "approver", "side": "side", "code": "code", "name": "name", "coefficient": "of"}  # fmt: skip


def _sheets(rows: Iterable[Row]) -> dict[str, Sheet]:
    found: dict[str, Sheet] = {}
    for row in rows:
        sheet = found.setdefault(row["scheme_code"], Sheet(row["scheme_code"], row.number))
        kind = row["row"] or "criterion"
        if kind == "scheme":
            sheet.head = row
        elif kind == "part":
            sheet.parts[row["code"]] = row
        elif kind == "grade":
            sheet.grades.append(row)
        else:
            sheet.criteria.append(row)
    return found


def _row_of(sheet: Sheet, code: str) -> int:
    """Where in the file a fault stands: the row of its part or criterion, else the scheme's first."""
    for row in (*sheet.parts.values(), *sheet.criteria, *sheet.grades):
        if row["code"] == code:
            return row.number
    inside = [row.number for row in sheet.criteria if row["part"] == code]
    return inside[0] if inside else sheet.first


def _wanted(sheet: Sheet, classes: Mapping[str, UnitClass], scheme: Scheme | None, plan: Plan) -> Wanted | None:
    head = sheet.head
    unit_class = scheme.unit_class if scheme else classes.get(head["code"] if head else "")
    if unit_class is None:
        what = _("The scheme “%(code)s” is new, and no row says for which class of units") % {"code": sheet.code}
        plan.refuse(
            sheet.first,
            "row",
            what,
            _("add a row of the kind “scheme” with the code of the class: %(known)s") % {"known": ", ".join(classes)},
        )
        return None
    if head is not None and scheme is not None and head["code"] != unit_class.code:
        plan.refuse(head, "code", _("The scheme belongs to the class %(name)s") % {"name": unit_class.code}, _("use another code for another class"))  # fmt: skip
        return None
    data = _data(sheet, plan)
    newest = scheme.versions.order_by("-number").first() if scheme else None
    starts_on = head["starts_on"] if head and head["starts_on"] else newest.starts_on if newest else _next_january()
    name, name_en = (head["name"], head["name_en"] or "") if head else (scheme.name, scheme.name_en) if scheme else (sheet.code, "")
    paper = Paper(starts_on, (head["basis"] or "") if head else "", (head["remark"] or "") if head else "")
    draft = newest if newest and newest.state == State.DRAFT else None
    return Wanted(sheet.code, name, name_en, unit_class, data, paper, scheme, draft)


def _next_january() -> date:
    return date(clock.today().year + 1, 1, 1)


def _data(sheet: Sheet, plan: Plan) -> SchemeData:
    order = list(dict.fromkeys([*sheet.parts, *(row["part"] or "" for row in sheet.criteria)]))
    parts = tuple(_part(code, order, sheet, plan) for code in order)
    grades = tuple(_grade(row, plan) for row in sheet.grades) or default_grades()
    head = sheet.head
    linkage = Linkage(Model.L1)
    veto_grade = grades[-1].code if any(c.rule == Rule.VETO for part in parts for c in part.criteria) else ""
    if head is not None:
        try:
            linkage = arguments.read_linkage(head["rule"] or Model.L1, head["arguments"] or "")
        except Refused as refusal:
            plan.refuse(head, "arguments", refusal.what, refusal.remedy)
        veto_grade = head["of"] or veto_grade
    return SchemeData(parts, grades, linkage, veto_grade)


def _part(code: str, order: list[str], sheet: Sheet, plan: Plan) -> Part:
    row, inside = sheet.parts.get(code), [row for row in sheet.criteria if (row["part"] or "") == code]
    criteria = tuple(made for made in (_criterion(one, plan) for one in inside) if made is not None)
    if row is None:
        first = inside[0]
        if not code:
            plan.refuse(first, "part", _("The row does not say to which part it belongs"), _("name the part"))
        if first["part_weight"] is None or first["side"] is None:
            plan.refuse(first, "part_weight", _("The part has no row of its own, and the criterion does not say its weight and side"), _("fill in the weight of the part and its side"))  # fmt: skip
        # a list of criteria names its parts in words: they get codes of their own
        known = code if CODE.fullmatch(code) else f"K{1 + order.index(code)}"
        return Part(known, code, first["side"] or "", first["part_weight"] or 0, criteria)
    full = 100.0
    try:
        full = float(arguments.pairs(row["arguments"] or "").get("full", "100"))
    except (Refused, ValueError):
        plan.refuse(row, "arguments", _("The full answer of the coefficient is not a number"), _("write full=100"))
    return Part(code, row["name"], row["side"] or "", row["weight"] or 0, criteria, row["name_en"] or "", row["of"] or "", full)


def _grade(row: Row, plan: Plan) -> GradeBand:
    quota = None
    text = parsing.folded(row["arguments"] or "")
    if text:
        try:
            quota = arguments.hundredths(text)
        except Refused as refusal:
            plan.refuse(row, "arguments", refusal.what, refusal.remedy)
    return GradeBand(row["code"], row["name"], row["weight"] or 0, row["name_en"] or "", quota)


def _criterion(row: Row, plan: Plan) -> Criterion | None:
    try:
        rule = _word(_RULES, _("scoring rule"))(row["rule"]) or Rule.MANUAL
        source = row["source"] or {Rule.MANUAL: FactKind.MANUAL, Rule.PEER: FactKind.MANUAL, Rule.TEST: FactKind.SURVEY}.get(rule, FactKind.EVENT if rule in WEIGHTLESS else FactKind.INDICATOR)  # fmt: skip
        weight = row["weight"] or 0
        more = arguments.read(rule, row["arguments"] or "", weight)
    except Refused as refusal:
        plan.refuse(row, "rule" if refusal.field == "" else "arguments", refusal.what, refusal.remedy)
        return None
    return Criterion(
        row["code"], row["name"], weight, str(source), str(rule), row["name_en"] or "", row["of"] or "", basis=row["basis"] or "",
        approver=row["approver"] or "", source=row["remark"] or "", **more,
    )  # fmt: skip


def _file(plan: Plan, wanted: Wanted) -> None:
    """Sort what is wanted into created, changed and left alone."""
    newest = wanted.scheme.versions.order_by("-number").first() if wanted.scheme else None
    if newest is not None and newest.data == wanted.data and newest.starts_on == wanted.paper.starts_on:
        plan.unchanged += 1
    elif wanted.draft is not None:
        plan.updates.append(wanted)
    else:
        plan.creates.append(wanted)


def apply_schemes(by: Actor, batch: Batch, plan: Plan) -> None:
    """Everything becomes a draft: whoever imports drafted it, somebody else issues it."""
    made, before = [], {}
    for wanted in plan.creates:
        if wanted.scheme is None:
            new = NewScheme(wanted.code, wanted.name, wanted.unit_class, wanted.name_en)
            version = actions.draft(by=by, new=new, data=wanted.data, paper=wanted.paper)
        else:
            version = actions.revise(by=by, scheme=wanted.scheme, paper=wanted.paper, data=wanted.data)
        made.append([version.pk, version.digest])
    for wanted in plan.updates:
        old = wanted.draft
        before[str(old.pk)] = {"content": old.content, "starts_on": old.starts_on.isoformat(), "document": old.document, "note": old.note}
        version = actions.change(by=by, version=old, data=wanted.data, paper=wanted.paper, seen=old.digest)
        before[str(old.pk)]["digest"] = version.digest
    batch.undo_data = {"made": made, "before": before}


def undo_schemes(by: Actor, batch: Batch) -> None:
    """Drafts that nobody touched since go, changed ones are as before; what was issued stays and refuses it."""
    for pk, digest in batch.undo_data["made"]:
        actions.discard(by=by, version=_untouched(pk, digest))
    for pk, was in batch.undo_data["before"].items():
        version = _untouched(int(pk), was["digest"])
        paper = Paper(date.fromisoformat(was["starts_on"]), was["document"], was["note"])
        actions.change(by=by, version=version, data=SchemeData.read(was["content"]), paper=paper, seen=version.digest)


def _untouched(pk: int, digest: str) -> SchemeVersion:
    version = SchemeVersion.objects.select_related("scheme").filter(pk=pk).first()
    if version is None or version.state != State.DRAFT or version.digest != digest:
        name = str(version.scheme) if version else str(pk)
        raise Refused(_("“%(name)s” was changed or issued since") % {"name": name}, remedy=_("change it by its next version"), code="later")
    return version


# --- out ------------------------------------------------------------------------------------------------------------------------------


def rows_of(actor: Any, version: SchemeVersion | None = None, **_more: Any) -> Iterator[tuple[Cell, ...]]:
    """The rows of one version, or of every version in force that the actor may read."""
    found = [version] if version is not None else [row for row in queries.versions(actor) if row.state == State.ISSUED]
    for row in found:
        yield from _rows(row)


def _rows(version: SchemeVersion) -> Iterator[tuple[Cell, ...]]:
    scheme, data = version.scheme, version.data
    code = scheme.code
    yield _out(
        scheme_code=code, row="办法", code=version.unit_class.code, name=scheme.name, name_en=scheme.name_en, of=data.veto_grade,
        rule=data.linkage.model, arguments=arguments.in_chinese(arguments.write_linkage(data.linkage)), basis=version.document, remark=version.note,
        starts_on=version.starts_on,
    )  # fmt: skip
    for part in data.parts:
        full = arguments.in_chinese(f"full={part.full:g}") if part.coefficient else ""
        yield _out(scheme_code=code, row="板块", code=part.code, name=part.name, name_en=part.name_en, side=_SIDES[Side(part.side)][1], weight=arguments.plain(part.weight), of=part.coefficient, arguments=full)  # fmt: skip
        for c in part.criteria:
            yield _out(
                scheme_code=code, row="要点", code=c.code, name=c.name, name_en=c.name_en, part=part.code,
                weight=arguments.plain(c.weight) if c.weight else "", source=_SOURCES[FactKind(c.kind)][1], of=c.of, rule=_RULES[Rule(c.rule)][1],
                arguments=arguments.in_chinese(arguments.write(c)), basis=c.basis, approver=c.approver, remark=c.source,
            )  # fmt: skip
    for band in data.bands:
        quota = arguments.plain(band.quota) if band.quota is not None else ""
        yield _out(scheme_code=code, row="等次", code=band.code, name=band.name, name_en=band.name_en, weight=arguments.plain(band.low), arguments=quota)  # fmt: skip


def _out(**cells: Cell) -> tuple[Cell, ...]:
    return tuple(cells.get(name, "") for name in NAMES)


HEADERS = tuple(column.aliases[0] for column in COLUMNS)  # Chinese, as the file is for people


def register() -> None:
    """Called from AppConfig.ready."""
    register_importer(Importer("schemes", gettext_lazy("Appraisal schemes"), COLUMNS, plan_schemes, apply_schemes, undo_schemes))
    register_exporter(Exporter("schemes", HEADERS, rows_of))
