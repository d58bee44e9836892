"""Files of official systems: preview, every error with its place, undo, the same file twice, figures compared and never corrected."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.town import fresh
from tests.unit.roster.conftest import DAY, SINCE, Club

from rongtong.audit.models import Entry
from rongtong.exchange import actions as exchange
from rongtong.exchange.intake import RefusedRows
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.organization.models import PartyOrganisation
from rongtong.roster import actions, figures
from rongtong.roster.columns import yuan
from rongtong.roster.models import AdmissionStep, Affiliation, DuesMonth, MemberFigures


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def bring(club: Club, kind: str, *lines: str) -> Any:
    return exchange.import_file(by=fresh(club.town.office), kind=kind, source=csv(*lines), filename="f.csv")


def problems(club: Club, kind: str, *lines: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(RefusedRows) as refused:
        bring(club, kind, *lines)
    return [(one.place.row, one.place.column, one.what) for one in refused.value.problems]


AFFILIATIONS = (
    "人员编码,党组织编码,党员类别,转入日期,转出日期,来源",
    "M-an,P1,正式党员,2025-03-01,,全国党员系统",
    "M-pro,P1-1,预备党员,2026-01-05,,",
)


def test_affiliations_by_chinese_headers_once_and_again(club: Club) -> None:
    batch = bring(club, "affiliations", *AFFILIATIONS)
    rows = list(Affiliation.objects.order_by("starts_on").values_list("person__code", "party__code", "standing", "starts_on", "source"))
    assert rows == [("M-an", "P1", "formal", SINCE, "全国党员系统"), ("M-pro", "P1-1", "probationary", date(2026, 1, 5), "")]
    assert bring(club, "affiliations", *AFFILIATIONS).pk == batch.pk
    again = bring(club, "affiliations", *AFFILIATIONS, "M-bo,P1,正式党员,2026-01-05,,")
    assert (again.counts["creates"], again.counts["updates"], again.counts["unchanged"]) == (1, 0, 2)
    exchange.undo(by=fresh(club.town.office), batch=again)
    exchange.undo(by=fresh(club.town.office), batch=batch)
    assert not Affiliation.objects.exists()


def test_a_preview_writes_nothing(club: Club) -> None:
    batch = exchange.preview(by=fresh(club.town.office), kind="affiliations", source=csv(*AFFILIATIONS), filename="f.csv")
    assert batch.counts["creates"] == 2
    assert not Affiliation.objects.exists()
    exchange.apply(by=fresh(club.town.office), batch=batch)
    assert Affiliation.objects.count() == 2


def test_every_error_of_affiliations_with_its_place(club: Club) -> None:
    club.join("cai", club.far)
    found = problems(
        club, "affiliations", "person_code,party_code,standing,starts_on,ends_on",
        "M-nobody,P1,formal,2025-03-01,", "M-an,P9,formal,2025-03-01,", "M-none,P1,formal,2025-03-01,", "M-bo,P1,formal,2025-03-01,2025-03-01",
        "M-cai,P1,formal,2026-03-01,", "M-pro,P1,king,2026-03-01,", "M-bo,P1,formal,2019-03-01,2019-05-01", "M-bo,P1,formal,2025-03-01,",
    )  # fmt: skip
    assert [(row, column) for row, column, _what in found] == [
        (2, "person_code"), (3, "party_code"), (4, "person_code"), (5, "ends_on"), (6, "starts_on"), (7, "standing"), (8, "starts_on"),
        (9, "person_code"),
    ]  # fmt: skip
    assert Affiliation.objects.count() == 1


def test_a_transfer_in_one_file_ends_the_stored_row_first(club: Club) -> None:
    """Planted once: creating before ending met the database's own rule and the whole file failed as somebody else's change."""
    row = club.join("an", club.far)
    batch = bring(
        club, "affiliations", "person_code,party_code,standing,starts_on,ends_on",
        "M-an,P1,formal,2026-05-01,", "M-an,P2,formal,2025-03-01,2026-05-01",
    )  # fmt: skip
    row.refresh_from_db()
    assert row.ends_on == date(2026, 5, 1)
    assert Affiliation.objects.get(ends_on=None).party == club.branch
    exchange.undo(by=fresh(club.town.office), batch=batch)
    row.refresh_from_db()
    assert (row.ends_on, Affiliation.objects.count()) == (None, 1)


def test_undo_is_refused_after_a_later_change(club: Club) -> None:
    batch = bring(club, "affiliations", *AFFILIATIONS)
    row = Affiliation.objects.get(person__code="M-an")
    actions.move(by=fresh(club.town.office), affiliation=row, to=club.far, on=DAY)
    with pytest.raises(Refused) as refused:
        exchange.undo(by=fresh(club.town.office), batch=batch)
    assert refused.value.code == "depends"
    assert Affiliation.objects.count() == 3


def test_a_stored_place_is_not_changed_by_a_file(club: Club) -> None:
    club.join("an")
    found = problems(club, "affiliations", "person_code,party_code,standing,starts_on", "M-an,P2,formal,2025-03-01")
    assert [(row, column) for row, column, _what in found] == [(2, "party_code")]


FIGURES = ("党组织编码,月份,党员数,正式党员数,发展党员数", "P1,2026-10,5,4,1", "P2,2026年10月,12,12,")


def test_member_figures_are_compared_and_never_corrected(club: Club) -> None:
    PartyOrganisation.objects.filter(pk=club.branch.pk).update(members=6, formal_members=4)
    for name in ("an", "bo", "cai"):
        club.join(name)
    bring(club, "member-figures", *FIGURES)
    party = PartyOrganisation.objects.select_related("node").get(pk=club.branch.pk)
    found = figures.compare([party], DAY)[party.pk]
    assert found.differences == [
        "the official system says 5 members, on record are 3", "the official system says 4 full members, on record are 3",
        "the organisation's own figure says 6 members, on record are 3", "the organisation's own figure says 4 full members, on record are 3",
    ]  # fmt: skip
    party.refresh_from_db()
    assert (party.members, MemberFigures.objects.get(party=club.branch).members, Affiliation.objects.count()) == (6, 5, 3)


def test_without_persons_nothing_differs_it_is_not_known(club: Club) -> None:
    bring(club, "member-figures", *FIGURES)
    party = PartyOrganisation.objects.select_related("node").get(pk=club.branch.pk)
    found = figures.compare([party], DAY)[party.pk]
    assert (found.here.is_known, found.differences, found.official.members) == (False, [], 5)


def test_a_later_file_corrects_a_month_and_can_be_taken_back(club: Club) -> None:
    bring(club, "member-figures", *FIGURES)
    batch = bring(club, "member-figures", FIGURES[0], "P1,2026-10,6,4,")
    row = MemberFigures.objects.get(party=club.branch)
    assert (batch.counts["updates"], row.members, row.admitted) == (1, 6, 1)
    exchange.undo(by=fresh(club.town.office), batch=batch)
    row.refresh_from_db()
    assert (row.members, row.admitted) == (5, 1)


def test_errors_of_figures(club: Club) -> None:
    found = problems(
        club, "member-figures", FIGURES[0], "P1,2026-10,3,4,", "P1,2026-12,5,4,", "P9,2026-10,5,4,", "P2,2026-10,-1,0,", "P2,2026-09,x,0,"
    )
    assert [(row, column) for row, column, _what in found] == [
        (2, "正式党员数"),
        (3, "月份"),
        (4, "党组织编码"),
        (5, "党员数"),
        (6, "党员数"),
    ]
    merged = problems(club, "member-figures", *FIGURES[:2], "P1,2026-10,5,4,1")
    assert merged[0][0] == 3  # the same key twice


def test_a_correction_is_checked_together_with_what_is_stored(club: Club) -> None:
    bring(club, "member-figures", *FIGURES)
    found = problems(club, "member-figures", "党组织编码,月份,党员数,正式党员数", "P1,2026-10,3,4")
    assert [(row, column) for row, column, _what in found] == [(2, "正式党员数")]


DUES = "党组织编码,月份,应交人数,已交人数,应交金额(元),实交金额(元)"


def test_dues_in_yuan_or_in_fen_are_the_same(club: Club) -> None:
    bring(club, "dues", DUES, 'P1,2026-10,5,4,"1,234.50",1000.07')
    row = DuesMonth.objects.get()
    assert (row.due_fen, row.paid_fen) == (123450, 100007)
    again = bring(club, "dues", "party_code,month,payers,paid,due_fen,paid_fen", "P1,2026-10,5,4,123450,100007")
    assert (again.counts["unchanged"], again.counts["updates"]) == (1, 0)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("P1,2026-10,5,6,1.00,1.00", "已交人数"), ("P1,2026-10,5,4,1.005,1.00", "应交金额(元)"), ("P1,2026-10,5,4,-1,1.00", "应交金额(元)"),
        ("P1,2026-10,5,4,abc,1.00", "应交金额(元)"), ("P1,2026-10,5,4,,1.00", "due_fen"), ("P1,2027-10,5,4,1.00,1.00", "月份"),
    ],
)  # fmt: skip
def test_errors_of_dues(club: Club, line: str, column: str) -> None:
    assert [(row, at) for row, at, _what in problems(club, "dues", DUES, line)] == [(2, column)]
    assert not DuesMonth.objects.exists()


def test_fen_and_yuan_that_differ_are_refused(club: Club) -> None:
    found = problems(club, "dues", "party_code,month,payers,paid,due_fen,due_yuan,paid_fen", "P1,2026-10,5,4,100,2.00,100")
    assert found[0][:2] == (2, "due_fen")


@given(st.integers(0, 10**12))
def test_yuan_never_lose_a_fen(amount: int) -> None:
    assert yuan(f"{amount // 100}.{amount % 100:02d}") == amount


def paid(club: Club, month: int, who: int) -> None:
    DuesMonth.objects.create(party=club.branch, month=month, payers=5, paid=who, due_fen=100, paid_fen=100)


def test_an_unbroken_run_of_unpaid_months_only_tells_a_person(club: Club) -> None:
    for month in (202605, 202606, 202607, 202608, 202609):
        paid(club, month, 4)
    found = figures.unpaid([club.branch], DAY)[club.branch.pk]
    assert (found.months, found.alert, found.is_alert) == (5, 6, False)
    paid(club, 202610, 3)
    count = Entry.objects.count()
    assert figures.unpaid([club.branch], DAY)[club.branch.pk].is_alert
    assert Entry.objects.count() == count  # nothing follows by itself


def test_a_paid_month_or_one_without_figures_ends_the_run(club: Club) -> None:
    for month in (202604, 202605, 202606, 202608, 202609, 202610):
        paid(club, month, 4)
    assert figures.unpaid([club.branch], DAY)[club.branch.pk].months == 3
    DuesMonth.objects.filter(month=202610).update(paid=5)
    assert club.branch.pk not in figures.unpaid([club.branch], DAY)


STEPS = ("人员编码,党组织编码,步骤,日期,文号", "M-pro,P1,递交入党申请书,2024-05-04,", "M-pro,P1,15,2025-11-20,决〔2025〕3号")


def test_steps_of_admission_by_number_or_name(club: Club) -> None:
    batch = bring(club, "admission-steps", *STEPS)
    assert list(AdmissionStep.objects.values_list("step", "on", "document")) == [
        (1, date(2024, 5, 4), ""),
        (15, date(2025, 11, 20), "决〔2025〕3号"),
    ]
    changed = bring(club, "admission-steps", STEPS[0], "M-pro,P1,15,2025-11-21,决〔2025〕3号")
    assert AdmissionStep.objects.get(step=15).on == date(2025, 11, 21)
    with pytest.raises(Refused):
        exchange.undo(by=fresh(club.town.office), batch=batch)
    exchange.undo(by=fresh(club.town.office), batch=changed)
    assert AdmissionStep.objects.get(step=15).on == date(2025, 11, 20)
    exchange.undo(by=fresh(club.town.office), batch=batch)
    assert not AdmissionStep.objects.exists()


def test_steps_out_of_order_are_noticed_not_refused(club: Club) -> None:
    batch = bring(club, "admission-steps", *STEPS, "M-pro,P1,17,2025-11-01,批1")
    assert batch.counts["notices"] == ["M-pro: step 17 on 2025-11-01 lies before step 15 on 2025-11-20"]


def test_errors_of_steps(club: Club) -> None:
    found = problems(club, "admission-steps", STEPS[0], "M-x,P1,1,2024-05-04,", "M-pro,P1,26,2024-05-04,", "M-pro,P1,2,2027-05-04,")
    assert [(row, column) for row, column, _what in found] == [(2, "人员编码"), (3, "步骤"), (4, "日期")]


def test_who_may_import(club: Club) -> None:
    from rongtong.access.models import Grant, Source

    for actor in (club.town.zhou, club.town.stranger):
        with pytest.raises(NotAllowed):
            exchange.preview(by=fresh(actor), kind="dues", source=csv(DUES), filename="f.csv")
    Grant.objects.create(user=club.town.wang, role="management_office", node=None, source=Source.DERIVED, starts_on=SINCE)
    with pytest.raises(NotAllowed):  # may import, but not who belongs where
        exchange.preview(by=fresh(club.town.wang), kind="affiliations", source=csv(*AFFILIATIONS), filename="f.csv")


@pytest.mark.parametrize(
    ("model", "good", "bad"),
    [
        (MemberFigures, {"month": 202610, "members": 3, "formal": 3}, {"formal": 4}),
        (DuesMonth, {"month": 202610, "payers": 3, "paid": 3, "due_fen": 1, "paid_fen": 1}, {"paid": 4}),
        (DuesMonth, {"month": 202610, "payers": 3, "paid": 3, "due_fen": 1, "paid_fen": 1}, {"paid_fen": -1}),
        (AdmissionStep, {"step": 25, "on": DAY}, {"step": 26}),
    ],
)
def test_the_tables_hold_their_rules(club: Club, model: Any, good: dict[str, Any], bad: dict[str, Any]) -> None:
    given = good | ({"person": club.people["an"]} if model is AdmissionStep else {}) | {"party": club.branch}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**(given | bad))
    model.objects.create(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**given)


def test_files_are_kept_nowhere_in_the_project(tmp_path: Path, club: Club) -> None:
    file = tmp_path / "dues.csv"
    file.write_bytes(csv(DUES, "P1,2026-10,5,4,1.00,1.00"))
    exchange.import_file(by=fresh(club.town.office), kind="dues", source=file)
    assert DuesMonth.objects.count() == 1
