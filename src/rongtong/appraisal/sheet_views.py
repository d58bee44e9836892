"""Pages of one sheet: both sides beside each other, where a number comes from, words, review, objection and answer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import scoped
from rongtong.accounts.session import account_of
from rongtong.appraisal import forms, policies, present, publishing, queries, reporting
from rongtong.appraisal.content import Frozen
from rongtong.appraisal.filling import fill
from rongtong.appraisal.models import OPEN_TO_OBJECTION, Objection, Sheet, Stage
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.ui.fragments import is_fragment


def sheet_at(request: HttpRequest, pk: int) -> Sheet:
    return get_object_or_404(queries.sheets(request.user).prefetch_related(queries.current_versions()), pk=pk)


def url_of(sheet: Sheet) -> str:
    return reverse("appraisal:sheet", args=[sheet.pk])


@login_required
@require_GET
def sheet_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit's sheet: what the records say, what each part earned, what both sides say about it, objections, what changed since launch."""
    found, actor, today = sheet_at(request, pk), request.user, clock.today()
    round_, sees = found.round, policies.sees_scores(request.user, found)
    reports = policies.reports(actor, found)
    objects = round_.stage in OPEN_TO_OBJECTION and today <= round_.objection_until and access.can(actor, policies.REPORT, found.node)
    runs = policies.runs(actor, round_)
    context = {
        "sheet": found, "round": round_, "shown": present.shown(found, actor, with_scores=sees, may_say=reports), "frozen": Frozen.read(found.frozen),
        "since": queries.changes_since(found, today), "sees": sees, "reports": reports, "objects": objects, "runs": runs,
        "reviews": round_.stage == Stage.REVIEW and access.can(actor, policies.REVIEW, found.node), "adjusts": runs and round_.stage == Stage.CALIBRATION,
        "objections": list(found.objections.order_by("pk")) if sees else [], "versions": queries.versions_of(found) if sees else [],
        "uses": list(found.uses.order_by("pk")) if round_.stage == Stage.FINAL else [], "names": {c.code: c.label for _p, c in found.of_class.version.data.criteria()},
    }  # fmt: skip
    return render(request, "appraisal/sheet.html", context)


@login_required
@require_GET
def source_page(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The drawer of a criterion: rule, value, weight, points and the records behind it; a page of its own without script."""
    found = sheet_at(request, pk)
    shown = present.source(found, request.user, code, with_scores=policies.sees_scores(request.user, found))
    if shown is None:
        raise Unseen
    template = "appraisal/_source.html" if is_fragment(request) else "appraisal/source.html"
    return render(request, template, {"it": shown, "sheet": found, "round": found.round})


def _reporter(request: HttpRequest, pk: int) -> Sheet:
    found = sheet_at(request, pk)
    policies.require_report(request.user, found)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def say(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Add words, a claim or a record to a criterion."""
    found = _reporter(request, pk)
    one = reporting.criterion_of(found.of_class.version.data, code)
    form = forms.SayForm(request.POST or None, criterion=one, said=found.statements.filter(criterion=code).first())
    back = f"{url_of(found)}#c-{code}"

    def do(filled: Any) -> str:
        reporting.state(by=account_of(request), sheet=found, criterion=code, said=filled.said())
        return back

    hint = _("What records say stays as it is: correct a record where it is kept. Here you add what they cannot tell.")
    return fill(request, form, one.label, _("Add it"), back, do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the self-report in."""
    found = _reporter(request, pk)
    form = forms.ReportForm(request.POST or None, initial={"text": found.report})

    def do(filled: Any) -> str:
        reporting.report(by=account_of(request), sheet=found, text=filled.cleaned_data["text"])
        messages.success(request, _("Handed in; until the self-reports close it may be handed in again."))
        return url_of(found)

    hint = _("The figures are in already. A few sentences are enough; none is needed.")
    return fill(request, form, _("Hand in the self-report"), _("Hand it in"), url_of(found), do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The superior's entries of a sheet, beside what the unit says."""
    found = sheet_at(request, pk)
    policies.require_review(request.user, found)
    criteria = queries.by_hand(found.of_class.version.data)
    marks = {row.criterion: row for row in found.marks.all()}
    form = forms.ReviewForm(request.POST or None, criteria=criteria, marks=marks)

    def do(filled: Any) -> str:
        reporting.review(by=account_of(request), sheet=found, given=filled.given())
        return url_of(found)

    said = {row.criterion: row for row in found.statements.all()}
    claims = [
        f"{one.label}: {said[one.code].claimed:g} {said[one.code].text}".strip()
        for one in criteria
        if one.code in said and said[one.code].claimed is not None
    ]
    hint = _("Records are not entered again. Events that nobody enters count as none once the review is closed.")
    hint += (" " + _("The unit claims:") + " " + "；".join(claims)) if claims else ""
    return fill(request, form, _("Review of %(unit)s") % {"unit": found.node.label}, _("Keep the review"), url_of(found), do, hint)


def _calibrated(request: HttpRequest, pk: int) -> Sheet:
    found = sheet_at(request, pk)
    policies.require_run(request.user, found.round)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Set another grade, with a reason that stays readable."""
    found = _calibrated(request, pk)
    form = forms.AdjustForm(request.POST or None, bands=found.of_class.version.data.bands, initial={"grade": found.grade})
    back = reverse("appraisal:calibration", args=[found.round_id])

    def do(filled: Any) -> str:
        publishing.adjust(by=account_of(request), sheet=found, grade=filled.cleaned_data["grade"], reason=filled.cleaned_data["reason"])
        return back

    hint = _("The unit reads the reason. The points stay as they are.")
    return fill(request, form, _("Adjust the grade of %(unit)s") % {"unit": found.node.label}, _("Adjust it"), back, do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Dispute a criterion or the grade."""
    found = _reporter(request, pk)
    if not found.round.is_shown:
        raise NotAllowed("not_published")
    form = forms.ObjectForm(request.POST or None, criteria=[one for _part, one in found.of_class.version.data.criteria()])

    def do(filled: Any) -> str:
        d = filled.cleaned_data
        publishing.raise_objection(by=account_of(request), sheet=found, text=d["text"], criterion=d["criterion"])
        messages.success(request, _("The objection is with whoever runs the round; you will be told the answer."))
        return url_of(found)

    hint = _("Objections are open until %(day)s.") % {"day": found.round.objection_until}
    return fill(request, form, _("Object to the result"), _("Raise the objection"), url_of(found), do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an objection; an accepted one makes a new version of the sheet."""
    rows = Objection.objects.select_related("sheet__round__node", "sheet__node", "sheet__of_class__version")
    found = scoped(rows, request.user, "sheet__node", permission=policies.VIEW).filter(pk=pk).first()
    if found is None:
        raise Unseen
    policies.require_run(request.user, found.sheet.round)
    data = found.sheet.of_class.version.data
    one = reporting.criterion_of(data, found.criterion) if found.criterion else None
    form = forms.AnswerForm(request.POST or None, criterion=one, bands=data.bands)
    back = f"{url_of(found.sheet)}#o{found.pk}"

    def do(filled: Any) -> str:
        publishing.answer(by=account_of(request), objection=found, answer=filled.answer())
        return back

    hint = f"{found.sheet.node.label} · {one.label if one else _('the grade as a whole')}: {found.text}"
    if one is not None and one.kind not in queries.BY_HAND:
        hint += " " + _("If you accept it, the records are asked again; have them corrected first.")
    return fill(request, form, _("Answer the objection"), _("Answer it"), back, do, hint)
