"""Words for what a version of the minutes says differently from another."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.ledger.models import Side
from rongtong.meetings.minutes import Change
from rongtong.meetings.models import Mode, Presence, Topic, VoteKind

PARTS = {
    "head": _("Facts"), "items": _("Agenda item"), "attendance": _("Attendance"), "resolutions": _("Resolution"), "votes": pgettext_lazy("meeting", "Vote"),
}  # fmt: skip
FIELDS: dict[str, Any] = {
    "title": _("Title"), "held_on": _("Held on"), "starts_at": _("From"), "ends_at": _("Until"), "place": _("Place"), "mode": _("How"),
    "chair": _("Chair"), "recorder": _("Recorder"), "lecturer": _("Lecturer"), "should": _("should attend"), "present": pgettext_lazy("attendance", "present"),
    "on_leave": _("on leave"), "voters": _("should attend, with a vote"), "voters_present": _("present, with a vote"),
    "is_valid": _("attendance is enough"), "holder": _("Who holds the paper"), "paper_file": _("Number of the paper file"),
    "excellent": _("Rated excellent"), "appraised": _("Members appraised"), "values": _("Further facts"), "position": _("Place on the agenda"),
    "side": pgettext_lazy("plan", "Side"), "topic": _("Topic"), "speaker": _("Who spoke"), "points": _("Main points"),
    "differing": _("Differing opinions, word by word"), "record": _("Record it is about"), "name": pgettext_lazy("person", "Name"), "code": _("Number"),
    "presence": _("Attendance"), "votes": _("Right to vote"), "reason": _("Reason"), "item": _("On which item"), "text": _("What was agreed"),
    "needs_follow_up": _("Follow-up"), "is_deployed": _("deploys work of the other side"), "matter": _("Matter"), "leader": _("Leader"),
    "handler": _("Handler"), "due_on": _("Due on"), "kind": pgettext_lazy("meeting", "Kind"), "written": _("Written opinions"), "issued": _("Ballots issued"),
    "returned": _("Ballots returned"), "valid": _("Valid ballots"), "votes_for": pgettext_lazy("vote", "For"), "against": _("Against"), "abstained": _("Abstained"),
    "is_passed": _("Passed"), "voided": _("Void, because"), "candidates": _("Candidates"),
}  # fmt: skip
VALUES: dict[str, Any] = {"mode": Mode, "side": Side, "topic": Topic, "presence": Presence}


def changes(rows: Iterable[Change]) -> list[dict[str, Any]]:
    """Changes with the words that a page shows."""
    return [
        {
            "part_label": PARTS.get(row.part, row.part), "what": row.what, "label": FIELDS.get(row.name, row.name), "before": _shown(row, row.before),
            "after": _shown(row, row.after),
        }
        for row in rows
    ]  # fmt: skip


def _shown(row: Change, value: str) -> str:
    choices = VoteKind if (row.part, row.name) == ("votes", "kind") else VALUES.get(row.name)
    if choices is not None and value in choices.values:
        return str(choices(value).label)
    return {"True": str(_("yes")), "False": str(_("no"))}.get(value, value)
