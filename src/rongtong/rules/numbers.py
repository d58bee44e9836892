"""The numbers of a rule row in words: each by its name, shares in per cent, bounds as from-to, codes as what they stand for."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES: dict[str, str | Promise] = {
    "acknowledge_days": gettext_lazy("days to acknowledge"),
    "acts": gettext_lazy("what must be done in person"),
    "ahead_days": gettext_lazy("days a matter is made ahead"),
    "amber_after": gettext_lazy("reminded from"),
    "answer_days": gettext_lazy("days to answer a request"),
    "approval_months": gettext_lazy("months within which approval is sought"),
    "at_once_days": gettext_lazy("days for what is mended at once"),
    "attendance_min": gettext_lazy("least share present"),
    "attendance_strict": gettext_lazy("must exceed that share"),
    "body_needed_from": gettext_lazy("full members from which a body is needed"),
    "branch": gettext_lazy("Party branch"),
    "branch_formal_min": gettext_lazy("least full members of a branch"),
    "branch_members_max": gettext_lazy("most members of a branch"),
    "candidate_surplus": gettext_lazy("surplus of candidates"),
    "combine_days": gettext_lazy("visits within so many days could be one"),
    "committee": gettext_lazy("Party committee"),
    "committee_from_formal": gettext_lazy("full members from which a branch has a committee"),
    "committee_max": gettext_lazy("most members of a committee"),
    "committee_min": gettext_lazy("least members for a Party committee"),
    "days": gettext_lazy("days"),
    "delegates_high": gettext_lazy("delegates at most, usually"),
    "delegates_low": gettext_lazy("delegates at least"),
    "delegates_max": gettext_lazy("delegates at most in any case"),
    "deputies_max": gettext_lazy("most deputies"),
    "discrimination_share": gettext_lazy("share of units above it (%)"),
    "discrimination_units": gettext_lazy("from so many units on"),
    "discrimination_value": gettext_lazy("value that nearly everyone reaches (%)"),
    "due": gettext_lazy("to be done by"),
    "excellent_share_max": gettext_lazy("most rated excellent"),
    "extension_days_max": gettext_lazy("longest extension (days)"),
    "extensions_max": gettext_lazy("extensions of one term"),
    "general_branch": gettext_lazy("General Party branch"),
    "general_branch_max": gettext_lazy("most members of a general branch"),
    "general_branch_min": gettext_lazy("least members of a general branch"),
    "group_formal_min": gettext_lazy("least full members of a group"),
    "group_members_min": gettext_lazy("least members of a group"),
    "indicator": gettext_lazy("indicator"),
    "item": gettext_lazy("agenda item"),
    "joint_units_max": gettext_lazy("most units of a joint branch"),
    "limits_fen": gettext_lazy("upper bounds (yuan)"),
    "link_confirm_days": gettext_lazy("days to confirm a link"),
    "long_term_days": gettext_lazy("days for what takes long"),
    "look_back_days": gettext_lazy("days until the look-back"),
    "meeting": gettext_lazy("kind of meeting"),
    "member_hours": gettext_lazy("hours a member a year"),
    "members_min": gettext_lazy("least members"),
    "months": gettext_lazy("months"),
    "months_amber": gettext_lazy("reminded so many months before"),
    "months_before": gettext_lazy("months before the end"),
    "needs_committee": gettext_lazy("only where there is a committee"),
    "new_secretary_months": gettext_lazy("new secretaries trained within (months)"),
    "no_income_high_fen": gettext_lazy("without income, at most (yuan)"),
    "no_income_low_fen": gettext_lazy("without income, at least (yuan)"),
    "of_last": gettext_lazy("of the last months"),
    "outlier_months": gettext_lazy("from so many months on"),
    "outlier_z": gettext_lazy("distance from the middle (robust z)"),
    "pairs": gettext_lazy("who talks with whom"),
    "pass_min": gettext_lazy("least share of yes"),
    "pass_of": gettext_lazy("share of"),
    "pass_strict": gettext_lazy("yes must exceed that share"),
    "people": gettext_lazy("people on site"),
    "perfect_months": gettext_lazy("months in a row"),
    "perfect_value": gettext_lazy("value (%)"),
    "project_months_min": gettext_lazy("a project lasting so many months"),
    "rates": gettext_lazy("rates"),
    "red_after": gettext_lazy("late after"),
    "red_after_days": gettext_lazy("late after so many days"),
    "retired_limits_fen": gettext_lazy("upper bounds of the retired (yuan)"),
    "retired_rates": gettext_lazy("rates of the retired"),
    "review_months": gettext_lazy("looked through within (months)"),
    "secretaries": gettext_lazy("secretaries"),
    "secretary_courses": gettext_lazy("courses of a secretary a year"),
    "secretary_hours": gettext_lazy("hours of a secretary a year"),
    "secretary_standing_years": gettext_lazy("years of membership of a secretary"),
    "share": gettext_lazy("share asked for"),
    "sitting_minutes": gettext_lazy("minutes of one sitting"),
    "sitting_periods": gettext_lazy("months filled in at one sitting"),
    "soon_days": gettext_lazy("days before the due day"),
    "stale_factor": gettext_lazy("times the usual interval"),
    "standing": gettext_lazy("members of the standing committee"),
    "standing_max": gettext_lazy("most members of the standing committee"),
    "steps_months": gettext_lazy("months before the term ends"),
    "term_years": gettext_lazy("years of a term"),
    "times_min": gettext_lazy("least times"),
    "unpaid_months_alert": gettext_lazy("months unpaid until a reminder"),
    "urges_to_escalate": gettext_lazy("urgings until it is raised"),
    "within_limit_days": gettext_lazy("days for what is mended within a limit"),
    "written_vote_counts": gettext_lazy("a written opinion counts as present"),
    "business_years": gettext_lazy("years in business posts"),
    "flow_years": gettext_lazy("years that a promotion counts as new"),
    "evidence_months": gettext_lazy("months in a post that show something"),
    "minutes_manual": gettext_lazy("minutes for an entry by hand"),
    "minutes_record": gettext_lazy("minutes for an entry from records"),
    "remind_days": gettext_lazy("days of reminder before the due day"),
    "least_present": gettext_lazy("least share of weight present"),
    "k_score": gettext_lazy("fewest answers for scores"),
    "k_text": gettext_lazy("fewest answers for words"),
    "gap_days": gettext_lazy("days between surveys of the same people"),
}
WORDS: dict[str, str | Promise] = {
    "deploy": gettext_lazy("deploying in person"),
    "look_into": gettext_lazy("inquiring in person"),
    "coordinate": gettext_lazy("coordinating in person"),
    "urge": gettext_lazy("supervising in person"),
    "should": gettext_lazy("those who should attend"),
    "present": gettext_lazy("those present"),
    "members": gettext_lazy("all members of the body"),
    "committee_committee": gettext_lazy("between committee members"),
    "committee_member": gettext_lazy("committee member with member"),
    "member_member": gettext_lazy("between members"),
    "assembly": gettext_lazy("branch assembly"),
    "branch_committee": gettext_lazy("branch committee meeting"),
    "group_meeting": gettext_lazy("group meeting"),
    "lecture": gettext_lazy("Party lecture"),
    "theme_day": gettext_lazy("theme Party day"),
    "organisational_life": gettext_lazy("organisational-life meeting"),
    "democratic_appraisal": gettext_lazy("democratic appraisal"),
    "democratic_life": gettext_lazy("democratic-life meeting"),
    "theory_group": gettext_lazy("study of the centre group"),
    "secretary_report": gettext_lazy("report of secretaries"),
    "party_building": gettext_lazy("Party-building work"),
    "strict_governance": gettext_lazy("strict Party governance"),
}
SHARES = {"least_present", "attendance_min", "pass_min", "candidate_surplus", "excellent_share_max", "share", "rates", "retired_rates"}
BOUNDS = {"branch", "general_branch", "committee", "standing"}  # two numbers are the least and the most


def named(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each number as (name, value)."""
    return [(str(NAMES.get(key, key)), _value(key, value)) for key, value in arguments.items()]


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return "、".join(f"{NAMES.get(name, name)} {_value(key, one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ("–" if key in BOUNDS and len(value) == 2 else "、").join(_value(key, one) for one in value)
    if isinstance(value, str):
        return str(WORDS.get(value, value))
    if key.endswith("_fen"):
        return f"{value / 100:g}" if value else _("and above")
    return f"{value * 100:.4g} %" if key in SHARES else f"{value:g}"
