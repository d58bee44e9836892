"""Pages of surveys: prepared, launched, answered on a phone block by block, closed, released; what others see, and what nobody sees."""

import re
from typing import Any

import pytest
from django.test import Client
from tests.town import Town, account, fresh
from tests.unit.surveys.conftest import Crowd, crowd_of, sheet
from tests.web.english import in_english

from rongtong.accounts.models import ApiToken, User
from rongtong.audit.models import Entry
from rongtong.organization.models import Appointment, Person, Post
from rongtong.surveys import actions, sealing
from rongtong.surveys.models import Answer, Invitation, Waiting, Wave


@pytest.fixture
def crowd(town: Town) -> Crowd:
    return crowd_of(town)


def client(user: User) -> Client:
    made = in_english(Client())
    made.force_login(fresh(user), backend="django.contrib.auth.backends.ModelBackend")
    return made


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found is not None
    return found[1]


def answered_through_pages(user: User, wave: Wave, crowd: Crowd, given: dict[str, str]) -> Any:
    """Every step of the questionnaire; returns the answer to the last one."""
    visitor, url = client(user), f"/surveys/answer/{wave.uid}/"
    page = visitor.get(url).content.decode()
    for part in range(1, 8):
        sent = {"ticket": value(page, "ticket"), "part": str(part)} | {
            code: text for code, text in given.items() if f'name="{code}"' in page
        }
        reply = visitor.post(url, sent)
        if part == 7:
            return reply
        assert (reply.status_code, reply["Location"]) == (302, f"{url}?part={part + 1}")
        page = visitor.get(reply["Location"]).content.decode()
    return None


def test_a_wave_is_prepared_and_launched_through_the_pages(crowd: Crowd) -> None:
    office = client(crowd.town.office)
    assert "None yet." in office.get("/surveys/").content.decode()
    given = {
        "questionnaire": str(crowd.questionnaire.pk),
        "title": "2026 年认识问卷",
        "root": "G0 集团",
        "depth": "1",
        "by_role": "on",
        "closes_on": "2026-12-20",
    }
    for wrong in (
        {"title": ""},
        {"root": "NOPE"},
        {"closes_on": "2020-01-01"},
        {"closes_on": "bald"},
        {"questionnaire": "9"},
        {"depth": "9"},
    ):
        reply = office.post("/surveys/new", given | wrong)
        assert reply.status_code == 422
        assert "2026-12-20" in reply.content.decode() or "closes_on" in wrong  # what was typed is kept
    assert not Wave.objects.exists()
    reply = office.post("/surveys/new", given)
    wave = Wave.objects.get()
    assert reply["Location"] == f"/surveys/{wave.pk}/launch"
    page = office.get(reply["Location"]).content.decode()
    assert "asks <b>203</b> people and costs <b>10.2</b> person-hours" in page
    assert "Scores are shown from 5 answers on, words from 10 on" in page
    assert "200 of them have no account" in page
    assert office.post(reply["Location"], {"seen": "x"}).status_code == 422
    assert office.post(reply["Location"], {"seen": value(page, "seen")}).status_code == 302
    page = office.get(f"/surveys/{wave.pk}/").content.decode()
    assert "203 people asked" in page and "fewer than 5" in page
    assert office.get(f"/surveys/{wave.pk}/launch").status_code == 302
    assert office.post(f"/surveys/{wave.pk}/launch", {"seen": "x"}).status_code in {409, 422}


def test_who_sees_what(crowd: Crowd) -> None:
    draft, office, chen, wang = crowd.draft(), client(crowd.town.office), client(crowd.town.chen), client(crowd.town.wang)
    stranger = client(account("far", roles=(("manager", crowd.town.branch),)))
    assert office.get(f"/surveys/{draft.pk}/").status_code == 200
    for visitor in (chen, stranger, wang):
        assert visitor.get(f"/surveys/{draft.pk}/").status_code == 404
    assert wang.get("/surveys/").status_code == 403 and wang.get("/surveys/questionnaires/").status_code == 403
    assert wang.get("/surveys/new").status_code == 403
    actions.drop(by=fresh(crowd.town.office), wave=draft)
    wave = crowd.launched()
    assert chen.get(f"/surveys/{wave.pk}/").status_code == 200 and stranger.get(f"/surveys/{wave.pk}/").status_code == 404
    assert "一车间" not in chen.get(f"/surveys/{wave.pk}/").content.decode()  # another workshop's cell
    assert "二车间" in chen.get(f"/surveys/{wave.pk}/").content.decode()
    for step, status in (("close", 403), ("release", 403), ("drop", 403)):
        assert chen.post(f"/surveys/{wave.pk}/step/{step}").status_code == status
        assert stranger.post(f"/surveys/{wave.pk}/step/{step}").status_code == 404
    assert chen.get(f"/surveys/{wave.pk}/copy").status_code == 403 and chen.get(f"/surveys/{wave.pk}/launch").status_code == 403
    assert office.post(f"/surveys/{wave.pk}/step/nonsense").status_code == 404
    assert office.get("/surveys/999999/").status_code == 404 and office.get("/surveys/?after=bald").status_code == 200


def test_answering_block_by_block(crowd: Crowd) -> None:
    wave, user = crowd.launched(), crowd.town.wang
    home = client(user).get("/next").content.decode()
    assert f"/surveys/answer/{wave.uid}/" in home
    assert f"/surveys/answer/{wave.uid}/" in client(user).get("/surveys/answer/").content.decode()
    reply = answered_through_pages(user, wave, crowd, sheet(crowd.questions, word="多办实事"))
    assert (reply.status_code, reply["Location"]) == (302, "/surveys/answer/")
    assert reply.cookies[f"survey-{wave.uid.hex[:12]}"].value == ""  # the browser's draft is gone
    assert Waiting.objects.count() == 2 and Invitation.objects.filter(answered_on__isnull=False).count() == 1
    assert "nothing has to be done" in client(user).get(f"/surveys/answer/{wave.uid}/").content.decode()
    assert "/surveys/answer/" not in client(user).get("/next").content.decode()
    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.kind, entry.actor_uid, entry.detail) == ("surveys.answer", "respondent", "{}")


def test_a_half_answered_sheet_is_kept_in_the_browser_only(crowd: Crowd, django_assert_max_num_queries: Any) -> None:
    wave, visitor = crowd.launched(), client(crowd.town.wang)
    url = f"/surveys/answer/{wave.uid}/"
    page = visitor.get(url).content.decode()
    ticket, given = value(page, "ticket"), sheet(crowd.questions, 4)
    part = {"ticket": ticket, "part": "1"}
    wrong = visitor.post(url, part | {"imp_safety": "4"})
    assert wrong.status_code == 422 and "is not answered" in wrong.content.decode()
    assert re.search(r'name="imp_safety"\s+value="4"\s+checked', wrong.content.decode())
    visitor.post(url, part | {code: text for code, text in given.items() if code.startswith("imp_")})
    assert not Waiting.objects.exists() and not Answer.objects.exists()
    with django_assert_max_num_queries(15):
        later = visitor.get(url).content.decode()  # goes on where one stopped
    assert "Part 2 of 7" in later
    assert re.search(r'name="imp_safety"\s+value="4"\s+checked', visitor.get(f"{url}?part=1").content.decode())
    assert "Part 2 of 7" in visitor.get(f"{url}?part=6").content.decode()  # not beyond what is open
    kept = visitor.cookies[f"survey-{wave.uid.hex[:12]}"]
    assert "imp_safety" not in kept.value and kept["httponly"] and kept["path"] == url
    other = client(crowd.town.chen)  # another person at the same browser finds nothing of it
    other.cookies[kept.key] = kept.value
    assert "Part 1 of 7" in other.get(url).content.decode()
    visitor.cookies[kept.key] = "nonsense"
    assert "Part 1 of 7" in visitor.get(url).content.decode()


def test_bad_answers(crowd: Crowd) -> None:
    wave, visitor = crowd.launched(), client(crowd.town.wang)
    url = f"/surveys/answer/{wave.uid}/"
    assert client(crowd.town.office).get(url).status_code == 404  # was not asked
    assert client(account("nobody")).get(url).status_code == 404
    assert visitor.get("/surveys/answer/00000000-0000-0000-0000-000000000000/").status_code == 404
    assert Client().get(url).status_code == 302
    given = sheet(crowd.questions)
    visitor.cookies[f"survey-{wave.uid.hex[:12]}"] = _draft_of(wave, crowd.town.wang, given)
    for ticket in ("", "f" * 64, sealing.stub(value(visitor.get(url).content.decode(), "ticket"))):
        reply = visitor.post(url, {"ticket": ticket, "part": "7", "word": ""})
        assert reply.status_code == 422 and "ticket" in reply.content.decode()
    assert not Waiting.objects.exists()
    assert visitor.post(url, {"ticket": "x", "part": "7", "word": "长" * 400}).status_code == 422
    assert visitor.post(url, {"part": "bald", "imp_safety": "9"}).status_code == 422
    ticket = value(visitor.get(url).content.decode(), "ticket")
    assert visitor.post(url, {"ticket": ticket, "part": "7", "word": ""}).status_code == 302
    twice = visitor.post(url, {"ticket": ticket, "part": "7", "word": ""})
    assert twice.status_code in {409, 422} and Waiting.objects.count() == 2
    crowd.all_answer(wave, crowd.people[:20])
    late = client(crowd.town.chen)
    ticket = value(late.get(url).content.decode(), "ticket")
    crowd.closed(wave)
    reply = late.post(url, {"ticket": ticket, "part": "1"})
    assert reply.status_code == 409 and "closed" in reply.content.decode()
    assert "closed" in late.get(url).content.decode()


def _draft_of(wave: Wave, user: User, given: dict[str, str]) -> str:
    person = Person.objects.get(account=user)
    stub = sealing.stub(sealing.ticket(wave.uid, person.pk))
    return sealing.seal(wave.uid, {"for": stub[:16], "draft": given}, 512)


def test_results(crowd: Crowd, django_assert_max_num_queries: Any) -> None:
    wave = crowd.launched()
    crowd.all_answer(wave)
    office = client(crowd.town.office)
    assert "at least 1" in office.get(f"/surveys/{wave.pk}/").content.decode()
    assert office.get(f"/surveys/{wave.pk}/source?cell=all&m=expected").status_code == 404  # nothing before the release
    assert office.post(f"/surveys/{wave.pk}/step/close").status_code == 302
    assert "200 answers were counted" in office.get(f"/surveys/{wave.pk}/").content.decode()
    assert office.post(f"/surveys/{wave.pk}/step/release").status_code == 302
    with django_assert_max_num_queries(20):
        page = office.get(f"/surveys/{wave.pk}/").content.decode()
    assert "business is seen as" in page and "200 of 203 answered" in page
    assert "多办实事" in page and "leaders" in page and "claimed" in page
    for url in re.findall(rf'href="(/surveys/{wave.pk}/source[^"]+)"', page)[:60]:
        drawer = office.get(url.replace("&amp;", "&"), headers={"hx-request": "true"})
        assert drawer.status_code == 200 and "95 % interval" in drawer.content.decode()
    for wrong in ("cell=nope&m=expected", "cell=all&m=nope", "cell=all&m=wish", "cell=all&m=word", "cell=all&m=wish:nope", ""):
        assert office.get(f"/surveys/{wave.pk}/source?{wrong}").status_code == 404
    chen = client(crowd.town.chen)
    page = chen.get(f"/surveys/{wave.pk}/").content.decode()
    assert "二车间" in page and "一车间" not in page and "多办实事" not in page
    assert (
        office.get("/surveys/").status_code == 200 and office.get(f"/surveys/questionnaires/{crowd.questionnaire.pk}/").status_code == 200
    )


def test_a_wave_with_too_few_answers_says_so(crowd: Crowd) -> None:
    wave = crowd.launched()
    crowd.all_answer(wave, crowd.people[:3])
    crowd.released(wave)
    page = client(crowd.town.office).get(f"/surveys/{wave.pk}/").content.decode()
    assert "Too few answered" in page and "3 answered; below 5 nothing is shown" in page


def test_no_page_and_no_answer_of_the_api_shows_a_sheet(crowd: Crowd) -> None:
    """A sheet that nobody else hands in: its odd values stand nowhere, whoever looks, before and after the release."""
    wave = crowd.launched()
    crowd.all_answer(wave, crowd.people[:60])
    for at, person in enumerate(crowd.people[60:66]):
        crowd.answer(wave, person, sheet(crowd.questions, word=f"独一无二{at}"))
    pages = (
        "/surveys/",
        f"/surveys/{wave.pk}/",
        "/surveys/answer/",
        f"/surveys/{wave.pk}/copy",
        "/api/v1/surveys",
        f"/api/v1/surveys?code={wave.uid}",
    )
    secret = ApiToken.make_secret()
    ApiToken.objects.create(user=crowd.town.office, name="t", digest=ApiToken.digest_of(secret))
    bearer = {"authorization": f"Bearer {secret}"}
    for step in ("", "close"):
        if step:
            crowd.closed(wave)
        for url in pages:
            text = client(crowd.town.office).get(url, headers=bearer).content.decode()
            assert "独一无二" not in text and "ticket" not in text and '"results"' not in text
    wave = actions.release(by=fresh(crowd.town.office), wave=Wave.objects.get(pk=wave.pk))
    body = Client().get(f"/api/v1/surveys?code={wave.uid}", headers=bearer).json()["items"][0]
    assert body["answered"] == 66 and min(row["n"] for row in body["results"]) >= 5
    assert {"hardness.gap", "expected"} <= {row["measure"] for row in body["results"]}
    assert Client().get("/api/v1/surveys?code=bald", headers=bearer).status_code == 422
    assert Client().get("/api/v1/surveys?unit=M1", headers=bearer).json()["items"] == []
    assert len(Client().get("/api/v1/surveys?unit=G0&state=released&period=2026-11", headers=bearer).json()["items"]) == 1


def test_a_copy_through_the_page(crowd: Crowd) -> None:
    wave, office = crowd.launched(), client(crowd.town.office)
    url = f"/surveys/{wave.pk}/copy"
    assert office.post(url, {"title": "", "closes_on": "2026-12-01"}).status_code == 422
    reply = office.post(url, {"title": "明年", "closes_on": "2026-12-30"})
    copied = Wave.objects.get(copied_from=wave)
    assert reply["Location"] == f"/surveys/{copied.pk}/launch"
    page = office.get(reply["Location"]).content.decode()
    assert "asked the same questions here" in page and "Launch: ask" not in page
    assert office.post(f"/surveys/{copied.pk}/step/drop").status_code == 302
    assert not Wave.objects.filter(pk=copied.pk).exists()


def test_an_invited_account_is_not_told_of_after_leaving_an_answer_open(crowd: Crowd) -> None:
    """Somebody who comes after the launch was not asked, and is told so by 404 and an empty list."""
    wave = crowd.launched()
    late = account("late")
    post = Post.objects.get(code="XS0-0")
    Appointment.objects.filter(post=post).update(ends_on=post.opened_on.replace(year=2026))
    Appointment.objects.create(person=Person.objects.get(account=late), post=post, starts_on=post.opened_on.replace(year=2026))
    assert client(late).get(f"/surveys/answer/{wave.uid}/").status_code == 404
    assert "No questionnaire waits" in client(late).get("/surveys/answer/").content.decode()
