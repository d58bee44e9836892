"""The answers to one form as a file; it stands here because forms and files do not know each other."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.burden import policies, queries
from rongtong.burden.models import Form
from rongtong.exchange.exporting import write_table
from rongtong.kernel.errors import NotAllowed, Unseen


@login_required
@require_GET
def form_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One row an answer, of the places that the actor sees."""
    found = Form.objects.select_related("root").filter(pk=pk).first()
    if found is None or not policies.sees(request.user, found):
        raise Unseen
    if not can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET.get("format", "xlsx")
    path = write_table(queries.EXPORTED, queries.export(request.user, found), file_format, None, sheet="form")
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"form-{pk}.{file_format}")
