"""The account behind a request."""

from django.http import HttpRequest

from rongtong.accounts.models import SavedView, User
from rongtong.kernel.errors import NotAllowed


def account_of(request: HttpRequest) -> User:
    """The signed-in account; views that call this require a sign-in."""
    if not isinstance(request.user, User):
        raise NotAllowed("not_signed_in")
    return request.user


def kept_views(request: HttpRequest) -> list[SavedView]:
    """The account's own views of the page."""
    return list(SavedView.objects.filter(user=account_of(request), page=request.path).order_by("name")[:30])
