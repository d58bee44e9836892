"""Pages of appraisal: each works, others see nothing, readers change nothing, bad input changes nothing and says why."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from tests.town import account, fresh
from tests.unit.appraisal.conftest import TIMES, Fair, fair  # noqa: F401  (a fixture)
from tests.web.english import in_english

from rongtong.accounts.models import ApiToken, User
from rongtong.appraisal import actions, present, publishing
from rongtong.appraisal.models import Mark, Objection, Round, Statement, Use
from rongtong.kernel import clock
from rongtong.ledger.models import Matter

DATES = {name: str(day) for name, day in TIMES.fields().items()}


def client(user: User) -> Client:
    made = in_english(Client())
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def page(user: User, url: str, status: int = 200) -> str:
    answer = client(user).get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def post(user: User, url: str, **fields: object) -> Any:
    return client(user).post(url, fields)


def test_a_round_is_walked_by_its_pages(fair: Fair) -> None:  # noqa: F811
    """Plan, launch, gather, report, review, calibrate, propose, publish, object, answer, finish, use: each by its form."""
    guan, zhou, office = fair.guan, fair.town.zhou, fair.office
    fields = {"title": "2026 考核", "node": "G0", "first": "2026-01", "last": "2026-10", "versions": [fair.version.pk], **DATES}
    launch = post(guan, "/appraisal/new", **fields)["Location"]
    made = Round.objects.get()
    shown = client(guan).get(launch)
    assert "Launching costs <b>3</b> units <b>1.1</b> person-hours" in shown.content.decode()
    assert "一次合格率" in shown.content.decode()  # held already
    assert post(guan, launch, seen=shown.context["cost"].digest).status_code == 302
    step = f"/appraisal/{made.pk}/step/"
    assert post(guan, f"{step}gather").status_code == 302
    sheet = fair.sheet(made)
    url = f"/appraisal/sheets/{sheet.pk}/"
    assert "1</b> self-report waits for you" in page(zhou, "/appraisal/")
    assert "98.40" in page(zhou, url)
    assert post(zhou, f"{url}say/P1", text="两项攻关", claimed="85", record="").status_code == 302
    assert post(zhou, f"{url}report", text="完成目标").status_code == 302
    assert "1 of 3 units have handed in" in page(guan, f"/appraisal/{made.pk}/")
    assert post(guan, f"{step}close-reports").status_code == 302
    assert "The unit claims: 党建工作: 85 两项攻关" in page(office, f"{url}review")
    for row in made.sheets.all():
        assert (
            post(office, f"/appraisal/sheets/{row.pk}/review", **{"value-P1": "80", "value-P2": "1", "basis-P2": "通报1号"}).status_code
            == 302
        )
    assert post(guan, f"{step}close-review")["Location"] == f"/appraisal/{made.pk}/calibration"
    assert "Distribution of grades" in page(guan, f"/appraisal/{made.pk}/calibration")
    assert post(guan, f"{url}adjust", grade="C", reason="年中通报").status_code == 302
    assert post(guan, f"/appraisal/{made.pk}/change/propose", quota_reason="").status_code == 302
    assert "Another person publishes" in page(guan, f"/appraisal/{made.pk}/")
    assert post(guan, f"{step}publish").status_code == 422
    assert post(office, f"{step}publish").status_code == 302
    results = page(zhou, f"/appraisal/{made.pk}/results")
    assert "2 more units of the class lie outside your area" in results
    assert "二车间" not in results
    assert "年中通报" in page(zhou, url)
    assert "of 60.00 points of its part" in page(zhou, f"{url}source/P1")
    assert post(zhou, f"{url}object", criterion="P1", text="材料已补").status_code == 302
    row = Objection.objects.get()
    assert "objection waits for an answer" in page(guan, "/appraisal/")
    assert post(guan, f"/appraisal/objections/{row.pk}/answer", is_accepted="yes", value="95", text="属实").status_code == 302
    assert "upheld" in page(zhou, url)
    assert "the same numbers and the same hash" in page(zhou, f"/appraisal/{made.pk}/recompute")
    with clock.frozen(datetime(2026, 12, 6, 9, 0)):
        assert post(guan, f"{step}finish").status_code == 302
    uses(fair, made, url)


def uses(fair: Fair, made: Round, url: str) -> None:  # noqa: F811
    guan = fair.guan
    assert "No result was used yet" in page(guan, f"/appraisal/{made.pk}/uses")
    assert post(guan, f"/appraisal/{made.pk}/pay", basis="薪酬办法").status_code == 422
    fields = {f"grade-{code}": "1.0" for code in "ABCD"}
    assert post(guan, f"/appraisal/{made.pk}/pay", basis="薪酬办法", **fields).status_code == 302
    table = client(guan).get(f"/appraisal/{made.pk}/pay/csv")
    assert "一车间" in b"".join(table.streaming_content).decode("utf-8-sig")
    assert client(guan).get(f"/appraisal/{made.pk}/pay/pdf").status_code == 404
    assert post(guan, f"{url}use", purpose="honours", text="先进集体", basis="", record="").status_code == 302
    made_by = post(guan, f"{url}rectify", criterion="P1", leader="H1", handler="W1", reviewer="", due_on="2026-12-31")
    assert made_by["Location"] == f"/ledger/{Matter.objects.get().pk}/"
    assert Use.objects.count() == 4
    assert "先进集体" in page(fair.town.zhou, url)


def test_other_units_see_nothing(fair: Fair) -> None:  # noqa: F811
    made = fair.published()
    sheet = fair.sheet(made)
    own, other = f"/appraisal/sheets/{sheet.pk}/", fair.town.stranger
    for url in (
        own,
        f"{own}source/P1",
        f"{own}say/P1",
        f"{own}report",
        f"{own}review",
        f"{own}adjust",
        f"{own}object",
        f"{own}use",
        f"{own}rectify",
    ):
        page(other, url, 404)
    for url in (f"/appraisal/{made.pk}/calibration", f"/appraisal/{made.pk}/uses", f"/appraisal/{made.pk}/launch"):
        page(other, url, 403)  # the round reaches its own unit, but it does not run it
    alone = account("alone", roles=(("manager", fair.town.branch),))
    page(alone, f"/appraisal/{made.pk}/", 404)
    assert "2026 年度考核" not in page(alone, "/appraisal/")
    page(fair.town.wang, "/appraisal/", 403)


def test_drafts_and_scores_are_the_superior_s_until_they_are_published(fair: Fair) -> None:  # noqa: F811
    made = fair.planned()
    page(fair.town.zhou, f"/appraisal/{made.pk}/", 404)
    made.delete()
    made = fair.calibrated(M1=77.0)
    sheet = fair.sheet(made)
    own = page(fair.town.zhou, f"/appraisal/sheets/{sheet.pk}/")
    assert "77" not in own.split('id="main"')[1].split('id="drawer"')[0].replace(f"sheets/{sheet.pk}", "")
    assert "of 60.00 points" not in page(fair.town.zhou, f"/appraisal/sheets/{sheet.pk}/source/P1")
    assert "of 60.00 points" in page(fair.guan, f"/appraisal/sheets/{sheet.pk}/source/P1")
    for what in ("results", "recompute"):
        page(fair.town.zhou, f"/appraisal/{made.pk}/{what}", 404)


def test_readers_change_nothing(fair: Fair) -> None:  # noqa: F811
    made = fair.gathered()
    sheet = fair.sheet(made)
    reader = account("jian", roles=(("inspector", None),))
    page(reader, f"/appraisal/sheets/{sheet.pk}/")
    for url in (
        f"sheets/{sheet.pk}/say/P1",
        f"sheets/{sheet.pk}/report",
        f"sheets/{sheet.pk}/review",
        f"{made.pk}/change/dates",
        f"{made.pk}/launch",
    ):
        page(reader, f"/appraisal/{url}", 403)
    for step in ("gather", "close-reports"):
        assert post(reader, f"/appraisal/{made.pk}/step/{step}").status_code == 403
    page(reader, "/appraisal/new", 403)
    assert Round.objects.get().stage == "self_report"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first": "2026-13"}, "month"), ({"last": "x"}, "month"), ({"node": "ZZ"}, "There is no unit"), ({"versions": []}, "required"),
        ({"final_on": "2026-01-01"}, "lies before the step before it"), ({"versions": ["999"]}, "not one of the available choices"),
    ],
)  # fmt: skip
def test_a_bad_plan_keeps_what_was_typed(fair: Fair, changes: dict[str, Any], sentence: str) -> None:  # noqa: F811
    fields = {
        "title": "留住这个标题",
        "node": "G0",
        "first": "2026-01",
        "last": "2026-10",
        "versions": [fair.version.pk],
        **DATES,
    } | changes
    answer = post(fair.guan, "/appraisal/new", **fields)
    text = answer.content.decode()
    assert (answer.status_code, Round.objects.exists()) == (422, False)
    assert sentence in text
    assert "留住这个标题" in text


def test_bad_words_of_units_and_reviewers_are_refused_in_place(fair: Fair) -> None:  # noqa: F811
    made = fair.gathered()
    url = f"/appraisal/sheets/{fair.sheet(made).pk}/"
    assert "Nothing is said" in post(fair.town.zhou, f"{url}say/P1", text=" ", record="").content.decode()
    assert "is not a record" in post(fair.town.zhou, f"{url}say/P1", text="x", record="meeting").content.decode()
    assert post(fair.town.zhou, f"{url}say/ZZ", text="x", record="").status_code == 422
    page(fair.town.zhou, f"{url}source/ZZ", 404)
    assert not Statement.objects.exists()
    actions.close_reports(by=fresh(fair.guan), round_=made)
    text = post(fair.office, f"{url}review", **{"value-P1": "101", "text-P1": "留住"}).content.decode()
    assert "is 0 to 100" in text
    assert "留住" in text
    assert not Mark.objects.exists()
    assert post(fair.guan, f"/appraisal/{made.pk}/step/close-review").status_code == 422
    assert post(fair.guan, f"/appraisal/{made.pk}/step/nothing").status_code == 404
    page(fair.guan, f"/appraisal/{made.pk}/change/nothing", 404)


def test_notes_are_said_in_the_language_of_the_page() -> None:
    with translation.override("zh-hans"):
        assert present.spoken("3 of 10 months") not in {"", "3 of 10 months"}
        assert "3" in present.spoken("3 of 10 months")
        assert present.spoken("of the linked Party organisations, by share") != "of the linked Party organisations, by share"
    with translation.override("en"):
        assert present.spoken("12 of 20: done on time") == "12 of 20: done on time"


def test_days_are_moved_and_a_round_cancelled_by_forms(fair: Fair) -> None:  # noqa: F811
    made = fair.launched()
    assert post(fair.guan, f"/appraisal/{made.pk}/change/dates", **(DATES | {"final_on": "2026-12-30"})).status_code == 302
    assert post(fair.guan, f"/appraisal/{made.pk}/change/cancel", reason="").status_code == 422
    assert post(fair.guan, f"/appraisal/{made.pk}/change/cancel", reason="改期").status_code == 302
    assert "Cancelled:" in page(fair.guan, f"/appraisal/{made.pk}/")


def test_the_drawer_is_a_fragment(fair: Fair) -> None:  # noqa: F811
    made = fair.published()
    url = f"/appraisal/sheets/{fair.sheet(made).pk}/source/B1"
    part = client(fair.town.zhou).get(url, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert "rt-explain" in part


def test_pages_keep_their_budgets(fair: Fair, django_assert_max_num_queries: Any) -> None:  # noqa: F811
    made = fair.published()
    publishing.raise_objection(by=fresh(fair.town.zhou), sheet=fair.sheet(made), text="x", criterion="P1")
    sheet = fair.sheet(made).pk
    budgets = {
        "/appraisal/": 15, f"/appraisal/{made.pk}/": 20, f"/appraisal/{made.pk}/results": 20, f"/appraisal/{made.pk}/calibration": 20,
        f"/appraisal/{made.pk}/recompute": 20, f"/appraisal/sheets/{sheet}/": 20, f"/appraisal/sheets/{sheet}/source/B1": 20,
        f"/appraisal/{made.pk}/uses": 15,
    }  # fmt: skip
    visitor = client(fair.guan)
    for url, most in budgets.items():
        visitor.get(url)
        with django_assert_max_num_queries(most):
            assert visitor.get(url).status_code == 200


def test_the_api_lists_sheets_and_keeps_points_until_they_are_published(fair: Fair) -> None:  # noqa: F811
    def listed(user: User, query: str = "") -> list[dict[str, Any]]:
        secret = ApiToken.make_secret()
        ApiToken.objects.create(user=user, name="t", digest=ApiToken.digest_of(secret))
        answer = Client().get(f"/api/v1/appraisals{query}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    made = fair.calibrated(M1=90.0)
    assert [(row["unit_code"], row["points"], row["grade"]) for row in listed(fair.town.zhou)] == [("M1", None, None)]
    assert {row["unit_code"]: row["points"] for row in listed(fair.guan)} == {"M1": 97.6, "M2": 80.8, "M3": None}
    publishing.publish(by=fresh(fair.office), round_=publishing.propose(by=fresh(fair.guan), round_=made))
    assert [(row["points"], row["grade"]) for row in listed(fair.town.zhou, "?state=published&unit=M1&period=2026-10")] == [(97.6, "B")]
    assert listed(fair.town.zhou, "?state=final") == []
