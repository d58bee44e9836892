"""Acts on schemes: draft, change a draft, begin the next version, issue by a second person, withdraw, discard a draft."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.ids import clean_code
from rongtong.kernel.reference import Reference
from rongtong.organization.models import UnitClass
from rongtong.schemes import policies, queries
from rongtong.schemes.checking import require_sound
from rongtong.schemes.data import SchemeData, digest_of
from rongtong.schemes.holding import Hold, holds_of
from rongtong.schemes.models import Scheme, SchemeVersion, State


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands around the contents: from when it is to hold, the number of the paper, a remark."""

    starts_on: date
    document: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewScheme:
    code: str
    name: str
    unit_class: UnitClass
    name_en: str = ""


def _ref(version: SchemeVersion) -> Reference:
    return Reference("scheme_version", str(version.pk))


def _name(text: str) -> str:
    if not text.strip():
        raise Refused(_("The scheme has no name"), field="name", remedy=_("write what it is called"), code="name")
    return text.strip()[:120]


@act("schemes.draft")
def draft(*, by: Actor, new: NewScheme, data: SchemeData, paper: Paper) -> SchemeVersion:
    """A new scheme with its first version as a draft."""
    policies.require_edit(by)
    require_sound(data, queries.known())
    code = clean_code(new.code)
    if Scheme.objects.filter(code=code).exists():
        raise Refused(_("There is a scheme with the code “%(code)s” already") % {"code": code}, field="code", remedy=_("begin its next version, or choose another code"), code="exists")  # fmt: skip
    scheme = Scheme.objects.create(code=code, name=_name(new.name), name_en=new.name_en.strip()[:200], unit_class=new.unit_class)
    return _store(by, scheme, data, paper)


def _store(by: Actor, scheme: Scheme, data: SchemeData, paper: Paper) -> SchemeVersion:
    content = data.write()
    last = scheme.versions.order_by("-number").values_list("number", flat=True).first() or 0
    made = SchemeVersion.objects.create(
        scheme=scheme, unit_class_id=scheme.unit_class_id, number=last + 1, content=content, digest=digest_of(content), starts_on=paper.starts_on,
        document=paper.document.strip()[:120], note=paper.note.strip()[:300], drafted_uid=str(by.uid), drafted_label=by.label,
    )  # fmt: skip
    current().about(_ref(made), scheme=scheme.code, version=made.number, digest=made.digest)
    return made


@act("schemes.revise")
def revise(*, by: Actor, scheme: Scheme, paper: Paper, data: SchemeData | None = None) -> SchemeVersion:
    """Begin the next version as a draft, from what the newest one says."""
    policies.require_edit(by)
    locked = Scheme.objects.select_for_update().get(pk=scheme.pk)
    if queries.draft_of(locked) is not None:
        raise Conflict(_("The scheme has a draft already"), remedy=_("go on with that one"), code="draft")
    newest = locked.versions.order_by("-number").first()
    found = data if data is not None or newest is None else newest.data
    if found is None:
        raise Refused(_("The scheme says nothing yet"), remedy=_("give it its parts"), code="empty")
    require_sound(found, queries.known())
    return _store(by, locked, found, paper)


def _draft(version: SchemeVersion) -> SchemeVersion:
    """Lock a draft."""
    locked = SchemeVersion.objects.select_for_update(of=("self",)).select_related("scheme", "unit_class").get(pk=version.pk)
    if locked.state != State.DRAFT:
        raise Conflict(
            _("The version is no draft any more, and what is issued is not changed"), remedy=_("begin the next version"), code="state"
        )
    return locked


def _seen(version: SchemeVersion, seen: str) -> None:
    if version.digest != seen:
        raise Conflict(_("Somebody changed the draft since you looked"), remedy=_("look at it again"), code="seen")


@act("schemes.change")
def change(*, by: Actor, version: SchemeVersion, data: SchemeData, paper: Paper, seen: str) -> SchemeVersion:
    """Change a draft as a whole; `seen` is the digest of what the editor looked at. Whoever changes it has drafted it."""
    policies.require_edit(by)
    locked = _draft(version)
    _seen(locked, seen)
    require_sound(data, queries.known())
    locked.content = data.write()
    locked.digest, locked.starts_on = digest_of(locked.content), paper.starts_on
    locked.document, locked.note = paper.document.strip()[:120], paper.note.strip()[:300]
    locked.drafted_uid, locked.drafted_label, locked.drafted_at = str(by.uid), by.label, clock.now()
    locked.save(
        update_fields=["content", "digest", "starts_on", "document", "note", "drafted_uid", "drafted_label", "drafted_at"]
    )  # fmt: skip
    current().about(_ref(locked), digest=locked.digest, before=seen)
    return locked


@act("schemes.discard")
def discard(*, by: Actor, version: SchemeVersion) -> None:
    """Throw a draft away; a scheme that never had another version goes with it."""
    policies.require_edit(by)
    locked = _draft(version)
    current().about(_ref(locked), scheme=locked.scheme.code, version=locked.number)
    scheme = locked.scheme
    locked.delete()
    if not scheme.versions.exists():
        scheme.delete()


@act("schemes.issue")
def issue(*, by: Actor, version: SchemeVersion, seen: str) -> SchemeVersion:
    """A second person issues it; the version of the class that held until then ends the day it begins."""
    policies.require_issue(by, version)
    locked = _draft(version)
    policies.require_issue(by, locked)
    _seen(locked, seen)
    require_sound(locked.data, queries.known())
    before = queries.standing_before(locked)
    if before is not None:
        _end(before, locked.starts_on)
    locked.state, locked.issued_uid, locked.issued_label, locked.issued_at = State.ISSUED, str(by.uid), by.label, clock.now()
    with transaction.atomic():
        locked.save(update_fields=["state", "issued_uid", "issued_label", "issued_at"])
    current().about(_ref(locked), starts_on=str(locked.starts_on), replaced=before.pk if before else None, digest=locked.digest)
    return locked


def _end(before: SchemeVersion, on: date) -> None:
    """End the version in force; refused where it began later, or where a running round appraises by it."""
    if before.starts_on >= on:
        what = _("The version in force begins on %(day)s, not before this one") % {"day": before.starts_on.isoformat()}
        raise Refused(what, field="starts_on", remedy=_("choose a later day"), code="order")
    _require_free(before, on)
    before.state, before.ends_on = State.REPLACED, on
    before.save(update_fields=["state", "ends_on"])


def _require_free(version: SchemeVersion, on: date) -> None:
    held: list[Hold] = [hold for hold in holds_of(version) if hold.until >= on]
    if held:
        what = _("“%(round)s” runs by the version in force until %(day)s") % {"round": held[0].title, "day": held[0].until.isoformat()}
        raise Refused(what, field="starts_on", remedy=_("let the new one begin after it, or end the round first"), code="held")


@act("schemes.withdraw")
def withdraw(*, by: Actor, version: SchemeVersion, reason: str) -> SchemeVersion:
    """Take an issued version out of force without another; the reason stays readable."""
    policies.require_edit(by)
    locked = SchemeVersion.objects.select_for_update(of=("self",)).select_related("scheme").get(pk=version.pk)
    if locked.state != State.ISSUED:
        raise Conflict(_("Only an issued version can be withdrawn"), remedy=_("look at it again"), code="state")
    if not reason.strip():
        raise Refused(_("The reason is missing"), field="reason", remedy=_("write why"), code="reason")
    _require_free(locked, min(locked.starts_on, clock.today()))
    today = clock.today()
    locked.state, locked.withdrawn_reason, locked.withdrawn_label = State.WITHDRAWN, reason.strip()[:300], by.label
    locked.ends_on = today if today > locked.starts_on else locked.ends_on
    locked.save(update_fields=["state", "withdrawn_reason", "withdrawn_label", "ends_on"])
    current().about(_ref(locked), why=locked.withdrawn_reason)
    return locked
