"""Pages of persons and posts. Names and Party membership are personal data: only where the account may see people."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.accounts.session import account_of, kept_views
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.organization import actions, policies, queries
from rongtong.organization.models import Appointment, MemberKind, Person, PostKind
from rongtong.ui.tables import Column, table_of

PAGE = 50
SUGGESTED = 12
PERSON_COLUMNS = (
    Column("code", gettext_lazy("Code")), Column("name", gettext_lazy("Name")), Column("member", gettext_lazy("Member")),
    Column("serves", gettext_lazy("Serves in")), Column("joined", gettext_lazy("joined on"), is_on=False),
)  # fmt: skip
POST_COLUMNS = (
    Column("code", gettext_lazy("Code")), Column("post", gettext_lazy("Post")), Column("kind", gettext_lazy("Kind of post"), is_on=False),
    Column("where", gettext_lazy("Where")), Column("who", gettext_lazy("Who serves")), Column("since", gettext_lazy("since"), is_on=False),
)  # fmt: skip


def _require_people(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.PERSON_VIEW):
        raise Unseen


@login_required
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """People who serve in the actor's area, by code, with filters and keyset paging."""
    _require_people(request)
    text, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    kind, role = request.GET.get("kind", ""), request.GET.get("role", "")
    found = queries.cross_appointed(request.user, clock.today()) if role == "cross" else queries.persons(request.user)
    if role == "dual":
        found = found.filter(pk__in=[person.pk for person, _rows in queries.dual_roles(request.user, clock.today())])
    found = found.filter(member_kind=kind) if kind in MemberKind.values else found
    rows = list(queries.find_persons(found, text).filter(code__gt=after).order_by("code")[: PAGE + 1])
    shown = rows[:PAGE]
    held = queries.held_by(request.user, shown, clock.today())
    context = {
        "counts": queries.member_counts(request.user),
        "persons": [{"person": person, "held": held.get(person.pk, [])} for person in shown],
        "table": table_of(request, PERSON_COLUMNS, kept=kept_views(request)),
        "next_query": _with(request, after=rows[PAGE - 1].code) if len(rows) > PAGE else "",
        "query": text,
        "kinds": _chips(request, "kind", MemberKind.choices, kind),
        "kind": kind,
        "role": role,
        "roles": {name: _with(request, role="" if role == name else name, after="") for name in ("dual", "cross")},
    }
    return render(request, "organization/persons.html", context)


def _chips(request: HttpRequest, name: str, choices: Any, chosen: str) -> list[dict[str, Any]]:
    """One chip a choice; the chosen one leads back to all."""
    return [
        {"label": label, "query": _with(request, **{name: "" if value == chosen else value, "after": ""}), "is_chosen": value == chosen}
        for value, label in choices
    ]


def _with(request: HttpRequest, **changes: str) -> str:
    """The address's query with some parts changed; empty ones leave."""
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return query.urlencode()


@login_required
@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Type-ahead over the people the actor may see."""
    _require_people(request)
    found = queries.find_persons(queries.persons(request.user), request.GET.get("q", ""))[:SUGGESTED]
    return JsonResponse({"items": [{"label": f"{person.code} {person.name}", "hint": person.name, "id": person.pk} for person in found]})


@login_required
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's posts over time, as far as the actor sees their places."""
    found = Person.objects.filter(pk=pk).first()
    if found is None or not policies.sees_person(request.user, found):
        raise Unseen
    held = Appointment.objects.filter(person=found).select_related("post__node").order_by("-starts_on", "-pk")
    shown = [row for row in held if access.can(request.user, Permission.ORGANIZATION_VIEW, row.post.node)]
    today = clock.today()
    can_tie = policies.edits_everything(request.user)
    serving = {row.post.kind for row in held if row.starts_on <= today and (row.ends_on is None or row.ends_on > today)}
    context = {
        "person": found,
        "held": [{"row": row, "can_end": row.ends_on is None and policies.can_edit(request.user, row.post.node)} for row in shown],
        "hidden": len(held) - len(shown),
        "can_tie": can_tie,
        "account": found.account if can_tie else None,
        "is_dual": bool(queries.dual_role_of(found, today)),
        "is_cross": bool(serving & set(queries.PARTY_POSTS)) and bool(serving & set(queries.BUSINESS_POSTS)),
    }
    return render(request, "organization/person.html", context)


@login_required
@require_POST
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie a person to an account by its user name, or untie it; the rights of their posts follow."""
    found = Person.objects.select_related("account").filter(pk=pk).first()
    if found is None or not policies.sees_person(request.user, found):
        raise Unseen
    name = request.POST.get("username", "").strip()
    account = User.objects.filter(username__iexact=name).first() if name else None
    try:
        if name and account is None:
            what = _("There is no account %(name)s") % {"name": name}
            raise Refused(what, field="username", remedy=_("let the system administrator open it first"))
        actions.give_account(by=account_of(request), person=found, account=account)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Done; it stands in the audit log."))
    return redirect("organization:person", pk)


@login_required
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """Posts of the actor's area by code, who serves in them; filters: kind, vacant only, text."""
    today, text = clock.today(), request.GET.get("q", "").strip()
    kind, is_vacant = request.GET.get("kind", ""), request.GET.get("vacant") == "1"
    if not access.can(request.user, Permission.ORGANIZATION_VIEW):
        raise Unseen
    found = queries.open_posts(request.user, today)
    found = found.filter(kind=kind) if kind in PostKind.values else found
    if is_vacant:
        found = found.filter(~Exists(Appointment.objects.on(today).filter(post=OuterRef("pk"))))
    if text:
        found = found.filter(name__icontains=text) | found.filter(code__istartswith=text) | found.filter(node__name__icontains=text)
    rows = list(found.filter(code__gt=request.GET.get("after", "")).order_by("code")[: PAGE + 1])
    serving = queries.serving([post.pk for post in rows[:PAGE]], today)
    shown = [{"post": p, "serving": serving.get(p.pk, []), "sees": policies.sees_people_at(request.user, p.node)} for p in rows[:PAGE]]
    context = {
        "rows": shown,
        "table": table_of(request, POST_COLUMNS, kept=kept_views(request)),
        "next_query": _with(request, after=rows[PAGE - 1].code) if len(rows) > PAGE else "",
        "query": text,
        "kinds": _chips(request, "kind", PostKind.choices, kind),
        "is_vacant": is_vacant,
        "vacant_query": _with(request, vacant="" if is_vacant else "1", after=""),
    }
    return render(request, "organization/posts.html", context)


@login_required
@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """A seat: who serves and served in it."""
    found = get_object_or_404(queries.posts(request.user), pk=pk)
    sees = policies.sees_people_at(request.user, found.node)
    rows = Appointment.objects.filter(post=found).select_related("person").order_by("-starts_on", "-pk")
    today = clock.today()
    context = {
        "post": found,
        "rows": list(rows) if sees else [],
        "sees": sees,
        "serving": queries.serving([found.pk], today).get(found.pk, []),
        "can_edit": policies.can_edit(request.user, found.node) and found.closed_on is None,
        "place": nodes_of(request.user).filter(pk=found.node_id).first(),
    }
    return render(request, "organization/post.html", context)
