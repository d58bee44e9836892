"""Acts on accounts."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rongtong.accounts.models import ApiToken, SavedView, User
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, Actor, act, current
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference


@act("accounts.signed_in")
def record_sign_in(*, by: Actor) -> None:
    current().about(Reference("account", str(by.uid)))


@act("accounts.sign_in_failed")
def record_failure(*, by: Actor, username: str) -> None:
    current().about(Reference("account", ""), username=username[:64])


@act("accounts.signed_out")
def record_sign_out(*, by: Actor) -> None:
    current().about(Reference("account", str(by.uid)))


@act("accounts.change_password")
def change_password(*, by: User, old: str, new: str) -> User:
    """Change one's own password; the other sessions end."""
    if not by.check_password(old):
        raise Refused(_("The present password is not right"), field="old", remedy=_("type it again"))
    try:
        validate_password(new, by)
    except ValidationError as refused:
        raise Refused(" ".join(refused.messages), field="new", remedy=_("choose another one")) from refused
    by.set_password(new)
    by.must_change_password = False
    by.save(update_fields=["password", "must_change_password"])
    current().about(Reference("account", str(by.uid)))
    return by


@act("accounts.create")
def create_account(*, by: Actor, username: str, password: str, display_name: str, email: str = "", must_change: bool = False) -> User:
    """Create an account without any right; `by` is the program, on behalf of whoever administers accounts (access)."""
    _require_program(by)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("The user name %(name)s is taken") % {"name": username}, field="username", remedy=_("choose another one"))
    user = User.objects.create_user(username, password, display_name=display_name, email=email, must_change_password=must_change)
    current().about(Reference("account", str(user.uid)), username=username)
    return user


@act("accounts.set_password")
def set_password(*, by: Actor, user: User, password: str) -> User:
    """Give an account a password that must be changed at the next sign-in; its sessions end."""
    _require_program(by)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    current().about(Reference("account", str(user.uid)))
    return user


@act("accounts.set_active")
def set_active(*, by: Actor, user: User, is_active: bool) -> User:
    """Let an account sign in, or not any more; its tokens follow."""
    _require_program(by)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    current().about(Reference("account", str(user.uid)), is_active=is_active)
    return user


def _require_program(by: Actor) -> None:
    """Who may administer accounts is known one layer up; from below only the program does."""
    if by != SYSTEM:
        raise NotAllowed("no_account_manage")


LONGEST_DAYS = 365


@act("accounts.create_token")
def create_token(*, by: User, name: str, days: int, secret: str) -> ApiToken:
    """Give oneself a token for the API: it may do what the account may, until its last day. Only its digest is kept."""
    if not name.strip():
        raise Refused(_("The token has no name"), field="name", remedy=_("say which program uses it"))
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(_("%(days)d days are not possible") % {"days": days}, field="days", remedy=_("choose 1 to 365 days"))
    token = ApiToken.objects.create(
        user=by, name=name.strip()[:80], digest=ApiToken.digest_of(secret), expires_at=clock.now() + timedelta(days=days)
    )
    current().about(Reference("api_token", str(token.pk)), name=token.name, days=days)
    return token


@act("accounts.revoke_token")
def revoke_token(*, by: User, token: ApiToken) -> ApiToken:
    """End one's own token at once; a second time changes nothing."""
    if token.user_id != by.pk:
        raise Unseen
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=clock.now())
    current().about(Reference("api_token", str(token.pk)), name=token.name)
    return token


MOST_VIEWS = 30


@act("accounts.keep_view")
def keep_view(*, by: User, page: str, name: str, query: str) -> SavedView:
    """Keep a table's address under a name; the same name on the same page is replaced."""
    if not name.strip():
        raise Refused(_("The view has no name"), field="name", remedy=_("name it"))
    if not page.startswith("/") or page.startswith("//") or len(page) > 120 or len(query) > 600:
        raise Refused(_("This view cannot be kept"), field="query", remedy=_("remove a filter"))
    if SavedView.objects.filter(user=by, page=page).exclude(name=name.strip()[:60]).count() >= MOST_VIEWS:
        raise Refused(_("There are %(most)d views of this page already") % {"most": MOST_VIEWS}, field="name", remedy=_("forget one first"))
    view, _is_new = SavedView.objects.update_or_create(user=by, page=page, name=name.strip()[:60], defaults={"query": query})
    current().about(Reference("saved_view", str(view.pk)), page=page)
    return view


@act("accounts.drop_view")
def drop_view(*, by: User, view: SavedView) -> None:
    """Forget one's own view."""
    if view.user_id != by.pk:
        raise Unseen
    current().about(Reference("saved_view", str(view.pk)), page=view.page)
    view.delete()
