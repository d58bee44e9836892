"""一岗双责: both lists of a leader side by side with evidence, and the figures that only the leader and the superior see."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rongtong.accounts.session import account_of
from rongtong.duties import actions, figures, policies, queries
from rongtong.duties.models import Issue
from rongtong.kernel import clock
from rongtong.kernel.errors import Unseen
from rongtong.kernel.periods import Period
from rongtong.ledger import queries as ledger
from rongtong.ledger.models import Evidence, Matter, Side
from rongtong.ledger.policies import posts_of
from rongtong.ledger.states import OPEN
from rongtong.ledger.views import lines
from rongtong.organization.models import Person
from rongtong.organization.queries import dual_role_of
from rongtong.ui import charts

RECENT = 24
KINDS = {
    "deploy": gettext_lazy("deployed in person"), "inquire": gettext_lazy("inquired in person"),
    "coordinate": gettext_lazy("coordinated in person"), "supervise": gettext_lazy("supervised in person"),
}  # fmt: skip


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """From the note “issued to you” to one's own page."""
    person = Person.objects.filter(account_id=request.user.pk).first()
    return redirect("duties:leader", person.pk) if person else redirect("duties:matrix")


@login_required
@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Sign for all one's unsigned duties, or for those named."""
    mine_now = posts_of(request.user)
    rows = Issue.objects.filter(leader_post__in=mine_now, ends_on__isnull=True, signed_on__isnull=True)
    keys = [int(key) for key in request.POST.getlist("pk") if key.isascii() and key.isdigit()]
    chosen = list(rows.filter(pk__in=keys) if keys else rows)
    if chosen:
        actions.sign(by=account_of(request), issues=chosen)
    return redirect("duties:mine")


@login_required
@require_GET
def leader(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is owed on each side with its evidence; two loads over time; led in person; regularity; the own closed loop."""
    person = get_object_or_404(Person.objects.select_related("account").prefetch_related("appointments"), pk=pk)
    today = clock.today()
    posts = figures.places_of(person, today)
    if not policies.sees_figures_of(request.user, person, posts):
        raise Unseen
    rows = list(queries.led_by(person, today))
    loads = figures.two_loads(person, today)
    place = posts[0].post.node if posts else None
    business = figures.led_matters(person, today, RECENT)
    in_hand = list(ledger.of_person(person, today).filter(state__in=OPEN).select_related(*ledger.RELATED)[:RECENT])
    shown = lines([*business, *in_hand])
    context = {
        "person": person, "posts": posts, **_sides(rows, shown[: len(business)]),
        "is_self": person.account_id == request.user.pk, "is_dual": bool(dual_role_of(person, today)), "loads": _loads(loads), "chart": _chart(loads),
        "in_person": figures.in_person(person, today), "kinds": KINDS, "regularity": figures.regularity(person, today, place) if place else None,
        "loop": figures.own_loop(person, today), "unsigned": [row for row in rows if row.signed_on is None and row.leader_post_id in posts_of(request.user)],
        "open": shown[len(business) :],
    }  # fmt: skip
    return render(request, "duties/leader.html", context)


def _sides(rows: list[Issue], business: list[dict[str, Any]]) -> dict[str, Any]:
    """Duties with what they brought (how many were done, the latest, its evidence), and the matters of the business beside them."""
    found = queries.occurrences(rows)
    done = {row.pk: next((m for m in found.get(row.pk, []) if m.closed_on is not None), None) for row in rows}
    proof = _proof([m for m in done.values() if m is not None] + [line["matter"] for line in business])
    owed = [
        {
            "issue": row, "latest": next(iter(found.get(row.pk, [])), None), "last_done": done[row.pk],
            "evidence": proof.get(m.pk, 0) if (m := done[row.pk]) else 0, "done": sum(m.closed_on is not None for m in found.get(row.pk, [])),
            "all": len(found.get(row.pk, [])),
        }
        for row in rows
    ]  # fmt: skip
    return {"owed": owed, "business": [{**line, "evidence": proof.get(line["matter"].pk, 0)} for line in business]}


def _proof(matters: list[Matter]) -> dict[int, int]:
    """Matter to the pieces of evidence that stand."""
    rows = Evidence.objects.filter(matter__in=matters, withdrawn_at__isnull=True).order_by().values("matter").annotate(pieces=Count("pk"))
    return dict(rows.values_list("matter", "pieces"))


def _loads(loads: dict[str, list[figures.Load]]) -> list[dict[str, Any]]:
    """Side, months, and the sums of the year; shares stay empty where nothing was due."""
    return [
        {
            "side": side, "label": Side(side).label, "months": months, "due": sum(m.due for m in months),
            "on_time": sum(m.on_time for m in months), "followed": sum(m.followed for m in months),
        }
        for side, months in loads.items()
    ]  # fmt: skip


def _chart(loads: dict[str, list[figures.Load]]) -> dict[str, Any] | None:
    """The share on time of each side over the months, one scale for both; months in which nothing was due are gaps."""
    series = [
        (str(Side(side).label), [100 * m.on_time / m.due if m.due else None for m in months], charts.PARTY if side == Side.PARTY else charts.PRODUCTION)
        for side, months in loads.items()
    ]  # fmt: skip
    if not any(value is not None for _name, values, _colour in series for value in values):
        return None
    labels = [str(Period.month(load.month)) for load in next(iter(loads.values()))]
    return charts.shares(labels, series)
