"""Pages of rules: the grid by group and month, one organisation over months, a finding with its records and the way to mend it, notices."""

import io
import re
import tomllib
from collections.abc import Callable
from datetime import date
from importlib.resources import files

import pytest
from django.test import Client
from django.utils.translation import override
from openpyxl import load_workbook
from tests.town import fresh
from tests.unit.meetings.conftest import Hall, hall  # noqa: F401  (the fixture)
from tests.unit.meetings.test_checks import past
from tests.web.english import in_english

from rongtong.access.models import Grant, Source
from rongtong.accounts.models import User
from rongtong.kernel.act import SYSTEM
from rongtong.rules import actions, numbers
from rongtong.rules.models import Notice

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = in_english(Client())
        client.force_login(fresh(user))
        return client

    return signed


@pytest.fixture
def checked(hall: Hall) -> Hall:  # noqa: F811
    """A theme day in August and one in November, nothing between."""
    past(hall, "theme_day", date(2026, 8, 10))
    past(hall, "theme_day", date(2026, 11, 10))
    actions.run_checks(by=SYSTEM, since=202608)
    return hall


@pytest.fixture
def reader(hall: Hall) -> User:  # noqa: F811
    """Sees the branch's rules, keeps none, exports nothing."""
    Grant.objects.create(
        user=hall.town.wang, role="party_worker", node=hall.town.branch, reach="subtree", source=Source.DERIVED, starts_on=date(2020, 1, 1)
    )
    return hall.town.wang


def test_the_grid_marks_each_cell_and_says_its_sentence(checked: Hall, sign_in: SignIn) -> None:
    page = sign_in(checked.town.zhou).get("/rules/grid/?group=OL&month=2026-10").content.decode()
    assert "一车间党支部 · OL-05 Theme Party day once a month · 2026-10: late · held 0，asked for 1 · 2026-10-31" in page
    assert f"/rules/OL-05/at/{checked.town.branch.pk}/?period=202610" in page
    assert "一车间党支部 · OL-05" in sign_in(checked.town.zhou).get("/rules/grid/?month=2026-11").content.decode()
    only = sign_in(checked.town.zhou).get("/rules/grid/?month=2026-11&open=1&group=ORG").content.decode()
    assert "rules/OL-05" not in only


def test_the_grid_of_another_area_is_empty_and_its_place_unseen(checked: Hall, sign_in: SignIn) -> None:
    client = sign_in(checked.town.chen)
    assert "一车间党支部" not in client.get("/rules/grid/?month=2026-10").content.decode()
    for address in (f"/rules/grid/?at={checked.town.branch.pk}", f"/rules/grid/{checked.town.branch.pk}/", "/rules/grid/?at=x"):
        assert client.get(address).status_code == 404, address


def test_a_wrong_month_is_refused_with_a_sentence(checked: Hall, sign_in: SignIn) -> None:
    answer = sign_in(checked.town.zhou).get("/rules/grid/?month=2026-13")
    assert answer.status_code in {400, 422} and "2026-13" in answer.content.decode()
    assert sign_in(checked.town.zhou).get("/rules/grid/?group=XX").status_code == 200


def test_export_holds_what_is_seen(checked: Hall, reader: User, sign_in: SignIn) -> None:
    answer = sign_in(checked.town.zhou).get("/rules/grid/?group=OL&month=2026-10&export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    head, row = (list(one) for one in list(sheet.values)[:2])
    assert row[:2] == ["P1", "一车间党支部"] and row[head.index("OL-05 2026-10")] == "late"
    assert sign_in(reader).get("/rules/grid/?export=xlsx").status_code == 403
    assert sign_in(checked.town.zhou).get("/rules/grid/?export=pdf").status_code in {400, 422}


def test_one_organisation_over_twelve_months(checked: Hall, sign_in: SignIn) -> None:
    page = sign_in(checked.town.zhou).get(f"/rules/grid/{checked.town.branch.pk}/").content.decode()
    assert "2026-11" in page and "2025-12" in page and "OL-05" in page
    assert f"/rules/OL-05/at/{checked.town.branch.pk}/?period=202609" in page


def test_a_finding_shows_its_records_and_the_way_to_mend_it(checked: Hall, sign_in: SignIn) -> None:
    client, branch = sign_in(checked.town.zhou), checked.town.branch
    late = client.get(f"/rules/OL-05/at/{branch.pk}/?period=202610").content.decode()
    assert f"/meetings/new?kind=theme_day&amp;node={branch.code}" in late and f"/rules/OL-05/at/{branch.pk}/exception" in late
    met = client.get(f"/rules/OL-05/at/{branch.pk}/?period=202611").content.decode()
    assert "/meetings/new?kind=theme_day" not in met and "theme_day</a>" in met


def test_who_only_reads_is_offered_no_preparing(checked: Hall, sign_in: SignIn) -> None:
    Grant.objects.create(
        user=checked.town.wang,
        role="inspector",
        node=checked.town.branch,
        reach="subtree",
        source=Source.DERIVED,
        starts_on=date(2020, 1, 1),
    )
    page = sign_in(checked.town.wang).get(f"/rules/OL-05/at/{checked.town.branch.pk}/?period=202610").content.decode()
    assert "/meetings/new" not in page


FORM = {"codes": ["OL-06", "OL-07"], "node": "P1", "year": "2025", "opens_on": "2025-12-01", "closes_on": "2026-01-31", "document": "9号"}


def test_a_notice_is_given_by_the_office_only(checked: Hall, reader: User, sign_in: SignIn) -> None:
    office = sign_in(checked.town.office)
    assert office.post("/rules/notices/", FORM).status_code == 302
    assert {(n.code, n.document) for n in Notice.objects.all()} == {("OL-06", "9号"), ("OL-07", "9号")}
    assert "9号" in sign_in(reader).get("/rules/notices/").content.decode()
    assert sign_in(reader).post("/rules/notices/", FORM).status_code == 403
    assert "9号" not in sign_in(checked.town.chen).get("/rules/notices/").content.decode()


@pytest.mark.parametrize("wrong", [{"codes": []}, {"node": "P9"}, {"year": "xx"}, {"closes_on": "2025-11-01"}, {"document": ""}])
def test_a_bad_notice_keeps_what_was_typed(checked: Hall, sign_in: SignIn, wrong: dict[str, str]) -> None:
    answer = sign_in(checked.town.office).post("/rules/notices/", FORM | wrong)
    assert answer.status_code == 422 and 'value="2025-12-01"' in answer.content.decode() and not Notice.objects.exists()


def test_the_list_tells_what_stands_now_not_two_years(checked: Hall, sign_in: SignIn) -> None:
    """Defect caught: every month that was ever missed counted as open for ever."""
    page = sign_in(checked.town.zhou).get("/rules/?code=OL-05").content.decode()
    assert page.count(f"/rules/OL-05/at/{checked.town.branch.pk}/") == 1


def test_every_shipped_number_is_said_in_words() -> None:
    """No key of a row's arguments and no code among its values reaches the Chinese page as it is written in the file."""
    rows = tomllib.loads((files("rongtong.rules") / "data/rules.toml").read_text(encoding="utf-8"))["rule"]
    bare = re.compile(r"[a-z_]{3,}")
    with override("zh-hans"):
        said = [(row["code"], name, value) for row in rows for name, value in numbers.named(row.get("arguments", {}))]
    assert len(said) > 100
    assert [one for one in said if bare.search(one[1]) or bare.search(one[2])] == []
    with override("en"):
        assert numbers.named({"branch": [3, 7], "attendance_min": 0.6667, "limits_fen": [300000, 0], "term_years": {"branch": 3}}) == [
            ("Party branch", "3–7"), ("least share present", "66.67 %"), ("upper bounds (yuan)", "3000、and above"),
            ("years of a term", "Party branch 3"),
        ]  # fmt: skip
