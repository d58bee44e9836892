"""The three administrators of a new installation."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from rongtong.access import actions as grants
from rongtong.accounts import actions as accounts
from rongtong.kernel.act import SYSTEM, SystemActor, act
from rongtong.kernel.errors import Refused

INSTALLER = SystemActor("installer", "安装者")


@act("accounts.create_admin")
def _create(*, by: SystemActor, role: str, username: str, password: str) -> None:
    user = accounts.create_account(by=SYSTEM, username=username, password=password, display_name=username)
    grant = grants.request_grant(by=SYSTEM, user=user, role=f"admin_{role}", node=None, reason="installation")
    grants.approve_grant(by=INSTALLER, grant=grant)


def create(role: str, username: str, password: str) -> None:
    """Create an account that holds one administrator role and nothing else."""
    try:
        validate_password(password)
    except ValidationError as weak:
        raise Refused(" ".join(weak.messages), field="password", remedy="choose another one") from weak
    _create(by=SYSTEM, role=role, username=username, password=password)


def new_password() -> str:
    """One that no person thought of."""
    return secrets.token_urlsafe(15)
