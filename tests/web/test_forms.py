"""Pages of forms: works, another unit 404, not allowed 403, bad input 422 with what was typed; and a fact entered once shows everywhere."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.town import TODAY, Town, fresh

from rongtong.burden import actions, queries
from rongtong.burden.actions import NewForm, NewQuestion
from rongtong.burden.models import Form, Sheet
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.organization import actions as organization
from rongtong.organization import tree_actions
from rongtong.organization.facts import PartyFacts, PersonFacts
from rongtong.organization.models import BusinessUnit, PartyOrganisation, Person

pytestmark = pytest.mark.usefixtures("town")
DUE = date(2026, 12, 20)


def client(user: Any) -> Client:
    found = Client(headers={"accept-language": "zh-hans"})
    found.force_login(fresh(user), backend="django.contrib.auth.backends.ModelBackend")
    return found


def cells(content: bytes) -> set[str]:
    book = load_workbook(BytesIO(content))
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}


@pytest.fixture
def sent(town: Town) -> Form:
    """A form with a held fact and a question, issued to the group's workshops and to the branch."""
    form = actions.draft(by=town.office, new=NewForm("安全摸底", "编制计划", town.group, DUE, "below"))
    for fact in ("node.leader", "node.name"):
        actions.ask(by=town.office, form=form, new=NewQuestion(kind="held", fact=fact))
    actions.ask(by=town.office, form=form, new=NewQuestion("隐患几处", "number", minutes=6))
    return actions.issue(by=town.office, form=form, seen=queries.cost_of(form, list(form.questions.all()), TODAY).digest)


def test_a_form_is_made_and_issued_through_the_pages(town: Town) -> None:
    office = client(town.office)
    answer = office.post("/forms/new", {"title": "摸底", "why": "计划", "root": "G0 集团", "reach": "below", "due_on": "2026-12-20"})
    form = Form.objects.get()
    assert answer.url == f"/forms/{form.pk}/"
    assert office.post(f"/forms/{form.pk}/ask", {"fact": "node.leader"}).status_code == 302
    bad = office.post(f"/forms/{form.pk}/ask", {"words": "几处", "kind": "number"})
    assert bad.status_code == 422 and "几处" in bad.content.decode()
    office.post(f"/forms/{form.pk}/ask", {"words": "几处", "kind": "number", "minutes": "6"})
    page = office.get(f"/forms/{form.pk}/").content.decode()
    assert "约需 0.2 人时" in page and "填报准入" in page
    blind = office.post(f"/forms/{form.pk}/issue", {"seen": "x"})
    assert blind.status_code == 422 and Form.objects.get().state == "draft"
    seen = page.split('name="seen"')[1].split('value="')[1].split('"')[0]
    assert office.post(f"/forms/{form.pk}/issue", {"seen": seen}).status_code == 302
    assert Form.objects.get().state == "issued"
    assert "摸底" in client(town.zhou).get("/forms/").content.decode()


def test_a_sheet_is_filled_in_and_keeps_what_was_typed_when_refused(town: Town, sent: Form) -> None:
    sheet, question = Sheet.objects.get(node=town.shop), sent.questions.get(kind="number")
    zhou = client(town.zhou)
    page = zhou.get(f"/forms/sheets/{sheet.pk}/").content.decode()
    assert "zhou" in page and f'name="q{question.pk}"' in page
    bad = zhou.post(f"/forms/sheets/{sheet.pk}/", {f"q{question.pk}": "不少", "hand_in": "1"})
    assert bad.status_code == 422 and "不少" in bad.content.decode()
    assert zhou.post(f"/forms/sheets/{sheet.pk}/", {f"q{question.pk}": "3", "hand_in": "1"}).status_code == 302
    assert Sheet.objects.get(pk=sheet.pk).handed_in_on == TODAY


def test_other_places_are_not_found_and_readers_may_not_write(town: Town, sent: Form) -> None:
    sheet = Sheet.objects.get(node=town.shop)
    assert client(town.stranger).get(f"/forms/sheets/{sheet.pk}/").status_code == 404
    assert client(town.wang).get(f"/forms/{sent.pk}/").status_code == 404
    assert client(town.wang).get("/forms/").status_code == 403
    assert client(town.zhou).post(f"/forms/{sent.pk}/withdraw", {"reason": "x"}).status_code == 403
    assert client(town.stranger).get(f"/forms/{sent.pk}/").status_code == 200  # it was issued to a place of theirs
    theirs = client(town.stranger).get(f"/forms/{sent.pk}/export")
    assert theirs.status_code == 200 and not any("一车间" in cell for cell in cells(b"".join(theirs.streaming_content)))
    assert "一车间" not in client(town.stranger).get(f"/forms/{sent.pk}/").content.decode().split("<main")[1]
    assert client(town.wang).get(f"/forms/{sent.pk}/export").status_code == 404
    assert client(town.office).post("/forms/new", {"title": "", "root": "NOPE"}).status_code == 422


def test_pages_keep_the_budget(town: Town, sent: Form, django_assert_max_num_queries: Any) -> None:
    office = client(town.office)
    for address in ("/forms/", f"/forms/{sent.pk}/", f"/forms/sheets/{Sheet.objects.order_by('pk')[0].pk}/"):
        office.get(address)
        with django_assert_max_num_queries(15):
            assert office.get(address).status_code == 200


def test_a_name_and_a_date_entered_once_appear_in_every_form_and_export(town: Town, sent: Form) -> None:
    """Enter once: a person's name, a unit's name and an election day are changed where they are kept, and nowhere else."""
    BusinessUnit.objects.create(node=town.shop, kind="workshop")
    PartyOrganisation.objects.create(node=town.branch, kind="branch", elected_on=date(2024, 5, 1), term_years=3)
    party = actions.draft(by=town.office, new=NewForm("换届情况", "排计划", town.branch, DUE, "node"))
    for fact in ("party.elected_on", "party.expires_on", "node.leader"):
        actions.ask(by=town.office, form=party, new=NewQuestion(kind="held", fact=fact))
    actions.issue(by=town.office, form=party, seen=queries.cost_of(party, list(party.questions.all()), TODAY).digest)
    ledger.deploy(by=town.zhou, new=NewMatter("查返工", "both", town.shop, DUE, Parts(town.secretary, town.deputy), town.branch))

    person = Person.objects.get(code="E-zhou")
    organization.update_person(by=town.office, person=person, facts=PersonFacts(name="周明远"))
    tree_actions.rename_node(by=town.office, node=town.shop, name="精加一车间")
    held = PartyOrganisation.objects.get(node=town.branch)
    organization.update_party(by=town.office, party=held, facts=PartyFacts(kind="branch", elected_on=date(2025, 6, 1), term_years=3))

    office = client(town.office)
    shown = {
        f"/forms/{sent.pk}/": {"周明远", "精加一车间"}, f"/forms/{party.pk}/": {"2025-06-01", "2028-06-01", "周明远"},
        "/ledger/": {"周明远", "精加一车间"}, f"/organization/n/{town.shop.pk}/": {"周明远", "精加一车间"},
        f"/organization/n/{town.branch.pk}/": {"2028-06-01"},
    }  # fmt: skip
    for address, wanted in shown.items():
        page = office.get(address).content.decode().split("<main")[1]
        assert {word for word in wanted if word not in page} == set(), address
        assert not {"2024-05-01", "2027-05-01"} & set(page.split()), address
    files = {
        f"/forms/{sent.pk}/export": {"周明远", "精加一车间"}, f"/forms/{party.pk}/export": {"2025-06-01", "周明远"},
        "/indicators/import/export/people/": {"周明远"}, "/indicators/import/export/units/": {"精加一车间"},
        "/indicators/import/export/parties/": {"2025-06-01"},
    }  # fmt: skip
    for address, wanted in files.items():
        answer = office.get(address)
        content = b"".join(answer.streaming_content)
        assert wanted <= cells(content), address
        assert not {"2024-05-01", "2027-05-01"} & cells(content), address
