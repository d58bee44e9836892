"""Acts on grants: derived ones follow posts; explicit and stand-in ones need two people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from rongtong.access import policies
from rongtong.access.administration import (
    approve_template,
    open_account,
    propose_template,
    refuse_grant,
    reset_password,
    set_active,
    withdraw_template,
)
from rongtong.access.models import Grant, Reach, RoleTemplate, Source
from rongtong.access.roles import ADMINISTRATORS, ROLES, Permission
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.trees.models import Node

__all__ = [
    "DerivedGrant",
    "approve_grant",
    "approve_template",
    "end_grant",
    "install_templates",
    "open_account",
    "propose_template",
    "refresh_derived",
    "refuse_grant",
    "request_grant",
    "reset_password",
    "set_active",
    "withdraw_template",
]
# what a kind of post carries after installation: (post kind, tree, role, reach, linked nodes too)
TEMPLATES = (
    ("secretary", "P", "secretary", Reach.SUBTREE, True),
    ("deputy", "P", "deputy", Reach.SUBTREE, True),
    ("committee", "P", "leader", Reach.NODE, True),
    ("head", "B", "manager", Reach.SUBTREE, True),
    ("deputy_head", "B", "leader", Reach.SUBTREE, True),
    ("department_head", "B", "department", Reach.SUBTREE, True),
    ("staff", "B", "member", Reach.NODE, False),
)


@dataclass(frozen=True, slots=True)
class DerivedGrant:
    """A right that follows from serving in a post."""

    origin_id: str
    role: str
    node: Node
    reach: str
    is_linked: bool
    starts_on: date
    ends_on: date | None


@act("access.install_templates")
def install_templates(*, by: Actor) -> None:
    """The templates of a new installation, proposed by the program and approved by whoever installs it."""
    rows = [
        RoleTemplate(
            post_kind=kind,
            tree=tree,
            role=role,
            reach=reach,
            is_linked=linked,
            proposed_by="program",
            approved_by="installer",
            approved_at=clock.now(),
        )
        for kind, tree, role, reach, linked in TEMPLATES
    ]
    RoleTemplate.objects.bulk_create(rows, ignore_conflicts=True)
    current().about(Reference("role_template", "all"), installed=len(rows))


@act("access.refresh_derived")
def refresh_derived(*, by: Actor, user: User, rows: Sequence[DerivedGrant]) -> None:
    """Replace an account's derived grants by those its posts give now."""
    if Grant.objects.filter(user=user, role__in=ADMINISTRATORS).exists() and rows:
        raise Refused(
            _("%(user)s is an administrator and may hold no business role") % {"user": user.username},
            remedy=_("give the person a separate account"),
            code="separation",
        )
    Grant.objects.filter(user=user, source=Source.DERIVED).delete()
    Grant.objects.bulk_create(
        [
            Grant(
                user=user, role=row.role, node=row.node, reach=row.reach, is_linked=row.is_linked, source=Source.DERIVED,
                origin_id=row.origin_id, starts_on=row.starts_on, ends_on=row.ends_on, requested_by="post",
            )
            for row in rows
        ]
    )  # fmt: skip
    current().about(Reference("account", str(user.uid)), derived=len(rows))


@act("access.request_grant")
def request_grant(
    *, by: Actor, user: User, role: str, node: Node | None, reach: str = Reach.SUBTREE, is_linked: bool = False,
    source: str = Source.EXPLICIT, starts_on: date | None = None, ends_on: date | None = None, reason: str = "",
) -> Grant:  # fmt: skip
    """Ask for a grant; it has no force until another person approves it."""
    policies.require_everywhere(by, Permission.GRANT_REQUEST)
    if role not in ROLES:
        raise Refused(_("“%(role)s” is not a role") % {"role": role}, field="role")
    if source == Source.STAND_IN and ends_on is None:
        raise Refused(_("A stand-in grant needs an end"), field="ends_on", remedy=_("say until when"))
    _refuse_mixture(user, role)
    grant = Grant.objects.create(
        user=user, role=role, node=node, reach=reach, is_linked=is_linked, source=source, starts_on=starts_on or clock.today(),
        ends_on=ends_on, reason=reason, requested_by=str(by.uid),
    )  # fmt: skip
    current().about(Reference("grant", str(grant.pk)), user=user.username, role=role, node=node.code if node else "")
    return grant


def _refuse_mixture(user: User, role: str) -> None:
    """三员分立: no account holds two administrator roles, and none of them a business role."""
    today = clock.today()
    held = set(Grant.objects.filter(user=user).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today)).values_list("role", flat=True))
    others = held - {role}
    if (role in ADMINISTRATORS and others) or (role not in ADMINISTRATORS and others & ADMINISTRATORS):
        raise Refused(
            _("%(user)s already holds a role that may not be joined with this one") % {"user": user.username},
            field="role",
            remedy=_("use a separate account for each administrator"),
            code="separation",
        )


@act("access.approve_grant")
def approve_grant(*, by: Actor, grant: Grant) -> Grant:
    """Give a requested grant force; never by whoever asked for it."""
    policies.require_everywhere(by, Permission.GRANT_APPROVE)
    if grant.approved_at is not None or (grant.ends_on is not None and grant.ends_on <= clock.today()):
        raise Refused(_("The grant waits for nobody"), remedy=_("load the page again"), code="state")
    if str(by.uid) == grant.requested_by:
        raise Refused(_("Whoever asks for a grant cannot approve it"), remedy=_("let another person approve it"), code="two_persons")
    _refuse_mixture(grant.user, grant.role)
    grant.approved_by, grant.approved_at = str(by.uid), clock.now()
    grant.save(update_fields=["approved_by", "approved_at"])
    current().about(Reference("grant", str(grant.pk)), user=grant.user.username, role=grant.role)
    return grant


@act("access.end_grant")
def end_grant(*, by: Actor, grant: Grant) -> Grant:
    """Take a grant away from today on."""
    policies.require_everywhere(by, Permission.GRANT_APPROVE)
    grant.ends_on = max(clock.today(), grant.starts_on)
    grant.save(update_fields=["ends_on"])
    current().about(Reference("grant", str(grant.pk)), user=grant.user.username, ended_on=str(grant.ends_on))
    return grant
