"""Acts on the frame and on what posts ask for: drafted, issued, replaced from a day on; and the record of equal pay."""

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.organization.models import PostKind
from rongtong.people import policies, queries
from rongtong.people.frames import LEVELS, Competence, Frame, Levels, Side
from rongtong.people.models import Answer, FrameState, FrameVersion, PayParity, Requirement
from rongtong.trees.models import Node


def _ref(version: FrameVersion) -> Reference:
    return Reference("frame", str(version.pk))


def shipped() -> dict[str, Any]:
    """The frame and the requirements that come with the product."""
    return tomllib.loads(files("rongtong.people").joinpath("data/frame.toml").read_text(encoding="utf-8"))


@act("people.install")
def install(*, by: Actor, starts_on: date | None = None) -> FrameVersion | None:
    """Issue the shipped frame with its requirements, where none stands yet."""
    policies.require_frame(by)
    if FrameVersion.objects.exists():
        return None
    data, day = shipped(), starts_on or clock.today()
    frame = Frame.read(data["competence"])
    made = FrameVersion.objects.create(
        number=1, content=frame.stored(), state=FrameState.ISSUED, starts_on=day, issued_at=clock.now(), made_label=by.label,
        issued_label=by.label,
    )  # fmt: skip
    rows = [
        Requirement(post_kind=kind, levels=Levels.read(asked).stored(), starts_on=day, by_label=by.label)
        for kind, asked in data["requirement"].items()
    ]
    Requirement.objects.bulk_create(rows)
    current().about(_ref(made), competences=len(frame.competences), requirements=len(rows))
    return made


# the frame


@act("people.draft_frame")
def begin_draft(*, by: Actor) -> FrameVersion:
    """Begin the next version as a copy of the last one; there is one draft at a time."""
    policies.require_frame(by)
    if queries.draft() is not None:
        raise Conflict(_("Somebody has begun a draft already"), remedy=_("go on with that one"), code="draft")
    last = FrameVersion.objects.order_by("-number").first()
    made = FrameVersion.objects.create(number=last.number + 1 if last else 1, content=last.content if last else [], made_label=by.label)
    current().about(_ref(made), number=made.number)
    return made


def _draft(version: FrameVersion) -> FrameVersion:
    locked = FrameVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != FrameState.DRAFT:
        raise Conflict(
            _("Version %(number)d is issued and never changes") % {"number": locked.number}, remedy=_("begin a new version"), code="issued"
        )
    return locked


@act("people.set_competence")
def set_competence(*, by: Actor, version: FrameVersion, competence: Competence) -> FrameVersion:
    """Add a competence to a draft, or change its words."""
    policies.require_frame(by)
    locked = _draft(version)
    _refuse_competence(competence)
    rows = locked.frame.competences
    kept = [competence if one.code == competence.code else one for one in rows]
    if locked.frame.get(competence.code) is None:
        kept.append(competence)
    locked.content = Frame(tuple(kept)).stored()
    locked.save(update_fields=["content"])
    current().about(_ref(locked), competence=competence.code)
    return locked


def _refuse_competence(competence: Competence) -> None:
    if competence.side not in Side.values:
        raise Refused(_("“%(side)s” is not a side") % {"side": competence.side}, field="side", remedy=", ".join(Side.values))
    if not competence.code.isascii() or not competence.code.isalnum() or len(competence.code) > 20:
        what = _("“%(code)s” cannot be a code") % {"code": competence.code}
        raise Refused(what, field="code", remedy=_("use up to 20 letters and digits"), code="code")
    if not competence.name.strip():
        raise Refused(_("The competence has no name"), field="name", remedy=_("name it"), code="name")
    if len(competence.behaviours) != len(LEVELS) or any(not zh.strip() for zh, _en in competence.behaviours):
        what = _("Each of the %(count)d levels needs a behaviour that can be observed") % {"count": len(LEVELS)}
        raise Refused(what, field="level_1", remedy=_("describe every level"), code="levels")


@act("people.drop_competence")
def drop_competence(*, by: Actor, version: FrameVersion, code: str) -> FrameVersion:
    """Take a competence out of a draft."""
    policies.require_frame(by)
    locked = _draft(version)
    locked.content = Frame(tuple(one for one in locked.frame.competences if one.code != code)).stored()
    locked.save(update_fields=["content"])
    current().about(_ref(locked), dropped=code)
    return locked


@act("people.discard_frame")
def discard_draft(*, by: Actor, version: FrameVersion) -> None:
    """Throw a draft away; nothing was issued by it."""
    policies.require_frame(by)
    locked = _draft(version)
    current().about(_ref(locked), number=locked.number)
    locked.delete()


@act("people.issue_frame")
def issue_frame(*, by: Actor, version: FrameVersion, starts_on: date) -> FrameVersion:
    """Put a draft in force from a day on; the version before ends that day. What posts ask for must be in it."""
    policies.require_frame(by)
    locked = _draft(version)
    _refuse_start(starts_on)
    _refuse_frame(locked.frame, starts_on)
    last = FrameVersion.objects.select_for_update().filter(state=FrameState.ISSUED).order_by("-starts_on").first()
    if last is not None and last.starts_on is not None:
        if starts_on <= last.starts_on:
            what = _("Version %(number)d begins on %(day)s") % {"number": last.number, "day": last.starts_on}
            raise Refused(what, field="starts_on", remedy=_("choose a later day"), code="span")
        last.ends_on = min(last.ends_on or starts_on, starts_on)
        last.save(update_fields=["ends_on"])
    locked.state, locked.starts_on, locked.issued_at, locked.issued_label = FrameState.ISSUED, starts_on, clock.now(), by.label
    locked.save(update_fields=["state", "starts_on", "issued_at", "issued_label"])
    current().about(_ref(locked), number=locked.number, starts_on=str(starts_on))
    return locked


def _refuse_start(starts_on: date) -> None:
    if starts_on < clock.today():
        raise Refused(_("The day lies in the past"), field="starts_on", remedy=_("choose today or a later day"), code="past")


def _refuse_frame(frame: Frame, day: date) -> None:
    for side in Side:
        if not 3 <= len(frame.of_side(side)) <= 5:
            what = _("%(side)s has %(count)d competences") % {"side": side.label, "count": len(frame.of_side(side))}
            raise Refused(what, field="starts_on", remedy=_("keep 3 to 5 on each side"), code="count")
    for row in queries.requirements(day):
        outside = sorted(set(row.asked.by_code) - frame.codes)
        if outside:
            what = _("“%(kind)s” posts ask for %(code)s, which this version does not hold") % {
                "kind": row.get_post_kind_display(),
                "code": outside[0],
            }
            raise Refused(what, field="starts_on", remedy=_("change that requirement first, or keep the competence"), code="still_asked")


@act("people.close_frame")
def close_frame(*, by: Actor, version: FrameVersion, on: date) -> FrameVersion:
    """End a version without a successor; refused while posts still ask for its competences."""
    policies.require_frame(by)
    locked = FrameVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != FrameState.ISSUED or locked.ends_on is not None:
        raise Conflict(_("Only the version in force can be closed"), remedy=_("look at it again"), code="state")
    if locked.starts_on is not None and on <= locked.starts_on:
        raise Refused(_("It would end before it begins"), field="on", remedy=_("choose a later day"), code="span")
    count = queries.requirements(on).count()
    if count:
        what = _("%(count)d requirements of posts stand on this version") % {"count": count}
        raise Refused(what, field="on", remedy=_("issue its successor, or end the requirements first"), code="occupied")
    locked.ends_on = on
    locked.save(update_fields=["ends_on"])
    current().about(_ref(locked), ends_on=str(on))
    return locked


# requirements


@act("people.require")
def set_requirement(*, by: Actor, post_kind: str, levels: Mapping[str, int], starts_on: date, node: Node | None = None) -> Requirement:
    """Say what a kind of post asks for from a day on, in the whole enterprise or in a subtree; the row before ends that day."""
    policies.require_frame(by, node)
    if post_kind not in PostKind.values:
        raise Refused(_("“%(kind)s” is not a kind of post") % {"kind": post_kind}, field="post_kind", remedy=", ".join(PostKind.values))
    _refuse_start(starts_on)
    _refuse_levels(levels, starts_on)
    rows = Requirement.objects.select_for_update().filter(post_kind=post_kind, node=node).order_by("-starts_on")
    _end_before(rows.first(), starts_on)
    made = Requirement.objects.create(
        post_kind=post_kind, node=node, levels=Levels.read(levels).stored(), starts_on=starts_on, by_label=by.label
    )
    current().about(Reference("requirement", str(made.pk)), post_kind=post_kind, node=node.pk if node else None, starts_on=str(starts_on))
    return made


def _refuse_levels(levels: Mapping[str, int], day: date) -> None:
    frame = queries.frame_on(day)
    if not levels:
        raise Refused(_("No level is asked for"), field="levels", remedy=_("give at least one competence a level"), code="empty")
    for code, level in levels.items():
        if frame.get(code) is None:
            what = _("“%(code)s” is no competence of the frame in force") % {"code": code}
            raise Refused(what, field="levels", remedy=_("choose one of the frame"), code="outside_frame")
        if level not in LEVELS:
            what = _("“%(code)s” has no level %(level)s") % {"code": code, "level": level}
            raise Refused(what, field="levels", remedy=_("choose one of 1 to %(most)d") % {"most": LEVELS[-1]}, code="level")


def _end_before(last: Requirement | None, starts_on: date) -> None:
    if last is None:
        return
    if starts_on <= last.starts_on:
        what = _("The requirement that stands begins on %(day)s") % {"day": last.starts_on}
        raise Refused(what, field="starts_on", remedy=_("choose a later day"), code="span")
    if last.ends_on is None or last.ends_on > starts_on:
        last.ends_on = starts_on
        last.save(update_fields=["ends_on"])


@act("people.unrequire")
def end_requirement(*, by: Actor, requirement: Requirement, on: date) -> Requirement:
    """The row no longer holds from a day on; above it the next wider one does."""
    policies.require_frame(by, requirement.node)
    locked = Requirement.objects.select_for_update(of=("self",)).get(pk=requirement.pk)
    if locked.ends_on is not None:
        raise Conflict(_("The requirement has an end already"), remedy=_("look at it again"), code="state")
    if on <= locked.starts_on:
        raise Refused(_("It would end before it begins"), field="on", remedy=_("choose a later day"), code="span")
    _refuse_start(on)
    locked.ends_on = on
    locked.save(update_fields=["ends_on"])
    current().about(Reference("requirement", str(locked.pk)), ends_on=str(on))
    return locked


# equal pay


@act("people.parity")
def note_parity(*, by: Actor, post_kind: str, answer: str, paper: str = "") -> PayParity:
    """Whether a kind of Party post is paid as its counterpart of the same rank; yes and no need the paper that says so."""
    policies.require_frame(by)
    if post_kind not in policies.PARTY_KINDS:
        raise Refused(_("“%(kind)s” is no Party post") % {"kind": post_kind}, field="post_kind", remedy=", ".join(policies.PARTY_KINDS))
    if answer not in Answer.values:
        raise Refused(_("“%(name)s” is not an answer") % {"name": answer}, field="answer", remedy=", ".join(Answer.values))
    if answer != Answer.UNKNOWN and not paper.strip():
        raise Refused(_("No paper says so"), field="paper", remedy=_("give the number of the pay rule"), code="no_paper")
    PayParity.objects.select_for_update().filter(post_kind=post_kind, superseded_on__isnull=True).update(superseded_on=clock.today())
    made = PayParity.objects.create(post_kind=post_kind, answer=answer, paper=paper.strip()[:120], on=clock.today(), by_label=by.label)
    current().about(Reference("parity", str(made.pk)), post_kind=post_kind, answer=answer)
    return made
