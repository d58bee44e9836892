"""Pages of schemes: the list, one version as a readable table, its file, and how two versions differ."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange.exporting import FORMATS, write_table
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.kernel.reference import offers_of
from rongtong.schemes import files, holding, policies, queries, wording
from rongtong.schemes.linking import paper_weight
from rongtong.schemes.models import SchemeVersion, State

MOST = 200


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, policies.VIEW):
        raise NotAllowed("no_scheme_view")


def version_at(request: HttpRequest, pk: int | str) -> SchemeVersion:
    require_view(request)
    key = int(pk) if str(pk).isascii() and str(pk).isdigit() and len(str(pk)) < 18 else 0
    found = queries.version_at(request.user, key)
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def schemes(request: HttpRequest) -> HttpResponse:
    """Every version the actor may read: which holds where, and what Party work counts in it on paper."""
    require_view(request)
    today = clock.today()
    rows = [_listed(row) for row in queries.versions(request.user)[:MOST]]
    context = {
        "rows": rows, "standing": [row for row in rows if row["it"].holds_on(today)], "drafts": [row for row in rows if row["it"].state == State.DRAFT],
        "edits": policies.edits(request.user), "imports": access.can(request.user, Permission.IMPORT), "today": today,
    }  # fmt: skip
    return render(request, "schemes/list.html", context)


def _listed(it: SchemeVersion) -> dict[str, Any]:
    data = it.data
    paper = paper_weight(data.linkage, data)
    criteria = sum(len(part.criteria) for part in data.parts)
    return {"it": it, "paper": paper, "model": data.linkage.model, "parts": len(data.parts), "criteria": criteria}


@login_required
@require_GET
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """What a version says, and what may be done with it; what it moves comes as a part of its own."""
    found = version_at(request, pk)
    data, by = found.data, account_of(request)
    siblings = list(queries.versions(request.user).filter(scheme=found.scheme_id).order_by("-number"))
    why_not = policies.why_not_issue(by, found)
    context = {
        "version": found, "data": data, "parts": wording.table(data), "model": wording.model_text(data.linkage), "siblings": siblings,
        "paper": paper_weight(data.linkage, data), "edits": policies.edits(request.user), "may_issue": not why_not, "is_own": why_not == "own_draft",
        "bands": [_band(data, at) for at in range(len(data.bands))], "veto": data.grade(data.veto_grade),
        "holds": holding.holds_of(found) if found.state == State.ISSUED else [], "offers": offers_of("scheme_version", request.user, found),
        "earlier": next((row for row in siblings if row.number < found.number), None), "has_draft": any(row.state == State.DRAFT for row in siblings),
        "is_newest": siblings[0].pk == found.pk, "exports": access.can(request.user, Permission.EXPORT), "is_in_force": found.holds_on(clock.today()),
    }  # fmt: skip
    return render(request, "schemes/version.html", context)


def _band(data: Any, at: int) -> dict[str, Any]:
    band = data.bands[at]
    factor = data.linkage.coefficients.get(band.code)
    return {
        "it": band, "low": band.low / 100, "below": data.bands[at - 1].low / 100 if at else None, "quota": None if band.quota is None else band.quota / 10_000,
        "factor": None if factor is None else factor / 10_000,
    }  # fmt: skip


@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The version as a spreadsheet that import takes back."""
    found = version_at(request, pk)
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    chosen = request.GET.get("format", "xlsx")
    chosen = chosen if chosen in FORMATS else "xlsx"
    path = write_table(files.HEADERS, files.rows_of(request.user, found), chosen, sheet="schemes")
    content = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(content, as_attachment=True, filename=f"{found.scheme.code}-v{found.number}.{chosen}")


@login_required
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """A version against another of its scheme, the one before unless the address says otherwise."""
    new = version_at(request, pk)
    siblings = list(queries.versions(request.user).filter(scheme=new.scheme_id).order_by("-number"))
    wanted = request.GET.get("with", "")
    old = version_at(request, wanted) if wanted else next((row for row in siblings if row.number < new.number), None)
    if old is not None and old.scheme_id != new.scheme_id:
        raise Unseen
    found = wording.differences(old.data, new.data) if old else []
    return render(request, "schemes/changes.html", {"new": new, "old": old, "siblings": siblings, "changes": found})
