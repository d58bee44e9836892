"""The four files of official member systems: affiliations, figures, steps of admission, dues. Their own flows stay where they are."""

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange.importing import Plan, Row, register_importer
from rongtong.kernel import clock
from rongtong.kernel.periods import month_of
from rongtong.organization.file_kinds import Span, meets
from rongtong.organization.models import PartyOrganisation, Person
from rongtong.roster.actions import BELONGS_TO, MEMBERS
from rongtong.roster.columns import ADMISSION, AFFILIATIONS, DUES, FIGURES
from rongtong.roster.file_kinds import Key, RosterFile, Values
from rongtong.roster.models import AdmissionStep, Affiliation, DuesMonth, MemberFigures
from rongtong.trees.models import Node, Tree

Changed = list[tuple[Row, Values]]
Stored = dict[Key, tuple[int, Values]]


def _parties() -> dict[str, tuple[str, date, date | None]]:
    rows = PartyOrganisation.objects.order_by().values_list("node__code", "kind", "node__opened_on", "node__closed_on")
    return {code: (kind, opened, closed) for code, kind, opened, closed in rows}


def _refuse_unknown(plan: Plan, rows: Changed, column: str, known: Any, remedy: str) -> Changed:
    """Errors for codes that nobody has; the rows that remain."""
    for row, values in rows:
        if values[column] not in known:
            plan.refuse(row, column, _("“%(code)s” is not known") % {"code": values[column]}, remedy)
    return [(row, values) for row, values in rows if values[column] in known]


def _no_party() -> str:
    return _("import the organisation first, or correct the code")


# affiliations


def _stored_affiliations() -> Stored:
    found: Stored = {}
    rows = Affiliation.objects.order_by().values_list("pk", "person__code", "party__code", "standing", "starts_on", "ends_on", "source")
    for pk, person, party, standing, starts_on, ends_on, source in rows:
        values = {"person_code": person, "party_code": party, "standing": standing, "starts_on": starts_on, "ends_on": ends_on}
        found[person, starts_on] = (pk, {**values, "source": source or None})
    return found


def _check_affiliations(plan: Plan, rows: Changed, stored: Stored) -> None:
    people = dict(Person.objects.order_by().values_list("code", "member_kind"))
    parties = _parties()
    rows = _refuse_unknown(plan, rows, "person_code", people, _("import the person first, or correct the code"))
    rows = _refuse_unknown(plan, rows, "party_code", parties, _no_party())
    for row, values in rows:
        _check_place(plan, row, values, parties[values["party_code"]])
        is_present = values["ends_on"] is None or values["ends_on"] > clock.today()
        if is_present and people[values["person_code"]] not in MEMBERS:
            what = _("%(code)s is not recorded as a member") % {"code": values["person_code"]}
            plan.refuse(row, "person_code", what, _("correct the person's kind of member first"))
    _check_spans(plan, rows, stored)


def _check_place(plan: Plan, row: Row, values: Values, place: tuple[str, date, date | None]) -> None:
    kind, opened, closed = place
    if kind not in BELONGS_TO:
        what = _("Members belong to a Party branch or group, not to %(name)s") % {"name": values["party_code"]}
        plan.refuse(row, "party_code", what, _("choose the branch or group"))
    if values["starts_on"] < opened or (closed and (values["ends_on"] is None or values["ends_on"] > closed)):
        what = _("The organisation is open from %(opened)s to %(closed)s") % {"opened": opened, "closed": closed or "…"}
        plan.refuse(row, "starts_on", what, _("correct the dates"))
    if values["ends_on"] is not None and values["ends_on"] <= values["starts_on"]:
        plan.refuse(row, "ends_on", _("The affiliation ends before it begins"), _("correct one of the two dates"))


def _check_spans(plan: Plan, rows: Changed, stored: Stored) -> None:
    """A person belongs to one organisation at a time, counting what the file itself ends."""
    spans: dict[str, list[tuple[Span, int]]] = defaultdict(list)
    replaced = {(values["person_code"], values["starts_on"]) for _row, values in rows}
    for (person, starts_on), (_pk, values) in stored.items():
        if (person, starts_on) not in replaced:
            spans[person].append(((starts_on, values["ends_on"]), 0))
    for row, values in rows:
        span = (values["starts_on"], values["ends_on"])
        clash = next((number for other, number in spans[values["person_code"]] if meets(span, other)), None)
        if clash is not None:
            where = _("row %(row)d") % {"row": clash} if clash else _("a stored affiliation")
            remedy = _("give the earlier one an end in the same file")
            plan.refuse(row, "starts_on", _("Overlaps %(where)s of the same person") % {"where": where}, remedy)
        spans[values["person_code"]].append((span, row.number))


def _nodes() -> dict[str, Node]:
    return {node.code: node for node in Node.objects.filter(tree=Tree.PARTY).order_by()}


def _people() -> dict[str, int]:
    return dict(Person.objects.order_by().values_list("code", "pk"))


def _build_affiliations(rows: list[Values]) -> list[Affiliation]:
    nodes, people = _nodes(), _people()
    return [
        Affiliation(
            person_id=people[row["person_code"]], party=nodes[row["party_code"]], standing=row["standing"], starts_on=row["starts_on"],
            ends_on=row["ends_on"], source=(row["source"] or "")[:80],
        )
        for row in rows
    ]  # fmt: skip


# figures and dues


def _by_month(model: Any, names: tuple[str, ...]) -> Stored:
    rows = model.objects.order_by().values_list("pk", "party__code", "month", *names)
    return {
        (code, month): (pk, {"party_code": code, "month": month, **dict(zip(names, (value if value != "" else None for value in rest), strict=True))})
        for pk, code, month, *rest in rows
    }  # fmt: skip


def _check_month(plan: Plan, rows: Changed) -> Changed:
    rows = _refuse_unknown(plan, rows, "party_code", _parties(), _no_party())
    for row, values in rows:
        if values["month"] > month_of(clock.today()):
            plan.refuse(row, "month", _("The month lies in the future"), _("correct the month"))
    return rows


def _stored_figures() -> Stored:
    return _by_month(MemberFigures, ("members", "formal", "admitted", "applicants", "source"))


def _check_figures(plan: Plan, rows: Changed, stored: Stored) -> None:
    for row, values in _check_month(plan, rows):
        if values["formal"] > values["members"]:
            plan.refuse(row, "formal", _("More full members than members"), _("correct one of the two numbers"))


def _build_figures(rows: list[Values]) -> list[MemberFigures]:
    nodes = _nodes()
    return [
        MemberFigures(
            party=nodes[row["party_code"]], month=row["month"], members=row["members"], formal=row["formal"], admitted=row["admitted"],
            applicants=row["applicants"], source=(row["source"] or "")[:80],
        )
        for row in rows
    ]  # fmt: skip


def _stored_dues() -> Stored:
    return _by_month(DuesMonth, ("payers", "paid", "due_fen", "paid_fen", "source"))


def _in_fen(plan: Plan, row: Row) -> None:
    """Yuan and fen are one amount; where both are given they must agree."""
    for name in ("due", "paid"):
        cents, amount = row.values[f"{name}_fen"], row.values.pop(f"{name}_yuan", None)
        if cents is not None and amount is not None and cents != amount:
            plan.refuse(row, f"{name}_fen", _("The amounts in fen and in yuan differ"), _("keep one of the two columns"))
        row.values[f"{name}_fen"] = amount if cents is None else cents


def _check_dues(plan: Plan, rows: Changed, stored: Stored) -> None:
    for row, values in _check_month(plan, rows):
        if values["paid"] > values["payers"]:
            plan.refuse(row, "paid", _("More people paid than had to"), _("correct one of the two numbers"))
        for name in ("due_fen", "paid_fen"):
            if values[name] is None:
                plan.refuse(row, name, _("The amount is missing"), _("write it in yuan or in fen; 0 where nothing was due"))


def _build_dues(rows: list[Values]) -> list[DuesMonth]:
    nodes = _nodes()
    return [
        DuesMonth(
            party=nodes[row["party_code"]], month=row["month"], payers=row["payers"], paid=row["paid"], due_fen=row["due_fen"],
            paid_fen=row["paid_fen"], source=(row["source"] or "")[:80],
        )
        for row in rows
    ]  # fmt: skip


# steps of admission


def _stored_steps() -> Stored:
    rows = AdmissionStep.objects.order_by().values_list("pk", "person__code", "party__code", "step", "on", "document")
    return {
        (person, step): (pk, {"person_code": person, "party_code": party, "step": step, "passed_on": on, "document": document or None})
        for pk, person, party, step, on, document in rows
    }


def _check_steps(plan: Plan, rows: Changed, stored: Stored) -> None:
    rows = _refuse_unknown(plan, rows, "person_code", _people(), _("import the person first, or correct the code"))
    rows = _refuse_unknown(plan, rows, "party_code", _parties(), _no_party())
    days: dict[str, dict[int, date]] = defaultdict(dict)
    for (person, step), (_pk, values) in stored.items():
        days[person][step] = values["passed_on"]
    for row, values in rows:
        days[values["person_code"]][values["step"]] = values["passed_on"]
        if values["passed_on"] > clock.today():
            plan.refuse(row, "passed_on", _("The day lies in the future"), _("write the day on the paper"))
    for person in sorted({values["person_code"] for _row, values in rows}):
        _notice_order(plan, person, days[person])


def _notice_order(plan: Plan, person: str, days: dict[int, date]) -> None:
    """A step before an earlier one is worth a look; the official system is not overruled."""
    ordered = sorted(days.items())
    for (before, first), (after, second) in pairwise(ordered):
        if second < first:
            values = {"person": person, "after": after, "before": before, "second": second, "first": first}
            plan.notices.append(_("%(person)s: step %(after)d on %(second)s lies before step %(before)d on %(first)s") % values)


def _build_steps(rows: list[Values]) -> list[AdmissionStep]:
    nodes, people = _nodes(), _people()
    return [
        AdmissionStep(
            person_id=people[row["person_code"]], party=nodes[row["party_code"]], step=row["step"], on=row["passed_on"],
            document=(row["document"] or "")[:80],
        )
        for row in rows
    ]  # fmt: skip


_ANEW = gettext_lazy("end the stored affiliation and add another row")
FILES = (
    RosterFile(
        "affiliations", gettext_lazy("Affiliations of members"), AFFILIATIONS, Affiliation, ("person_code", "starts_on"),
        _stored_affiliations, _check_affiliations, _build_affiliations, {}, {"party_code": _ANEW, "standing": _ANEW, "ends_on": _ANEW},
    ),
    RosterFile(
        "member-figures", gettext_lazy("Member figures of the official system"), FIGURES, MemberFigures, ("party_code", "month"),
        _stored_figures, _check_figures, _build_figures, {}, {},
    ),
    RosterFile(
        "admission-steps", gettext_lazy("Steps of admission"), ADMISSION, AdmissionStep, ("person_code", "step"),
        _stored_steps, _check_steps, _build_steps, {"passed_on": "on"},
        {"party_code": gettext_lazy("take the earlier batch back first")},
    ),
    RosterFile(
        "dues", gettext_lazy("Dues by organisation and month"), DUES, DuesMonth, ("party_code", "month"),
        _stored_dues, _check_dues, _build_dues, {}, {}, _in_fen,
    ),
)  # fmt: skip


def register() -> None:
    """Called from AppConfig.ready."""
    for kind in FILES:
        register_importer(kind.importer())
