"""Pages of those who administer accounts and rights: who may sign in, who asked for which right, who decided."""

import secrets
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import actions, queries
from rongtong.access.models import Grant, Reach, Source
from rongtong.access.policies import can
from rongtong.access.roles import ROLES, Permission
from rongtong.accounts.models import User
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.trees.models import Node

PAGE, CHARACTERS = 50, 12


def _require(request: HttpRequest) -> None:
    if not can(request.user, Permission.ACCOUNT_VIEW):
        raise Unseen


@login_required
@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """Accounts by user name, with the roles they hold today."""
    _require(request)
    text, role, state = (request.GET.get(name, "").strip() for name in ("q", "role", "state"))
    found = queries.accounts(text, role if role in ROLES else "", state).filter(username__gt=request.GET.get("after", ""))
    rows = list(found[: PAGE + 1])
    roles = queries.roles_of(rows[:PAGE])
    query = request.GET.copy()
    query["after"] = rows[PAGE - 1].username if len(rows) > PAGE else ""
    context = {
        "rows": [{"user": user, "roles": [ROLES[code].name for code in roles.get(user.pk, []) if code in ROLES]} for user in rows[:PAGE]],
        "next_query": query.urlencode() if len(rows) > PAGE else "",
        "query": text, "role": role, "state": state, "roles": [(code, one.name) for code, one in ROLES.items()],
        "states": (("active", _("may sign in")), ("blocked", _("blocked")), ("first", _("has not changed the first password"))),
        "count": User.objects.filter(is_active=True).count(),
        "waiting": queries.waiting_grants().count() + queries.waiting_templates().count(),
        "can_manage": can(request.user, Permission.ACCOUNT_MANAGE),
    }  # fmt: skip
    return render(request, "access/accounts.html", context)


@sensitive_variables("password")
@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open an account; its first password is shown once."""
    _require(request)
    typed = {name: request.POST.get(name, "").strip() for name in ("username", "display_name", "email")}
    context: dict[str, Any] = {"typed": typed}
    if request.method == "POST":
        password = secrets.token_urlsafe(CHARACTERS)
        try:
            context |= {"made": actions.open_account(by=account_of(request), password=password, **typed), "password": password}
        except Refused as refusal:
            context["error"] = refusal
    elif not can(request.user, Permission.ACCOUNT_MANAGE):
        raise Unseen
    return _unkept(render(request, "access/new.html", context, status=422 if "error" in context else 200))


def _unkept(response: HttpResponse) -> HttpResponse:
    """A page that shows a secret once is kept nowhere."""
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_GET
def account(request: HttpRequest, uid: str) -> HttpResponse:
    """One account: its state, its rights and where they come from."""
    _require(request)
    return _account_page(request, get_object_or_404(User, uid=uid))


def _account_page(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
    grants = list(Grant.objects.filter(user=user).select_related("node").order_by("-starts_on", "-pk")[:200])
    names = _names(grants)
    context: dict[str, Any] = {
        "account": user,
        "grants": [_line(grant, names) for grant in grants],
        "roles": [(code, role.name) for code, role in ROLES.items()],
        "reaches": Reach.choices, "today": clock.today(), "is_self": request.user == user,
        "can_manage": can(request.user, Permission.ACCOUNT_MANAGE), "can_request": can(request.user, Permission.GRANT_REQUEST),
        "can_approve": can(request.user, Permission.GRANT_APPROVE),
    }  # fmt: skip
    return render(request, "access/account.html", context | more, status=422 if "error" in more else 200)


def _names(grants: list[Grant]) -> dict[str, str]:
    """Labels of the accounts that asked for or approved grants."""
    uids = {uid for grant in grants for uid in (grant.requested_by, grant.approved_by) if len(uid) == 36}
    return {str(user.uid): user.label for user in User.objects.filter(uid__in=uids)}


def _line(grant: Grant, names: dict[str, str]) -> dict[str, Any]:
    today = clock.today()
    is_ended = grant.ends_on is not None and grant.ends_on <= today
    is_waiting = grant.source != Source.DERIVED and grant.approved_at is None and not is_ended
    role = ROLES.get(grant.role)
    return {
        "grant": grant, "role": role.name if role else grant.role, "is_ended": is_ended, "is_waiting": is_waiting,
        "is_refused": is_ended and grant.approved_at is None and grant.source != Source.DERIVED,
        "asked": names.get(grant.requested_by, grant.requested_by), "approved": names.get(grant.approved_by, grant.approved_by),
    }  # fmt: skip


@sensitive_variables("password")
@login_required
@require_POST
def change(request: HttpRequest, uid: str, what: str) -> HttpResponse:
    """Block, let in again, or give a new first password."""
    _require(request)
    user, by = get_object_or_404(User, uid=uid), account_of(request)
    try:
        if what == "password":
            password = secrets.token_urlsafe(CHARACTERS)
            actions.reset_password(by=by, user=user, password=password)
            return _unkept(_account_page(request, user, password=password))
        if what not in {"block", "unblock"}:
            raise Unseen
        actions.set_active(by=by, user=user, is_active=what == "unblock")
    except Refused as refusal:
        return _account_page(request, user, error=refusal)
    return redirect("access:account", uid)


@login_required
@require_POST
def ask(request: HttpRequest, uid: str) -> HttpResponse:
    """Ask for a right for an account; another person decides."""
    _require(request)
    user = get_object_or_404(User, uid=uid)
    typed = {name: request.POST.get(name, "").strip() for name in ("role", "node", "reach", "ends_on", "reason")}
    try:
        node, ends_on = _node(typed["node"]), _day(typed["ends_on"])
        actions.request_grant(
            by=account_of(request), user=user, role=typed["role"], node=node, reach=typed["reach"] or Reach.SUBTREE,
            is_linked=request.POST.get("linked") == "on", ends_on=ends_on,
            source=Source.STAND_IN if request.POST.get("stand_in") == "on" else Source.EXPLICIT, reason=typed["reason"][:200],
        )  # fmt: skip
    except Refused as refusal:
        return _account_page(request, user, error=refusal, typed=typed)
    messages.success(request, _("Asked for; it has force once the security administrator approved it."))
    return redirect("access:account", uid)


def _node(text: str) -> Node | None:
    """The node whose code is typed; none for the whole enterprise."""
    if not text:
        return None
    found = Node.objects.filter(code__iexact=text.split(" ", maxsplit=1)[0], closed_on__isnull=True).order_by("tree").first()
    if found is None:
        raise Refused(_("There is no open unit %(code)s") % {"code": text}, field="node", remedy=_("correct the code"))
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Refused(_("“%(text)s” is not a day") % {"text": text}, field="ends_on", remedy=_("write it as YYYY-MM-DD")) from wrong


@login_required
@require_GET
def grants(request: HttpRequest) -> HttpResponse:
    """Rights that wait for a decision."""
    _require(request)
    rows = list(queries.waiting_grants()[:200])
    names = _names(rows)
    context = {"rows": [_line(grant, names) for grant in rows], "can_approve": can(request.user, Permission.GRANT_APPROVE)}
    return render(request, "access/grants.html", context | {"templates_waiting": queries.waiting_templates().count()})


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Approve, turn down or end a grant."""
    _require(request)
    grant, by = get_object_or_404(Grant.objects.select_related("user"), pk=pk), account_of(request)
    try:
        if what == "approve":
            actions.approve_grant(by=by, grant=grant)
        elif what == "refuse":
            actions.refuse_grant(by=by, grant=grant, reason=request.POST.get("reason", ""))
        elif what == "end":
            actions.end_grant(by=by, grant=grant)
        else:
            raise Unseen
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("access:grants") if request.POST.get("back") == "grants" else redirect("access:account", grant.user.uid)
