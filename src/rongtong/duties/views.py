"""One duty at one unit: the chain of who implements it, the hole and its button."""

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.duties import actions, policies, queries
from rongtong.duties.assigning import HOLE_WORDS, implementations, open_posts_of, posts_for
from rongtong.duties.models import Issue
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.ledger.forms import PostField
from rongtong.ledger.policies import posts_of
from rongtong.ledger.views import lines

RECENT = 24


class NameForm(django_forms.Form):
    """Which post leads, which one handles."""

    leader = PostField(required=False, label=gettext_lazy("Leader"))
    handler = PostField(required=False, label=gettext_lazy("Handler"))

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("leader", "handler"):
            field = self.fields[name]
            assert isinstance(field, PostField)
            field.actor = actor
            field.widget.attrs["list"] = f"list-{name}"


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """One duty at one unit: the chain of who implements it, the hole and its button, and what it brought."""
    row = get_object_or_404(
        Issue.objects.select_related("duty__indicator", "duty__duty_list", "node", "leader_post", "handler_post"), pk=pk
    )
    if not access.can(request.user, Permission.DUTY_VIEW, row.node) and not {row.leader_post_id, row.handler_post_id} & posts_of(
        request.user
    ):
        raise Unseen
    [found] = implementations([row], clock.today())
    fitting = posts_for(row.duty, open_posts_of([row.node], clock.today()).get(row.node_id, []))
    posts = {"leader": row.leader_post or fitting[0], "handler": row.handler_post or fitting[1]}
    initial = {name: f"{post.code} {post.name}" for name, post in posts.items() if post is not None}
    form = NameForm(request.POST or None, actor=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.name_posts(by=account_of(request), of=row, leader=form.cleaned_data["leader"], handler=form.cleaned_data["handler"])
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Done; the handler was told."))
            return redirect("duties:issue", pk)
    matters = queries.occurrences([row]).get(row.pk, [])[:RECENT]
    history = (
        Issue.objects.filter(node=row.node, duty_code=row.duty_code).exclude(pk=row.pk).select_related("duty__duty_list", "leader_post")
    )
    context = {
        "issue": row, "found": found, "form": form, "may_name": policies.may_name(request.user, row), "matters": lines(matters),
        "history": list(history.order_by("-starts_on")[:20]), "can_sign": row.leader_post_id in posts_of(request.user) and row.signed_on is None,
        "hole_word": HOLE_WORDS.get(found.hole) if found.hole else "", "empty_post": row.leader_post if found.at == "leader" else row.handler_post,
        "can_edit": access.can(request.user, Permission.ORGANIZATION_EDIT, row.node),
    }  # fmt: skip
    return render(request, "duties/issue.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def ask_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the system administrators for an account for whoever serves there without one."""
    row = get_object_or_404(Issue.objects.select_related("duty", "node"), pk=pk)
    if not access.can(request.user, Permission.DUTY_VIEW, row.node):
        raise Unseen
    count = actions.ask_account(by=account_of(request), of=row)
    messages.success(request, _("%(count)s administrators were asked.") % {"count": count})
    return redirect("duties:issue", pk)
