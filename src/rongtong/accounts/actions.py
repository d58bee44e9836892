"""Acts on accounts."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rongtong.accounts.models import User
from rongtong.kernel.act import SYSTEM, Actor, act, current
from rongtong.kernel.errors import Refused
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
def create_account(*, by: Actor, username: str, password: str, display_name: str) -> User:
    """Create an account without any right."""
    if by != SYSTEM:
        raise Refused(_("Accounts are created at the command line"), remedy=_("run rongtong createadmin"))
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("The user name %(name)s is taken") % {"name": username}, field="username", remedy=_("choose another one"))
    user = User.objects.create_user(username, password, display_name=display_name)
    current().about(Reference("account", str(user.uid)), username=username)
    return user
