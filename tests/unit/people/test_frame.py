"""The frame and what posts ask for: versions, dates, subtrees, and what is refused."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import OPENED, fresh
from tests.unit.people.conftest import LI_ASKED, Folk

from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.people import frame_actions, queries
from rongtong.people.frames import LEVELS, Competence
from rongtong.people.models import FrameVersion, PayParity, Requirement

TODAY, LATER = date(2026, 11, 23), date(2027, 1, 1)
WORDS = tuple((f"行为{level}", f"behaviour {level}") for level in LEVELS)


def issued(folk: Folk, change: Callable[[FrameVersion], Any] | None = None, starts_on: date = LATER) -> FrameVersion:
    made = frame_actions.begin_draft(by=fresh(folk.town.office))
    if change is not None:
        change(made)
    return frame_actions.issue_frame(by=fresh(folk.town.office), version=FrameVersion.objects.get(pk=made.pk), starts_on=starts_on)


def test_the_shipped_frame_is_whole_in_both_languages(folk: Folk) -> None:
    frame = folk.frame.frame
    assert [3 <= len(frame.of_side(side)) <= 5 for side in ("party", "business")] == [True, True]
    assert all(one.name and one.name_en and all(zh and en for zh, en in one.behaviours) for one in frame.competences)
    assert len(frame.codes) == len(frame.competences) == 8
    for row in Requirement.objects.all():
        assert set(row.asked.by_code) <= frame.codes
        assert all(level in LEVELS for level in row.asked.by_code.values())
    assert frame_actions.install(by=SYSTEM) is None


def test_a_new_version_follows_and_the_old_one_never_changes(folk: Folk) -> None:
    office = fresh(folk.town.office)
    made = issued(
        folk,
        lambda draft: frame_actions.set_competence(
            by=office, version=draft, competence=Competence("BU5", "business", "数字化", "Digital", WORDS)
        ),
    )
    old = FrameVersion.objects.get(number=1)
    assert (old.ends_on, made.number, made.starts_on) == (LATER, 2, LATER)
    assert ("BU5" in queries.frame_on(LATER).codes, "BU5" in queries.frame_on(TODAY).codes) == (True, False)
    for change in (lambda: FrameVersion.objects.filter(pk=old.pk).update(content=[]), lambda: FrameVersion.objects.filter(pk=old.pk).update(number=9),
                   lambda: FrameVersion.objects.filter(pk=old.pk).update(starts_on=TODAY), old.delete):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with pytest.raises(Conflict, match="never changes"):
        frame_actions.set_competence(by=office, version=made, competence=Competence("BU6", "business", "新", "", WORDS))


def test_one_draft_at_a_time_that_can_be_thrown_away(folk: Folk) -> None:
    office = fresh(folk.town.office)
    made = frame_actions.begin_draft(by=office)
    with pytest.raises(Conflict, match="already"):
        frame_actions.begin_draft(by=office)
    with pytest.raises(IntegrityError), transaction.atomic():
        FrameVersion.objects.create(number=7, made_label="x")
    frame_actions.discard_draft(by=office, version=made)
    assert FrameVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("competence", "code"),
    [
        (Competence("X 1", "party", "名", "", WORDS), "code"),
        (Competence("X1", "middle", "名", "", WORDS), "invalid"),
        (Competence("X1", "party", " ", "", WORDS), "name"),
        (Competence("X1", "party", "名", "", WORDS[:3]), "levels"),
        (Competence("X1", "party", "名", "", (*WORDS[:3], ("", "only English"))), "levels"),
    ],
)
def test_a_competence_without_its_words_is_refused(folk: Folk, competence: Competence, code: str) -> None:
    made = frame_actions.begin_draft(by=fresh(folk.town.office))
    with pytest.raises(Refused) as refused:
        frame_actions.set_competence(by=fresh(folk.town.office), version=made, competence=competence)
    assert refused.value.code == code
    made.refresh_from_db()
    assert made.content == folk.frame.content


def test_a_version_holds_what_posts_ask_for(folk: Folk) -> None:
    office = fresh(folk.town.office)
    made = frame_actions.begin_draft(by=office)
    frame_actions.drop_competence(by=office, version=made, code="BU3")
    with pytest.raises(Refused, match="ask for BU3") as refused:
        frame_actions.issue_frame(by=office, version=FrameVersion.objects.get(pk=made.pk), starts_on=LATER)
    assert refused.value.code == "still_asked"
    for code in ("BU1", "BU2"):
        frame_actions.drop_competence(by=office, version=made, code=code)
    with pytest.raises(Refused, match="3 to 5"):
        frame_actions.issue_frame(by=office, version=FrameVersion.objects.get(pk=made.pk), starts_on=LATER)
    for day, code in ((date(2026, 1, 1), "past"), (OPENED, "past")):
        with pytest.raises(Refused) as refused:
            frame_actions.issue_frame(by=office, version=FrameVersion.objects.get(pk=made.pk), starts_on=day)
        assert refused.value.code == code
    assert FrameVersion.objects.get(pk=made.pk).state == "draft"


def test_an_occupied_version_is_not_closed(folk: Folk) -> None:
    office = fresh(folk.town.office)
    with pytest.raises(Refused, match="6 requirements of posts stand") as refused:
        frame_actions.close_frame(by=office, version=folk.frame, on=LATER)
    assert refused.value.code == "occupied"
    assert FrameVersion.objects.get(pk=folk.frame.pk).ends_on is None
    for row in Requirement.objects.all():
        frame_actions.end_requirement(by=office, requirement=row, on=LATER)
    assert frame_actions.close_frame(by=office, version=folk.frame, on=LATER).ends_on == LATER
    with pytest.raises(Conflict):
        frame_actions.close_frame(by=office, version=folk.frame, on=LATER)


def test_requirements_hold_from_a_day_on_and_in_a_subtree(folk: Folk) -> None:
    office, branch = fresh(folk.town.office), folk.town.branch
    frame_actions.set_requirement(by=office, post_kind="deputy", levels={"PA1": 4}, starts_on=LATER, node=branch)
    now, then = queries.Asks(TODAY), queries.Asks(LATER)
    for asks, path, expected in ((now, branch.path, LI_ASKED), (then, branch.path, {"PA1": 4}), (then, "P00009", LI_ASKED)):
        found = asks.at("deputy", path)
        assert found is not None
        assert found.by_code == expected
    assert then.at("staff", branch.path) is None
    for day in (LATER, date(2026, 12, 1)):
        with pytest.raises(Refused, match="choose a later day"):
            frame_actions.set_requirement(by=office, post_kind="deputy", levels={"PA1": 3}, starts_on=day, node=branch)
    made = frame_actions.set_requirement(by=office, post_kind="deputy", levels={"PA1": 3}, starts_on=date(2027, 6, 1), node=branch)
    with clock.frozen(datetime(2027, 6, 2, 9)):
        frame_actions.end_requirement(by=fresh(folk.town.office), requirement=made, on=date(2027, 7, 1))
    again = queries.Asks(date(2027, 7, 1)).at("deputy", branch.path)
    assert again is not None
    assert again.by_code == LI_ASKED


def test_a_level_outside_the_frame_is_not_asked_for(folk: Folk) -> None:
    office, before = fresh(folk.town.office), Requirement.objects.count()
    for kind, levels, day, code in (
        ("deputy", {"PA1": 5}, LATER, "level"), ("deputy", {"PA1": 0}, LATER, "level"), ("deputy", {"XX": 2}, LATER, "outside_frame"),
        ("deputy", {}, LATER, "empty"), ("king", {"PA1": 2}, LATER, "invalid"), ("deputy", {"PA1": 2}, date(2026, 1, 1), "past"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            frame_actions.set_requirement(by=office, post_kind=kind, levels=levels, starts_on=day)
        assert refused.value.code == code
    assert Requirement.objects.count() == before


def test_two_rows_of_a_place_never_overlap(folk: Folk) -> None:
    given: dict[str, Any] = {"post_kind": "deputy", "levels": {"PA1": 2}, "by_label": "x"}
    Requirement.objects.create(node=folk.town.branch, starts_on=OPENED, **given)
    for node in (None, folk.town.branch):
        with pytest.raises(IntegrityError), transaction.atomic():
            Requirement.objects.create(node=node, starts_on=LATER, **given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Requirement.objects.create(node=folk.town.shop, starts_on=LATER, ends_on=LATER, **given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Requirement.objects.create(node=folk.town.shop, starts_on=LATER, **(given | {"post_kind": "king"}))


def test_only_the_offices_write_the_frame(folk: Folk) -> None:
    zhou = fresh(folk.town.zhou)
    requirement = Requirement.objects.get(post_kind="deputy")
    for do in (
        lambda: frame_actions.install(by=zhou), lambda: frame_actions.begin_draft(by=zhou),
        lambda: frame_actions.set_competence(by=zhou, version=folk.frame, competence=Competence("X1", "party", "x", "", WORDS)),
        lambda: frame_actions.drop_competence(by=zhou, version=folk.frame, code="PA1"), lambda: frame_actions.discard_draft(by=zhou, version=folk.frame),
        lambda: frame_actions.issue_frame(by=zhou, version=folk.frame, starts_on=LATER), lambda: frame_actions.close_frame(by=zhou, version=folk.frame, on=LATER),
        lambda: frame_actions.set_requirement(by=zhou, post_kind="deputy", levels={"PA1": 1}, starts_on=LATER, node=folk.town.branch),
        lambda: frame_actions.end_requirement(by=zhou, requirement=requirement, on=LATER), lambda: frame_actions.note_parity(by=zhou, post_kind="secretary", answer="unknown"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            do()


def test_equal_pay_is_a_record_with_its_paper(folk: Folk) -> None:
    office = fresh(folk.town.office)
    for kind, answer, paper, field in (
        ("head", "yes", "1", "post_kind"),
        ("secretary", "maybe", "1", "answer"),
        ("secretary", "yes", " ", "paper"),
    ):
        with pytest.raises(Refused) as refused:
            frame_actions.note_parity(by=office, post_kind=kind, answer=answer, paper=paper)
        assert refused.value.field == field
    first = frame_actions.note_parity(by=office, post_kind="secretary", answer="unknown")
    second = frame_actions.note_parity(by=office, post_kind="secretary", answer="yes", paper="薪酬办法（2025）3号")
    first.refresh_from_db()
    assert (first.superseded_on, second.superseded_on) == (TODAY, None)
    assert queries.parities()["secretary"].answer == "yes"
    with pytest.raises(IntegrityError), transaction.atomic():
        PayParity.objects.create(post_kind="secretary", answer="no", paper="x", on=TODAY, by_label="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        PayParity.objects.create(post_kind="deputy", answer="no", on=TODAY, by_label="x")
