"""Pages of schemes: the list, a version and what it moves, drawers, editing with validation in place, who would move, issue by two persons."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from tests.town import OPENED, Town, account, fresh, node
from tests.unit.schemes.making import GRADES, criterion, part
from tests.web.english import in_english

from rongtong.indicators.defining import install_sets
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel.act import SYSTEM
from rongtong.organization.models import UnitClass, UnitClassAssignment
from rongtong.plans.models import Result
from rongtong.schemes import actions, editing, figures
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.data import Linkage, SchemeData, Step
from rongtong.schemes.models import SchemeVersion
from rongtong.trees.models import Node

HTMX = {"HX-Request": "true"}


def client(user: Any) -> Client:
    made = in_english(Client())
    made.force_login(fresh(user), backend="django.contrib.auth.backends.ModelBackend")
    return made


def main(answer: Any) -> str:
    return " ".join(str(answer.content.decode().split("<main")[1]).split())


def data(party: int = 2500) -> SchemeData:
    steps = (Step(None, 60.0, 0), Step(60.0, 80.0, 6000), Step(80.0, None, 10_000))
    parts = (
        part(
            "PARTY", "party", party, criterion("C1", 6000, kind="indicator", of="P11", rule="target", target=100.0), criterion("C2", 4000)
        ),
        part("PROD", "production", 10_000 - party, criterion("B1", kind="indicator", of="B21", rule="bands", steps=steps)),
    )
    return SchemeData(parts, GRADES, Linkage("L1"))


@pytest.fixture
def second(town: Town) -> Any:
    return account("guan", roles=(("management_office", None),))


@pytest.fixture
def shops(town: Town) -> UnitClass:
    """A class of ten workshops with figures of one month."""
    install_sets(by=SYSTEM)
    found, _made = UnitClass.objects.get_or_create(code="production", defaults={"name": "生产单位", "name_en": "Production units"})
    units = [town.shop, town.other, *(node("B", f"000010001{n}", f"M1{n}", f"车间{n}", town.group) for n in range(8))]
    p11, b21 = Indicator.objects.get(code="P11"), Indicator.objects.get(code="B21")
    for at, unit in enumerate(units):
        UnitClassAssignment.objects.create(unit=unit, unit_class=found, starts_on=OPENED)
        for indicator, value in ((p11, 70.0 + 3 * at), (b21, 95.0 - 4 * at)):
            Observation.objects.create(node=unit, indicator=indicator, period=202610, value=value, numerator=value, denominator=100.0, source="entered", author_uid="x", author_label="x")  # fmt: skip
    return found


@pytest.fixture
def draft(town: Town, shops: UnitClass) -> SchemeVersion:
    new = NewScheme("SC", "生产单位考核办法", shops, "Production scheme")
    return actions.draft(by=fresh(town.office), new=new, data=data(), paper=Paper(date(2026, 1, 1), "企管1号"))


@pytest.fixture
def issued(draft: SchemeVersion, second: Any) -> SchemeVersion:
    return actions.issue(by=fresh(second), version=draft, seen=draft.digest)


def url(version: SchemeVersion, rest: str = "") -> str:
    return f"/appraisal/schemes/v/{version.pk}/{rest}"


def test_the_list_says_what_holds_and_hides_drafts_from_readers(town: Town, draft: SchemeVersion, second: Any) -> None:
    assert "1 draft waits" in main(client(town.office).get("/appraisal/schemes/"))
    assert "Production scheme" not in main(client(town.zhou).get("/appraisal/schemes/"))
    assert client(town.zhou).get(url(draft)).status_code == 404
    actions.issue(by=fresh(second), version=draft, seen=draft.digest)
    page = main(client(town.zhou).get("/appraisal/schemes/"))
    assert "1 appraisal scheme is in force" in page and "25.0 %" in page and "New scheme" not in page
    assert client(town.wang).get("/appraisal/schemes/").status_code == 403
    assert client(town.office).get("/appraisal/schemes/v/999999/").status_code == 404


def test_a_version_reads_as_a_table_and_leads_to_its_indicators(town: Town, issued: SchemeVersion) -> None:
    page = main(client(town.zhou).get(url(issued)))
    assert "on paper Party work counts 25.0 %" in page
    assert "/indicators/i/P11/" in page and "completion of 100" in page and "below 60: 0 %" in page
    assert "15 %" in page  # 60 % of 25 %
    assert "Change the draft" not in page and "Begin the next version" not in page
    assert "Begin the next version" in main(client(town.office).get(url(issued)))


def test_what_it_moves_is_shown_with_interval_and_drawers(town: Town, issued: SchemeVersion) -> None:
    zhou = client(town.zhou)
    part_only = zhou.get(url(issued, "weight/"), headers=HTMX).content.decode()
    assert "<main" not in part_only and "10 of 10 units have both sides" in part_only
    assert "Expected, credited, shown" in part_only and "0.25" in part_only
    assert "no survey result is released here" in part_only and "no result is registered" in part_only
    assert main(zhou.get(url(issued, "weight/")))
    for what in ("expected", "credited", "shown", "paper", "derivative", "elasticity"):
        drawer = zhou.get(url(issued, f"source/{what}/"), headers=HTMX).content.decode()
        assert "rt-explain" in drawer and "Production scheme v1" in drawer, what
        assert zhou.get(url(issued, f"source/{what}/")).status_code == 200
    assert zhou.get(url(issued, "source/soul/")).status_code == 404
    listed = zhou.get(url(issued, "source/derivative/"), headers=HTMX).content.decode()
    assert "一车间" in listed and "二车间" not in listed  # units outside the reader's area are counted, not named


def test_the_three_bars_on_records(town: Town, issued: SchemeVersion) -> None:
    for code, is_confirmed in (("R1", True), ("R2", False), ("R3", False)):
        told = (
            {"party_role": "攻关", "confirmed_by": "y", "confirmed_label": "y", "confirmed_on": date(2026, 11, 1)} if is_confirmed else {}
        )
        Result.objects.create(code=code, unit=town.shop, title=code, on=date(2026, 10, 20), recorded_by="x", recorded_label="x", **told)
    bars = figures.three_bars([town.shop.pk, town.other.pk], date(2026, 11, 23))
    assert bars.shown.value == pytest.approx(1 / 3) and bars.shown.n == 3
    assert bars.shown.low is not None and bars.shown.high is not None and bars.shown.low < 1 / 3 < bars.shown.high
    assert (bars.paper, bars.derivative) == (0.25, 0.25)
    assert bars.credited.value is not None and bars.credited.n == 10 and bars.credited.source == f"scheme_version:{issued.pk}"
    assert bars.expected.value is None and bars.expected.reason
    none = figures.three_bars([town.group.pk], date(2026, 11, 23))
    assert none.credited.value is None and none.credited.reason and none.version is None
    before = figures.three_bars([town.shop.pk], date(2025, 6, 1))
    assert before.credited.reason == "no scheme is in force for the classes of these units"


@pytest.mark.parametrize("given", [Linkage("L1b", inside=1000), Linkage("L0"), Linkage("L6", is_reverse=True)])
def test_a_score_that_only_takes_business_in_credits_party_work_with_nothing(town: Town, issued: SchemeVersion, given: Linkage) -> None:
    """Party work makes nearly all of its own score, and none of the business result: that is no credit."""
    other = SchemeVersion(pk=1, scheme=issued.scheme, unit_class=issued.unit_class, content=replace(data(), linkage=given).write())
    moved = figures.influence_of(other, date(2026, 11, 23))
    bar = figures.credited_bar(other, moved)
    assert bar.value is None and "stand apart" in bar.reason


def form_of(version: SchemeVersion, **more: str) -> dict[str, str]:
    """The fields of the edit page as a browser sends them."""
    typed = editing.typed_of(version.data)
    sent = {"seen": version.digest, "starts_on": "2026-01-01", "document": "企管1号", "note": "", **typed.head, "grades": str(len(typed.grades)), "parts": str(len(typed.parts))}  # fmt: skip
    for n, row in enumerate(typed.grades):
        sent |= {f"g{n}-{name}": value for name, value in row.items()}
    for found in typed.parts:
        sent |= {f"p{found.number}-{name}": value for name, value in found.values.items()} | {
            f"p{found.number}-count": str(len(found.criteria))
        }
        for n, row in enumerate(found.criteria):
            sent |= {f"p{found.number}-c{n}-{name}": value for name, value in row.items()}
    return sent | {"save": "1"} | more


def test_a_draft_saved_unchanged_is_the_same(town: Town, draft: SchemeVersion) -> None:
    office = client(town.office)
    assert office.get(url(draft, "edit/")).status_code == 200
    assert office.post(url(draft, "edit/"), form_of(draft)).status_code == 302
    draft.refresh_from_db()
    assert draft.data == data()


def test_a_draft_is_changed_as_a_whole_with_rows_added_and_removed(town: Town, draft: SchemeVersion) -> None:
    more = {
        "p0-weight": "30", "p1-weight": "70", "p0-c1-code": "", "p0-c1-name": "", "p0-c0-weight": "100", "p1-c0-weight": "60",
        "p1-c1-code": "B2", "p1-c1-name": "产量", "p1-c1-weight": "40", "p1-c1-kind": "indicator", "p1-c1-of": "B11", "p1-c1-rule": "target", "p1-c1-arguments": "目标=100；起点=70",
        "g4-code": "E", "g4-name": "末等", "g4-low": "0", "g3-low": "50",
    }  # fmt: skip
    assert client(town.office).post(url(draft, "edit/"), form_of(draft, **more)).status_code == 302
    draft.refresh_from_db()
    assert [(p.weight, [c.code for c in p.criteria]) for p in draft.data.parts] == [(3000, ["C1"]), (7000, ["B1", "B2"])]
    assert draft.data.parts[1].criteria[1].floor == 7000 and [band.code for band in draft.data.bands] == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"p1-weight": "74.9"}, "The weights of the parts sum to 99.9 %, not to 100 %; add 0.1 %"),
        ({"p1-weight": "seventy"}, "“seventy” is not a number"),
        ({"p0-c0-rule": "formula", "p0-c0-arguments": "C1 + 1"}, "C1 → C1"),
        ({"p0-c0-of": "P99"}, "no indicator with the code “P99”"),
        ({"p1-c0-arguments": "<60:0; 70-80:60; >=80:100"}, "gap between 60 and 70"),
        ({"p0-c0-arguments": "aim=3"}, "“aim=3” is not understood"),
        ({"g0-quota": "130"}, "The quota of A is 130 %"),
        ({"p0-c0-weight": "-60"}, "not above 0"),
        ({"p0-c2-code": "V", "p0-c2-name": "事故", "p0-c2-kind": "event", "p0-c2-rule": "veto", "veto_grade": "C"}, "who approves it"),
        ({"model": "L9"}, "not a linkage model"),
        ({"starts_on": "soon"}, "Holds from"),
        ({"p0-c0-rule": "x"}, "no scoring rule"),
    ],
)
def test_what_is_refused_says_where_keeps_what_was_typed_and_changes_nothing(
    town: Town, draft: SchemeVersion, more: dict[str, str], words: str
) -> None:
    answer = client(town.office).post(url(draft, "edit/"), form_of(draft, **more))
    page = main(answer)
    assert answer.status_code == 422 and words in page and "Nothing was changed" in page
    if "g0-quota" not in more:
        typed = next(iter(more.values()))
        assert typed.replace("<", "&lt;").replace(">", "&gt;") in page or typed in {"L9", "x", "formula", "V"}
    draft.refresh_from_db()
    assert draft.data == data()


def test_more_rows_are_given_without_saving(town: Town, draft: SchemeVersion) -> None:
    sent = form_of(draft, **{"p1-weight": "70", "p0-c2-code": "C3", "p0-c2-name": "又一项"})
    del sent["save"]
    page = main(client(town.office).post(url(draft, "edit/"), sent | {"more": "1"}))
    assert "又一项" in page and 'name="p0-c4-code"' in page and "Nothing was changed" not in page
    draft.refresh_from_db()
    assert draft.data == data()


def test_readers_and_strangers_cannot_edit_and_issued_ones_are_not_edited(town: Town, issued: SchemeVersion) -> None:
    for rest in ("edit/", "what-if/", "withdraw/"):
        assert client(town.zhou).get(url(issued, rest)).status_code == 403
    assert client(town.zhou).post(url(issued, "revise")).status_code == 403
    assert client(town.zhou).get("/appraisal/schemes/new/").status_code == 403
    answer = client(town.office).get(url(issued, "edit/"))
    assert answer.status_code == 302 and answer["Location"] == url(issued)
    assert client(town.office).post(url(issued, "edit/"), form_of(issued, **{"p0-weight": "30", "p1-weight": "70"})).status_code == 302
    issued.refresh_from_db()
    assert issued.data == data()


def test_a_changed_draft_is_a_conflict(town: Town, draft: SchemeVersion, second: Any) -> None:
    sent = form_of(draft)
    actions.change(by=fresh(second), version=draft, data=data(3000), paper=Paper(date(2026, 1, 1)), seen=draft.digest)
    assert client(town.office).post(url(draft, "edit/"), sent).status_code == 409


def test_who_would_move_and_other_weights(town: Town, issued: SchemeVersion) -> None:
    draft = actions.revise(by=fresh(town.office), scheme=issued.scheme, paper=Paper(date(2027, 1, 1)), data=data(9000))
    office = client(town.office)
    page = main(office.get(url(draft, "what-if/")))
    assert "units would change rank" in page and "▲" in page and "▼" in page and "一车间" in page
    same = main(office.get(url(draft, "what-if/") + "?w-PARTY=25&w-PROD=75"))
    assert "0 of 10 units would change rank" in same and "with other weights" in same
    for query, words in (
        ("?w-PARTY=25&w-PROD=74.9", "99.9 %"),
        ("?w-PARTY=x&w-PROD=75", "not a number"),
        ("?w-PARTY=-5&w-PROD=105", "not above 0"),
    ):
        answer = office.get(url(draft, "what-if/") + query)
        assert answer.status_code == 422 and words in main(answer)
    assert office.get(url(draft, f"what-if/?with={draft.pk}")).status_code == 200
    assert office.get(url(draft, "what-if/?with=99999")).status_code == 404
    assert office.get(url(draft, "what-if/?with=abc")).status_code == 404


def test_two_persons_issue_and_the_next_version_begins(town: Town, draft: SchemeVersion, second: Any) -> None:
    office, other = client(town.office), client(second)
    assert "somebody else issues it" in main(office.get(url(draft)))
    assert office.post(url(draft, "issue"), {"seen": draft.digest}).status_code == 403
    assert other.post(url(draft, "issue"), {"seen": "old"}).status_code == 409
    assert other.post(url(draft, "issue"), {"seen": draft.digest}).status_code == 302
    assert other.post(url(draft, "soul")).status_code == 404
    answer = office.post(url(draft, "revise"))
    nxt = SchemeVersion.objects.get(number=2)
    assert answer["Location"] == url(nxt, "edit/") and nxt.starts_on == date(2027, 1, 1)
    actions.change(by=fresh(town.office), version=nxt, data=data(4000), paper=Paper(nxt.starts_on), seen=nxt.digest)
    page = main(office.get(url(nxt, "changes/")))
    assert "2 changes" in page and "25 %" in page and "40 %" in page
    assert "no earlier version" in main(office.get(url(draft, "changes/")))
    assert office.post(url(nxt, "discard")).status_code == 302 and SchemeVersion.objects.count() == 1
    assert office.post(url(draft, "withdraw/"), {"reason": " "}).status_code == 422
    assert office.post(url(draft, "withdraw/"), {"reason": "上级废止"}).status_code == 302
    assert "上级废止" in main(office.get(url(draft)))


def test_a_new_scheme_from_a_shipped_one(town: Town, shops: UnitClass) -> None:
    office = client(town.office)
    assert "additive-25" in office.get("/appraisal/schemes/new/").content.decode()
    given = {"template": "additive-25", "unit_class": "production", "code": "NEW", "name": "新办法", "starts_on": "2027-01-01"}
    assert office.post("/appraisal/schemes/new/", given).status_code == 302
    assert SchemeVersion.objects.get().data.linkage.model == "L5"
    answer = office.post("/appraisal/schemes/new/", given)
    assert answer.status_code == 422 and "already" in main(answer)
    assert office.post("/appraisal/schemes/new/", given | {"code": "a b"}).status_code == 422


def test_the_file_goes_out_and_comes_back_through_the_import_pages(town: Town, issued: SchemeVersion) -> None:
    answer = client(town.office).get(url(issued, "file"))
    content = b"".join(answer.streaming_content)
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[0][0] == "办法编码" and len(rows) == 1 + 1 + 2 + 3 + 4
    office = client(town.office)
    assert "schemes" in office.get("/indicators/import/?kind=schemes").content.decode()
    sent = office.post("/indicators/import/", {"kind": "schemes", "file": SimpleUploadedFile("a.xlsx", content)}, follow=True)
    assert sent.status_code == 200 and SchemeVersion.objects.count() == 1
    member = client(town.wang)
    assert member.get(url(issued, "file")).status_code == 403
    answer.close()  # last: on PostgreSQL the end of a streamed answer closes the connection


def test_pages_keep_their_budgets(town: Town, issued: SchemeVersion, django_assert_max_num_queries: Any) -> None:
    actions.revise(by=fresh(town.office), scheme=issued.scheme, paper=Paper(date(2027, 1, 1)), data=data(4000))
    office = client(town.office)
    for address, most in (("/appraisal/schemes/", 15), (url(issued), 15), (url(issued, "weight/"), 20), (url(issued, "source/credited/"), 20), (url(issued, "what-if/"), 24), (url(issued, "changes/"), 15)):  # fmt: skip
        office.get(address)
        with django_assert_max_num_queries(most):
            assert office.get(address).status_code == 200


def test_a_class_without_units_is_said(town: Town, issued: SchemeVersion) -> None:
    UnitClassAssignment.objects.all().delete()
    assert Node.objects.exists()
    office = client(town.office)
    assert "The class has no units today" in main(office.get(url(issued, "what-if/")))
    assert "no unit has both a Party score and a result" in main(office.get(url(issued, "weight/")))
