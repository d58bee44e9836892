"""Acts on schemes: effect, audit row, refusal, rollback; two persons; what is issued is never changed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.town import Town, account, fresh
from tests.unit.schemes.making import criterion, part, scheme

from rongtong.audit.models import Entry
from rongtong.kernel import act as acting
from rongtong.kernel.constraints import missing
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.organization.models import UnitClass
from rongtong.schemes import actions, holding, queries
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.data import SchemeData
from rongtong.schemes.models import Scheme, SchemeVersion

START = date(2026, 1, 1)


@pytest.fixture
def shops(town: Town) -> UnitClass:
    return UnitClass.objects.create(code="production", name="生产单位", name_en="Production units")


@pytest.fixture
def second(town: Town) -> Any:
    return account("guan", roles=(("management_office", None),))


def drafted(town: Town, shops: UnitClass, code: str = "SC", data: SchemeData | None = None, starts_on: date = START) -> SchemeVersion:
    new = NewScheme(code, "生产单位考核办法", shops, "Scheme of production units")
    return actions.draft(by=fresh(town.office), new=new, data=data or scheme(), paper=Paper(starts_on, "企管〔2026〕1号"))


def issued(town: Town, shops: UnitClass, second: Any, **more: Any) -> SchemeVersion:
    made = drafted(town, shops, **more)
    return actions.issue(by=fresh(second), version=made, seen=made.digest)


def last_entry() -> Entry:
    return Entry.objects.order_by("-seq")[0]


def test_a_draft_is_stored_as_it_was_given_and_audited(town: Town, shops: UnitClass) -> None:
    made = drafted(town, shops)
    assert (made.state, made.number, SchemeVersion.objects.get().data) == ("draft", 1, scheme())
    assert last_entry().kind == "schemes.draft"


@pytest.mark.parametrize("bad", [scheme("L1", (part("P", "party", 2500), part("B", "production", 7490))), scheme("L5")])
def test_an_unsound_draft_is_refused_and_nothing_is_written(town: Town, shops: UnitClass, bad: SchemeData) -> None:
    before = Entry.objects.count()
    with pytest.raises(Refused):
        drafted(town, shops, data=bad)
    assert (Scheme.objects.count(), Entry.objects.count()) == (0, before)


def test_codes_are_once_and_names_are_needed(town: Town, shops: UnitClass) -> None:
    drafted(town, shops)
    with pytest.raises(Refused, match="already"):
        drafted(town, shops)
    with pytest.raises(Refused, match="no name"):
        actions.draft(by=fresh(town.office), new=NewScheme("X", " ", shops), data=scheme(), paper=Paper(START))


@pytest.mark.parametrize("who", ["zhou", "wang", "stranger"])
def test_whoever_may_not_edit_changes_nothing(town: Town, shops: UnitClass, second: Any, who: str) -> None:
    made = drafted(town, shops)
    by = fresh(getattr(town, who))
    paper, data = Paper(START), scheme("L2")
    for call in (
        lambda: actions.draft(by=by, new=NewScheme("Y", "y", shops), data=data, paper=paper),
        lambda: actions.change(by=by, version=made, data=data, paper=paper, seen=made.digest),
        lambda: actions.issue(by=by, version=made, seen=made.digest),
        lambda: actions.discard(by=by, version=made),
        lambda: actions.revise(by=by, scheme=made.scheme, paper=paper),
        lambda: actions.withdraw(by=by, version=made, reason="x"),
    ):
        with pytest.raises(NotAllowed):
            call()
    made.refresh_from_db()
    assert made.state == "draft" and made.data == scheme()


def test_a_second_person_issues_and_the_drafter_cannot(town: Town, shops: UnitClass, second: Any) -> None:
    made = drafted(town, shops)
    with pytest.raises(NotAllowed) as refusal:
        actions.issue(by=fresh(town.office), version=made, seen=made.digest)
    assert refusal.value.reason == "own_draft"
    got = actions.issue(by=fresh(second), version=made, seen=made.digest)
    assert (got.state, got.issued_label) == ("issued", second.label)
    assert last_entry().kind == "schemes.issue"


def test_whoever_changed_the_draft_last_has_drafted_it(town: Town, shops: UnitClass, second: Any) -> None:
    made = drafted(town, shops)
    changed = actions.change(by=fresh(second), version=made, data=scheme("L2"), paper=Paper(START), seen=made.digest)
    with pytest.raises(NotAllowed):
        actions.issue(by=fresh(second), version=changed, seen=changed.digest)
    assert actions.issue(by=fresh(town.office), version=changed, seen=changed.digest).data.linkage.model == "L2"


def test_what_somebody_else_changed_meanwhile_is_a_conflict(town: Town, shops: UnitClass, second: Any) -> None:
    made = drafted(town, shops)
    actions.change(by=fresh(town.office), version=made, data=scheme("L2"), paper=Paper(START), seen=made.digest)
    with pytest.raises(Conflict):
        actions.change(by=fresh(second), version=made, data=scheme(), paper=Paper(START), seen=made.digest)
    with pytest.raises(Conflict):
        actions.issue(by=fresh(second), version=made, seen=made.digest)


def test_the_next_version_replaces_the_one_in_force_on_its_day(town: Town, shops: UnitClass, second: Any) -> None:
    one = issued(town, shops, second)
    draft = actions.revise(by=fresh(town.office), scheme=one.scheme, paper=Paper(date(2027, 1, 1)), data=scheme("L2"))
    with pytest.raises(Conflict, match="draft already"):
        actions.revise(by=fresh(town.office), scheme=one.scheme, paper=Paper(date(2027, 1, 1)))
    two = actions.issue(by=fresh(second), version=draft, seen=draft.digest)
    one.refresh_from_db()
    assert (one.state, one.ends_on, two.number) == ("replaced", date(2027, 1, 1), 2)
    assert queries.issued_for(shops, date(2026, 12, 31)) == one
    assert queries.issued_for(shops, date(2027, 1, 1)) == two
    assert queries.issued_for(shops, date(2025, 12, 31)) is None


def test_another_scheme_of_the_class_replaces_too_and_one_that_begins_earlier_is_refused(town: Town, shops: UnitClass, second: Any) -> None:
    one = issued(town, shops, second)
    with pytest.raises(Refused, match="choose a later day"):
        issued(town, shops, second, code="SC2")
    issued(town, shops, second, code="SC3", starts_on=date(2026, 7, 1))
    one.refresh_from_db()
    assert (one.state, one.ends_on) == ("replaced", date(2026, 7, 1))


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A round that appraises 2026 by whatever version."""
    monkeypatch.setattr(holding, "_holders", [lambda _version: [holding.Hold("2026年度考核", "/x", date(2026, 12, 31))]])
    yield


def test_in_mid_round_the_version_neither_ends_nor_is_withdrawn(town: Town, shops: UnitClass, second: Any, running: None) -> None:
    one = issued(town, shops, second)
    draft = actions.revise(by=fresh(town.office), scheme=one.scheme, paper=Paper(date(2026, 12, 31)))
    with pytest.raises(Refused) as refusal:
        actions.issue(by=fresh(second), version=draft, seen=draft.digest)
    assert "2026年度考核" in refusal.value.what and refusal.value.remedy
    with pytest.raises(Refused, match="2026年度考核"):
        actions.withdraw(by=fresh(second), version=one, reason="测试")
    one.refresh_from_db()
    draft.refresh_from_db()
    assert (one.state, one.ends_on, draft.state) == ("issued", None, "draft")
    later = actions.change(by=fresh(town.office), version=draft, data=draft.data, paper=Paper(date(2027, 1, 1)), seen=draft.digest)
    assert actions.issue(by=fresh(second), version=later, seen=later.digest).state == "issued"


def test_withdrawing_says_why(town: Town, shops: UnitClass, second: Any) -> None:
    one = issued(town, shops, second)
    with pytest.raises(Refused, match="reason"):
        actions.withdraw(by=fresh(second), version=one, reason=" ")
    got = actions.withdraw(by=fresh(second), version=one, reason="上级办法废止")
    assert (got.state, queries.issued_for(shops, date(2026, 11, 23))) == ("withdrawn", None)
    with pytest.raises(Conflict):
        actions.withdraw(by=fresh(second), version=got, reason="again")


def test_a_discarded_first_draft_takes_its_scheme_along_and_an_issued_one_stays(town: Town, shops: UnitClass, second: Any) -> None:
    actions.discard(by=fresh(second), version=drafted(town, shops))
    assert Scheme.objects.count() == 0
    one = issued(town, shops, second)
    with pytest.raises(Conflict):
        actions.discard(by=fresh(second), version=one)
    with pytest.raises(Conflict):
        actions.change(by=fresh(town.office), version=one, data=scheme("L2"), paper=Paper(START), seen=one.digest)


def test_without_an_audit_row_nothing_happens(town: Town, shops: UnitClass, second: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = drafted(town, shops)

    def fails(_act: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(acting, "_audit_writer", fails)
    for call in (
        lambda: actions.issue(by=fresh(second), version=made, seen=made.digest),
        lambda: actions.change(by=fresh(second), version=made, data=scheme("L2"), paper=Paper(START), seen=made.digest),
        lambda: actions.discard(by=fresh(second), version=made),
    ):
        with pytest.raises(RuntimeError):
            call()
    made.refresh_from_db()
    assert (made.state, made.data) == ("draft", scheme())


# what only the database holds


def refused(sql: str, *values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_keeps_what_an_issued_version_says(town: Town, shops: UnitClass, second: Any) -> None:
    one = issued(town, shops, second)
    assert not [name for name in missing() if name.startswith("scheme")]
    for column, value in (("content", "{}"), ("digest", "x"), ("number", 9), ("starts_on", "2025-01-01"), ("state", "draft"), ("issued_uid", "z"), ("drafted_uid", "z")):  # fmt: skip
        refused(f"UPDATE schemes_schemeversion SET {column} = %s WHERE id = %s", value, one.pk)
    refused("DELETE FROM schemes_schemeversion WHERE id = %s", one.pk)
    SchemeVersion.objects.filter(pk=one.pk).update(ends_on=date(2026, 7, 1), state="replaced")


def test_the_database_wants_two_persons_reasons_and_no_overlap(town: Town, shops: UnitClass, second: Any) -> None:
    made = drafted(town, shops)
    sql = "UPDATE schemes_schemeversion SET state = 'issued', issued_uid = %s, issued_at = '2026-01-01' WHERE id = %s"
    refused(sql, made.drafted_uid, made.pk)
    refused(sql, "", made.pk)
    one = actions.issue(by=fresh(second), version=made, seen=made.digest)
    refused("UPDATE schemes_schemeversion SET state = 'withdrawn' WHERE id = %s", one.pk)
    refused("UPDATE schemes_schemeversion SET state = 'replaced' WHERE id = %s", one.pk)
    refused("UPDATE schemes_schemeversion SET ends_on = starts_on WHERE id = %s", one.pk)
    other = drafted(town, shops, code="SC2", starts_on=date(2026, 3, 1))
    refused(sql, "someone", other.pk)  # two in force in one class
    for column, value in (("number", 0), ("state", "x")):
        refused(f"UPDATE schemes_schemeversion SET {column} = %s WHERE id = %s", value, other.pk)
    refused(
        "INSERT INTO schemes_scheme (code, name, name_en, unit_class_id, created_at) SELECT code, name, name_en, unit_class_id, created_at FROM schemes_scheme"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        SchemeVersion.objects.create(  # a second draft
            scheme=other.scheme, unit_class=shops, number=3, content={}, digest="x", starts_on=START, drafted_uid="a", drafted_label="a"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        SchemeVersion.objects.create(
            scheme=other.scheme, unit_class=shops, number=2, content={}, digest="x", starts_on=START, drafted_uid="a", drafted_label="a"
        )


def test_formulas_stay_bounded(town: Town, shops: UnitClass) -> None:
    bad = scheme("L1", (part("P", "party", 10_000, criterion("P1", kind="indicator", rule="formula", expression="().__class__")),))
    with pytest.raises(Refused):
        drafted(town, shops, data=bad)
