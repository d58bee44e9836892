"""What a unit, a Party organisation or a person is, as it is given to an act."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.organization.models import MemberKind, PartyKind, UnitClass, UnitKind


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """Of a business unit; without a class it is not compared with others."""

    kind: str
    headcount: int | None = None
    is_legal_person: bool = False
    manager_title: str = ""
    unit_class: UnitClass | None = None

    def check(self) -> None:
        known(self.kind, UnitKind.values, "kind")


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """Of a Party organisation; what is not known stays empty."""

    kind: str
    members: int | None = None
    formal_members: int | None = None
    elected_on: date | None = None
    term_years: int | None = None

    def check(self) -> None:
        known(self.kind, PartyKind.values, "kind")
        if self.members is not None and self.formal_members is not None and self.formal_members > self.members:
            raise Refused(_("More full members than members"), field="formal_members", remedy=_("correct one of the two numbers"))


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Of a person: name, and what the Party register says."""

    name: str
    member_kind: str = MemberKind.NONE
    joined_on: date | None = None

    def check(self) -> None:
        known(self.member_kind, MemberKind.values, "member_kind")
        if not self.name.strip():
            raise Refused(_("The name is empty"), field="name", remedy=_("write the person's name"), code="name_empty")
        if self.joined_on is not None and self.member_kind not in {MemberKind.FORMAL, MemberKind.PROBATIONARY}:
            what = _("Only members have a day on which they joined")
            raise Refused(what, field="joined_on", remedy=_("leave the day empty or correct the kind of member"))


def known(value: str, values: list[str], field: str) -> None:
    """Refuse a word that is none of the known ones."""
    if value not in values:
        allowed = ", ".join(values)
        what = _("“%(value)s” is not one of: %(allowed)s") % {"value": value, "allowed": allowed}
        raise Refused(what, field=field, remedy=_("use one of these words"), code="choice")
