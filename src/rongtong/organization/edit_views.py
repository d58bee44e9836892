"""Pages with a form: everything that changes the organisation. An error keeps what was typed and says what to do."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.organization import actions, forms, queries, restructuring
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import Appointment
from rongtong.trees.models import Node


def user_of(request: HttpRequest) -> User:
    """The signed-in account; views that call this require one."""
    return cast("User", request.user)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """One change of a node: open below, correct, move, close, split, link, class, extension, reminder, post."""
    node = get_object_or_404(nodes_of(request.user), pk=pk)
    if what not in forms.FORMS or forms.ONLY_OF.get(what, node.tree) != node.tree:
        raise Unseen
    access.require(request.user, Permission.ORGANIZATION_EDIT, node)
    extra = _consequences(node) if what in {"close", "split"} else {}
    return _answer(request, forms.FORMS[what], node, node, lambda form: form.carry_out(user_of(request)), extra)


def _consequences(node: Node) -> dict[str, Any]:
    """What stands in the way of closing, and what a closed node keeps."""
    today = clock.today()
    return {"still_open": restructuring.still_open(node, today), "stays": restructuring.stays(node)}


def _answer(
    request: HttpRequest, form_class: type[forms.ActForm], about: Any, node: Node, do: Callable[[Any], Any], extra: dict[str, Any]
) -> HttpResponse:  # fmt: skip
    form = form_class(request.POST or None, actor=request.user, about=about)
    if request.method == "POST" and form.is_valid():
        try:
            target = do(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Done; it stands in the audit log."))
            return redirect("organization:node", target.pk)
    heading = str(form.title) % {"name": about.name}
    context = {"form": form, "node": node, "heading": heading, **extra}
    return render(request, "organization/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint somebody to a post."""
    post = get_object_or_404(queries.posts(request.user), pk=pk)
    access.require(request.user, Permission.ORGANIZATION_EDIT, post.node)
    return _answer(request, forms.AppointForm, post, post.node, lambda form: form.carry_out(user_of(request)), {})


@login_required
@require_http_methods(["GET", "POST"])
def end_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """End an appointment."""
    row = get_object_or_404(queries.appointments(request.user).select_related("person__account", "post__node"), pk=pk)
    access.require(request.user, Permission.ORGANIZATION_EDIT, row.post.node)

    def do(form: forms.EndForm) -> Node:
        actions.end_appointment(by=user_of(request), appointment=row, on=form.day())
        return row.post.node

    return _answer(request, forms.EndForm, _Named(f"{row.person.name} · {row.post.name}"), row.post.node, do, {})


@login_required
@require_http_methods(["GET", "POST"])
def end_link(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link between the two trees."""
    link = get_object_or_404(queries.links(request.user), pk=pk)
    access.require(request.user, Permission.ORGANIZATION_EDIT, link.unit, link.party)

    def do(form: forms.EndForm) -> Node:
        return trees.end_link(by=user_of(request), link=link, on=form.day()).unit

    return _answer(request, forms.EndForm, _Named(f"{link.unit.name} ↔ {link.party.name}"), link.unit, do, {})


@login_required
@require_http_methods(["GET", "POST"])
def close_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Abolish a seat."""
    post = get_object_or_404(queries.posts(request.user), pk=pk)
    access.require(request.user, Permission.ORGANIZATION_EDIT, post.node)

    def do(form: forms.EndForm) -> Node:
        return actions.close_post(by=user_of(request), post=post, on=form.day()).node

    return _answer(request, forms.EndForm, post, post.node, do, {})


class _Named:
    """What an end form is about, as far as its heading goes."""

    def __init__(self, name: str) -> None:
        self.name = name


def last_holders(post_ids: list[int]) -> dict[int, Appointment]:
    """Post to its latest ended appointment."""
    rows = Appointment.objects.filter(post_id__in=post_ids, ends_on__isnull=False).order_by("ends_on", "pk")
    return {row.post_id: row for row in rows}
