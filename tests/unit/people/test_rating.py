"""Evidence, certificates, ratings and objections: what proves, who may rate whom, what is refused, and that nothing changes then."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import OPENED, account, fresh
from tests.unit.people.conftest import Folk

from rongtong.audit.models import Entry
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import Matter
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment, Person
from rongtong.people import actions, policies, queries
from rongtong.people.actions import NewCertificate, NewRating
from rongtong.people.models import Certificate, Evidence, Objection, Rating
from rongtong.people.proving import records_of
from rongtong.plans.models import Result

TODAY = date(2026, 11, 23)


def proven(folk: Folk, user: Any, day: date = TODAY) -> dict[str, int]:
    person = folk.person(user)
    return queries.proven({person.pk}, day).get(person.pk, {})


def test_a_superiors_rating_on_a_record_counts(folk: Folk) -> None:
    shown = folk.evidence(folk.town.li, "PA2")
    made = folk.rate(folk.town.li, "PA2", 3, words="换届组织得好")
    assert (made.level, made.is_claim, made.by_label, made.frame_id) == (3, False, folk.town.zhou.label, folk.frame.pk)
    assert list(made.evidence.all()) == [shown]
    assert proven(folk, folk.town.li) == {"PA2": 3}
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.object_kind) == ("people.rate", "person")
    assert "level" not in entry.detail
    assert Note.objects.filter(to=folk.town.li).count() == 1


def test_a_later_rating_supersedes_and_nothing_is_overwritten(folk: Folk) -> None:
    folk.evidence(folk.town.li, "PA2")
    with clock.frozen(datetime(2026, 11, 1, 9)):
        first = folk.rate(folk.town.li, "PA2", 2)
    second = folk.rate(folk.town.li, "PA2", 3)
    first.refresh_from_db()
    assert (first.level, first.superseded_on, second.superseded_on) == (2, TODAY, None)
    assert proven(folk, folk.town.li, date(2026, 11, 10)) == {"PA2": 2}
    assert proven(folk, folk.town.li) == {"PA2": 3}


def test_a_self_rating_stands_apart_and_never_counts(folk: Folk) -> None:
    li, shown = folk.person(folk.town.li), folk.evidence(folk.town.li, "PA2", by=folk.town.li)
    made = actions.rate_self(by=fresh(folk.town.li), person=li, new=NewRating("PA2", 4, [shown]))
    assert (made.kind, proven(folk, folk.town.li)) == ("self", {})
    folk.rate(folk.town.li, "PA2", 2)
    made.refresh_from_db()
    assert (made.superseded_on, proven(folk, folk.town.li)) == (None, {"PA2": 2})
    for other in (folk.town.zhou, folk.town.office):
        with pytest.raises(NotAllowed):
            actions.rate_self(by=fresh(other), person=li, new=NewRating("PA2", 4, is_claim=True))
    with pytest.raises(Unseen):
        actions.rate_self(by=fresh(folk.town.chen), person=li, new=NewRating("PA2", 4, is_claim=True))


def test_without_evidence_it_is_refused_or_a_claim(folk: Folk) -> None:
    li = folk.person(folk.town.li)
    with pytest.raises(Refused, match="No evidence") as refused:
        actions.rate(by=fresh(folk.town.zhou), person=li, new=NewRating("PA2", 3))
    assert (refused.value.code, refused.value.field) == ("no_evidence", "evidence")
    words = actions.add_evidence(by=fresh(folk.town.li), person=li, competence="PA2", words="我一直在做")
    assert (words.kind, words.holds_on(TODAY)) == ("claim", False)
    with pytest.raises(Refused, match="proves nothing"):
        actions.rate(by=fresh(folk.town.zhou), person=li, new=NewRating("PA2", 3, [words]))
    assert not Rating.objects.exists()
    made = actions.rate(by=fresh(folk.town.zhou), person=li, new=NewRating("PA2", 3, is_claim=True))
    assert (made.is_claim, proven(folk, folk.town.li)) == (True, {})


def test_nobody_rates_oneself_as_superior(folk: Folk) -> None:
    for user in (folk.town.zhou, folk.town.li):
        with pytest.raises(Refused, match="own superior") as refused:
            actions.rate(by=fresh(user), person=folk.person(user), new=NewRating("PA2", 4, is_claim=True))
        assert refused.value.code == "own_superior"
    assert not Rating.objects.exists()


def test_only_the_line_above_sees_and_rates(folk: Folk) -> None:
    """A deputy not the secretary, a sibling unit's head nobody here, a worker nobody; the office everybody."""
    town = folk.town
    people = {name: folk.person(getattr(town, name)) for name in ("zhou", "li", "wang", "chen")}
    seen = {
        (name, other)
        for name in ("zhou", "li", "wang", "chen", "stranger", "office")
        for other in people
        if policies.in_line(fresh(getattr(town, name)), people[other])
    }
    assert seen == {("zhou", "li"), ("zhou", "wang"), *(("office", other) for other in people)}
    for name, other in (("li", "zhou"), ("chen", "li"), ("stranger", "chen"), ("wang", "zhou")):
        with pytest.raises(Unseen):
            actions.rate(by=fresh(getattr(town, name)), person=people[other], new=NewRating("PA2", 1, is_claim=True))
        with pytest.raises(Unseen):
            actions.add_evidence(by=fresh(getattr(town, name)), person=people[other], competence="PA2", words="x")
        assert not policies.sees(fresh(getattr(town, name)), people[other])
    assert not Rating.objects.exists()


def test_a_peer_at_the_same_node_is_not_in_line(folk: Folk) -> None:
    second = account("second", folk.town.deputy.__class__.objects.create(code="D2", name="副书记（2）", node=folk.town.branch, kind="deputy", opened_on=OPENED),
                     roles=(("deputy", folk.town.branch),))  # fmt: skip
    assert not policies.in_line(fresh(second), folk.person(folk.town.li))
    assert policies.in_line(fresh(folk.town.zhou), folk.person(second))


def test_who_moved_away_is_in_the_new_line_only(folk: Folk) -> None:
    wang = folk.person(folk.town.wang)
    Appointment.objects.filter(person=wang).update(ends_on=TODAY)
    post = folk.town.staff.__class__.objects.create(code="W2", name="二车间职工", node=folk.town.other, kind="staff", opened_on=OPENED)
    Appointment.objects.create(person=wang, post=post, starts_on=TODAY)
    assert not policies.in_line(fresh(folk.town.zhou), wang)
    assert policies.in_line(fresh(folk.town.chen), wang)


def test_a_level_outside_the_frame_is_refused(folk: Folk) -> None:
    shown = folk.evidence(folk.town.li, "PA2")
    li = folk.person(folk.town.li)
    for new, code in ((NewRating("PA2", 5, [shown]), "level"), (NewRating("PA2", 0, [shown]), "level"), (NewRating("XX", 2, [shown]), "outside_frame"),
                      (NewRating("PA1", 2, [shown]), "other")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            actions.rate(by=fresh(folk.town.zhou), person=li, new=new)
        assert refused.value.code == code
    for level in (0, 5):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.create(
                person=li, competence="PA2", level=level, kind="self", frame=folk.frame, on=TODAY, by_uid="x", by_label="x"
            )
    assert not Rating.objects.exists()


# certificates


def test_an_expired_certificate_proves_nothing(folk: Folk) -> None:
    paper = folk.certified(folk.town.li, ["BU2"], expires_on=date(2026, 12, 1))
    folk.evidence(folk.town.li, "BU2", Reference("certificate", str(paper.pk)))
    folk.rate(folk.town.li, "BU2", 2)
    assert proven(folk, folk.town.li, date(2026, 11, 30)) == {"BU2": 2}
    assert proven(folk, folk.town.li, date(2026, 12, 1)) == {}
    with clock.frozen(datetime(2026, 12, 1, 9)):
        with pytest.raises(Refused, match="expired on 2026-12-01"):
            folk.rate(folk.town.li, "BU2", 3)
        with pytest.raises(Refused, match="expired"):
            folk.evidence(folk.town.li, "BU2", Reference("certificate", str(folk.certified(folk.town.li, ["BU2"], date(2026, 11, 1), issued_on=date(2020, 1, 1)).pk)))  # fmt: skip


def test_a_renewal_in_time_carries_on_and_a_late_one_does_not(folk: Folk) -> None:
    paper = folk.certified(folk.town.li, ["BU2"], expires_on=date(2026, 12, 1))
    folk.evidence(folk.town.li, "BU2", Reference("certificate", str(paper.pk)))
    folk.rate(folk.town.li, "BU2", 2)
    folk.certified(folk.town.li, ["BU2"], expires_on=date(2029, 11, 20), issued_on=date(2026, 11, 20))
    assert proven(folk, folk.town.li, date(2027, 6, 1)) == {"BU2": 2}
    with clock.frozen(datetime(2030, 1, 9, 9)):
        folk.certified(folk.town.li, ["BU2"], issued_on=date(2030, 1, 1))
    assert proven(folk, folk.town.li, date(2030, 1, 9)) == {}


def test_bad_certificates_change_nothing(folk: Folk) -> None:
    li, bad = folk.person(folk.town.li), []
    day = date(2026, 1, 1)
    for new in (
        NewCertificate("", day, number="1"), NewCertificate("证", date(2026, 12, 1), number="1"), NewCertificate("证", day, day, "1"),
        NewCertificate("证", day), NewCertificate("证", day, number="1", competences=["ZZ"]), NewCertificate("证", day, number="1" * 61),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            actions.add_certificate(by=fresh(folk.town.li), person=li, new=new)
        bad.append(refused.value.code)
    assert bad == ["invalid", "future", "span", "no_paper", "outside_frame", "invalid"]
    folk.certified(folk.town.li, ["BU2"])
    with pytest.raises(Refused, match="on record already"):
        folk.certified(folk.town.li, ["BU2"])
    assert Certificate.objects.count() == 1


def test_a_voided_certificate_takes_its_evidence_along(folk: Folk) -> None:
    paper = folk.certified(folk.town.li, ["BU2"])
    folk.evidence(folk.town.li, "BU2", Reference("certificate", str(paper.pk)))
    folk.rate(folk.town.li, "BU2", 2)
    with pytest.raises(Refused, match="own superior"):
        actions.void_certificate(by=fresh(folk.town.li), certificate=paper, reason="错")
    actions.void_certificate(by=fresh(folk.town.zhou), certificate=paper, reason="录入错误")
    assert proven(folk, folk.town.li) == {}
    with pytest.raises(Conflict):
        actions.void_certificate(by=fresh(folk.town.zhou), certificate=paper, reason="再次")


# evidence


def test_each_record_has_its_test(folk: Folk) -> None:
    town, li = folk.town, folk.person(folk.town.li)
    folk.held(town.li)
    course = Reference("course", str(folk.course(title="另一期").pk))
    for record, competence, code in (
        (folk.appointment(town.zhou), "PA1", "no_record"), (folk.appointment(town.li), "BU1", "side"), (course, "PA1", "no_record"),
        (Reference("certificate", "999"), "PA1", "no_record"), (Reference("result", "x"), "PA1", "no_record"),
        (Reference("matter", "1"), "PA1", "no_record"), (Reference("carrier", "1"), "PA1", "not_accepted"), (Reference("note", "1"), "PA1", "kind"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            actions.add_evidence(by=fresh(town.li), person=li, competence=competence, record=record)
        assert refused.value.code == code, record
    assert not Evidence.objects.exists()
    folk.evidence(town.li, "PA1")
    with pytest.raises(Refused, match="already"):
        folk.evidence(town.li, "PA1")


def test_a_post_shows_something_after_some_months_only(folk: Folk) -> None:
    Appointment.objects.filter(person=folk.person(folk.town.li)).update(starts_on=date(2026, 6, 1))
    with pytest.raises(Refused, match="show nothing yet") as refused:
        folk.evidence(folk.town.li, "PA1")
    assert refused.value.code == "too_short"


def test_work_counts_for_whoever_did_it(folk: Folk) -> None:
    town, li = folk.town, folk.person(folk.town.li)
    given: dict[str, Any] = {"unit": town.shop, "party": town.branch, "on": date(2026, 5, 1), "recorded_by": "x", "recorded_label": "x"}
    made = Result.objects.create(code="R1", title="一次合格率提升", party_role="攻关", **given)
    record = Reference("result", str(made.pk))
    with pytest.raises(Refused, match="not confirmed"):
        folk.evidence(town.li, "PA4", record)
    Result.objects.filter(pk=made.pk).update(confirmed_by="y", confirmed_label="y", confirmed_on=date(2026, 5, 9))
    assert folk.evidence(town.li, "PA4", record).on == date(2026, 5, 1)
    with pytest.raises(Refused, match="did not serve there"):
        folk.evidence(town.chen, "PA4", record, by=town.office)
    matter = Matter.objects.create(
        code="M1", title="整改", side="party", lead=town.branch, leader_post=town.secretary, handler_post=town.deputy, starts_on=date(2026, 3, 1),
        due_on=date(2026, 4, 1), first_due_on=date(2026, 4, 1), state="closed", closed_on=date(2026, 3, 20), created_by="x", created_label="x",
    )  # fmt: skip
    assert folk.evidence(town.li, "PA4", Reference("matter", str(matter.pk))).on == date(2026, 3, 20)
    hidden = Matter.objects.get(pk=matter.pk)
    hidden.pk, hidden.code, hidden.title, hidden.sensitivity = None, "M2", "不公开的事项", "restricted"
    hidden.save(force_insert=True)
    with pytest.raises(Refused, match="no such record"):
        folk.evidence(town.li, "PA4", Reference("matter", str(hidden.pk)))
    assert not any("不公开" in title for _record, title in records_of(li, TODAY))
    with pytest.raises(Refused, match="neither led nor handled"):
        folk.evidence(town.wang, "PA4", Reference("matter", str(matter.pk)))
    assert {str(record.kind) for record, _title in records_of(li, TODAY)} == {
        "appointment", "result", "matter",
    }  # fmt: skip


def test_taking_evidence_back(folk: Folk) -> None:
    shown = folk.evidence(folk.town.li, "PA2", by=folk.town.li)
    folk.rate(folk.town.li, "PA2", 1)
    with pytest.raises(Refused, match="rests on it"):
        actions.void_evidence(by=fresh(folk.town.li), evidence=shown, reason="不算")
    actions.void_evidence(by=fresh(folk.town.zhou), evidence=shown, reason="不算")
    assert proven(folk, folk.town.li) == {}
    with pytest.raises(Conflict):
        actions.void_evidence(by=fresh(folk.town.zhou), evidence=shown, reason="不算")
    folk.evidence(folk.town.li, "PA2")
    own = actions.add_evidence(by=fresh(folk.town.li), person=folk.person(folk.town.li), competence="PA1", words="自述")
    assert actions.void_evidence(by=fresh(folk.town.li), evidence=own, reason="不算").voided_on == TODAY


# objections


def test_an_objection_is_answered_before_a_new_rating(folk: Folk) -> None:
    folk.evidence(folk.town.li, "PA2")
    made = folk.rate(folk.town.li, "PA2", 1)
    with pytest.raises(NotAllowed):
        actions.object_to(by=fresh(folk.town.zhou), rating=made, text="代他说")
    with pytest.raises(Unseen):
        actions.object_to(by=fresh(folk.town.chen), rating=made, text="不该看到")
    said = actions.object_to(by=fresh(folk.town.li), rating=made, text="去年独立组织了换届")
    assert Note.objects.filter(to=folk.town.zhou).exists()
    with pytest.raises(Refused, match="already"):
        actions.object_to(by=fresh(folk.town.li), rating=made, text="再说一次")
    with pytest.raises(Refused, match="answer the objection first"):
        folk.rate(folk.town.li, "PA2", 2)
    with pytest.raises(Refused, match="own superior"):
        actions.answer(by=fresh(folk.town.li), objection=said, text="自己答")
    with pytest.raises(Unseen):
        actions.answer(by=fresh(folk.town.chen), objection=said, text="外单位答")
    actions.answer(by=fresh(folk.town.zhou), objection=said, text="已核实，重新评定")
    with pytest.raises(Conflict):
        actions.answer(by=fresh(folk.town.zhou), objection=said, text="再答")
    folk.rate(folk.town.li, "PA2", 3)
    with pytest.raises(Refused, match="that stands"):
        actions.object_to(by=fresh(folk.town.li), rating=made, text="旧的")
    own = actions.rate_self(by=fresh(folk.town.li), person=folk.person(folk.town.li), new=NewRating("PA2", 3, is_claim=True))
    with pytest.raises(Refused, match="that stands"):
        actions.object_to(by=fresh(folk.town.li), rating=own, text="自评")


# benches and reading


def test_a_bench_is_named_by_the_line_above(folk: Folk) -> None:
    town = folk.town
    li = folk.person(town.li)
    with pytest.raises(Unseen):
        actions.name_on_bench(by=fresh(town.zhou), post=town.secretary, person=li, reason="接替我")  # nobody names for one's own post
    made = actions.name_on_bench(by=fresh(town.office), post=town.secretary, person=li, reason="熟悉支部")
    for person, code in ((li, "twice"), (folk.person(town.zhou), "serves")):
        with pytest.raises(Refused) as refused:
            actions.name_on_bench(by=fresh(town.office), post=town.secretary, person=person, reason="x")
        assert refused.value.code == code
    with pytest.raises(Unseen):
        actions.take_off_bench(by=fresh(town.li), entry=made)
    actions.take_off_bench(by=fresh(town.office), entry=made)
    with pytest.raises(Conflict):
        actions.take_off_bench(by=fresh(town.office), entry=made)


def test_reading_is_noted(folk: Folk) -> None:
    actions.note_reading(by=fresh(folk.town.zhou), person=folk.person(folk.town.li))
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.object_id) == ("people.read", str(folk.person(folk.town.li).pk))
    with pytest.raises(NotAllowed):
        actions.note_reading(by=fresh(folk.town.chen), person=folk.person(folk.town.li))


def test_nothing_stays_where_the_audit_row_cannot_be_written(folk: Folk, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongtong.kernel import act

    shown = folk.evidence(folk.town.li, "PA2")

    def broken(_act: Any) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(act, "_audit_writer", broken)
    li = folk.person(folk.town.li)
    for do in (
        lambda: folk.rate(folk.town.li, "PA2", 3, evidence=[shown]),
        lambda: folk.evidence(folk.town.li, "PA1"),
        lambda: folk.certified(folk.town.li, ["BU2"]),
        lambda: actions.void_evidence(by=fresh(folk.town.zhou), evidence=shown, reason="x"),
        lambda: actions.name_on_bench(by=fresh(folk.town.office), post=folk.town.secretary, person=li, reason="x"),
    ):
        with pytest.raises(RuntimeError):
            do()
    assert (Rating.objects.count(), Evidence.objects.filter(voided_on=None).count(), Certificate.objects.count()) == (0, 1, 0)


def test_database_keeps_the_truth(folk: Folk) -> None:
    shown = folk.evidence(folk.town.li, "PA2")
    made = folk.rate(folk.town.li, "PA2", 2)
    li, day = Person.objects.get(pk=made.person_id), TODAY
    rows: list[Any] = [
        lambda: Rating.objects.create(person=li, competence="PA2", level=2, kind="superior", frame=folk.frame, on=day, by_uid="x", by_label="x"),
        lambda: Rating.objects.create(person=li, competence="PA3", level=2, kind="peer", frame=folk.frame, on=day, by_uid="x", by_label="x"),
        lambda: Evidence.objects.create(person=li, competence="PA2", kind="claim", record_id="1", words="x", on=day, added_label="x"),
        lambda: Evidence.objects.create(person=li, competence="PA2", kind="course", on=day, added_label="x"),
        lambda: Evidence.objects.create(person=li, competence="PA2", kind=shown.kind, record_id=shown.record_id, on=day, added_label="x"),
        lambda: Evidence.objects.filter(pk=shown.pk).update(voided_on=day),
        lambda: Evidence.objects.filter(pk=shown.pk).update(kind="rumour"),
        lambda: Certificate.objects.create(person=li, kind="证", issued_on=day, added_label="x"),
        lambda: Certificate.objects.create(person=li, kind="证", number="1", issued_on=day, expires_on=day, added_label="x"),
        lambda: Certificate.objects.create(person=li, kind="证", number="1", issued_on=day, added_label="x", voided_on=day),
        lambda: Objection.objects.create(rating=made, text="", on=day),
        lambda: Objection.objects.create(rating=made, text="x", on=day, answered_on=day),
        lambda: made.evidence.through.objects.create(rating=made, evidence=shown),
    ]  # fmt: skip
    for number, row in enumerate(rows):
        with pytest.raises(IntegrityError), transaction.atomic():
            row()
            pytest.fail(str(number))
