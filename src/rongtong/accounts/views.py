"""Signing in and out, changing the password."""

from typing import Any

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from rongtong.accounts import actions
from rongtong.accounts.models import ApiToken, SavedView, User
from rongtong.accounts.session import account_of
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Refused


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; the same sentence for unknown users and wrong passwords."""
    if request.method == "GET":
        return render(request, "accounts/sign_in.html", {"next": request.GET.get("next", "")})
    username, password = request.POST.get("username", "")[:64], request.POST.get("password", "")
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        actions.record_failure(by=SYSTEM, username=username)
        context = {"error": _("User name or password is not right"), "username": username, "next": request.POST.get("next", "")}
        return render(request, "accounts/sign_in.html", context, status=401)
    login(request, user)
    actions.record_sign_in(by=user)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if target and safe else resolve_url("web:home"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        actions.record_sign_out(by=request.user)
    logout(request)
    return HttpResponseRedirect(resolve_url("accounts:sign_in"))


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    context: dict[str, Any] = {}
    if request.method == "POST" and isinstance(request.user, User):
        try:
            user = actions.change_password(by=request.user, old=request.POST.get("old", ""), new=request.POST.get("new", ""))
        except Refused as refusal:
            context["error"] = refusal
        else:
            update_session_auth_hash(request, user)
            context["is_done"] = True
    return render(request, "accounts/password.html", context, status=422 if "error" in context else 200)


@login_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens for the API; a new one is shown once."""
    user, context = account_of(request), dict[str, Any]()
    if request.method == "POST":
        secret, days = ApiToken.make_secret(), request.POST.get("days", "")
        try:
            number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
            context["made"] = actions.create_token(by=user, name=request.POST.get("name", ""), days=number, secret=secret)
            context["secret"] = secret
        except Refused as refusal:
            context |= {"error": refusal, "name": request.POST.get("name", ""), "days": days}
    context["tokens"] = list(ApiToken.objects.filter(user=user).order_by("-pk")[:50])
    response = render(request, "accounts/tokens.html", context, status=422 if "error" in context else 200)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = account_of(request)
    actions.revoke_token(by=user, token=get_object_or_404(ApiToken, pk=pk, user=user))
    return redirect("accounts:tokens")


@login_required
@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep a table as it is seen, and go on seeing it."""
    view = actions.keep_view(
        by=account_of(request), page=request.POST.get("page", ""), name=request.POST.get("name", ""), query=request.POST.get("query", "")
    )
    return HttpResponseRedirect(f"{view.page}?{view.query}")


@login_required
@require_POST
def drop_view(request: HttpRequest, pk: int) -> HttpResponse:
    user, target = account_of(request), request.POST.get("next", "/")
    actions.drop_view(by=user, view=get_object_or_404(SavedView, pk=pk, user=user))
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many failures; does not tell whether the account exists."""
    return render(request, "accounts/locked.html", status=429)
