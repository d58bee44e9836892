"""Acts on accounts by those who administer them, and on which role a kind of post carries; rights need two people."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from rongtong.access import policies
from rongtong.access.models import Grant, Reach, RoleTemplate, Source
from rongtong.access.roles import ADMINISTRATORS, ROLES, Permission
from rongtong.accounts import actions as accounts
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.trees.models import Tree

SHORTEST_NAME = 3


@act("access.open_account")
def open_account(*, by: Actor, username: str, display_name: str, password: str, email: str = "") -> User:
    """Open an account without any right; its password must be changed at the first sign-in."""
    policies.require_everywhere(by, Permission.ACCOUNT_MANAGE)
    username, display_name = username.strip(), display_name.strip()
    if len(username) < SHORTEST_NAME or not username.replace("-", "").replace(".", "").replace("_", "").isalnum() or not username.isascii():
        what = _("“%(name)s” is not a user name") % {"name": username}
        raise Refused(what, field="username", remedy=_("use three or more letters, digits, dots or dashes"))
    if not display_name:
        raise Refused(_("The account has no name"), field="display_name", remedy=_("write the name that others see"))
    if email:
        try:
            validate_email(email)
        except ValidationError as wrong:
            raise Refused(
                _("“%(mail)s” is not a mail address") % {"mail": email}, field="email", remedy=_("correct it or leave it empty")
            ) from wrong
    return accounts.create_account(
        by=SYSTEM, username=username, password=password, display_name=display_name, email=email, must_change=True
    )


@act("access.reset_password")
def reset_password(*, by: Actor, user: User, password: str) -> User:
    """Give an account a new password for one sign-in; its sessions end."""
    policies.require_everywhere(by, Permission.ACCOUNT_MANAGE)
    _refuse_oneself(by, user)
    return accounts.set_password(by=SYSTEM, user=user, password=password)


@act("access.set_active")
def set_active(*, by: Actor, user: User, is_active: bool) -> User:
    """Block an account, or let it sign in again. Its grants stay: they are ended by whoever approves them."""
    policies.require_everywhere(by, Permission.ACCOUNT_MANAGE)
    _refuse_oneself(by, user)
    if not is_active and _is_last_administrator(user):
        what = _("%(name)s is the last account of an administrator's role") % {"name": user.label}
        raise Refused(what, remedy=_("give another account the role first"), code="last_administrator")
    return accounts.set_active(by=SYSTEM, user=user, is_active=is_active)


def _refuse_oneself(by: Actor, user: User) -> None:
    if str(by.uid) == str(user.uid):
        raise Refused(_("Nobody does this to their own account"), remedy=_("ask another administrator"), code="oneself")


def _is_last_administrator(user: User) -> bool:
    grants = Grant.objects.on(clock.today()).filter(role__in=ADMINISTRATORS)
    held = set(grants.filter(user=user).values_list("role", flat=True))
    others = set(grants.exclude(user=user).filter(user__is_active=True).values_list("role", flat=True))
    return bool(held - others)


@act("access.refuse_grant")
def refuse_grant(*, by: Actor, grant: Grant, reason: str) -> Grant:
    """Turn a requested grant down; it stays on record without ever having had force."""
    policies.require_everywhere(by, Permission.GRANT_APPROVE)
    if grant.approved_at is not None or grant.source == Source.DERIVED:
        raise Refused(_("The grant is already approved"), remedy=_("end it instead"), code="state")
    if not reason.strip():
        raise Refused(_("There is no reason"), field="reason", remedy=_("say in a sentence why it is turned down"))
    grant.ends_on, grant.reason = grant.starts_on, f"{grant.reason} | {reason.strip()}"[:300]
    grant.save(update_fields=["ends_on", "reason"])
    current().about(Reference("grant", str(grant.pk)), user=grant.user.username, role=grant.role, refused=reason.strip()[:200])
    return grant


@act("access.propose_template")
def propose_template(*, by: Actor, post_kind: str, tree: str, role: str, reach: str, is_linked: bool) -> RoleTemplate:
    """Propose which role a kind of post carries; it has no force until another person approves it."""
    policies.require_everywhere(by, Permission.GRANT_REQUEST)
    if role not in ROLES or role in ADMINISTRATORS:
        raise Refused(_("“%(role)s” may not follow from a post") % {"role": role}, field="role", remedy=_("choose a business role"))
    if tree not in Tree.values or reach not in Reach.values or not post_kind:
        raise Refused(_("The template is not whole"), field="post_kind", remedy=_("choose a kind of post, a tree and a reach"))
    if RoleTemplate.objects.standing().filter(post_kind=post_kind, tree=tree, role=role).exists():
        raise Refused(
            _("This kind of post carries the role already"), field="role", remedy=_("withdraw the present template first"), code="duplicate"
        )
    template = RoleTemplate.objects.create(
        post_kind=post_kind, tree=tree, role=role, reach=reach, is_linked=is_linked, proposed_by=str(by.uid)
    )
    current().about(Reference("role_template", str(template.pk)), post_kind=post_kind, role=role)
    return template


@act("access.approve_template")
def approve_template(*, by: Actor, template: RoleTemplate) -> RoleTemplate:
    """Give a template force; never by whoever proposed it."""
    policies.require_everywhere(by, Permission.GRANT_APPROVE)
    if template.approved_at is not None or template.withdrawn_at is not None:
        raise Refused(_("The template waits for nobody"), remedy=_("load the page again"), code="state")
    if str(by.uid) == template.proposed_by:
        raise Refused(_("Whoever proposes a template cannot approve it"), remedy=_("let another person approve it"), code="two_persons")
    template.approved_by, template.approved_at = str(by.uid), clock.now()
    template.save(update_fields=["approved_by", "approved_at"])
    current().about(Reference("role_template", str(template.pk)), post_kind=template.post_kind, role=template.role)
    return template


@act("access.withdraw_template")
def withdraw_template(*, by: Actor, template: RoleTemplate) -> RoleTemplate:
    """Take a template away; it stays on record. Rights that followed from it end with the next look at who serves (organization)."""
    policies.require_everywhere(by, Permission.GRANT_APPROVE)
    if template.withdrawn_at is None:
        template.withdrawn_at = clock.now()
        template.save(update_fields=["withdrawn_at"])
    current().about(Reference("role_template", str(template.pk)), post_kind=template.post_kind, tree=template.tree, role=template.role)
    return template
