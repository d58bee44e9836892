"""Pages of papers: what can be put together, what was, and the papers of one meeting."""

from io import BytesIO
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.accounts.session import account_of
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.meetings.queries import meetings
from rongtong.papers.folder import safe_name
from rongtong.papers.writing import FORMATS, MEDIA_TYPES, write
from rongtong.reports import actions, meeting_papers, policies, queries
from rongtong.reports.forms import OrderForm
from rongtong.reports.models import Paper
from rongtong.trees.models import Node

PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def papers(request: HttpRequest) -> HttpResponse:
    """What may be put together, and what was; a posted order starts the job."""
    actor = account_of(request)
    if not access.can(actor, policies.DO):
        raise NotAllowed("no_export")
    form = OrderForm(request.POST or None, actor=actor, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            job = actions.ask(by=actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("jobs:job", job.pk)
    before = request.GET.get("before", "")
    rows = queries.papers(actor)
    rows = rows.filter(pk__lt=int(before)) if before.isascii() and before.isdigit() and len(before) < 18 else rows
    found = list(rows[: PAGE + 1])
    context = {"form": form, "rows": found[:PAGE], "more": found[PAGE - 1].pk if len(found) > PAGE else ""}
    return render(request, "reports/papers.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """A page that leads here names the organisation."""
    key = request.GET.get("at", "")
    rows = nodes_of(request.user, policies.DO)
    node = rows.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 18 else None
    return {
        "node": f"{node.code} {node.name}" if isinstance(node, Node) else "",
        "kind": request.GET.get("kind", ""),
        "inspection": request.GET.get("inspection", ""),
    }


def _paper(request: HttpRequest, pk: int) -> Paper:
    paper = get_object_or_404(queries.papers(request.user), pk=pk)
    policies.require_open(request.user, paper)
    return paper


@login_required
@require_GET
def paper_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One paper: from whose records, what it lacks and why, and the file."""
    paper = _paper(request, pk)
    is_own = paper.made_by == str(account_of(request).uid)
    return render(request, "reports/paper.html", {"paper": paper, "is_own": is_own})


@login_required
@require_GET
def paper_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    paper = _paper(request, pk)
    path = actions.open_file(by=account_of(request), paper=paper)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{safe_name(paper.title)}.{paper.suffix}")


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actions.remove(by=account_of(request), paper=_paper(request, pk))
    return redirect("reports:papers")


@login_required
@require_GET
def meeting_paper(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A paper of a meeting as docx, or as pdf with ?format=pdf."""
    meeting = get_object_or_404(meetings(request.user), pk=pk)
    chosen = next((known for known in FORMATS if known == request.GET.get("format", "docx")), None)
    if chosen is None:
        what = _("“%(format)s” is not a format papers are written in") % {"format": request.GET["format"]}
        raise Refused(what, field="format", remedy=_("use docx or pdf"), code="format")
    document = actions.print_meeting(by=account_of(request), meeting=meeting, name=name)
    title = safe_name(f"{meeting.title} {meeting_papers.PAPERS[name][0]}")
    content = BytesIO(write(document, chosen))
    return FileResponse(content, as_attachment=True, filename=f"{title}.{chosen}", content_type=MEDIA_TYPES[chosen])
