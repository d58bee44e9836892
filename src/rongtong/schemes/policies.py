"""Who sees schemes, who drafts them, and who may issue one: never whoever drafted it."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import NotAllowed
from rongtong.schemes.models import SchemeVersion, State

VIEW, EDIT = Permission.SCHEME_VIEW, Permission.SCHEME_EDIT


def sees(actor: Any, _version: SchemeVersion) -> bool:
    """Whoever is appraised may read by what: all who see schemes see every version, drafts only whoever may edit."""
    return access.can(actor, VIEW) and (_version.state != State.DRAFT or access.can(actor, EDIT))


def views(actor: Any) -> bool:
    return access.can(actor, VIEW)


def edits(actor: Any) -> bool:
    return access.can(actor, EDIT)


def why_not_issue(actor: Actor, version: SchemeVersion) -> str:
    """Reason code, empty if the actor may issue the draft."""
    if not edits(actor):
        return "no_scheme_edit"
    if version.state != State.DRAFT:
        return "not_a_draft"
    return "own_draft" if str(actor.uid) == version.drafted_uid else ""


def require_edit(actor: Any) -> None:
    access.require_everywhere(actor, EDIT)


def require_issue(actor: Actor, version: SchemeVersion) -> None:
    """A second person; whoever drafted it is refused."""
    reason = why_not_issue(actor, version)
    if reason in {"no_scheme_edit", "own_draft"}:
        raise NotAllowed(reason)
