"""What a vote keeps of its arithmetic: the numbers that were compared, read back for the sentence on the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rongtong.meetings.voting import SHOULD, Comparison, Elected, Outcome


@dataclass(frozen=True, slots=True)
class Why:
    """Reads and writes `Vote.why`. `by_candidate` is by position; `tied` share the last seat."""

    attendance: Comparison | None = None
    passing: Comparison | None = None
    by_candidate: Mapping[int, Comparison] = field(default_factory=dict)
    tied: tuple[int, ...] = ()
    open_seats: int = 0
    pass_of: str = SHOULD

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Why":
        if not data:
            return cls()
        passing = data.get("passing")
        return cls(
            Comparison.of(data["attendance"]), Comparison.of(passing) if passing else None,
            {int(key): Comparison.of(value) for key, value in data.get("by_candidate", {}).items()},
            tuple(data.get("tied", ())), int(data.get("open_seats", 0)), str(data.get("pass_of", "should")),
        )  # fmt: skip

    @classmethod
    def of_vote(cls, outcome: Outcome, pass_of: str) -> "Why":
        return cls(outcome.attendance, outcome.passing, pass_of=pass_of)

    @classmethod
    def of_election(cls, found: Elected, pass_of: str) -> "Why":
        return cls(found.attendance, None, dict(found.passing), found.tied, found.open_seats, pass_of)

    def as_json(self) -> dict[str, Any]:
        return {
            "attendance": self.attendance.as_json() if self.attendance else None,
            "passing": self.passing.as_json() if self.passing else None,
            "by_candidate": {str(key): value.as_json() for key, value in self.by_candidate.items()},
            "tied": list(self.tied), "open_seats": self.open_seats, "pass_of": self.pass_of,
        }  # fmt: skip

    @property
    def attendance_sentence(self) -> str:
        """How many came of how many, and how many the rule asks for."""
        it = self.attendance
        if it is None:
            return _("not counted yet")
        values = {"have": it.have, "base": it.base, "needed": it.needed, "share": it.share}
        if it.is_strict:
            return _("%(have)d of %(base)d who should attend came; more than %(share)s is at least %(needed)d") % values
        return _("%(have)d of %(base)d who should attend came; at least %(share)s is %(needed)d") % values

    def passing_sentence(self, one: Comparison | None = None) -> str:
        """How many were in favour, of whom, and how many the rule asks for."""
        it = one or self.passing
        if it is None:
            return ""
        values = {"have": it.have, "needed": it.needed, "share": it.share, "crowd": self.crowd, "base": it.base}
        if it.is_strict:
            return _("%(have)d in favour; more than %(share)s of %(base)d %(crowd)s is at least %(needed)d") % values
        return _("%(have)d in favour; at least %(share)s of %(base)d %(crowd)s is %(needed)d") % values

    @property
    def crowd(self) -> str:
        words = {"should": _("who should attend"), "members": _("members of the body"), "present": _("who were present")}
        return words[self.pass_of]
