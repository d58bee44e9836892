"""Pages of what results are used for: coefficients for pay, written-down uses, rectification."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.accounts.session import account_of
from rongtong.appraisal import forms, policies, using
from rongtong.appraisal.filling import fill
from rongtong.appraisal.models import Purpose, Sheet, Stage, Use
from rongtong.appraisal.sheet_views import sheet_at, url_of
from rongtong.appraisal.views import own_round
from rongtong.exchange.exporting import FORMATS, write_table
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url

PAGE = 500


@login_required
@require_GET
def uses(request: HttpRequest, pk: int) -> HttpResponse:
    """What the results of a round were used for, unit by unit, and which were not used yet."""
    found = own_round(request, pk)
    rows = list(Use.objects.filter(sheet__round=found).select_related("sheet__node").order_by("sheet__node__path", "pk")[: PAGE + 1])
    graded = list(found.sheets.exclude(grade="").select_related("node").order_by("node__path")[:PAGE])
    used = {row.sheet_id for row in rows}
    records = {row.pk: title_and_url(Reference(row.record_kind, row.record_id), request.user) for row in rows if row.record_kind}
    shown = [{"use": row, "record": records.get(row.pk)} for row in rows[:PAGE]]
    context = {
        "round": found, "rows": shown, "graded": len(graded), "used": len(used), "unused": [row for row in graded if row.pk not in used],
        "purposes": [(str(one.label), sum(row.purpose == one for row in rows)) for one in Purpose], "is_final": found.stage == Stage.FINAL,
        "has_pay": any(row.purpose == Purpose.PAY for row in rows), "formats": FORMATS,
    }  # fmt: skip
    return render(request, "appraisal/uses.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """A coefficient for every grade by a document; every graded unit gets its own, once."""
    found = own_round(request, pk)
    form = forms.PayForm(request.POST or None, grades=using.coefficients_of(found))
    back = reverse("appraisal:uses", args=[pk])

    def do(filled: Any) -> str:
        made = using.set_coefficients(
            by=account_of(request), round_=found, coefficients=filled.coefficients(), basis=filled.cleaned_data["basis"]
        )
        words = ngettext("%(count)s unit has its coefficient.", "%(count)s units have their coefficients.", made)
        messages.success(request, words % {"count": made})
        return back

    hint = _("The coefficients come from a document of yours; where the scheme names them they are filled in. Persons are not listed.")
    return fill(request, form, _("Coefficients for pay"), _("Keep them"), back, do, hint)


@login_required
@require_GET
def pay_file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """The table for pay as xlsx or csv: plain values."""
    found = own_round(request, pk)
    rows = using.pay_rows(found)
    if name not in FORMATS:
        raise Unseen
    if not rows:
        raise Refused(_("No coefficients are set"), remedy=_("set them first"), code="no_pay")
    columns = (_("Unit code"), _("Unit"), _("Class"), _("Grade"), _("Coefficient"))
    path = write_table(columns, rows, name)
    try:
        content = path.open("rb")
    finally:
        path.unlink()
    return FileResponse(content, as_attachment=True, filename=f"{found.code}-pay.{name}")


def _own(request: HttpRequest, pk: int) -> Sheet:
    found = sheet_at(request, pk)
    policies.require_run(request.user, found.round)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that a result was used for training, posts or honours."""
    found = _own(request, pk)

    def do(filled: Any) -> str:
        using.use(by=account_of(request), sheet=found, new=filled.new())
        return url_of(found)

    hint = f"{found.node.label} · {found.round.title} · {found.grade or '—'}"
    return fill(request, forms.UseForm(request.POST or None), _("Use of the result"), _("Write it down"), url_of(found), do, hint)


@login_required
@require_http_methods(["GET", "POST"])
def rectify(request: HttpRequest, pk: int) -> HttpResponse:
    """What cost points becomes a matter with a leader and a handler."""
    found = _own(request, pk)
    criteria = [one for _part, one in found.of_class.version.data.criteria()]
    form = forms.RectifyForm(request.POST or None, actor=request.user, criteria=criteria)

    def do(filled: Any) -> str:
        made = using.rectify(
            by=account_of(request), sheet=found, criterion=filled.cleaned_data["criterion"], due_on=filled.cleaned_data["due_on"],
            parts=filled.parts(),
        )  # fmt: skip
        return reverse("ledger:matter", args=[made.pk])

    hint = _("It becomes a matter of the unit; the ledger follows it to its closing and the look-back.")
    return fill(request, form, _("Have it mended"), _("Make it a matter"), url_of(found), do, hint)
