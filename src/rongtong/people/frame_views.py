"""Pages of the competence frame, what posts ask for, and equal pay."""

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
from rongtong.kernel.errors import Unseen
from rongtong.organization.models import PostKind
from rongtong.people import forms, frame_actions, policies, queries
from rongtong.people.filling import fill
from rongtong.people.frames import Side
from rongtong.people.models import FrameState, FrameVersion, Requirement
from rongtong.people.views import require_view
from rongtong.trees.models import Node


def _may_edit(request: HttpRequest) -> bool:
    return area_of(request.user, policies.FRAME).is_all


@login_required
@require_GET
def frame(request: HttpRequest) -> HttpResponse:
    """The frame in force, and every version."""
    require_view(request)
    return _page(request, queries.version_on(clock.today()))


def _page(request: HttpRequest, version: FrameVersion | None) -> HttpResponse:
    found = version.frame if version else None
    sides = [(Side(side).label, found.of_side(side)) for side in Side] if found else []
    context = {
        "version": version, "sides": sides, "versions": list(FrameVersion.objects.order_by("-number")), "draft": queries.draft(),
        "may_edit": _may_edit(request), "today": clock.today(),
    }  # fmt: skip
    return render(request, "people/frame.html", context)


def version_at(request: HttpRequest, pk: int) -> FrameVersion:
    require_view(request)
    found = FrameVersion.objects.filter(pk=pk).first()
    if found is None or (found.state == FrameState.DRAFT and not _may_edit(request)):
        raise Unseen
    return found


@login_required
@require_GET
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version; drafts only for those who write them."""
    return _page(request, version_at(request, pk))


@login_required
@require_POST
def begin_draft(request: HttpRequest) -> HttpResponse:
    made = frame_actions.begin_draft(by=account_of(request))
    return redirect("people:version", made.pk)


@login_required
@require_http_methods(["GET", "POST"])
def competence(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a competence of a draft."""
    found, by = version_at(request, pk), account_of(request)
    policies.require_frame(request.user)
    old = found.frame.get(request.GET.get("code", ""))
    form = forms.CompetenceForm(request.POST or None, actor=request.user, competence=old)
    heading = _("Change “%(name)s”") % {"name": old.label} if old else _("Add a competence")
    back = reverse("people:version", args=[pk])
    return fill(
        request, form, heading, _("Keep it in the draft"), back,
        lambda f: frame_actions.set_competence(by=by, version=found, competence=f.competence()) and None,
    )  # fmt: skip


@login_required
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Take a competence out of a draft, or throw the draft away."""
    found, by = version_at(request, pk), account_of(request)
    if what == "drop":
        frame_actions.drop_competence(by=by, version=found, code=request.POST.get("code", ""))
        return redirect("people:version", pk)
    if what != "discard":
        raise Unseen
    frame_actions.discard_draft(by=by, version=found)
    messages.success(request, _("The draft was thrown away."))
    return redirect("people:frame")


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Issue a draft, or end the version in force."""
    found, by, today = version_at(request, pk), account_of(request), clock.today().isoformat()
    policies.require_frame(request.user)
    back = reverse("people:version", args=[pk])
    if what == "issue":
        form: Any = forms.StartForm(request.POST or None, actor=request.user, initial={"starts_on": today})
        hint = _("From that day on ratings are given by this version; once issued it never changes.")
        return fill(
            request, form, _("Issue version %(number)d") % {"number": found.number}, _("Issue"), back,
            lambda f: frame_actions.issue_frame(by=by, version=found, starts_on=f.cleaned_data["starts_on"]) and None, hint,
        )  # fmt: skip
    if what != "close":
        raise Unseen
    form = forms.DayForm(request.POST or None, actor=request.user, initial={"on": today})
    return fill(
        request, form, _("End version %(number)d without a successor") % {"number": found.number}, _("End it"), back,
        lambda f: frame_actions.close_frame(by=by, version=found, on=f.cleaned_data["on"]) and None,
    )  # fmt: skip


# requirements


@login_required
@require_GET
def requirements(request: HttpRequest) -> HttpResponse:
    """What kinds of posts ask for: in the whole enterprise, and where a subtree asks for something else."""
    require_view(request)
    today = clock.today()
    found = queries.frame_on(today)
    rows: list[dict[str, Any]] = [
        {"row": row, "levels": [row.asked.by_code.get(one.code) for one in found.competences], "can_edit": _can(request, row)}
        for row in queries.requirements(today)
        if row.node is None or access.can(request.user, policies.VIEW, row.node)
    ]
    order = {kind: at for at, kind in enumerate(PostKind.values)}
    rows.sort(key=lambda one: order[one["row"].post_kind])
    context = {"rows": rows, "frame": found, "may_edit": access.can(request.user, policies.FRAME), "today": today}
    return render(request, "people/requirements.html", context)


def _can(request: HttpRequest, row: Requirement) -> bool:
    if row.ends_on is not None:
        return False
    return _may_edit(request) if row.node is None else access.can(request.user, policies.FRAME, row.node)


@login_required
@require_http_methods(["GET", "POST"])
def require(request: HttpRequest) -> HttpResponse:
    """Set what a kind of post asks for from a day on."""
    require_view(request)
    access.require_everywhere(request.user, policies.FRAME)
    today, by = clock.today(), account_of(request)
    form = forms.RequirementForm(
        request.POST or None, actor=request.user, frame=queries.frame_on(today), initial=_asked_now(request, today)
    )

    def do(filled: Any) -> None:
        d = filled.cleaned_data
        frame_actions.set_requirement(by=by, post_kind=d["post_kind"], node=d["node"], starts_on=d["starts_on"], levels=filled.levels())

    hint = _("The row that stands ends on that day and stays on record. Levels are those of the frame in force.")
    return fill(request, form, _("What a kind of post asks for"), _("Put it in force"), reverse("people:requirements"), do, hint)


def _asked_now(request: HttpRequest, today: Any) -> dict[str, Any]:
    """What is asked today of the kind in the address, so that only the difference is typed."""
    kind = request.GET.get("kind", "")
    asked = queries.Asks(today).at(kind, "") if kind in PostKind.values else None
    return {"post_kind": kind, "starts_on": today.isoformat()} | {f"c_{code}": str(level) for code, level in asked or ()}


@login_required
@require_http_methods(["GET", "POST"])
def end_requirement(request: HttpRequest, pk: int) -> HttpResponse:
    """End a row; the next wider one holds then."""
    require_view(request)
    row = Requirement.objects.filter(pk=pk).select_related("node").first()
    if row is None:
        raise Unseen
    policies.require_frame(request.user, row.node)
    by, form = account_of(request), forms.DayForm(request.POST or None, actor=request.user, initial={"on": clock.today().isoformat()})
    where = row.node.label if isinstance(row.node, Node) else _("the whole enterprise")
    heading = _("End what “%(kind)s” posts ask for in %(where)s") % {"kind": row.get_post_kind_display(), "where": where}
    return fill(
        request, form, heading, _("End it"), reverse("people:requirements"),
        lambda f: frame_actions.end_requirement(by=by, requirement=row, on=f.cleaned_data["on"]) and None,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def parity(request: HttpRequest) -> HttpResponse:
    """Record whether a kind of Party post is paid as its counterpart."""
    require_view(request)
    policies.require_frame(request.user)
    by, form = account_of(request), forms.ParityForm(request.POST or None, actor=request.user)
    hint = _("A fact by its paper; yes and no need the number of the pay rule.")
    return fill(
        request, form, _("Same rank, same pay"), _("Record it"), reverse("people:overview"),
        lambda f: frame_actions.note_parity(by=by, **f.cleaned_data) and None, hint,
    )  # fmt: skip
