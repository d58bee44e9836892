"""The import wizard through the full client: file, columns, preview, done, undone."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.indicators.conftest import World, make_indicator
from tests.unit.indicators.conftest import _english as _english  # noqa: PLC0414  (fixtures)
from tests.unit.indicators.conftest import today as today  # noqa: PLC0414
from tests.unit.indicators.conftest import world as world  # noqa: PLC0414
from tests.web.english import in_english

from rongtong.exchange.models import Batch
from rongtong.indicators import actions
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel.act import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
TABLE = "单位编码,指标编码,期间,数值\nM1,B62,2026-09,3\nM2,B62,2026-09,4\n"


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = settings.DATA_DIR = tmp_path


def signed_in(user: Any) -> Client:
    client = in_english(Client())
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, text: str, name: str = "sept.csv", kind: str = "observations", encoding: str = "gbk") -> Any:
    file = SimpleUploadedFile(name, text.encode(encoding))
    return client.post("/indicators/import/", {"kind": kind, "file": file})


def test_file_preview_done_and_undone(world: World) -> None:
    make_indicator("B62")
    client = signed_in(world.manager)
    assert "Choose a file" in client.get("/indicators/import/").content.decode()
    answer = upload(client, TABLE)
    batch = Batch.objects.get()
    assert answer["Location"] == f"/indicators/import/{batch.uid}/"
    assert "Nothing is written yet: 2 rows are new" in client.get(answer["Location"]).content.decode()
    assert not Observation.objects.exists()
    assert client.post(f"{answer['Location']}apply/").status_code == 302
    assert "was imported: 2 new" in client.get(answer["Location"]).content.decode()
    assert Observation.objects.count() == 2
    assert client.post(f"{answer['Location']}undo/").status_code == 302
    assert "was taken back" in client.get(answer["Location"]).content.decode()
    assert not Observation.objects.exists()
    assert client.post(f"{answer['Location']}undo/").status_code == 422


def test_columns_are_asked_for_once(world: World) -> None:
    make_indicator("B62")
    client = signed_in(world.manager)
    text = "厂,哪个,何时,多少\nM1,B62,2026-09,3\n"
    where = upload(client, text)["Location"]
    assert where.endswith("/columns/")
    assert "Say which column" in client.get(where).content.decode()
    chosen = {"column:node_code": "厂", "column:indicator_code": "哪个", "column:period": "何时", "column:value": "多少"}
    assert client.post(where, {**chosen, "column:value": "没有"}).status_code == 422
    done = client.post(where, chosen)["Location"]
    assert client.post(f"{done}apply/").status_code == 302
    assert not upload(client, text.replace("09", "08"))["Location"].endswith("/columns/")


def test_errors_are_shown_with_their_places_and_cannot_be_applied(world: World) -> None:
    make_indicator("B62")
    client = signed_in(world.manager)
    where = upload(client, TABLE + "XX,B62,2026-09,abc\n")["Location"]
    text = client.get(where).content.decode()
    assert "sept.csv::4:数值" in text
    assert "is not a number" in text
    assert client.post(f"{where}apply/").status_code == 422
    assert not Observation.objects.exists()
    assert client.post(f"{where}discard/").status_code == 302
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"PK\x03\x04 not a workbook", ""),
        ("a.csv", b"", "empty"),
        ("a.csv", "单位,一\n".encode() + "车间,二\n".encode("gbk"), "mixes encodings"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old xls"),
    ],
)
def test_files_that_are_no_table_are_refused_in_place(world: World, name: str, data: bytes, words: str) -> None:
    answer = signed_in(world.manager).post("/indicators/import/", {"kind": "observations", "file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Batch.objects.exists()


def test_no_file_and_unknown_kind_are_refused(world: World) -> None:
    client = signed_in(world.manager)
    assert client.post("/indicators/import/", {"kind": "observations"}).status_code == 422
    assert upload(client, TABLE, kind="moons").status_code == 422


def test_batches_of_others_are_not_found_and_readers_may_not(world: World) -> None:
    make_indicator("B62", owner=world.office)
    where = upload(signed_in(world.owner), TABLE)["Location"]
    stranger = signed_in(world.stranger)
    for address in (where, f"{where}columns/"):
        assert stranger.get(address).status_code == 404
    for step in ("apply/", "undo/", "discard/"):
        assert stranger.post(f"{where}{step}").status_code == 404
    reader = signed_in(world.reader)
    assert reader.get("/indicators/import/").status_code == 403
    assert upload(reader, TABLE).status_code == 403
    assert signed_in(world.manager).get(where).status_code == 200
    assert not Observation.objects.exists()


def test_an_undo_that_later_records_forbid_says_so(world: World) -> None:
    indicator = make_indicator("B62")
    client = signed_in(world.manager)
    where = upload(client, TABLE)["Location"]
    client.post(f"{where}apply/")
    actions.enter(by=SYSTEM, rows=[Entry(world.shop.pk, indicator.pk, 202609, 9)])
    answer = client.post(f"{where}undo/")
    assert answer.status_code == 422
    assert "was changed after this batch" in answer.content.decode()


def test_a_kind_goes_out_as_a_file(world: World) -> None:
    make_indicator("B62")
    answer = signed_in(world.manager).get("/indicators/import/export/indicators/?format=csv")
    assert b"B62" in b"".join(answer.streaming_content)
    assert signed_in(world.worker).get("/indicators/import/export/indicators/").status_code == 403
    assert signed_in(world.manager).get("/indicators/import/export/moons/").status_code == 422
    assert Indicator.objects.count() == 1
