"""A person's own page, and the same for the line above: evidence, certificates, ratings of both kinds, objections. Reading another's is noted."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.accounts.session import account_of
from rongtong.files import storing
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.reference import titles_and_urls
from rongtong.organization.models import Person
from rongtong.people import actions, forms, policies, present, queries
from rongtong.people.filling import fill
from rongtong.people.models import Certificate, Evidence, Objection, Rating
from rongtong.people.proving import records_of


def person_at(request: HttpRequest, pk: int) -> Person:
    found = Person.objects.filter(pk=pk).select_related("account").first()
    if found is None or not policies.sees(request.user, found):
        raise Unseen
    return found


def back_to(request: HttpRequest, person: Person) -> str:
    return reverse("people:me") if policies.is_self(request.user, person) else reverse("people:person", args=[person.pk])


@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Everything on record about one's own ability."""
    own = Person.objects.filter(account=request.user.pk).first()
    if own is None:
        return render(request, "people/nobody.html", {})
    return render(request, "people/person.html", present.page_of(request.user, own, clock.today()))


@login_required
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for the line above; that it was read is noted in the audit log."""
    found = person_at(request, pk)
    if not policies.is_self(request.user, found):
        actions.note_reading(by=account_of(request), person=found)
    return render(request, "people/person.html", present.page_of(request.user, found, clock.today()))


@login_required
@require_http_methods(["GET", "POST"])
def add_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which record shows a competence, or claim it in words."""
    found, by, today = person_at(request, pk), account_of(request), clock.today()
    initial = {"competence": request.GET.get("competence", "")}
    form = forms.EvidenceForm(
        request.POST or None, actor=request.user, frame=queries.frame_on(today), records=records_of(found, today), initial=initial
    )

    def do(filled: Any) -> None:
        d = filled.cleaned_data
        actions.add_evidence(by=by, person=found, competence=d["competence"], record=filled.reference(), words=d["words"])

    hint = _("Only a record counts. A claim in words is kept as a claim until a record shows it.")
    return fill(
        request, form, _("What shows a competence of %(name)s") % {"name": found.name}, _("Add it"), back_to(request, found), do, hint
    )


@login_required
@require_http_methods(["GET", "POST"])
def add_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a certificate with its days and where it can be looked up."""
    found, by = person_at(request, pk), account_of(request)
    frame = queries.frame_on(clock.today())
    form = forms.CertificateForm(request.POST or None, request.FILES or None, actor=request.user, frame=frame)
    hint = _("A certificate stops counting on the day it expires; its renewal in time carries on what it showed.")
    return fill(
        request, form, _("A certificate of %(name)s") % {"name": found.name}, _("Record it"), back_to(request, found),
        lambda f: actions.add_certificate(by=by, person=found, new=f.new()) and None, hint,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One's own view of oneself, or the superior's: which of the two, the account decides."""
    found, by, today = person_at(request, pk), account_of(request), clock.today()
    competence = queries.frame_on(today).get(code)
    if competence is None:
        raise Unseen
    rows = [row for row in queries.evidence_of(found.pk).filter(competence=code) if row.holds_on(today)]
    form = forms.RatingForm(request.POST or None, actor=request.user, competence=competence, rows=_titled(request, rows))
    is_self = policies.is_self(request.user, found)
    act = actions.rate_self if is_self else actions.rate
    heading = _("“%(competence)s”: how I see myself") if is_self else _("“%(competence)s” of %(name)s, seen by the superior")
    values = {"competence": competence.label, "name": found.name}
    hint = _("Choose the level whose behaviour can be observed. A later rating replaces this one and both stay on record.")
    return fill(
        request,
        form,
        heading % values,
        _("Save the rating"),
        back_to(request, found),
        lambda f: act(by=by, person=found, new=f.new()) and None,
        hint,
    )


def _titled(request: HttpRequest, rows: list[Evidence]) -> list[tuple[Evidence, str]]:
    """Evidence with what it is, as far as the reader may open it."""
    titles: dict[tuple[str, str], str] = {}
    for kind in sorted({row.kind for row in rows}):
        found = titles_and_urls(kind, [row.record_id for row in rows if row.kind == kind], request.user)
        titles |= {(kind, key): title for key, (title, _url) in found.items()}
    return [(row, f"{row.get_kind_display()} {titles.get((row.kind, row.record_id), '')} {row.on}".strip()) for row in rows]


@login_required
@require_http_methods(["GET", "POST"])
def void_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Take evidence back with a reason."""
    row = Evidence.objects.filter(pk=pk).select_related("person").first()
    found, by = person_at(request, row.person_id if row else 0), account_of(request)
    assert row is not None
    form = forms.ReasonForm(request.POST or None, actor=request.user)
    return fill(
        request, form, _("Take this evidence back"), _("Take it back"), back_to(request, found),
        lambda f: actions.void_evidence(by=by, evidence=row, reason=f.cleaned_data["reason"]) and None,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def void_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a certificate back with a reason; what rests on it no longer counts."""
    row = Certificate.objects.filter(pk=pk).select_related("person").first()
    found, by = person_at(request, row.person_id if row else 0), account_of(request)
    assert row is not None
    form = forms.ReasonForm(request.POST or None, actor=request.user)
    return fill(
        request, form, _("Take the certificate “%(kind)s” back") % {"kind": row.kind}, _("Take it back"), back_to(request, found),
        lambda f: actions.void_certificate(by=by, certificate=row, reason=f.cleaned_data["reason"]) and None,
    )  # fmt: skip


@login_required
@require_GET
def certificate_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a certificate, for whoever sees the person."""
    row = Certificate.objects.filter(pk=pk, file__isnull=False).select_related("file").first()
    person_at(request, row.person_id if row else 0)
    assert row is not None
    assert row.file is not None
    path = storing.path_of(row.file)
    if not path.is_file():
        raise Refused(_("The file is missing in the data folder"), remedy=_("restore it from the backup"))
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=row.file.name, content_type="application/octet-stream")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_http_methods(["GET", "POST"])
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own word on a superior's rating."""
    row = Rating.objects.filter(pk=pk).select_related("person").first()
    found, by = person_at(request, row.person_id if row else 0), account_of(request)
    assert row is not None
    policies.require_self(request.user, found)
    form = forms.ObjectionForm(request.POST or None, actor=request.user)
    hint = _("Your superior answers; until then the rating stands and nobody can replace it.")
    return fill(
        request, form, _("Object to this rating"), _("Send the objection"), back_to(request, found),
        lambda f: actions.object_to(by=by, rating=row, text=f.cleaned_data["text"]) and None, hint,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The superior's answer to an objection."""
    row = Objection.objects.filter(pk=pk).select_related("rating__person__account").first()
    found, by = person_at(request, row.rating.person_id if row else 0), account_of(request)
    assert row is not None
    policies.require_line(request.user, found)
    form = forms.AnswerForm(request.POST or None, actor=request.user)
    return fill(
        request, form, _("Answer the objection of %(name)s") % {"name": found.name}, _("Answer"), back_to(request, found),
        lambda f: actions.answer(by=by, objection=row, text=f.cleaned_data["answer"]) and None, row.text,
    )  # fmt: skip
