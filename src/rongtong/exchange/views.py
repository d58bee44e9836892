"""The import wizard: file, columns, preview, done or undone. One decision a step; nothing is written before it is confirmed."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.exchange import actions, queries
from rongtong.exchange.decoding import ACCEPTED
from rongtong.exchange.exporting import export_rows
from rongtong.exchange.importing import importer_of, importers
from rongtong.exchange.models import Batch, BatchState
from rongtong.kernel.errors import NotAllowed, Refused

SHOWN_BATCHES = 30


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _require_import(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.IMPORT):
        raise NotAllowed("no_import")


@require_http_methods(["GET", "POST"])
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Step 1: what kind of table, which file."""
    _require_import(request)
    refusal = None
    if request.method == "POST":
        try:
            made = actions.preview(by=_user(request), **_upload(request))
            return redirect("exchange:columns" if made.counts["missing"] else "exchange:batch", made.uid)
        except Refused as caught:
            refusal = caught
    values = {
        "importers": importers(),
        "kind": request.POST.get("kind") or request.GET.get("kind") or "observations",
        "encodings": ACCEPTED,
        "refusal": refusal,
        "batches": list(queries.batches(request.user)[:SHOWN_BATCHES]),
        "step": 1,
    }
    return render(request, "exchange/start.html", values, status=422 if refusal else 200)


def _upload(request: HttpRequest) -> dict[str, Any]:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise Refused(_("No file was chosen"), field="file", remedy=_("choose an xlsx or csv file"), code="file_absent")
    return {
        "kind": request.POST.get("kind", ""),
        "source": upload.read(),
        "filename": upload.name or "upload",
        "encoding": request.POST.get("encoding") or None,
    }


@require_GET
@login_required
def batch(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Step 3: what would happen; afterwards, what happened and how to take it back."""
    found = queries.batch_by_uid(request.user, uid)
    return _batch_page(request, found)


def _batch_page(request: HttpRequest, found: Batch, refusal: Refused | None = None) -> HttpResponse:
    problems = [{"place": place, "what": what, "remedy": remedy} for place, what, remedy in found.counts.get("problems", [])]
    values = {
        "batch": found,
        "title": importer_of(found.kind).title,
        "problems": problems,
        "hidden_problems": max(0, found.counts.get("errors", 0) - len(problems)),
        "is_open": found.state in {BatchState.DRAFT, BatchState.PREVIEW},
        "can_apply": found.state == BatchState.PREVIEW,
        "can_undo": found.state == BatchState.APPLIED,
        "changes": found.counts.get("creates", 0) + found.counts.get("updates", 0),
        "refusal": refusal,
        "note": request.POST.get("note", ""),
        "step": 4 if found.state in {BatchState.APPLIED, BatchState.UNDONE} else 3,
    }
    return render(request, "exchange/batch.html", values, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@login_required
def columns(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Step 2: which header is which column; remembered for files with the same headers."""
    found = queries.batch_by_uid(request.user, uid)
    importer = importer_of(found.kind)
    refusal = None
    if request.method == "POST":
        mapping = {column.name: request.POST.get(f"column:{column.name}", "") for column in importer.columns}
        try:
            actions.map_columns(by=_user(request), batch=found, mapping=mapping)
            return redirect("exchange:batch", uid)
        except Refused as caught:
            refusal = caught
    rows = [{"column": column, "chosen": found.mapping.get(column.name, "")} for column in importer.columns]
    headers = [header for header in found.counts.get("headers", []) if header]
    values = {"batch": found, "title": importer.title, "rows": rows, "headers": headers, "refusal": refusal, "step": 2}
    return render(request, "exchange/columns.html", values, status=422 if refusal else 200)


@require_POST
@login_required
def apply(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm: write the whole file, or nothing."""
    found = queries.batch_by_uid(request.user, uid)
    try:
        actions.apply(by=_user(request), batch=found, note=request.POST.get("note", ""))
    except Refused as refusal:
        return _batch_page(request, found, refusal)
    return redirect("exchange:batch", uid)


@require_POST
@login_required
def undo(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take the whole batch back."""
    found = queries.batch_by_uid(request.user, uid)
    try:
        actions.undo(by=_user(request), batch=found)
    except Refused as refusal:
        return _batch_page(request, found, refusal)
    return redirect("exchange:batch", uid)


@require_POST
@login_required
def discard(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Drop a preview."""
    actions.discard(by=_user(request), batch=queries.batch_by_uid(request.user, uid))
    return redirect("exchange:start")


@require_GET
@login_required
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A whole kind as a file, in the columns that import takes."""
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET.get("format", "xlsx")
    path = export_rows(kind, request.user, file_format)
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"{kind}.{file_format}")
