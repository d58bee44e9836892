"""Pages of surveys: waves, one wave from draft to results, questionnaires, where a figure comes from."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.queries import area_of
from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.surveys import actions, forms, launching, policies, queries, results, sealing
from rongtong.surveys.models import Questionnaire, Wave, WaveState
from rongtong.surveys.numbers import numbers_at
from rongtong.ui.fragments import is_fragment

PAGE = 50


def require_view(request: HttpRequest) -> None:
    if not access.can(request.user, policies.VIEW):
        raise NotAllowed("no_survey_view")


@login_required
@require_GET
def waves(request: HttpRequest) -> HttpResponse:
    """Waves in the actor's area, the latest first."""
    require_view(request)
    rows, after = queries.waves(request.user), request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 18:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    context = {
        "waves": found[:PAGE], "after": found[PAGE - 1].pk if len(found) > PAGE else "", "mine": queries.open_for(request.user),
        "open": sum(wave.state == WaveState.LAUNCHED for wave in found), "released": sum(wave.state == WaveState.RELEASED for wave in found),
        "can_run": access.can(request.user, policies.RUN),
    }  # fmt: skip
    return render(request, "surveys/waves.html", context)


def wave_at(request: HttpRequest, pk: int) -> Wave:
    found = queries.waves(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_GET
def wave(request: HttpRequest, pk: int) -> HttpResponse:
    """One wave: what is prepared, how many answered in steps of k, or the results."""
    found = wave_at(request, pk)
    area, runs = area_of(request.user, policies.VIEW), policies.runs(request.user, found)
    context: dict[str, Any] = {"wave": found, "runs": runs, "today": clock.today()}
    if found.state == WaveState.RELEASED:
        made = results.results(found, area)
        sees_root = access.can(request.user, policies.VIEW, found.root)
        context |= {
            "results": made, "said": results.said_and_done(found, made, clock.today()) if sees_root else None,
            "comments": queries.comments(found) if sees_root else [], "sees_root": sees_root,
        }  # fmt: skip
        return render(request, "surveys/results.html", context)
    if found.state != WaveState.DRAFT:
        context |= {"rows": results.shown_so_far(found, queries.unions(found, area)), "has_key": sealing.is_here(found.uid)}
    return render(request, "surveys/wave.html", context)


@login_required
@require_GET
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """Drawer (or page): the questions, groups and sums behind a figure."""
    found = wave_at(request, pk)
    area = area_of(request.user, policies.VIEW)
    it = (
        results.source_of(found, area, request.GET.get("cell", ""), request.GET.get("m", "")) if found.state == WaveState.RELEASED else None
    )
    if it is None:
        raise Unseen
    template = "surveys/_source.html" if is_fragment(request) else "surveys/source.html"
    return render(request, template, {"it": it, "wave": found})


# preparing


def _fill(request: HttpRequest, form: Any, heading: str, button: str, back: str, do: Callable[[], str], hint: str = "") -> HttpResponse:
    """Show a form, do what it says, keep what was typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do())
        except Conflict:
            raise
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Prepare a wave; nobody is asked before it is launched."""
    if not access.can(request.user, policies.RUN):
        raise NotAllowed("no_survey_run")
    form = forms.WaveForm(request.POST or None, actor=request.user, initial={"depth": "1", "by_role": True})
    by = account_of(request)
    hint = _("Nobody is asked yet. Before it is launched you see who is asked, which groups can be shown, and what it costs.")

    def do() -> str:
        return reverse("surveys:launch", args=[actions.draft(by=by, new=form.new()).pk])

    return _fill(request, form, _("Prepare a survey"), _("Prepare it"), reverse("surveys:waves"), do, hint)


def _own(request: HttpRequest, pk: int) -> Wave:
    found = wave_at(request, pk)
    policies.require_run(request.user, found)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the same again."""
    found, by = _own(request, pk), account_of(request)
    form = forms.CopyForm(request.POST or None, actor=request.user, initial={"title": found.title})

    def do() -> str:
        d = form.cleaned_data
        return reverse("surveys:launch", args=[actions.copy(by=by, wave=found, title=d["title"], closes_on=d["closes_on"]).pk])

    hint = _("The questionnaire, the place and the groups are taken over; who is asked is found anew on the day of launch.")
    heading = _("Ask “%(title)s” again") % {"title": found}
    return _fill(request, form, heading, _("Prepare the copy"), reverse("surveys:wave", args=[pk]), do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def launch(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen before it happens: who is asked, which cells will be shown, k, person-hours."""
    found = _own(request, pk)
    if request.method == "POST":
        actions.launch(by=account_of(request), wave=found, seen=request.POST.get("seen", ""))
        messages.success(request, _("Launched. Those asked find the questionnaire on their first page and in the inbox."))
        return redirect("surveys:wave", pk)
    if found.state != WaveState.DRAFT:
        return redirect("surveys:wave", pk)
    today = clock.today()
    numbers = numbers_at(found.root, today)
    found.k_score, found.k_text = numbers.k_score, numbers.k_text
    plan = launching.plan_of(found, today)
    context = {
        "wave": found, "plan": plan, "cells": launching.cells_of(plan), "without_account": launching.without_account(plan),
        "twice": launching.twice(plan, today), "near": launching.near(found, numbers.gap_days, today), "gap_days": numbers.gap_days,
        "is_late": found.closes_on < today, "asked": len(plan.people),
    }  # fmt: skip
    return render(request, "surveys/launch.html", context)


@login_required
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Close, release, or take a draft back."""
    found, by = _own(request, pk), account_of(request)
    if what == "close":
        actions.close(by=by, wave=found)
        messages.success(request, _("Closed and counted; the key is gone. Look at what can be shown, then release the results."))
    elif what == "release":
        actions.release(by=by, wave=found)
        messages.success(request, _("Released to whoever sees surveys there; the single sheets were deleted."))
    elif what == "drop":
        actions.drop(by=by, wave=found)
        return redirect("surveys:waves")
    else:
        raise Unseen
    return redirect("surveys:wave", pk)


# questionnaires


@login_required
@require_GET
def questionnaires(request: HttpRequest) -> HttpResponse:
    require_view(request)
    return render(request, "surveys/questionnaires.html", {"rows": list(queries.questionnaires())})


@login_required
@require_GET
def questionnaire(request: HttpRequest, pk: int) -> HttpResponse:
    """Its questions as they are asked."""
    require_view(request)
    found = Questionnaire.objects.filter(pk=pk).first()
    if found is None:
        raise Unseen
    return render(request, "surveys/questionnaire.html", {"it": found, "questions": list(found.questions.all())})
