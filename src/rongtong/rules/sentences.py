"""What a check found, in words: each fact of a finding by its name; codes of reasons and of what is missing as sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.kernel.periods import PeriodKind

Words = str | Promise
FACTS: dict[str, Words] = {
    "held": gettext_lazy("held"), "wanted": gettext_lazy("asked for"), "held_on": gettext_lazy("held on"),
    "present": gettext_lazy("present"), "should": gettext_lazy("should attend"), "attendance_min": gettext_lazy("least share present"),
    "excellent": gettext_lazy("excellent"), "appraised": gettext_lazy("appraised"), "agreed": gettext_lazy("agreed items"),
    "overdue": gettext_lazy("overdue"), "talked": gettext_lazy("pairs that talked"), "expected": gettext_lazy("pairs expected"),
    "hours": gettext_lazy("hours a member so far"), "hours_wanted": gettext_lazy("hours asked for in the year"),
    "leaders": gettext_lazy("leaders"), "enough": gettext_lazy("of them often enough"), "times_min": gettext_lazy("times asked for"),
    "opens_on": gettext_lazy("notice: from"), "notice": gettext_lazy("notice"), "since": gettext_lazy("since"),
    "members": gettext_lazy("members"), "formal_members": gettext_lazy("full members"), "expires_on": gettext_lazy("term ends"),
    "elected_on": gettext_lazy("elected"), "reminded_on": gettext_lazy("reminded"), "extended": gettext_lazy("extended"),
    "serving": gettext_lazy("serving"), "low": gettext_lazy("at least"), "high": gettext_lazy("at most"),
    "secretaries": gettext_lazy("secretaries"), "deputies": gettext_lazy("deputies"), "seats": gettext_lazy("seats"),
    "vacant": gettext_lazy("vacant since"), "days": gettext_lazy("days"), "missing": gettext_lazy("missing"), "hint": gettext_lazy("look at"),
    "reason": gettext_lazy("why"), "not_told": gettext_lazy("not told"), "deploy": gettext_lazy("deployed in person"),
    "inquire": gettext_lazy("inquired in person"), "coordinate": gettext_lazy("coordinated in person"),
    "supervise": gettext_lazy("supervised in person"), "share": gettext_lazy("share"), "staff": gettext_lazy("full-time Party staff"),
    "headcount": gettext_lazy("head-count"), "crossed": gettext_lazy("cross-appointed leaders"),
}  # fmt: skip
CODES: dict[str, Words] = {
    "meetings": gettext_lazy("meetings were not recorded here for the whole period"),
    "opened": gettext_lazy("it was opened during the period"), "secretary": gettext_lazy("a serving secretary"),
    "affiliations": gettext_lazy("who belongs to it (the member roster)"), "attendance": gettext_lazy("attendance by person"),
    "tally": gettext_lazy("the tally of the appraisal"), "posts": gettext_lazy("posts"), "members": gettext_lazy("numbers of members"),
    "elected_on": gettext_lazy("the day of the last election"), "appointments": gettext_lazy("appointments"),
    "account": gettext_lazy("an account of the secretary"), "papers": gettext_lazy("the articles of association"),
    "people": gettext_lazy("records of people"), "means": gettext_lazy("payroll, Party-work funds and department staffing"),
    "payroll": gettext_lazy("last year's payroll and Party-work funds"), "staffing": gettext_lazy("staffing of the departments"),
    "ledger": gettext_lazy("matters"), "plans": gettext_lazy("plans"), "duties": gettext_lazy("duties"), "decisions": gettext_lazy("decisions"),
    "list": gettext_lazy("the responsibility list"), "link": gettext_lazy("a confirmed link of both sides"), "plan": gettext_lazy("an adopted plan"),
    "headcount": gettext_lazy("the head-count"), "running": gettext_lazy("the period is running, not yet due"),
    "no_committee": gettext_lazy("it has no committee"), "nothing_agreed": gettext_lazy("no meeting agreed a matter"),
    "team": gettext_lazy("a team belongs to the organisation above"), "early": gettext_lazy("held before the notice's days: is there a consent"),
    "after": gettext_lazy("held after the last day"), "excellent": gettext_lazy("more excellent than the share asks for"),
    "merge": gettext_lazy("too few members: merge"), "split": gettext_lazy("too many members: split"),
    "approval": gettext_lazy("fewer members than usual: the superior's approval"), "committee": gettext_lazy("enough members for a committee"),
    "set_up": gettext_lazy("set up a body"), "secretary_hours": gettext_lazy("hours and courses of secretaries (kept later)"),
}  # fmt: skip
_KINDS: dict[str, Words] = {
    PeriodKind.MONTH: gettext_lazy("month"), PeriodKind.QUARTER: gettext_lazy("quarter"), PeriodKind.HALF: gettext_lazy("half-year"),
    PeriodKind.YEAR: gettext_lazy("year"), "": gettext_lazy("at any time"),
}  # fmt: skip


def facts(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each fact of a finding as (name, value), in words where there are any."""
    return [(str(FACTS.get(name, name)), _value(value)) for name, value in detail.items() if value not in ("", None)]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dict):
        return "、".join(f"{name} {said}" for name, said in value.items())
    return str(CODES.get(value, value)) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def in_short(detail: Mapping[str, Any]) -> str:
    """The facts in one line."""
    return "，".join(f"{name} {value}" for name, value in facts(detail))


def kind_of_period(kind: str) -> str:
    return str(_KINDS.get(kind, kind))
