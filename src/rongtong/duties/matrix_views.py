"""谁去落实: duties against units. Every cell says who, or which hole; a hole leads to the page that mends it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.duties import queries
from rongtong.duties.assigning import HOLE_WORDS, Hole, Implementation, implementations
from rongtong.duties.models import Duty, Issue, Subject
from rongtong.duties.queries import Trace
from rongtong.exchange.exporting import Cell as FileCell
from rongtong.exchange.exporting import write_table
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.trees.models import AFTER, Node

ROWS, FEW_ROWS, NARROW = 40, 10, 9  # units of one class, of each of several, and up to how many are columns


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.DUTY_VIEW):
        raise NotAllowed("no_duty_view")


@dataclass(frozen=True, slots=True)
class Cell:
    """One duty at one unit, as a cell shows it: people, a mark with its word and tone, and the whole in a sentence."""

    issue: Issue
    people: str
    mark: str
    word: str
    tone: str
    sentence: str
    hole: Hole | None = None

    @property
    def button(self) -> str:
        return _("Decide on one") if self.hole is Hole.TWO else _("Name somebody") if self.hole else ""


def cell_of(found: Implementation, trace: Trace, day: date) -> Cell:
    """Holes first, then what is overdue, then what was left to others, then how the last one went."""
    people = "、".join(dict.fromkeys(row.person.name for row in found.leaders))
    if found.hole is not None:
        who = _("two") if found.hole is Hole.TWO else _("nobody")
        part = _("leader") if found.at == "leader" else _("handler")
        return Cell(found.issue, who, "▲", f"{part}{_(': ')}{HOLE_WORDS[found.hole]}", "red", found.sentence, found.hole)
    mark, word, tone = _state(trace, day)
    return Cell(found.issue, people, mark, word, tone, f"{found.sentence} — {word}")


def _state(trace: Trace, day: date) -> tuple[str, str, str]:
    if trace.late_since is not None:
        days = (day - trace.late_since).days
        return "▲", ngettext("overdue by %(days)s day", "overdue by %(days)s days", days) % {"days": days}, "amber"
    if trace.delegated:
        words = ngettext("left to others once", "left to others %(count)s times", trace.delegated) % {"count": trace.delegated}
        return "◐", words, "join"
    if trace.last_due is None:
        return "·", _("not due yet"), "grey"
    return ("✓", _("on time"), "green") if trace.is_on_time else ("✓", _("done, late"), "grey")


@login_required
@require_GET
def matrix(request: HttpRequest) -> HttpResponseBase:
    """A few units: one matrix of duties and units. Many: a part for each subject class, units with holes first; shares on both edges."""
    require_view(request)
    node, subject, today = _node(request), request.GET.get("subject", ""), clock.today()
    rows = queries.issues(request.user)
    if node is not None:
        rows = rows.filter(node__path__gte=node.path, node__path__lt=node.path + AFTER)
    rows = rows.filter(duty__subject=subject) if subject in Subject.values else rows
    if request.GET.get("export"):
        return _file(request, rows, today)
    only_holes = request.GET.get("holes") == "1"
    hole = queries.hole_condition(today)
    edges = _edges(rows, hole)
    places = _places(rows, hole, request.GET.get("after", ""), only_holes, ROWS if subject else FEW_ROWS)
    explained = _explained(rows, hole, places, today)
    count, holes, unsigned = (sum(getattr(edge, name) for edge in edges) for name in ("all", "holes", "unsigned"))
    parts = sections(explained, places, edges)
    context = {
        "sections": parts, "small": small(explained, edges) if len({place.node for place in places}) <= NARROW and not only_holes else None,
        "count": count, "holes": holes, "rest": count - holes, "unsigned": unsigned, "by_hole": _by_hole(explained.holes), "node": node,
        "subject": subject, "only_holes": only_holes, "subjects": Subject.choices, "query": _query(request),
        "can_issue": access.can(request.user, Permission.DUTY_ISSUE), "latest": queries.latest_list(),
        "can_export": access.can(request.user, Permission.EXPORT),
    }  # fmt: skip
    return render(request, "duties/matrix.html", context)


def _node(request: HttpRequest) -> Node | None:
    at = request.GET.get("at", "")
    if not at:
        return None
    found = nodes_of(request.user, Permission.DUTY_VIEW).filter(pk=int(at)).first() if at.isascii() and at.isdigit() else None
    if found is None:
        raise Unseen
    return found


def _query(request: HttpRequest) -> str:
    """The filters of the address, without the page."""
    kept = request.GET.copy()
    for name in ("after", "export"):
        kept.pop(name, None)
    return kept.urlencode()


@dataclass(frozen=True, slots=True)
class Edge:
    """One duty over every unit, not only those of the page."""

    subject: str
    code: str
    all: int
    holes: int
    unsigned: int

    @property
    def covered(self) -> int:
        return self.all - self.holes


@dataclass(frozen=True, slots=True)
class Place:
    """A subject class at a node: how many duties it owes there, how many of them nobody implements; `rank` inside the class."""

    subject: str
    node: int
    path: str
    all: int
    holes: int
    rank: int

    @property
    def covered(self) -> int:
        return self.all - self.holes


@dataclass(frozen=True, slots=True)
class Explained:
    """Cells of the page by (duty, node), the duties and nodes they are of, and the holes of the whole area."""

    cells: dict[tuple[str, int], Cell]
    duties: dict[str, Duty]
    nodes: dict[int, Node]
    holes: list[Implementation]


def _edges(rows: QuerySet[Issue], hole: Q) -> list[Edge]:
    found: Iterable[Any] = rows.order_by().values("duty__subject", "duty_code").annotate(
        all=Count("pk"), holes=Count("pk", filter=hole), unsigned=Count("pk", filter=Q(signed_on__isnull=True))
    )  # fmt: skip
    edges = [Edge(row.pop("duty__subject"), row.pop("duty_code"), **row) for row in found]
    return sorted(edges, key=lambda edge: edge.code)


def _places(rows: QuerySet[Issue], hole: Q, cursor: str, only_holes: bool, most: int) -> list[Place]:
    """The first units of each subject class, most holes first; one more than is shown tells that there are more."""
    grouped = rows.order_by().values("duty__subject", "node", "node__path").annotate(all=Count("pk"), holes=Count("pk", filter=hole))
    grouped = grouped.filter(holes__gt=0) if only_holes else grouped
    if cursor:
        holes, _sep, path = cursor.partition("_")
        if not (holes.isascii() and holes.isdigit() and path):
            raise Refused(_("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor")
        grouped = grouped.filter(Q(holes__lt=int(holes)) | Q(holes=int(holes), node__path__gt=path))
    order = [F("holes").desc(), F("node__path").asc()]
    ranked = grouped.annotate(rank=Window(RowNumber(), partition_by=[F("duty__subject")], order_by=order)).filter(rank__lte=most + 1)
    names = ("duty__subject", "node", "node__path", "all", "holes", "rank")
    return [Place(*row) for row in ranked.values_list(*names)]


def _explained(rows: QuerySet[Issue], hole: Q, places: Sequence[Place], today: date) -> Explained:
    """The page's issues and the holes of the area, explained together."""
    shown = list(rows.filter(node__in={place.node for place in places}))
    keys = {issue.pk for issue in shown}
    others = list(rows.filter(hole).exclude(pk__in=keys)[: queries.HOLES])
    found = implementations([*shown, *others], today)
    traces = queries.traces(shown, today)
    cells = {
        (one.issue.duty_code, one.issue.node_id): cell_of(one, traces.get(one.issue.pk, Trace()), today) for one in found if one.issue.pk in keys
    }  # fmt: skip
    duties = {one.issue.duty_code: one.issue.duty for one in found}
    nodes = {one.issue.node_id: one.issue.node for one in found}
    return Explained(cells, duties, nodes, [one for one in found if one.hole is not None])


def small(found: Explained, edges: Sequence[Edge]) -> dict[str, Any]:
    """Duties as rows, the few units as columns, shares on both edges."""
    nodes = sorted({key for _code, key in found.cells}, key=lambda key: (found.nodes[key].tree, found.nodes[key].path))
    rows = [
        {"duty": found.duties[edge.code], "cells": [found.cells.get((edge.code, key)) for key in nodes], "edge": edge} for edge in edges
    ]  # fmt: skip
    totals = []
    for key in nodes:
        column = [cell for (_code, at), cell in found.cells.items() if at == key]
        totals.append({"covered": sum(cell.hole is None for cell in column), "all": len(column)})
    return {"nodes": [found.nodes[key] for key in nodes], "rows": rows, "totals": totals}


def sections(found: Explained, places: Sequence[Place], edges: Sequence[Edge]) -> list[dict[str, Any]]:
    """One part a subject class: a matrix where it owes several duties, cards where it owes one."""
    parts = []
    for code, label in Subject.choices:
        here = sorted((place for place in places if place.subject == code), key=lambda place: place.rank)
        columns = [edge for edge in edges if edge.subject == code]
        if not here or not columns:
            continue
        shown = here[: ROWS if len({place.subject for place in places}) == 1 else FEW_ROWS]
        rows = [
            {"node": found.nodes[place.node], "cells": [found.cells.get((edge.code, place.node)) for edge in columns], "place": place}
            for place in shown
        ]
        more = f"{shown[-1].holes}_{shown[-1].path}" if len(here) > len(shown) else ""
        parts.append(
            {
                "code": code, "label": label, "duties": [found.duties[edge.code] for edge in columns], "edges": columns, "rows": rows, "more": more,
                "covered": sum(edge.covered for edge in columns), "all": sum(edge.all for edge in columns),
            }
        )  # fmt: skip
    return parts


def _by_hole(holes: Sequence[Implementation]) -> list[dict[str, Any]]:
    counts = Counter(one.hole for one in holes if one.hole is not None)
    return [{"word": HOLE_WORDS[hole], "count": count} for hole, count in counts.most_common()]


def _file(request: HttpRequest, rows: QuerySet[Issue], today: date) -> HttpResponse | FileResponse:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    names = (
        "node_code",
        "node",
        "duty_code",
        "duty",
        "subject",
        "leader_post",
        "leader",
        "handler_post",
        "handler",
        "state",
        "hole",
        "signed_on",
    )
    path = write_table(names, _file_rows(rows, today), request.GET["export"], None, sheet="duties")
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"duties.{request.GET['export']}")


def _file_rows(rows: QuerySet[Issue], today: date) -> Iterator[tuple[FileCell, ...]]:
    """Everything that the page could show, a thousand at a time."""
    batch: list[Issue] = []
    for issue in [*rows.iterator(chunk_size=1000), None]:
        if issue is not None:
            batch.append(issue)
        if batch and (issue is None or len(batch) == 1000):
            traces = queries.traces(batch, today)
            for one in implementations(batch, today):
                yield _file_row(one, cell_of(one, traces.get(one.issue.pk, Trace()), today))
            batch = []


def _file_row(one: Implementation, cell: Cell) -> tuple[FileCell, ...]:
    row = one.issue
    names = ["、".join(dict.fromkeys(a.person.name for a in people)) for people in (one.leaders, one.handlers)]
    return (
        row.node.code, row.node.label, row.duty_code, str(row.duty), row.duty.get_subject_display(),
        row.leader_post.code if row.leader_post else "", names[0], row.handler_post.code if row.handler_post else "", names[1], cell.word,
        str(one.hole or ""), row.signed_on,
    )  # fmt: skip
