"""Drafting: a new scheme from a shipped one, the whole draft as one form, and the steps of its life."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.schemes import actions, editing, forms, policies, queries, wording
from rongtong.schemes.actions import Paper
from rongtong.schemes.data import FactKind, Model, Rule, Side
from rongtong.schemes.ledger_facts import FIGURES
from rongtong.schemes.models import SchemeVersion, State
from rongtong.schemes.shipping import template
from rongtong.schemes.views import version_at


def _require_edit(request: HttpRequest) -> None:
    if not policies.edits(request.user):
        raise NotAllowed("no_scheme_edit")


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A draft from one of the shipped schemes."""
    _require_edit(request)
    initial = {"starts_on": f"{clock.today().year + 1}-01-01", "template": request.GET.get("from", "")}
    form = forms.NewForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        start = template(form.cleaned_data["template"])
        assert start is not None
        try:
            made = actions.draft(by=account_of(request), new=form.new(), data=start.data, paper=form.paper())
            return redirect("schemes:edit", made.pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    hint = _("It begins as a draft: change it, see who would move, and let a second person issue it.")
    return _form(request, form, _("New appraisal scheme"), _("Begin the draft"), reverse("schemes:list"), hint)


def _form(request: HttpRequest, form: Any, heading: str, button: str, back: str, hint: str = "") -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole draft as one form; what is refused keeps what was typed and says where and what to do."""
    found = version_at(request, pk)
    _require_edit(request)
    if found.state != State.DRAFT:
        return redirect("schemes:version", pk)
    if request.method == "GET":
        initial = {"starts_on": found.starts_on.isoformat(), "document": found.document, "note": found.note}
        return _edit_page(request, found, editing.typed_of(found.data), forms.PaperForm(initial=initial))
    form = forms.PaperForm(request.POST)
    data, typed = editing.read(editing.typed_from(request.POST), queries.known())
    if "more" in request.POST:
        return _edit_page(request, found, editing.TypedScheme(typed.head, typed.grades, typed.parts), form)
    if not form.is_valid() or data is None:
        return _edit_page(request, found, typed, form, 422)
    try:
        actions.change(by=account_of(request), version=found, data=data, paper=form.paper(), seen=request.POST.get("seen", ""))
    except Conflict:
        raise
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _edit_page(request, found, typed, form, 422)
    messages.success(request, _("Saved. Look at who would move before a second person issues it."))
    return redirect("schemes:version", pk)


def _edit_page(request: HttpRequest, found: SchemeVersion, typed: editing.TypedScheme, form: Any, status: int = 200) -> HttpResponse:
    seen = request.POST.get("seen", found.digest)
    context = {
        "version": found, "typed": typed, "form": form, "models": Model.choices, "rules": Rule.choices, "kinds": FactKind.choices, "sides": Side.choices,
        "figures": {code: figure.name for code, figure in FIGURES.items()}, "seen": seen, "examples": wording.examples(), "wrong": {fault.where for fault in typed.faults if fault.where},
    }  # fmt: skip
    return render(request, "schemes/edit.html", context, status=status)


@login_required
@require_POST
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Issue, begin the next version, or discard a draft."""
    found, by = version_at(request, pk), account_of(request)
    if what == "issue":
        actions.issue(by=by, version=found, seen=request.POST.get("seen", ""))
        messages.success(request, _("Issued. It is not changed any more; the next change is a new version."))
    elif what == "revise":
        starts_on = found.starts_on.replace(year=max(found.starts_on.year, clock.today().year) + 1, month=1, day=1)
        made = actions.revise(by=by, scheme=found.scheme, paper=Paper(starts_on))
        return redirect("schemes:edit", made.pk)
    elif what == "discard":
        actions.discard(by=by, version=found)
        messages.success(request, _("The draft is gone."))
        return redirect("schemes:list")
    else:
        raise Unseen
    return redirect("schemes:version", pk)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an issued version out of force, with the reason."""
    found = version_at(request, pk)
    _require_edit(request)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(by=account_of(request), version=found, reason=form.cleaned_data["reason"])
            return redirect("schemes:version", pk)
        except Conflict:
            raise
        except Refused as refusal:
            form.add_error("reason" if refusal.field == "reason" else None, str(refusal))
    heading = _("Withdraw “%(name)s”") % {"name": found.scheme}
    return _form(request, form, heading, _("Withdraw it"), reverse("schemes:version", args=[pk]))
