"""Pages of ability: counts for everyone who sees it, names and ratings for oneself and the line above; bad input changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.town import Town, fresh
from tests.unit.people.conftest import LI_ASKED, Folk, folk  # noqa: F401  (the fixture)
from tests.web.english import in_english

from rongtong.accounts.models import User
from rongtong.audit.models import Entry
from rongtong.ledger.models import Matter
from rongtong.people import actions, course_actions, frame_actions
from rongtong.people.models import (
    BenchEntry,
    Certificate,
    Course,
    CourseAttendance,
    Evidence,
    FrameVersion,
    Objection,
    PayParity,
    Rating,
    Requirement,
)

pytestmark = pytest.mark.django_db
SAID = "换届选举组织得很稳妥"


def client(user: User) -> Client:
    made = in_english(Client())
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def text(user: User, url: str) -> str:
    answer = client(user).get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def status(user: User, url: str, data: dict[str, Any] | None = None) -> int:
    visitor = client(user)
    return visitor.get(url).status_code if data is None else visitor.post(url, data).status_code


def rated(folk: Folk) -> int:  # noqa: F811
    """Li is fit as a deputy; one rating carries words by which a leak would show."""
    folk.make_fit(folk.town.li, LI_ASKED)
    folk.rate(folk.town.li, "PA2", 3, words=SAID)
    return folk.person(folk.town.li).pk


def test_the_overview_counts_and_names_nobody(folk: Folk) -> None:  # noqa: F811
    rated(folk)
    town = folk.town
    page = text(town.zhou, "/people/")
    assert "Of <b>3</b> filled posts <b>1</b> is shown to fit" in page or "<b>1</b> are shown to fit" in page
    assert "<b>2</b> are not assessed" in page
    for name in ("li", "wang", "chen"):
        assert f">{name}<" not in page
    other = text(town.chen, "/people/")
    assert "Of <b>1</b> filled post <b>0</b> is shown to fit" in other
    assert status(town.chen, f"/people/?at={town.branch.pk}") == 404
    assert status(town.chen, "/people/?at=x") == 404
    assert status(town.wang, "/people/") == 403
    assert "Plan a course" not in page


def test_the_map_opens_names_for_the_line_only(folk: Folk) -> None:  # noqa: F811
    folk.make_fit(folk.town.li, dict.fromkeys(folk.frame.frame.codes, 2))
    town = folk.town
    assert f"/people/{folk.person(town.li).pk}/" in text(town.zhou, "/people/map/2-2/")
    own = text(town.li, "/people/map/2-2/")
    assert f"/people/{folk.person(town.li).pk}/" in own
    assert "Nobody of this cell" in text(town.zhou, "/people/map/3-3/")
    assert status(town.zhou, "/people/map/5-1/") == 404
    peer = text(town.chen, "/people/map/2-2/")
    assert "li" not in peer.split("<main")[1].split("Level")[0]
    assert f"/people/{folk.person(town.li).pk}/" not in peer


def test_a_peer_of_the_same_organisation_only_sees_a_count(folk: Folk) -> None:  # noqa: F811
    from tests.town import OPENED, account

    from rongtong.organization.models import Post

    folk.make_fit(folk.town.li, dict.fromkeys(folk.frame.frame.codes, 2))
    seat = Post.objects.create(code="D2", name="副书记（2）", node=folk.town.branch, kind="deputy", opened_on=OPENED)
    peer = account("peer", seat, roles=(("deputy", folk.town.branch),))
    page = text(peer, "/people/map/2-2/")
    assert "1 person is not in your line and only counted." in page
    assert f"/people/{folk.person(folk.town.li).pk}/" not in page
    assert status(peer, f"/people/{folk.person(folk.town.li).pk}/") == 404
    assert "filled" in text(peer, "/people/posts/")


def test_posts_show_who_fits_to_the_line_only(folk: Folk) -> None:  # noqa: F811
    rated(folk)
    town = folk.town
    mine = text(town.zhou, "/people/posts/")
    assert "shown to fit" in mine
    assert f'href="/people/{folk.person(town.li).pk}/"' in mine
    assert f'href="/people/posts/{town.deputy.pk}/"' in mine
    assert f'href="/people/posts/{town.secretary.pk}/"' not in mine  # one's own post
    assert f'href="/people/{folk.person(town.li).pk}/"' in text(town.li, "/people/posts/")  # oneself
    assert f'href="/people/{folk.person(town.zhou).pk}/"' not in text(town.li, "/people/posts/")
    assert town.deputy.name not in text(town.chen, "/people/posts/")
    assert "after=" not in mine
    assert status(town.zhou, "/people/posts/?after=S1") == 200


def test_a_rating_is_for_oneself_and_the_line(folk: Folk) -> None:  # noqa: F811
    li = rated(folk)
    town, before = folk.town, Entry.objects.filter(kind="people.read").count()
    assert SAID in text(town.zhou, f"/people/{li}/")
    assert Entry.objects.filter(kind="people.read").count() == before + 1
    assert SAID in text(town.li, "/people/me/")
    assert SAID in text(town.li, f"/people/{li}/")
    assert Entry.objects.filter(kind="people.read").count() == before + 1  # one's own reading is not noted
    for other in (town.chen, town.stranger, town.wang):
        assert status(other, f"/people/{li}/") == 404
        for url in ("/people/", "/people/posts/", "/people/me/", "/people/courses/"):
            assert SAID not in client(other).get(url).content.decode()
    assert "stands for no person" in text(User.objects.create(username="nobody", display_name="n", password="!"), "/people/me/")


def test_evidence_and_claims_from_ones_own_page(folk: Folk) -> None:  # noqa: F811
    town, li = folk.town, folk.person(folk.town.li).pk
    mine = client(town.li)
    record = str(folk.appointment(town.li))
    for wrong in ({"competence": "ZZ"}, {"record": "course:999"}, {"record": "", "words": ""}, {"competence": "BU1"}):
        given = {"competence": "PA2", "record": record, "words": ""} | wrong
        assert mine.post(f"/people/{li}/evidence", given).status_code == 422, wrong
    assert not Evidence.objects.exists()
    assert mine.post(f"/people/{li}/evidence", {"competence": "PA2", "record": record, "words": ""}).headers["Location"] == "/people/me/"
    assert mine.post(f"/people/{li}/evidence", {"competence": "PA3", "record": "", "words": "常年做群众工作"}).status_code == 302
    page = text(town.li, "/people/me/")
    assert "常年做群众工作" in page
    assert "claimed" in page
    shown = Evidence.objects.get(competence="PA3")
    assert status(town.chen, f"/people/evidence/{shown.pk}/void") == 404
    assert mine.post(f"/people/evidence/{shown.pk}/void", {"reason": " "}).status_code == 422
    assert mine.post(f"/people/evidence/{shown.pk}/void", {"reason": "撤回"}).status_code == 302
    assert status(town.chen, f"/people/{li}/evidence", {"competence": "PA2", "record": "", "words": "x"}) == 404


def test_both_ratings_by_form(folk: Folk) -> None:  # noqa: F811
    town, li = folk.town, folk.person(folk.town.li).pk
    assert status(town.zhou, f"/people/{li}/rate/PA2", {"level": "3"}) == 422  # no evidence, no claim
    shown = folk.evidence(town.li, "PA2")
    assert status(town.zhou, f"/people/{li}/rate/PA2", {"level": "9", "evidence": str(shown.pk)}) == 422
    assert status(town.zhou, f"/people/{li}/rate/PA2", {"level": "3", "evidence": "999"}) == 422
    assert not Rating.objects.exists()
    assert status(town.zhou, f"/people/{li}/rate/PA2", {"level": "2", "evidence": str(shown.pk)}) == 302
    assert status(town.li, f"/people/{li}/rate/PA2", {"level": "4", "is_claim": "on"}) == 302
    assert sorted(Rating.objects.values_list("kind", "level", "is_claim")) == [("self", 4, True), ("superior", 2, False)]
    assert status(town.zhou, f"/people/{li}/rate/ZZ") == 404
    assert status(town.chen, f"/people/{li}/rate/PA2") == 404
    page = text(town.zhou, f"/people/{li}/rate/PA2")
    assert "organisational life" in page  # behaviours stand beside the levels


def test_an_objection_and_its_answer(folk: Folk) -> None:  # noqa: F811
    li = rated(folk)
    town = folk.town
    rating = Rating.objects.get(competence="PA2", superseded_on=None)
    assert status(town.zhou, f"/people/ratings/{rating.pk}/object") == 403
    assert status(town.chen, f"/people/ratings/{rating.pk}/object") == 404
    assert status(town.li, f"/people/ratings/{rating.pk}/object", {"text": ""}) == 422
    assert status(town.li, f"/people/ratings/{rating.pk}/object", {"text": "请看去年的记录"}) == 302
    said = Objection.objects.get()
    assert "answer open" in text(town.li, "/people/me/")
    assert "请看去年的记录" in text(town.zhou, f"/people/{li}/")
    assert status(town.li, f"/people/objections/{said.pk}/answer") == 422
    assert status(town.chen, f"/people/objections/{said.pk}/answer") == 404
    assert status(town.zhou, f"/people/objections/{said.pk}/answer", {"answer": "已核实"}) == 302
    assert "已核实" in text(town.li, "/people/me/")


def test_certificates_with_their_file(folk: Folk, settings: Any, tmp_path: Any) -> None:  # noqa: F811
    settings.DATA_DIR = tmp_path
    town, li = folk.town, folk.person(folk.town.li).pk
    mine = client(town.li)
    given = {"kind": "安全证", "number": "A1", "issued_on": "2025-01-01", "expires_on": "2028-01-01", "competences": ["BU2"], "paper": ""}
    for wrong in ({"kind": ""}, {"issued_on": "bald"}, {"expires_on": "2024-01-01"}, {"number": ""}, {"competences": ["ZZ"]}):
        assert mine.post(f"/people/{li}/certificate", given | wrong).status_code == 422, wrong
    bad = SimpleUploadedFile("a.exe", b"MZ")
    assert mine.post(f"/people/{li}/certificate", given | {"file": bad}).status_code == 422
    assert not Certificate.objects.exists()
    good = SimpleUploadedFile("证书.pdf", b"%PDF-1.4 paper")
    assert mine.post(f"/people/{li}/certificate", given | {"file": good}).status_code == 302
    made = Certificate.objects.get()
    answer = client(town.zhou).get(f"/people/certificates/{made.pk}/file")
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 paper"  # type: ignore[attr-defined]
    assert status(town.chen, f"/people/certificates/{made.pk}/file") == 404
    assert status(town.li, f"/people/certificates/{made.pk}/void", {"reason": "x"}) == 422  # the line above only
    assert status(town.chen, f"/people/certificates/{made.pk}/void") == 404
    assert status(town.zhou, f"/people/certificates/{made.pk}/void", {"reason": "录入错误"}) == 302
    assert "taken back" in text(town.li, "/people/me/")


def test_a_bench_is_for_the_line_above_the_post(folk: Folk) -> None:  # noqa: F811
    town = folk.town
    url = f"/people/posts/{town.secretary.pk}/"
    for user in (town.zhou, town.li, town.chen):
        assert status(user, url) == 404
    li = folk.person(town.li)
    assert status(town.office, f"{url}name", {"person": "E-nobody", "reason": "x"}) == 422
    assert status(town.office, f"{url}name", {"person": li.code, "reason": "熟悉支部"}) == 302
    assert "cannot be told yet" in text(town.office, url)
    folk.make_fit(town.li, {"PA1": 3, "PA2": 3, "PA3": 3, "PA4": 2, "BU1": 2, "BU2": 2})
    assert "after more experience" in text(town.office, url)
    folk.course(competences=["PA4"], starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 2), title="融合实务")
    page = text(town.office, url)
    assert "after training" in page
    assert "融合实务" in page
    folk.rate(town.li, "PA4", 3)
    assert "ready now" in text(town.office, url)
    entry = BenchEntry.objects.get()
    assert status(town.li, f"/people/bench/{entry.pk}/remove", {}) == 404
    assert status(town.office, f"/people/bench/{entry.pk}/remove", {}) == 302
    assert status(town.office, "/people/bench/999/remove", {}) == 404


# frame and requirements


def test_a_new_version_of_the_frame(folk: Folk) -> None:  # noqa: F811
    town = folk.town
    assert "Political direction and theory" in text(town.zhou, "/people/frame/")
    assert status(town.zhou, "/people/frame/draft", {}) == 403
    assert status(town.office, "/people/frame/draft", {}) == 302
    draft = FrameVersion.objects.get(state="draft")
    page = f"/people/frame/{draft.pk}/"
    assert status(town.zhou, page) == 404
    assert status(town.office, page) == 200
    given = {"code": "BU5", "side": "business", "name": "数字化", "name_en": "Digital"} | {f"level_{n}": f"行为{n}" for n in range(1, 5)}
    assert status(town.office, f"{page}competence", given | {"level_3": ""}) == 422
    assert status(town.office, f"{page}competence", given | {"code": "B U"}) == 422
    assert status(town.office, f"{page}competence", given) == 302
    assert status(town.office, f"{page}competence?code=BU5", given | {"name": "数字技能"}) == 302
    assert status(town.office, f"{page}step/drop", {"code": "PA1"}) == 302
    assert status(town.office, f"{page}issue", {"starts_on": "2027-01-01"}) == 422  # posts still ask for it
    assert status(town.office, f"{page}step/discard", {}) == 302
    assert status(town.office, "/people/frame/draft", {}) == 302
    draft = FrameVersion.objects.get(state="draft")
    page = f"/people/frame/{draft.pk}/"
    assert status(town.office, f"{page}competence", given) == 302
    assert status(town.office, f"{page}issue", {"starts_on": "2020-01-01"}) == 422
    assert status(town.office, f"{page}issue", {"starts_on": "2027-01-01"}) == 302
    assert status(town.zhou, page) == 200
    assert status(town.zhou, f"{page}issue") == 403
    assert status(town.office, f"{page}close", {"on": "2027-06-01"}) == 422  # occupied
    assert status(town.office, f"{page}bald") == 404
    assert FrameVersion.objects.get(number=2).ends_on is None


def test_requirements_by_form(folk: Folk) -> None:  # noqa: F811
    town = folk.town
    assert "the whole enterprise" in text(town.zhou, "/people/requirements/")
    assert status(town.zhou, "/people/requirements/new") == 403
    assert "2 ·" in text(town.office, "/people/requirements/new?kind=deputy")
    given = {"post_kind": "deputy", "node": "P1", "starts_on": "2027-01-01", "c_PA1": "4"}
    for wrong in ({"c_PA1": "5"}, {"c_PA1": ""}, {"starts_on": "2020-01-01"}, {"node": "NOPE"}, {"post_kind": "king"}):
        assert status(town.office, "/people/requirements/new", given | wrong) == 422, wrong
    assert not Requirement.objects.exclude(node=None).exists()
    assert status(town.office, "/people/requirements/new", given) == 302
    made = Requirement.objects.get(node=town.branch)
    assert "to come" in text(town.zhou, "/people/requirements/")
    assert town.branch.name not in text(town.chen, "/people/requirements/")
    assert status(town.zhou, f"/people/requirements/{made.pk}/end") == 403
    assert status(town.chen, f"/people/requirements/{made.pk}/end") == 404
    assert status(town.office, f"/people/requirements/{made.pk}/end", {"on": "2027-01-01"}) == 422
    assert status(town.office, f"/people/requirements/{made.pk}/end", {"on": "2027-02-01"}) == 302
    assert status(town.office, "/people/parity", {"post_kind": "secretary", "answer": "yes", "paper": ""}) == 422
    assert status(town.office, "/people/parity", {"post_kind": "secretary", "answer": "yes", "paper": "3号"}) == 302
    assert PayParity.objects.get().answer == "yes"
    assert "Same rank, same pay: secretary" in text(town.zhou, "/people/")


# courses


def test_a_course_from_the_plan_to_the_hours(folk: Folk) -> None:  # noqa: F811
    town = folk.town
    folk.make_fit(town.li, {"PA2": 2})  # one step short
    given = {
        "title": "支部工作实务",
        "node": "P1",
        "starts_on": "2026-11-02",
        "ends_on": "2026-11-03",
        "hours": "12",
        "competences": ["PA2"],
    }
    for wrong in (
        {"hours": ""},
        {"hours": "0"},
        {"hours": "nan"},
        {"ends_on": "2026-11-01"},
        {"competences": []},
        {"node": "NOPE"},
        {"title": ""},
    ):
        assert status(town.office, "/people/courses/new", given | wrong) == 422, wrong
    assert status(town.zhou, "/people/courses/new", given) == 403
    assert not Course.objects.exists()
    office = client(town.office)
    answer = office.post("/people/courses/new", given)
    made = Course.objects.get()
    page = f"/people/courses/{made.pk}/"
    assert answer.headers["Location"] == f"{page}people"
    proposed = office.get(f"{page}people").content.decode()
    assert "1 holders of posts are shown to be short" in proposed
    li, wang = folk.person(town.li), folk.person(town.wang)
    assert status(town.office, f"{page}people", {"proposed": [li.code], "people": "E-nobody"}) == 422
    assert status(town.office, f"{page}people", {"proposed": [li.code], "people": f"{wang.code}、{wang.code}"}) == 302
    assert CourseAttendance.objects.count() == 2
    assert status(town.office, f"{page}attendance", {f"p{li.pk}": "present", f"h{li.pk}": "13", f"p{wang.pk}": "absent"}) == 422
    assert status(town.office, f"{page}attendance", {f"p{li.pk}": "present", f"h{li.pk}": "x", f"p{wang.pk}": "absent"}) == 422
    assert CourseAttendance.objects.filter(presence="present").count() == 0
    assert status(town.office, f"{page}attendance", {f"p{li.pk}": "present", f"h{li.pk}": "", f"p{wang.pk}": "absent"}) == 302
    made.refresh_from_db()
    assert made.state == "held"
    assert "1 of 2 were there" in text(town.zhou, page)
    assert li.code not in text(town.zhou, page)  # names are for whoever runs it
    assert li.code in text(town.li, page)
    assert status(town.chen, page) == 404
    follow = {"title": "把方法用起来", "lead": "P1", "leader": "S1", "handler": "D1", "due_on": "2026-12-20"}
    assert status(town.office, f"{page}follow", follow | {"due_on": "2020-01-01"}) == 422
    assert status(town.office, f"{page}follow", follow) == 302
    assert Matter.objects.get().origin_id == str(made.pk)
    assert "把方法用起来" in text(town.office, page)
    assert "支部工作实务" in text(town.li, "/people/me/")


def test_all_were_there_in_one_click(folk: Folk) -> None:  # noqa: F811
    town, made = folk.town, folk.course()
    course_actions.invite(by=fresh(town.office), course=made, people=[folk.person(town.li), folk.person(town.wang)])
    page = f"/people/courses/{made.pk}/"
    assert status(town.zhou, f"{page}attendance", {"all": "1"}) == 403
    assert status(town.office, f"{page}attendance", {"all": "1"}) == 302
    assert CourseAttendance.objects.filter(presence="present", hours=24.0).count() == 2


def test_changing_and_cancelling_a_course(folk: Folk) -> None:  # noqa: F811
    town, made = folk.town, folk.course()
    page = f"/people/courses/{made.pk}/"
    course_actions.invite(by=fresh(town.office), course=made, people=[folk.person(town.li)])
    assert status(town.office, f"{page}off", {"person": "x"}) == 404
    assert status(town.zhou, f"{page}off", {"person": str(folk.person(town.li).pk)}) == 403
    assert status(town.office, f"{page}off", {"person": str(folk.person(town.li).pk)}) == 302
    assert status(town.office, f"{page}change/dates", {"starts_on": "2026-12-02", "ends_on": "2026-12-01", "hours": "8"}) == 422
    assert status(town.office, f"{page}change/dates", {"starts_on": "2026-12-01", "ends_on": "2026-12-01", "hours": "8"}) == 302
    assert status(town.office, f"{page}change/cancel", {"reason": ""}) == 422
    assert status(town.zhou, f"{page}change/cancel") == 403
    assert status(town.office, f"{page}change/cancel", {"reason": "师资冲突"}) == 302
    assert status(town.office, f"{page}change/bald") == 404
    assert "师资冲突" in text(town.zhou, page)
    assert "No course is on record in 2019" in text(town.zhou, "/people/courses/?year=2019")


def test_courses_are_paged_by_their_days(folk: Folk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from rongtong.people import course_views

    monkeypatch.setattr(course_views, "PAGE", 2)
    for title, day in (("甲班", 3), ("乙班", 9), ("丙班", 3)):
        folk.course(title=title, starts_on=date(2026, 12, day), ends_on=date(2026, 12, day))
    first = text(folk.town.zhou, "/people/courses/")
    assert first.index("乙班") < first.index("丙班")
    assert "甲班" not in first
    after = first.split("after=")[1].split('"')[0]
    second = text(folk.town.zhou, f"/people/courses/?after={after}")
    assert "甲班" in second
    assert "丙班" not in second
    for query in ("after=bald.x", "year=0000", "year=9999", "year=x"):
        assert "乙班" in text(folk.town.zhou, f"/people/courses/?{query}")


def test_pages_keep_their_budgets(folk: Folk, django_assert_max_num_queries: Any) -> None:  # noqa: F811
    li = rated(folk)
    made = folk.held(folk.town.li)
    frame_actions.note_parity(by=fresh(folk.town.office), post_kind="secretary", answer="unknown")
    actions.name_on_bench(by=fresh(folk.town.office), post=folk.town.secretary, person=folk.person(folk.town.li), reason="x")
    office, zhou = client(folk.town.office), client(folk.town.zhou)
    for most, urls in (
        (
            20,
            (
                "/people/",
                f"/people/?at={folk.town.branch.pk}",
                "/people/me/",
                f"/people/posts/{folk.town.secretary.pk}/",
                "/people/map/2-2/",
            ),
        ),
        (15, ("/people/posts/", "/people/courses/", "/people/frame/", "/people/requirements/", f"/people/courses/{made.pk}/")),
        (32, (f"/people/{li}/",)),  # with the act that notes the reading
    ):
        for url in urls:
            office.get(url)
            with django_assert_max_num_queries(most):
                assert office.get(url).status_code == 200, url
    zhou.get("/people/")
    with django_assert_max_num_queries(20):
        zhou.get("/people/")


def test_two_entries_of_the_navigation_have_clear_names(town: Town) -> None:
    page = text(town.zhou, "/people/")
    for label in (">People<", ">Ability<", ">My ability<"):
        assert label in page
