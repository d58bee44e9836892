"""The account behind a request."""

from django.http import HttpRequest

from rongtong.accounts.models import User
from rongtong.kernel.errors import NotAllowed


def account_of(request: HttpRequest) -> User:
    """The signed-in account; views that call this require a sign-in."""
    if not isinstance(request.user, User):
        raise NotAllowed("not_signed_in")
    return request.user
