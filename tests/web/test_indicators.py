"""Every page of indicators through the full client: it works, other units 404, readers 403, bad input says what to do."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.unit.indicators.conftest import OPENED, World, make_indicator, make_node, percent
from tests.unit.indicators.conftest import _english as _english  # noqa: PLC0414  (fixtures)
from tests.unit.indicators.conftest import today as today  # noqa: PLC0414
from tests.unit.indicators.conftest import world as world  # noqa: PLC0414
from tests.web.english import in_english

from rongtong.indicators import actions
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import Draft, MonthClose, Observation, Target
from rongtong.kernel.act import SYSTEM
from rongtong.trees.models import TreeLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture(autouse=True)
def _static_folder(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def client_of() -> Any:
    def sign_in(user: Any) -> Client:
        client = in_english(Client())
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code, answer.content[:300])
    return b"".join(answer.streaming_content).decode("latin-1") if answer.streaming else answer.content.decode()


def fill(world: World, months: range = range(202601, 202610)) -> None:
    rate, count = percent("B21", name="一次合格率"), make_indicator("B62", name="成果")
    rows = [Entry(node.pk, rate.pk, month, None, 90 + month % 7, 100) for node in (world.shop, world.other) for month in months]
    actions.enter(by=SYSTEM, rows=[*rows, *(Entry(world.shop.pk, count.pk, month, month % 5) for month in months)])


def test_pages_answer_in_their_first_sentence(world: World, client_of: Any) -> None:
    fill(world)
    actions.install_sets(by=SYSTEM)
    client = client_of(world.manager)
    at = f"at={world.shop.pk}&month=202609"
    first = Observation.objects.order_by("pk")[0]
    for address, words in (
        ("/indicators/", "indicators, each with its definition"),
        (f"/indicators/i/B21/?{at}", "一次合格率 of 一车间 in 2026-09: 9"),
        (f"/indicators/i/B21/?{at}&joint=1", "Reading"),
        (f"/indicators/source/?{at}&indicator=B21", "Revision 1"),
        ("/indicators/sets/", "Issued by"),
        ("/indicators/months/", "marked corrections only"),
        (f"/indicators/quality/?{at}", "expected figures of 2026-09"),
        (f"/indicators/reconcile/?{at}", "Nothing is written"),
        (f"/indicators/entry/?{at}", "一车间, 2026-09"),
        (f"/indicators/targets/?{at}", "0 targets"),
        (f"/indicators/observations/?{at}", "2026-09"),
        (f"/indicators/observations/{first.pk}/", "History"),
    ):
        assert words in page(client, address), address


def test_an_indicator_is_found_where_it_is_recorded(world: World, client_of: Any) -> None:
    """Asked at the unit, answered from the linked Party organisation; from two of them, both are offered; of unseen ones nothing is said."""
    rate = percent("P11", name="规范率", subsystem="party")
    far = make_node("P", "00002", "P2", "二支部")
    actions.enter(by=SYSTEM, rows=[Entry(node.pk, rate.pk, 202609, None, value, 100) for node, value in ((world.branch, 81), (far, 33))])
    address = f"/indicators/i/P11/?at={world.shop.pk}&month=202609"
    client = client_of(world.manager)
    assert "is recorded there" not in page(client, address)
    TreeLink.objects.create(unit=world.shop, party=world.branch, kind="own", share=1.0, starts_on=OPENED)
    found = page(client, address)
    assert "规范率 of 一车间党支部 in 2026-09: 81" in found
    assert "一车间 ↔ 一车间党支部" in found
    TreeLink.objects.create(unit=world.shop, party=far, kind="covers", share=1.0, starts_on=OPENED)
    found = page(client, address)
    assert f"?at={far.pk}&amp;month=2026-09" in found
    assert "规范率 of 一车间 in 2026-09" in found
    assert "二支部" not in page(client_of(world.worker), address)


def test_a_set_shows_issued_and_renormalised_weights_and_what_does_not_apply(world: World, client_of: Any) -> None:
    from rongtong.indicators.models import IndicatorSet

    actions.install_sets(by=SYSTEM)
    client = client_of(world.manager)
    functional = IndicatorSet.objects.get(unit_class__code="functional")
    text = page(client, f"/indicators/sets/{functional.pk}/")
    assert "Not applicable" in text
    assert "0.099" in text  # P11: 0.09 issued, 0.09 / 0.91 in effect, P42 and P63 being off


def test_an_indicator_of_an_unseen_unit_is_not_found(world: World, client_of: Any) -> None:
    fill(world)
    client = client_of(world.stranger)
    at = f"at={world.shop.pk}&month=202609"
    foreign = Observation.objects.filter(node=world.shop)[0]
    for address in (
        f"/indicators/i/B21/?{at}",
        f"/indicators/source/?{at}&indicator=B21",
        f"/indicators/quality/?{at}",
        f"/indicators/entry/?{at}",
        f"/indicators/targets/?{at}",
        f"/indicators/observations/?{at}",
        f"/indicators/observations/{foreign.pk}/",
        "/indicators/i/NONE/",
        "/indicators/entry/?at=abc",
    ):
        page(client, address, 404)
    assert "一车间" not in page(client, "/indicators/observations/")


def test_readers_read_and_do_not_write(world: World, client_of: Any) -> None:
    fill(world)
    client = client_of(world.reader)
    at = f"at={world.shop.pk}&month=202609"
    page(client, f"/indicators/entry/?{at}", 403)
    assert client.post("/indicators/entry/draft/", {"at": world.shop.pk, "month": "2026-09"}).status_code == 403
    assert client.post("/indicators/i/B21/", {"is_on": "0"}).status_code == 403
    assert client.post("/indicators/months/", {"month": "2026-09"}).status_code == 403
    assert (
        client.post("/indicators/targets/", {"at": world.shop.pk, "month": "2026-09", "indicator": "B21", "target": "97"}).status_code
        == 403
    )
    assert "Set the target" not in page(client, f"/indicators/targets/?{at}")
    assert not MonthClose.objects.exists()


def test_the_grid_keeps_drafts_says_what_is_wrong_and_submits_in_one_act(world: World, client_of: Any) -> None:
    percent("B21")
    make_indicator("B62")
    client = client_of(world.worker)
    where = {"at": world.shop.pk, "month": "2026-09"}
    bad = {**where, "B62:value": "abc", "B21:numerator": "9", "B21:denominator": "10"}
    answer = client.post("/indicators/entry/draft/", bad)
    assert list(answer.json()["errors"]) == ["B62:value"]
    assert Draft.objects.get().cells == {"B62:value": "abc", "B21:numerator": "9", "B21:denominator": "10"}
    answer = client.post("/indicators/entry/", bad)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "is not a number" in text
    assert 'value="abc"' in text  # nothing typed is lost
    assert not Observation.objects.exists()
    good = {**bad, "B62:value": "1,200", "B21:value": "90%"}
    assert client.post("/indicators/entry/", good).status_code == 302
    assert sorted(Observation.objects.values_list("indicator__code", "value")) == [("B21", 90.0), ("B62", 1200.0)]
    assert not Draft.objects.exists()
    assert "Submitted: 2" in page(client, f"/indicators/entry/?at={world.shop.pk}&month=202609&saved=2")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"B62:value": "12%"}, "percent sign"),
        ({"B62:value": "nan"}, "not a finite number"),
        ({"B21:numerator": "9"}, "Only one of"),
        ({"B21:numerator": "9", "B21:denominator": "0"}, "denominator is 0"),
        ({"B21:value": "50", "B21:numerator": "9", "B21:denominator": "10"}, "which is 90.0"),
    ],
)
def test_bad_cells_say_why_in_place(world: World, client_of: Any, cell: dict[str, str], message: str) -> None:
    percent("B21")
    make_indicator("B62")
    answer = client_of(world.worker).post("/indicators/entry/", {"at": world.shop.pk, "month": "2026-09", **cell})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert message in text
    assert "is-invalid" in text
    assert not Observation.objects.exists()


def test_a_closed_month_asks_for_the_reason(world: World, client_of: Any) -> None:
    make_indicator("B62")
    manager = client_of(world.manager)
    assert manager.post("/indicators/months/", {"month": "2026-09"}).status_code == 302
    assert manager.post("/indicators/months/", {"month": "soon"}).status_code == 422
    assert manager.post("/indicators/months/", {"month": "2026-11"}).status_code == 422
    client = client_of(world.worker)
    where = {"at": world.shop.pk, "month": "2026-09", "B62:value": "3"}
    assert "2026-09 is closed" in client.post("/indicators/entry/", where).content.decode()
    assert client.post("/indicators/entry/", {**where, "note": "补报"}).status_code == 302
    assert Observation.objects.get().is_correction


def test_targets_are_set_on_the_page(world: World, client_of: Any) -> None:
    percent("B21")
    client = client_of(world.manager)
    where = {"at": world.shop.pk, "month": "2026-09", "indicator": "B21"}
    assert client.post("/indicators/targets/", {**where, "target": "97%", "floor": "85"}).status_code == 302
    assert Target.objects.get().target == 97
    for bad in ({"target": "x"}, {"target": "80", "floor": "85"}, {"target": "80", "indicator": "ZZ"}, {}):
        assert client.post("/indicators/targets/", {**where, **bad}).status_code == 422
    assert Target.objects.get().target == 97


def test_observations_filter_page_and_export_exactly_what_is_seen(world: World, client_of: Any) -> None:
    fill(world, range(202601, 202613))
    client = client_of(world.manager)
    text = page(client, "/indicators/observations/?indicator=B21")
    assert text.count('hx-get="/indicators/source/') == 24  # every number opens where it comes from
    assert "成果" not in text.split("<tbody>")[1]
    seen: list[str] = []
    query = "indicator=B21&month=2026-09"
    export = page(client, f"/indicators/observations/?{query}&export=csv")
    assert len(export.strip().splitlines()) == 3
    from rongtong.indicators.queries import current
    from rongtong.indicators.table_views import after

    cursor = ""
    while rows := list(after(current(world.manager), cursor)[:7]):
        seen += [f"{row.period}-{row.node_id}-{row.indicator_id}" for row in rows]
        cursor = seen[-1]
    assert len(seen) == len(set(seen)) == Observation.objects.filter(is_current=True).count()
    ticked = [str(pk) for pk in Observation.objects.filter(indicator__code="B21").values_list("pk", flat=True)[:2]]
    export = page(client, f"/indicators/observations/?export=csv&pk={ticked[0]}&pk={ticked[1]}")
    assert len(export.strip().splitlines()) == 3  # the head and what was ticked
    page(client, "/indicators/observations/?after=1-2", 422)
    page(client, "/indicators/observations/?month=2026-13", 422)
    page(client, "/indicators/observations/?export=pdf", 422)
    page(client_of(world.worker), "/indicators/observations/?export=csv", 403)


def test_the_list_costs_few_queries_at_any_length(world: World, client_of: Any) -> None:
    client = client_of(world.manager)
    costs = []
    for months in (range(202601, 202602), range(202602, 202613)):
        if months.start == 202601:
            fill(world, months)
        else:
            from rongtong.indicators.models import Indicator

            pk = Indicator.objects.get(code="B62").pk
            actions.enter(
                by=SYSTEM,
                rows=[Entry(node.pk, pk, month, 1) for node in (world.shop, world.other, world.office, world.group) for month in months],
            )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, "/indicators/observations/")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 15


def test_a_report_is_compared_and_nothing_is_written(world: World, client_of: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    fill(world)
    stored = Observation.objects.get(node=world.shop, indicator__code="B62", period=202609).value
    report = f"node_code,indicator_code,period,value\nM1,B62,2026-09,{stored + 2}\nM2,B62,2026-09,4\nXX,B62,2026-09,1\n"
    client = client_of(world.manager)
    upload = SimpleUploadedFile("report.csv", report.encode("gbk"))
    text = client.post("/indicators/reconcile/", {"month": "2026-09", "file": upload}).content.decode()
    assert "2 figures differ in 2026-09" in text
    assert "There is no unit XX" in text
    assert client.post("/indicators/reconcile/", {"month": "2026-09"}).status_code == 422
    assert Observation.objects.filter(indicator__code="B62", period=202609).count() == 1


def test_columns_are_chosen_in_the_address_and_views_are_kept_for_oneself(world: World, client_of: Any) -> None:
    fill(world, range(202609, 202610))
    client = client_of(world.manager)
    body = page(client, "/indicators/observations/?cols=month&cols=parts&indicator=B21")
    assert "÷" in body.split("<tbody>")[1]
    assert "/indicators/i/B21/" not in body.split("<tbody>")[1]  # the column was not chosen
    assert "B21 " not in page(client, "/indicators/observations/?cols=nonsense").split("<thead>")[1].split("</thead>")[0]
    typed = {"page": "/indicators/observations/", "query": "cols=month&indicator=B21", "name": "我的合格"}
    answer = client.post("/accounts/views", typed)
    assert answer["Location"] == "/indicators/observations/?cols=month&indicator=B21"
    assert "我的合格" in page(client, "/indicators/observations/")
    assert "我的合格" not in page(client, "/indicators/")  # of another page
    stranger = client_of(world.worker)
    assert "我的合格" not in page(stranger, "/indicators/observations/")
    from rongtong.accounts.models import SavedView

    view = SavedView.objects.get()
    assert stranger.post(f"/accounts/views/{view.pk}/drop").status_code == 404
    assert client.post("/accounts/views", {**typed, "name": " "}).status_code == 422
    assert client.post("/accounts/views", {**typed, "page": "//elsewhere.example"}).status_code == 422
    assert client.post(f"/accounts/views/{view.pk}/drop", {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert not SavedView.objects.exists()
