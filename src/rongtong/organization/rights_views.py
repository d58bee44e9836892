"""Which role a kind of post carries: the page of the templates, for the two administrators who propose and approve them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from rongtong.access import actions as grants
from rongtong.access.models import Reach, RoleTemplate
from rongtong.access.policies import can
from rongtong.access.roles import ROLES, Permission
from rongtong.accounts.session import account_of
from rongtong.kernel.errors import Refused, Unseen
from rongtong.organization import rights
from rongtong.organization.models import PostKind
from rongtong.trees.models import Tree


@login_required
@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest) -> HttpResponse:
    """The templates in force and those that wait; proposing one."""
    if not can(request.user, Permission.ACCOUNT_VIEW):
        raise Unseen
    error = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("post_kind", "tree", "role", "reach")}
        try:
            grants.propose_template(by=account_of(request), is_linked=request.POST.get("linked") == "on", **typed)
            return redirect("rights:templates")
        except Refused as refusal:
            error = refusal
    kinds, trees = dict(PostKind.choices), dict(Tree.choices)
    rows = [
        {"row": row, "kind": kinds.get(row.post_kind, row.post_kind), "tree": trees[row.tree], "role": ROLES[row.role].name}
        for row in RoleTemplate.objects.standing().order_by("tree", "post_kind", "pk")
        if row.role in ROLES
    ]
    context = {
        "rows": rows, "error": error, "kinds": PostKind.choices, "trees": Tree.choices, "reaches": Reach.choices,
        "roles": [(code, role.name) for code, role in ROLES.items() if not role.is_administrator],
        "can_propose": can(request.user, Permission.GRANT_REQUEST), "can_approve": can(request.user, Permission.GRANT_APPROVE),
    }  # fmt: skip
    return render(request, "organization/templates.html", context, status=422 if error else 200)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Put a template in force, or take it away; the rights of those who serve follow at once."""
    if not can(request.user, Permission.ACCOUNT_VIEW):
        raise Unseen
    template = get_object_or_404(RoleTemplate.objects.standing(), pk=pk)
    doing = {"approve": rights.approve_template, "withdraw": rights.withdraw_template}.get(what)
    if doing is None:
        raise Unseen
    try:
        doing(by=account_of(request), template=template)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("rights:templates")
