"""Pages of inspections: the year, the matrix, one unit, the phone page; others see nothing, readers change nothing, bad input changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.town import account, fresh
from tests.unit.inspections.conftest import Visit
from tests.web.english import in_english

from rongtong.accounts.models import User
from rongtong.inspections import actions, queries, views
from rongtong.inspections.actions import NewFinding
from rongtong.inspections.models import Answer, Checklist, Finding, Inspection, Place
from rongtong.kernel import clock

QUESTION = "活动阵地能正常使用"


def client(user: User) -> Client:
    made = in_english(Client())
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def test_the_year_shows_what_comes_to_whom(visit: Visit) -> None:
    visit.issued()
    page = client(visit.inspector).get("/inspections/").content.decode()
    assert "<b>1</b> inspection reaches 2 units in 2026" in page
    own = client(visit.town.zhou).get("/inspections/").content.decode()
    assert "一车间党支部" in own
    assert "二车间党支部" not in own
    assert "Next:" in own
    assert "Plan an inspection" not in own
    assert "年终党建检查" not in client(visit.town.stranger).get("/inspections/").content.decode()
    assert client(visit.inspector).get("/inspections/?year=1").status_code == 200
    assert client(visit.inspector).get("/inspections/?year=9999").status_code == 422
    assert client(visit.town.wang).get("/inspections/").status_code == 403


def test_the_year_pairs_visits(visit: Visit) -> None:
    visit.issued()
    visit.planned(title="第二次", places=[visit.town.branch])
    assert "1 pair of visits could be one" in client(visit.inspector).get("/inspections/").content.decode()


def test_pages_keep_their_budgets(visit: Visit, django_assert_max_num_queries: Any) -> None:
    made = visit.issued()
    actions.note_finding(by=fresh(visit.inspector), place=visit.place(made), new=NewFinding("坏"))
    visitor = client(visit.inspector)
    for url in ("/inspections/", f"/inspections/{made.pk}/", f"/inspections/places/{visit.place(made).pk}/", "/inspections/lists/"):
        visitor.get(url)
        with django_assert_max_num_queries(20):
            assert visitor.get(url).status_code == 200


def test_planning(visit: Visit) -> None:
    visitor = client(visit.inspector)
    given = {
        "kind": "check",
        "title": "检查",
        "node": "G0",
        "checklist": "short",
        "under": "P1",
        "codes": "P2",
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-09",
        "people": "2",
    }
    for wrong in (
        {"title": ""},
        {"node": "NOPE"},
        {"codes": "NOPE"},
        {"under": "", "codes": ""},
        {"starts_on": "bald"},
        {"ends_on": "2026-11-01"},
        {"people": "0"},
    ):
        answer = visitor.post("/inspections/new", given | wrong)
        assert answer.status_code == 422, wrong
    assert not Inspection.objects.exists()
    assert client(visit.town.zhou).get("/inspections/new").status_code == 403
    answer = visitor.post("/inspections/new", given)
    made = Inspection.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/inspections/{made.pk}/issue")
    assert {place.node.code for place in made.places.all()} == {"P1", "P2"}


def test_before_issuing_the_page_says_what_will_happen(visit: Visit) -> None:
    first = visit.issued()
    made = visit.planned(title="第二次", places=[visit.town.branch])
    visitor, url = client(visit.inspector), f"/inspections/{made.pk}/issue"
    page = visitor.get(url).content.decode()
    assert "Records answer <b>2</b> of 4 answers" in page
    assert "Make one visit of both" in page
    assert client(visit.town.zhou).get(url).status_code == 404  # a draft
    assert client(visit.town.zhou).get(f"/inspections/{first.pk}/issue").status_code == 403
    place, other = visit.place(made), visit.place(first)
    combine = f"/inspections/{made.pk}/combine"
    assert visitor.post(combine, {"place": "x"}).status_code == 404
    assert visitor.post(combine, {"place": place.pk, "other": "999999"}).status_code == 404
    assert visitor.post(combine, {"place": place.pk, "other": other.pk}).status_code == 302
    assert "one visit" in visitor.get(url).content.decode()
    assert visitor.post(combine, {"place": place.pk}).status_code == 302
    assert visitor.post(url, {"seen": "x"}).status_code == 409
    seen = queries.cost_of(queries.sheet_of(made), clock.today()).digest
    assert visitor.post(url, {"seen": seen}).status_code == 302
    assert Inspection.objects.get(pk=made.pk).stage == "issued"


def test_the_matrix(visit: Visit) -> None:
    made = visit.issued()
    page = client(visit.inspector).get(f"/inspections/{made.pk}/").content.decode()
    assert "OL-01" in page
    assert "0 of 6 answers on site are given" in page
    own = client(visit.town.zhou).get(f"/inspections/{made.pk}/").content.decode()
    assert "二车间党支部" not in own
    assert "Close the inspection" not in own
    assert client(visit.town.stranger).get(f"/inspections/{made.pk}/").status_code == 404
    assert client(visit.inspector).post(f"/inspections/{made.pk}/step/run").status_code == 302
    assert client(visit.inspector).post(f"/inspections/{made.pk}/step/close").status_code == 422
    assert client(visit.inspector).post(f"/inspections/{made.pk}/step/wish").status_code == 404
    assert client(visit.town.zhou).post(f"/inspections/{made.pk}/step/run").status_code == 403
    visitor = client(visit.inspector)
    assert visitor.get(f"/inspections/{made.pk}/change/wish").status_code == 404
    assert client(visit.town.zhou).get(f"/inspections/{made.pk}/change/dates").status_code == 403
    assert visitor.post(f"/inspections/{made.pk}/change/dates", {"starts_on": "2026-12-09", "ends_on": "2026-12-01"}).status_code == 422
    assert visitor.post(f"/inspections/{made.pk}/change/dates", {"starts_on": "2026-12-09", "ends_on": "2026-12-11"}).status_code == 302
    assert visitor.post(f"/inspections/{made.pk}/change/cancel", {"reason": ""}).status_code == 422
    assert visitor.post(f"/inspections/{made.pk}/change/cancel", {"reason": "改期"}).status_code == 302
    assert Inspection.objects.get().stage == "cancelled"


def test_one_unit_sees_what_will_be_asked_and_what_is_known(visit: Visit) -> None:
    made = visit.issued()
    url = f"/inspections/places/{visit.place(made).pk}/"
    page = client(visit.town.zhou).get(url).content.decode()
    for text in (
        "2 items are answered by your records",
        "<b>2</b> will be asked on site",
        "The Party room is usable",
        "enter them before, and nothing is asked",
    ):
        assert text in page
    assert "Answer on site" not in page
    assert client(visit.town.stranger).get(url).status_code == 404
    assert client(visit.town.zhou).get(f"/inspections/places/{visit.place(made, visit.second).pk}/").status_code == 404


def test_on_site_by_phone(visit: Visit) -> None:
    made = visit.issued()
    place, item = visit.place(made), visit.item(made, QUESTION)
    url, visitor = f"/inspections/places/{place.pk}/site", client(visit.inspector)
    assert "2 answers still to give" in visitor.get(url).content.decode()
    assert client(visit.town.zhou).get(url).status_code == 403
    assert client(visit.town.stranger).get(url).status_code == 404
    assert visitor.post(url, {"item": "x", "state": "good"}).status_code == 404
    refused = visitor.post(url, {"item": item.pk, "state": "problem", "note": ""})
    assert refused.status_code == 422
    kept = visitor.post(url, {"item": item.pk, "state": "perfect", "note": "投影仪很好"})
    assert (kept.status_code, "投影仪很好" in kept.content.decode()) == (422, True)
    assert not Answer.objects.filter(is_on_site=True).exists()
    assert visitor.post(url, {"item": item.pk, "state": "problem", "note": "投影仪损坏", "pace": "at_once"}).status_code == 302
    assert Finding.objects.get().pace == "at_once"
    assert "1 answer still to give" in visitor.get(url).content.decode()
    assert visitor.post(url, {"item": visit.item(made, "OL-01").pk, "state": "good"}).status_code == 409


def test_findings_by_their_forms(visit: Visit) -> None:
    made = visit.issued()
    place, visitor = visit.place(made), client(visit.inspector)
    find = f"/inspections/places/{place.pk}/find"
    assert client(visit.town.zhou).get(find).status_code == 403
    assert visitor.post(find, {"text": "", "pace": "at_once"}).status_code == 422
    assert visitor.post(find, {"text": "公开栏未更新", "pace": "at_once", "item": visit.item(made, "OL-01").pk}).status_code == 302
    finding = Finding.objects.get()
    url = f"/inspections/findings/{finding.pk}"
    assert visitor.get(f"{url}/wish").status_code == 404
    assert client(visit.town.stranger).get(f"{url}/comment").status_code == 404
    reader = account("leser", roles=(("party_worker", None),))
    for what in ("rectify", "withdraw"):
        assert client(visit.town.zhou).get(f"{url}/{what}").status_code == 403, what
        assert client(reader).get(f"{url}/{what}").status_code == 403, what
    zhou = client(visit.town.zhou)
    assert zhou.post(f"{url}/comment", {"comment": ""}).status_code == 422
    assert zhou.post(f"{url}/comment", {"comment": "已更新"}).status_code == 302
    page = visitor.get(f"{url}/rectify").content.decode()
    assert "at once: by default 7 days" in page
    assert "2026-11-30" in page
    given = {"leader": "S1", "handler": "D1", "due_on": "2026-12-30"}
    assert visitor.post(f"{url}/rectify", given | {"handler": "NOPE"}).status_code == 422
    assert visitor.post(f"{url}/rectify", given | {"due_on": "bald"}).status_code == 422
    assert visitor.post(f"{url}/rectify", given).status_code == 302
    page = client(visit.town.zhou).get(f"/inspections/places/{place.pk}/").content.decode()
    assert "已更新" in page
    assert "Mend: 公开栏未更新" in page
    other = actions.note_finding(by=fresh(visit.inspector), place=place, new=NewFinding("看错"))
    assert visitor.post(f"/inspections/findings/{other.pk}/withdraw", {"reason": "看错楼层"}).status_code == 302
    assert "看错楼层" in visitor.get(f"/inspections/places/{place.pk}/").content.decode()


def test_check_lists(visit: Visit) -> None:
    visitor, url = client(visit.inspector), f"/inspections/lists/{visit.checklist.pk}/"
    assert "Short list" in visitor.get("/inspections/lists/").content.decode()
    own = client(visit.town.zhou).get(f"{url}?at={visit.town.branch.pk}").content.decode()
    assert "answer 2 of 4 items; 1 late" in own
    assert client(visit.town.zhou).get(f"{url}?at={visit.second.pk}").status_code == 404
    assert client(visit.town.zhou).get(f"{url}item").status_code == 403
    assert visitor.get("/inspections/lists/987654/").status_code == 404
    assert visitor.post(f"{url}item", {"section": "x", "rule_code": "", "question": "", "minutes": "10"}).status_code == 422
    assert visitor.post(f"{url}item", {"section": "现场", "rule_code": "", "question": "问一句", "minutes": "10"}).status_code == 302
    item = visit.checklist.items.get(question="问一句")
    assert visitor.post(f"{url}item", {"drop": "x"}).status_code == 404
    assert visitor.post(f"{url}item", {"drop": item.pk}).status_code == 302
    assert not visit.checklist.items.filter(question="问一句").exists()
    assert Checklist.objects.count() == 1


def test_many_units_come_page_by_page(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rongtong.inspections.views.PAGE", 1)
    visit.issued()
    first = client(visit.inspector).get("/inspections/").content.decode()
    assert "after=P00001" in first
    second = client(visit.inspector).get("/inspections/?after=P00001").content.decode()
    assert "二车间党支部" in second
    assert Place.objects.count() == 2
    assert date(2026, 12, 1) == Inspection.objects.get().starts_on


def test_the_day_of_a_visit(visit: Visit) -> None:
    place = visit.place(visit.issued())
    url, visitor = f"/inspections/places/{place.pk}/visit", client(visit.inspector)
    assert "Set the day of the visit" in visitor.get(f"/inspections/places/{place.pk}/").content.decode()
    for wrong in ("2027-01-01", "bald"):
        answer = visitor.post(url, {"visit_on": wrong})
        assert answer.status_code == 422
        assert wrong in answer.content.decode()
    assert visitor.post(url, {"visit_on": "2026-12-03"}).status_code == 302
    assert str(Place.objects.get(pk=place.pk).visit_on) == "2026-12-03"
    assert client(visit.town.zhou).get(url).status_code == 403
    assert client(visit.town.stranger).get(url).status_code == 404
    assert "Set the day of the visit" not in client(visit.town.zhou).get(f"/inspections/places/{place.pk}/").content.decode()
    visitor.post(f"/inspections/{place.inspection_id}/change/dates", {"starts_on": "2026-12-05", "ends_on": "2026-12-18"})
    assert Place.objects.get(pk=place.pk).visit_on is None
    visitor.post(url, {"visit_on": "2026-12-08"})
    visitor.post(url, {"visit_on": ""})
    assert Place.objects.get(pk=place.pk).visit_on is None


def test_a_long_matrix_has_pages(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 1)
    made = visit.issued()
    first, second = queries.places(visit.inspector).filter(inspection=made)
    visitor, url = client(visit.inspector), f"/inspections/{made.pk}/"
    page = visitor.get(url).content.decode()
    assert "1 to 1 of 2 units" in page
    assert f"places/{first.pk}/" in page
    assert f"places/{second.pk}/" not in page
    page = visitor.get(f"{url}?after={first.pk}").content.decode()
    assert f"places/{second.pk}/" in page
    assert "First page" in page
    assert "Next page" not in page
    assert visitor.get(f"{url}?after=nowhere").status_code == 422
