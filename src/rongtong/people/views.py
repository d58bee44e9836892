"""Pages of ability for a unit or organisation: fill against fit, both sides, careers; its posts; who could step in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import area_of, nodes_of
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.organization.models import Appointment, Person, Post, PostKind
from rongtong.people import actions, figures, forms, policies, queries, words
from rongtong.people.filling import fill
from rongtong.people.frames import LEVELS
from rongtong.people.models import BenchEntry
from rongtong.people.needs import needs
from rongtong.people.readiness import When
from rongtong.people.readiness import bench as readiness_of
from rongtong.trees.models import Node

PAGE, NEEDS = 50, 6


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, policies.VIEW):
        raise NotAllowed("no_people_view")


@dataclass(frozen=True, slots=True)
class Area:
    """The nodes a page is about, and the one that the address names."""

    node: Node | None
    nodes: list[int]

    @property
    def query(self) -> str:
        return f"at={self.node.pk}" if self.node else ""


def area_at(request: HttpRequest, day: date) -> Area:
    """What `at` names with everything below it and linked to it, as far as the reader sees ability there; else all the reader sees."""
    at = request.GET.get("at", "")
    seen = nodes_of(request.user, policies.VIEW).open_on(day)
    if not at:
        return Area(None, list(seen.order_by().values_list("pk", flat=True)))
    node = seen.filter(pk=int(at)).first() if at.isascii() and at.isdigit() and len(at) < 18 else None
    if node is None:
        raise Unseen
    wanted = queries.with_linked(queries.below(node, day), day)
    return Area(
        node, wanted if area_of(request.user, policies.VIEW).is_all else list(seen.filter(pk__in=wanted).values_list("pk", flat=True))
    )


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Fill rate against fit rate, where leaders stand on both sides, careers, needs. Counts only: no person is named here."""
    require_view(request)
    today = clock.today()
    area, frame = area_at(request, today), queries.frame_on(today)
    seats = queries.seats(area.nodes, today)
    levels = queries.proven({seat.person for seat in seats if seat.person is not None}, today)
    fits = figures.fits(seats, today, levels)
    found, places = figures.tally(seats, fits), figures.placed(seats, levels, frame)
    flow, dual = figures.career_flow(area.nodes, today), figures.dual_competent(area.nodes, today)
    names = {one.code: one.label for one in frame.competences}
    context = {
        "area": area, "node": area.node, "found": found, "reason": words.reason(found.reason), "frame": frame, "flow": flow,
        "rows": [_kind_row(kind, row) for kind, row in found.by_kind.items()],
        "map": [[{"party": p, "business": b, "code": f"{p}-{b}", "count": len(places.cells.get((p, b), ()))} for p in LEVELS] for b in reversed(LEVELS)],
        "levels": LEVELS, "placed": places.placed, "unplaced": len(places.unknown), "flow_reason": words.reason(flow.reason),
        "dual": dual, "dual_reason": words.reason(dual.reason),
        "needs": [{"name": names.get(row.code, row.code), "row": row} for row in needs(fits.values())[:NEEDS]],
        "parity": [(PostKind(kind).label, row) for kind, row in queries.parities().items()], "may": _may(request),
    }  # fmt: skip
    return render(request, "people/overview.html", context)


def _kind_row(kind: str, row: figures.Tally) -> dict[str, Any]:
    """A kind of post with the parts of its bar, in percent of the filled posts."""
    parts = {"fit_share": row.fitted, "unfit_share": row.unfit}
    return {"label": PostKind(kind).label, "tally": row} | {name: round(100 * part / max(row.filled, 1)) for name, part in parts.items()}


def _may(request: HttpRequest) -> dict[str, bool]:
    user = request.user
    return {
        "frame": area_of(user, policies.FRAME).is_all, "train": access.can(user, policies.TRAIN), "rate": access.can(user, policies.RATE),
        "is_person": Person.objects.filter(account=user.pk).exists(),
    }  # fmt: skip


@login_required
@require_GET
def cell(request: HttpRequest, code: str) -> HttpResponse:
    """The people of one cell of the map (“2-3”: Party side, business side), as far as the reader stands in the line above them."""
    found = {f"{p}-{b}": (p, b) for p in LEVELS for b in LEVELS}.get(code)
    if found is None:
        raise Unseen
    require_view(request)
    today, (party, business) = clock.today(), found
    area = area_at(request, today)
    keys = figures.competence_map(area.nodes, today, queries.frame_on(today)).cells.get((party, business), frozenset())
    held: dict[int, list[Post]] = {}
    for row in Appointment.objects.on(today).filter(person__in=keys).select_related("post__node").order_by("post__code"):
        held.setdefault(row.person_id, []).append(row.post)
    people = list(Person.objects.filter(pk__in=keys).order_by("code"))
    shown = [{"person": one, "posts": held.get(one.pk, [])} for one in people if policies.sees(request.user, one, held.get(one.pk, []))]
    context = {"party": party, "business": business, "area": area, "node": area.node, "shown": shown, "hidden": len(people) - len(shown)}
    return render(request, "people/cell.html", context)


# posts


@login_required
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """Posts by code: filled or vacant for everyone; how they are fitted only where the reader stands in the line above, or serves."""
    require_view(request)
    today = clock.today()
    area = area_at(request, today)
    read = queries.post_page(area.nodes, today, request.GET.get("after", ""), PAGE + 1)
    page = read[:PAGE]
    seats = {seat.post: seat for seat in queries.seats(area.nodes, today, posts=[post.pk for post in page])} if page else {}
    fits = figures.fits(seats.values(), today)
    people = Person.objects.in_bulk({seat.person for seat in seats.values() if seat.person is not None})
    rows = [_post_row(request, post, people.get(seats[post.pk].person or 0), fits.get(post.pk)) for post in page if post.pk in seats]
    context = {
        "area": area, "node": area.node, "rows": rows, "after": page[-1].code if len(read) > PAGE else "",
        "vacant": sum(not row["is_filled"] for row in rows), "hidden": sum(row["is_filled"] and not row["sees"] for row in rows),
    }  # fmt: skip
    return render(request, "people/posts.html", context)


def _post_row(request: HttpRequest, post: Post, person: Person | None, fit: Any) -> dict[str, Any]:
    leads = policies.leads(request.user, post.node, post.kind)
    sees = person is not None and (policies.is_self(request.user, person) or (leads and policies.in_line(request.user, person, [post])))
    state = words.state(fit.state if fit is not None else "vacant")
    return {
        "post": post,
        "person": person if sees else None,
        "is_filled": person is not None,
        "sees": sees,
        "leads": leads,
        "state": state,
        "fit": fit,
    }


def post_at(request: HttpRequest, pk: int) -> Post:
    found = Post.objects.filter(pk=pk).select_related("node").first()
    if found is None:
        raise Unseen
    policies.require_bench(request.user, found)
    return found


@login_required
@require_GET
def bench(request: HttpRequest, pk: int) -> HttpResponse:
    """Who could step into a post, and when. Only for the line above; in the order of codes, never of levels."""
    found, today = post_at(request, pk), clock.today()
    entries = [row for row in queries.bench_of(found) if policies.sees(request.user, row.person)]
    names = {one.code: one.label for one in queries.frame_on(today).competences}
    whens = {
        "now": _("ready now"),
        "training": _("after training"),
        "experience": _("after more experience"),
        "unknown": _("cannot be told yet"),
    }
    ready = readiness_of(found, entries, today)
    rows = [{"row": row, "when": whens[row.when]} for row in ready]
    context = {
        "post": found, "rows": rows, "names": names, "ready": sum(row.when == When.NOW for row in ready),
        "asked": queries.Asks(today).at(found.kind, found.node.path),
    }  # fmt: skip
    return render(request, "people/bench.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def name_on_bench(request: HttpRequest, pk: int) -> HttpResponse:
    """Name somebody for a post."""
    found, by = post_at(request, pk), account_of(request)
    form = forms.BenchForm(request.POST or None, actor=request.user)
    back = reverse("people:bench", args=[pk])
    hint = _("How soon is read from evidence and ratings; only the line above sees this page.")
    return fill(
        request, form, _("Who could step into “%(post)s”") % {"post": found.name}, _("Name this person"), back,
        lambda f: actions.name_on_bench(by=by, post=found, **f.cleaned_data) and None, hint,
    )  # fmt: skip


@login_required
@require_POST
def take_off_bench(request: HttpRequest, pk: int) -> HttpResponse:
    entry = BenchEntry.objects.filter(pk=pk).select_related("post__node", "person").first()
    if entry is None:
        raise Unseen
    actions.take_off_bench(by=account_of(request), entry=entry)
    return redirect("people:bench", entry.post_id)
