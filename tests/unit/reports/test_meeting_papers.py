"""Papers of a meeting say what the signed version says; a draft says that it is one; what is not recorded is a dash with its reason."""

import dataclasses
from typing import Any

import pytest
from tests.town import fresh
from tests.unit.reports.conftest import Hall

from rongtong.audit.models import Entry
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Refused, Unseen
from rongtong.meetings import actions as meetings
from rongtong.papers.blocks import Roll, Table
from rongtong.reports import actions, meeting_papers

pytestmark = pytest.mark.django_db


def words(value: Any) -> str:
    """Every text of a paper, in order."""
    if isinstance(value, str):
        return value
    if dataclasses.is_dataclass(value):
        return " ".join(words(getattr(value, field.name)) for field in dataclasses.fields(value))
    return " ".join(words(one) for one in value) if isinstance(value, (tuple, list)) else ""


def test_signed_minutes_name_both_signatures_and_the_version(hall: Hall) -> None:
    said = words(meeting_papers.record(hall.signed()))
    assert "第1版" in said and "主持人 zhou" in said and "记录人 li" in said
    assert "草稿" not in said


def test_unsigned_minutes_are_a_draft_with_lines_to_sign(hall: Hall) -> None:
    said = words(meeting_papers.record(hall.recorded()))
    assert "草稿" in said and "主持人（签字）" in said


def test_attendance_that_was_not_recorded_is_missing_and_not_zero(hall: Hall) -> None:
    meeting = hall.held()
    meeting.present = None
    meeting.save(update_fields=["present"])
    paper = meeting_papers.record(meeting)
    counts = next(block for block in paper.blocks if isinstance(block, Roll) and block.label == "到会")
    assert "实到人数未记录" in words(counts) and " 0" not in words(counts)


def test_the_sign_in_sheet_leaves_the_signature_to_the_hand(hall: Hall) -> None:
    table = next(block for block in meeting_papers.sign_in(hall.prepared()).blocks if isinstance(block, Table))
    assert {row[3] for row in table.rows if isinstance(row, tuple)} == {""}
    assert table.row_mm >= 8


def test_which_papers_a_meeting_has_follows_its_state(hall: Hall) -> None:
    assert meeting_papers.names(hall.prepared()) == ["notice", "sign-in"]
    assert meeting_papers.names(hall.held(hour=11)) == ["notice", "sign-in", "minutes", "resolutions"]
    cancelled = meetings.cancel(by=fresh(hall.town.zhou), meeting=hall.prepared(hour=14), reason="停电")
    assert meeting_papers.names(cancelled) == []


def test_words_of_a_restricted_kind_are_not_printed(hall: Hall) -> None:
    meeting = hall.held("organisational_life", hour=15)
    meeting = meetings.set_facts(by=fresh(hall.town.zhou), meeting=meeting, facts=meetings.Facts(holder="组织科", paper_file="卷7"))
    said = words(meeting_papers.record(meeting))
    assert "卷7" in said and "组织科" in said
    assert "resolutions" not in meeting_papers.names(meeting)


def test_printing_is_audited_and_refused_to_strangers(hall: Hall) -> None:
    meeting = hall.held()
    before = Entry.objects.count()
    actions.print_meeting(by=fresh(hall.town.zhou), meeting=meeting, name="minutes")
    assert Entry.objects.count() == before + 1
    with pytest.raises(Unseen):
        actions.print_meeting(by=fresh(hall.town.stranger), meeting=meeting, name="minutes")


def test_minutes_of_a_meeting_that_was_not_held_are_refused(hall: Hall) -> None:
    with pytest.raises(Refused) as caught:
        actions.print_meeting(by=SYSTEM, meeting=hall.prepared(), name="minutes")
    assert caught.value.code == "no_paper"
