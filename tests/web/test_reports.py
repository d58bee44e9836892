"""Pages of papers: order one, open it, print a meeting's papers; strangers find nothing, members are refused, bad orders say what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings
from tests.town import fresh
from tests.unit.meetings.conftest import Hall, hall

from rongtong.accounts.models import User
from rongtong.jobs.models import Job
from rongtong.jobs.running import run
from rongtong.reports.models import Paper

__all__ = ["hall"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATA_DIR=str(tmp_path)):
        yield


def client(user: User) -> Client:
    found = Client()
    found.force_login(fresh(user))
    return found


def order(hall: Hall, **more: str) -> dict[str, str]:
    return {"kind": "summary", "node": hall.town.branch.code, "year": "2026", "file_format": "docx"} | more


def test_an_order_becomes_a_job_a_page_and_a_file(hall: Hall) -> None:
    zhou = client(hall.town.zhou)
    answer = zhou.post("/reports/", order(hall))
    job = Job.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == f"/jobs/{job.pk}/"
    run(job.pk)
    job.refresh_from_db()
    paper = Paper.objects.get()
    assert job.state == "done" and job.result["url"] == f"/reports/{paper.pk}/"
    assert paper.title in zhou.get("/reports/").content.decode()
    assert zhou.get(f"/reports/{paper.pk}/").status_code == 200
    file = zhou.get(f"/reports/{paper.pk}/file")
    assert b"".join(file.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def test_who_is_elsewhere_finds_nothing_and_a_member_may_not(hall: Hall) -> None:
    client(hall.town.zhou).post("/reports/", order(hall))
    run(Job.objects.get().pk)
    paper = Paper.objects.get()
    assert client(hall.town.stranger).get(f"/reports/{paper.pk}/").status_code == 404
    assert client(hall.town.stranger).get(f"/reports/{paper.pk}/file").status_code == 404
    assert client(hall.town.wang).get("/reports/").status_code == 403
    assert client(hall.town.li).post(f"/reports/{paper.pk}/remove").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"year": "1800"}, "1949"), ({"node": "nowhere"}, "nowhere"), ({"kind": "poem"}, "poem"), ({"year": "2027"}, "2027")],
)
def test_a_bad_order_says_what_and_changes_nothing(hall: Hall, wrong: dict[str, str], said: str) -> None:
    answer = client(hall.town.zhou).post("/reports/", order(hall, **wrong))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Job.objects.exists()


def test_the_page_of_a_meeting_offers_its_papers_and_gives_them(hall: Hall) -> None:
    meeting = hall.signed()
    zhou = client(hall.town.zhou)
    assert f"/reports/meetings/{meeting.pk}/minutes" in zhou.get(f"/meetings/{meeting.pk}/").content.decode()
    answer = zhou.get(f"/reports/meetings/{meeting.pk}/minutes")
    assert b"".join(answer.streaming_content)[:2] == b"PK" and ".docx" in answer.headers["Content-Disposition"]
    assert client(hall.town.stranger).get(f"/reports/meetings/{meeting.pk}/minutes").status_code == 404
    assert zhou.get(f"/reports/meetings/{meeting.pk}/minutes?format=exe").status_code == 422
    assert zhou.get(f"/reports/meetings/{meeting.pk}/poem").status_code == 422
