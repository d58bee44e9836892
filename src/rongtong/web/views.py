"""Pages of the shell: home, search, help, audit, health."""

import shutil

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rongtong.access.policies import can
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.audit import chain
from rongtong.audit.models import Entry
from rongtong.cockpit import home as cockpit_home
from rongtong.cockpit import home_steps
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock, constraints
from rongtong.kernel.errors import Unseen
from rongtong.ledger import queries as ledger
from rongtong.organization import queries as organization
from rongtong.trees.models import Node
from rongtong.ui.fragments import is_fragment
from rongtong.web import helping, shell

FOUND, FEW = 12, 5
AUDIT_PAGE = 100
MIN_FREE = 200 * 2**20


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What do I owe, what is stuck, how does my unit stand, what next."""
    return render(request, "web/home.html", {"home": cockpit_home.home(request.user)})


@login_required
@require_GET
def next_steps(request: HttpRequest) -> HttpResponse:
    """The column beside the first page, and a page of its own without script."""
    template = "web/_next.html" if is_fragment(request) else "web/next.html"
    return render(request, template, {"steps": home_steps.steps_of(request.user)})


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations, triggers, disk; 503 with what is wrong."""
    problems = []
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            problems.append("migrations are pending; run rongtong migrate")
        absent = constraints.missing()
        if absent:
            problems.append(f"triggers are missing: {', '.join(absent)}; run rongtong migrate")
    except DatabaseError:
        problems.append("the database does not answer")
    if shutil.disk_usage(settings.DATA_DIR).free < MIN_FREE:
        problems.append("less than 200 MB of disk are free")
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


@login_required
@require_GET
def nodes(request: HttpRequest) -> JsonResponse:
    """Type-ahead over both trees by name, pinyin and code; each with what it hangs under."""
    query = request.GET.get("q", "").strip()
    found = nodes_of(request.user).filter(closed_on__isnull=True).select_related("parent")
    found = found.named(query) if query else found
    items = [
        {"label": f"{node.code} {node.label}", "hint": node.parent.label if node.parent else "", "tree": node.tree, "id": node.pk}
        for node in found.order_by("depth", "path")[:FOUND]
    ]
    return JsonResponse({"items": items})


# pages that read the node and month of the address; from any other one the scope bar leads to the cockpit
SCOPED = {
    "cockpit:cockpit", "cockpit:gaps", "indicators:indicator", "indicators:entry", "indicators:observations", "indicators:quality",
    "indicators:targets", "ledger:table", "duties:matrix",
}  # fmt: skip


@login_required
@require_GET
def go(request: HttpRequest) -> HttpResponse:
    """From the scope bar to the same page of what was chosen, or to its cockpit."""
    text = request.GET.get("scope", "").strip()
    node = _named(request, text)
    if text and node is None:
        messages.warning(request, _("Nothing in your area is called “%(text)s”; try fewer characters, pinyin or the code") % {"text": text})
    params = {"at": str(node.pk)} if node else {}
    params |= {name: request.GET[name].strip() for name in ("month", "vs") if request.GET.get(name, "").strip()}
    return HttpResponseRedirect(f"{_scoped_page(request.GET.get('page', ''))}?{urlencode(params)}")


def _named(request: HttpRequest, text: str) -> Node | None:
    """The node whose code stands first in the text, else the first that is named so."""
    if not text:
        return None
    found = nodes_of(request.user)
    return (
        found.filter(code__iexact=text.split(" ", maxsplit=1)[0]).order_by("tree").first()
        or found.named(text).order_by("depth", "path").first()
    )


def _scoped_page(path: str) -> str:
    try:
        return path if resolve(path).view_name in SCOPED else reverse("cockpit:cockpit")
    except Resolver404:
        return reverse("cockpit:cockpit")


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Pages, units, organisations, people, indicators and matters by name, pinyin or code, in the actor's area."""
    query = request.GET.get("q", "").strip()
    most = FEW if is_fragment(request) else FOUND
    context: dict[str, object] = {"query": query}
    if query:
        context["pages"] = shell.pages(request.user, query)[:most]
        context["nodes"] = nodes_of(request.user).named(query).order_by("depth", "path")[:most]
        if can(request.user, Permission.PERSON_VIEW):
            context["people"] = organization.find_persons(organization.persons(request.user), query)[:most]
        if can(request.user, Permission.INDICATOR_VIEW):
            named = Q(name__icontains=query) | Q(code__istartswith=query) | Q(name_en__icontains=query)
            context["indicators"] = Indicator.objects.filter(named).order_by("code")[:most]
        if can(request.user, Permission.MATTER_VIEW):
            rows = ledger.filtered(ledger.matters(request.user), ledger.Filters(text=query), clock.today(), 0)
            context["matters"] = rows.order_by("-pk")[:most]
    return render(request, "web/_found.html" if is_fragment(request) else "web/search.html", context)


@login_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help.html", {"answers": helping.answers(request.user)})


@login_required
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The audit log for the audit administrator, newest first, and whether the chain holds."""
    if not can(request.user, Permission.AUDIT_VIEW):
        raise Unseen
    rows = Entry.objects.order_by("-seq")
    for name in ("kind", "actor_label"):
        if request.GET.get(name):
            rows = rows.filter(**{f"{name}__icontains": request.GET[name]})
    before = request.GET.get("before", "")
    rows = rows.filter(seq__lt=int(before)) if before.isdigit() else rows
    found = list(rows[: AUDIT_PAGE + 1])
    more = found[AUDIT_PAGE - 1].seq if len(found) > AUDIT_PAGE else None
    return render(request, "web/audit.html", {"rows": found[:AUDIT_PAGE], "more": more, "verdict": chain.verify()})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language and come back."""
    code, target = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    if check_for_language(code):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax", httponly=True)
    return response
