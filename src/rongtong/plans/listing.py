"""How the lists of plans are narrowed, cut into pages and written as files."""

from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.exchange.exporting import export_rows
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.trees.models import AFTER, Node

M = TypeVar("M", bound=Model)
PER_PAGE = 50


def place_of(request: HttpRequest) -> Node | None:
    """The unit or organisation of the address; one outside the actor's sight is not found."""
    at = request.GET.get("at", "")
    if not at:
        return None
    found = (
        nodes_of(request.user, Permission.PLAN_VIEW).filter(pk=int(at)).first() if at.isascii() and at.isdigit() and len(at) < 18 else None
    )
    if found is None:
        raise Unseen
    return found


def narrowed(request: HttpRequest, rows: QuerySet[M], *fields: str) -> QuerySet[M]:
    """Rows of which one of the fields lies at the address's place or below it."""
    place = place_of(request)
    if place is None:
        return rows
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__path__gte": place.path, f"{field}__path__lt": place.path + AFTER})
    return rows.filter(condition)


def paged(request: HttpRequest, rows: QuerySet[M], field: str) -> tuple[list[M], str]:
    """A page, newest first by a date and the key, and the cursor of the next one."""
    cursor = request.GET.get("after", "")
    if cursor:
        day, _sep, key = cursor.partition("_")
        try:
            on, pk = date.fromisoformat(day), int(key)
        except ValueError as wrong:
            raise Refused(
                _("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor"
            ) from wrong
        rows = rows.filter(Q(**{f"{field}__lt": on}) | Q(**{field: on}, pk__lt=pk))
    page = list(rows.order_by(f"-{field}", "-pk")[: PER_PAGE + 1])
    more = len(page) > PER_PAGE
    last = page[PER_PAGE - 1] if more else None
    return page[:PER_PAGE], f"{getattr(last, field)}_{last.pk}" if last is not None else ""


def query_of(request: HttpRequest, **changes: str) -> str:
    """The address's query with some parts changed, from the first page."""
    kept = request.GET.copy()
    for name in ("after", "export", *changes):
        kept.pop(name, None)
    for name, value in changes.items():
        if value:
            kept[name] = value
    return kept.urlencode()


def extras(request: HttpRequest) -> dict[str, Any]:
    """What every list shows: its place, its query, and whether it may be taken along as a file."""
    return {"place": place_of(request), "query": query_of(request), "can_export": access.can(request.user, Permission.EXPORT)}


def file_of(request: HttpRequest, kind: str, rows: QuerySet[Any]) -> HttpResponseBase:
    """Exactly what the list shows, as a file."""
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET["export"]
    path = export_rows(kind, request.user, file_format, rows=rows)
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"{kind}.{file_format}")
