"""Pages of rounds: the list, one round with its one next step, what launching costs, calibration, results, the hash."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.accounts.session import account_of
from rongtong.appraisal import actions, forms, policies, present, publishing, queries
from rongtong.appraisal.filling import fill
from rongtong.appraisal.models import WAY, Round, Stage
from rongtong.appraisal.recomputing import recompute
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.schemes import queries as schemes

PAGE = 300


@login_required
@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """Rounds that reach the actor's units, and what waits for it."""
    if not access.can(request.user, policies.VIEW):
        raise NotAllowed("no_appraisal_view")
    found = list(queries.rounds(request.user)[:PAGE])
    context = {
        "rounds": found, "can_run": access.can(request.user, policies.RUN), "to_report": list(queries.to_report(request.user)[:20]),
        "to_answer": list(queries.to_answer(request.user)[:20]), "today": clock.today(),
    }  # fmt: skip
    return render(request, "appraisal/rounds.html", context)


def round_at(request: HttpRequest, pk: int) -> Round:
    found = queries.rounds(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


def own_round(request: HttpRequest, pk: int) -> Round:
    found = round_at(request, pk)
    policies.require_run(request.user, found)
    return found


@login_required
@require_GET
def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the round stands, its timetable, its units, and the one thing to do next."""
    found = round_at(request, pk)
    runs = policies.runs(request.user, found)
    rows = list(queries.sheets(request.user).filter(round=found).prefetch_related("marks", "objections")[: PAGE + 1])
    for row in rows:
        row.round = found
    left = {sheet.pk: len(criteria) for sheet, criteria in queries.left_to_judge(found)} if found.stage == Stage.REVIEW else {}
    context = {
        "round": found, "runs": runs, "rows": [{"sheet": row, "left": left.get(row.pk, 0)} for row in rows[:PAGE]], "has_more": len(rows) > PAGE,
        "classes": list(found.classes.select_related("unit_class", "version__scheme")), "way": _way(found), "left": sum(left.values()),
        "reported": sum(row.reported_at is not None for row in rows), "snapshots": list(found.snapshots.order_by("number")),
        "is_proposer": found.proposed_by == str(account_of(request).uid), "today": clock.today(),
        "waiting": sum(one.is_accepted is None for row in rows for one in row.objections.all()), "timetable": _timetable(found),
    }  # fmt: skip
    return render(request, "appraisal/round.html", context)


def _way(round_: Round) -> list[dict[str, Any]]:
    """The stages in order, with those that are behind."""
    at = WAY.index(Stage(round_.stage)) if round_.stage in WAY else -1
    return [{"label": stage.label, "is_done": number < at, "is_here": number == at} for number, stage in enumerate(WAY)]


def _timetable(round_: Round) -> list[tuple[str, Any]]:
    return [
        (_("Self-report until"), round_.report_until), (_("Review until"), round_.review_until), (_("Published on"), round_.publish_on),
        (_("Objections until"), round_.objection_until), (_("Final on"), round_.final_on),
    ]  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a round; nothing goes out before it is launched."""
    if not access.can(request.user, policies.RUN):
        raise NotAllowed("no_appraisal_run")
    known = [row for row in schemes.versions(request.user) if row.state != "draft" and not row.withdrawn_reason]
    form = forms.PlanForm(request.POST or None, actor=request.user, versions=known)

    def do(filled: Any) -> str:
        made = actions.plan(by=account_of(request), new=filled.new())
        return reverse("appraisal:launch", args=[made.pk])

    hint = _("Next you see what it costs the units, and what the records answer already; nobody is told before you launch it.")
    return fill(request, form, _("Plan a round"), _("Plan it"), reverse("appraisal:rounds"), do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def launch(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen before it happens: which units, how many person-hours, what the records hold already, what is asked twice."""
    found = own_round(request, pk)
    if request.method == "POST":
        actions.launch(by=account_of(request), round_=found, seen=request.POST.get("seen", ""))
        messages.success(request, _("Launched; units, schemes and leading persons are frozen, and the units know the timetable."))
        return redirect("appraisal:round", pk)
    today = clock.today()
    members = queries.members_at(found, today)
    classes = []
    for row in found.classes.select_related("unit_class", "version__scheme"):
        data = row.version.data
        units = [unit for unit, of_class in members if of_class.pk == row.pk]
        held = data.where(lambda one: one.kind not in queries.BY_HAND)
        classes.append({"row": row, "units": units, "held": held, "judged": queries.judged(data), "entered": queries.by_hand(data)})
    context = {
        "round": found, "classes": classes, "units": len(members), "cost": queries.cost_of(found, today), "can_launch": found.stage == Stage.DRAFT,
    }  # fmt: skip
    return render(request, "appraisal/launch.html", context)


def _gather(request: HttpRequest, round_: Round) -> str:
    changed = actions.gather(by=account_of(request), round_=round_)
    words = ngettext(
        "%(count)s sheet is filled in anew from the records.", "%(count)s sheets are filled in anew from the records.", changed
    )
    return words % {"count": changed}


def _close_reports(request: HttpRequest, round_: Round) -> str:
    actions.close_reports(by=account_of(request), round_=round_)
    return _("The self-reports are closed; the facts stay as they are.")


def _close_review(request: HttpRequest, round_: Round) -> str:
    actions.close_review(by=account_of(request), round_=round_)
    return _("Every sheet is scored; look at the distribution.")


def _publish(request: HttpRequest, round_: Round) -> str:
    publishing.publish(by=account_of(request), round_=round_)
    return _("Published; every unit sees its points, its grade and the evidence.")


def _finish(request: HttpRequest, round_: Round) -> str:
    publishing.finish(by=account_of(request), round_=round_)
    return _("Final; the results are hashed once more and may be used.")


STEPS: dict[str, Callable[[HttpRequest, Round], str]] = {
    "gather": _gather, "close-reports": _close_reports, "close-review": _close_review, "publish": _publish, "finish": _finish,
}  # fmt: skip


@login_required
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """The next step of a round."""
    found = own_round(request, pk)
    if what not in STEPS:
        raise Unseen
    messages.success(request, STEPS[what](request, found))
    return redirect("appraisal:calibration" if what == "close-review" else "appraisal:round", pk)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Move its days, propose its results, cancel it."""
    found = own_round(request, pk)
    back, by = reverse("appraisal:round", args=[pk]), account_of(request)
    if what == "dates":
        dates = forms.DatesForm(request.POST or None, initial=forms.dates_of(found))
        return fill(
            request,
            dates,
            _("Move the days"),
            _("Move them"),
            back,
            lambda f: _back(back, actions.reschedule(by=by, round_=found, timetable=f.timetable())),
        )
    if what == "propose":
        over = queries.over_quota(found)
        said = "；".join(f"{one.name}: {one.count} > {one.quota}" for one in over)
        hint = _("Another person publishes exactly what you propose.") + (f" {said}" if said else "")
        form = forms.ProposeForm(request.POST or None)
        do = lambda f: _back(back, publishing.propose(by=by, round_=found, quota_reason=f.cleaned_data["quota_reason"]))
        return fill(request, form, _("Propose the results for publication"), _("Propose them"), back, do, hint)
    if what != "cancel":
        raise Unseen
    reason = forms.ReasonForm(request.POST or None)
    return fill(
        request,
        reason,
        _("Cancel the round"),
        _("Cancel the round"),
        back,
        lambda f: _back(back, actions.cancel(by=by, round_=found, reason=f.cleaned_data["reason"])),
    )


def _back(back: str, _done: Any) -> str:
    return back


@login_required
@require_GET
def calibration(request: HttpRequest, pk: int) -> HttpResponse:
    """The distribution of grades with quotas, and every unit of a class with its points; ties stay ties."""
    found = own_round(request, pk)
    return render(request, "appraisal/calibration.html", _classes(request, found) | {"can_adjust": found.stage == Stage.CALIBRATION})


@login_required
@require_GET
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Grades, class by class; units are ranked inside their class only, persons nowhere."""
    found = round_at(request, pk)
    if not found.is_shown:
        raise Unseen
    return render(request, "appraisal/results.html", _classes(request, found))


def _classes(request: HttpRequest, round_: Round) -> dict[str, Any]:
    rows = list(queries.sheets(request.user).filter(round=round_).prefetch_related(queries.current_versions())[:PAGE])
    for row in rows:
        row.round = round_
    return {
        "round": round_, "classes": present.classes(round_, rows), "runs": policies.runs(request.user, round_),
        "snapshots": list(round_.snapshots.order_by("number")),
    }  # fmt: skip


@login_required
@require_GET
def recompute_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The published hash beside the one that the frozen facts and schemes give now."""
    found = round_at(request, pk)
    if not found.is_shown:
        raise Unseen
    rows = [{"snapshot": one, "again": recompute(one)} for one in found.snapshots.select_related("round").order_by("number")]
    return render(request, "appraisal/recompute.html", {"round": found, "rows": rows})
