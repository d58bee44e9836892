"""Acts on what results are used for: coefficients for pay, training, posts, honours, rectification. Each use is a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.appraisal.beginning import begin, text_of
from rongtong.appraisal.models import Purpose, Round, Sheet, Stage, Use
from rongtong.appraisal.reporting import criterion_of
from rongtong.appraisal.reporting import ref as sheet_ref
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.trees.models import LinkKind, Node, TreeLink

MOST_BASIS, MOST_COEFFICIENT = 120, 3.0


def _graded(by: Actor, sheet: Sheet) -> Sheet:
    """A sheet of a final round that has a grade; results are not used before they are final."""
    locked = begin(by, sheet.round, Stage.FINAL)
    found = Sheet.objects.select_related("node", "of_class__version").get(pk=sheet.pk)
    found.round = locked
    if not found.grade:
        what = _("%(unit)s has no grade: its data were not enough") % {"unit": found.node.name}
        raise Refused(what, field="sheet", remedy=_("there is nothing to use"), code="no_grade")
    return found


@dataclass(frozen=True, slots=True)
class NewUse:
    """What a result was used for, in words, by which document, and the record it led to."""

    purpose: str
    text: str
    basis: str = ""
    record: Reference | None = None


@act("appraisal.use")
def use(*, by: Actor, sheet: Sheet, new: NewUse) -> Use:
    """Write down that a unit's result was used; for pay the export does it, for rectification the matter."""
    found = _graded(by, sheet)
    if new.purpose not in {Purpose.TRAINING, Purpose.POSTS, Purpose.HONOURS}:
        what = _("“%(name)s” is not written down by hand") % {"name": new.purpose}
        raise Refused(what, field="purpose", remedy=_("choose training, posts or honours"), code="purpose")
    if new.record is not None and title_and_url(new.record, by) is None:
        what = _("There is no record %(key)s that you may see") % {"key": new.record}
        raise Refused(what, field="record", remedy=_("copy it from the address of the record's page"), code="record")
    return _made(by, found, new)


def _made(by: Actor, sheet: Sheet, new: NewUse) -> Use:
    record = new.record or Reference("", "")
    basis = text_of(new.basis, "basis", MOST_BASIS) if new.basis.strip() else ""
    made = Use.objects.create(
        sheet=sheet, purpose=new.purpose, grade=sheet.grade, text=text_of(new.text, "text"), basis=basis, record_kind=record.kind,
        record_id=record.id, by_label=by.label,
    )  # fmt: skip
    current().about(sheet_ref(sheet), purpose=new.purpose, grade=sheet.grade, record=str(record) if record.kind else "")
    return made


@act("appraisal.pay")
def set_coefficients(*, by: Actor, round_: Round, coefficients: Mapping[str, float], basis: str) -> int:
    """A coefficient for every grade, by a document; every graded unit gets the one of its grade, once. Returns how many."""
    locked = begin(by, round_, Stage.FINAL)
    document = text_of(basis, "basis", MOST_BASIS)
    rows = list(locked.sheets.exclude(grade="").exclude(uses__purpose=Purpose.PAY))
    for grade in sorted({row.grade for row in rows}):
        _refuse_coefficient(grade, coefficients.get(grade))
    text = _("coefficient %(value)s of the grade %(grade)s")
    made = [
        Use(
            sheet=row, purpose=Purpose.PAY, grade=row.grade, text=text % {"value": coefficients[row.grade], "grade": row.grade},
            coefficient=coefficients[row.grade], basis=document, by_label=by.label,
        )
        for row in rows
    ]  # fmt: skip
    Use.objects.bulk_create(made, batch_size=500)
    current().about(Reference("appraisal_round", str(locked.pk)), basis=document, units=len(made), coefficients=dict(coefficients))
    return len(made)


def _refuse_coefficient(grade: str, value: float | None) -> None:
    if value is None or not 0 < value <= MOST_COEFFICIENT:
        what = _("The grade %(grade)s has no coefficient above 0 and up to %(most)s") % {"grade": grade, "most": MOST_COEFFICIENT}
        raise Refused(what, field=f"grade-{grade}", remedy=_("take it from the document"), code="coefficient")


@act("appraisal.rectify")
def rectify(*, by: Actor, sheet: Sheet, criterion: str, due_on: date, parts: ledger.Parts) -> Matter:
    """整改: what cost points becomes a matter of the unit with a leader and a handler; the ledger follows it."""
    found = _graded(by, sheet)
    one = criterion_of(found.of_class.version.data, criterion)
    new = ledger.NewMatter(
        (_("Mend what cost points: %(name)s") % {"name": one.label})[:200], Side.BOTH, found.node, due_on, parts, _partner(found.node),
        origin=Origin.RECTIFICATION, record=sheet_ref(found), starts_on=min(clock.today(), due_on), detail=found.round.title,
    )  # fmt: skip
    made = ledger.deploy(by=by, new=new)
    _made(by, found, NewUse(Purpose.RECTIFICATION, one.label, record=Reference("matter", str(made.pk))))
    return made


def _partner(node: Node) -> Node | None:
    """The organisation of a unit, where there is exactly one of its own."""
    rows = list(TreeLink.objects.on(clock.today()).filter(kind=LinkKind.OWN, unit=node).select_related("party")[:2])
    return rows[0].party if len(rows) == 1 else None


def pay_rows(round_: Round) -> list[tuple[str, str, str, str, float]]:
    """What pay needs: unit, class, grade and coefficient as plain values; no formula stays alive in the file."""
    rows = Use.objects.filter(sheet__round=round_, purpose=Purpose.PAY).select_related("sheet__node", "sheet__of_class__unit_class")
    return [
        (row.sheet.node.code, row.sheet.node.name, row.sheet.of_class.unit_class.name, row.grade, float(row.coefficient or 0))
        for row in rows.order_by("sheet__node__path")
    ]


def coefficients_of(round_: Round) -> dict[str, float | None]:
    """Every grade of the round with the coefficient its scheme names (L4), or none."""
    found: dict[str, float | None] = {}
    for row in round_.classes.select_related("version"):
        data = row.version.data
        for band in data.bands:
            known = data.linkage.coefficients.get(band.code)
            found.setdefault(band.code, known / 10_000 if known else None)
    return found
