"""One page for every act on a decision: a form, what it does, and what was typed kept where it is refused."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.accounts.session import account_of
from rongtong.decisions import actions, forms, policies, queries
from rongtong.decisions.models import Decision
from rongtong.decisions.views import decision_at
from rongtong.decisions.whether import Answers
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url


def fill(request: HttpRequest, form: Any, heading: str, button: str, back: str, do: Callable[[Any], str], hint: str = "") -> HttpResponse:
    """Show a form, do what it says, keep what was typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do(form))
        except Conflict:
            raise
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


Maker = Callable[[HttpRequest, Decision], tuple[Any, str, str, Callable[[Any, Any], Any]]]


def _today() -> dict[str, str]:
    return {"on": clock.today().isoformat()}


def _study(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    meetings = queries.meetings(request.user).filter(node=d.node)
    form = forms.StudyForm(request.POST or None, actor=request.user, meetings=meetings, initial={"is_return": d.is_changed})
    do = lambda by, f: actions.record_study(
        by=by, decision=d, meeting=f.meeting_chosen(), result=f.cleaned_data["result"], is_return=f.cleaned_data["is_return"]
    )
    return form, _("What the committee said on “%(title)s”"), _("Record the result"), do


def _decide(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    meetings = queries.meetings(request.user).filter(kind__has_votes=True)
    initial = {**_today(), "body": d.body}
    form = forms.DecideForm(request.POST or None, actor=request.user, meetings=meetings, initial=initial)
    return form, _("The decision on “%(title)s”"), _("Record the decision"), lambda by, f: actions.decide(by=by, decision=d, made=f.made())


def _opinion(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.OpinionForm(request.POST or None, actor=request.user, initial=_today())
    return (
        form,
        _("An opinion on “%(title)s”"),
        _("Record the opinion"),
        lambda by, f: actions.record_opinion(by=by, decision=d, **f.cleaned_data),
    )


def _answer(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.WhetherForm(request.POST or None, actor=request.user, answers=Answers.read(d.whether))
    return (
        form,
        _("The four questions on “%(title)s”"),
        _("Keep the answers"),
        lambda by, f: actions.answer_whether(by=by, decision=d, answers=f.answers()),
    )


def _congress(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.DayForm(request.POST or None, actor=request.user, initial=_today())
    do = lambda by, f: actions.record_staff_congress(by=by, decision=d, on=f.cleaned_data["on"])
    return form, _("The staff congress dealt with “%(title)s”"), _("Record the day"), do


def _execute(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.ExecutionForm(request.POST or None, actor=request.user)
    do = lambda by, f: actions.add_execution(
        by=by, decision=d, title=f.cleaned_data["title"], due_on=f.cleaned_data["due_on"], parts=f.parts()
    )
    return form, _("Carrying out “%(title)s”"), _("Assign"), do


def _assess(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.AssessForm(request.POST or None, actor=request.user, initial=_today())
    return (
        form,
        _("“%(title)s” looked at afterwards"),
        _("Record the assessment"),
        lambda by, f: actions.assess(by=by, decision=d, **f.cleaned_data),
    )


def _archive(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.ArchiveForm(request.POST or None, actor=request.user)
    return form, _("File “%(title)s”"), _("Archive"), lambda by, f: actions.archive(by=by, decision=d, number=f.cleaned_data["number"])


def _void(request: HttpRequest, d: Decision) -> tuple[Any, str, str, Callable[[Any, Any], Any]]:
    form = forms.ReasonForm(request.POST or None, actor=request.user)
    return form, _("Withdraw “%(title)s”"), _("Withdraw"), lambda by, f: actions.void(by=by, decision=d, reason=f.cleaned_data["reason"])


# act in the address -> (name in the table of states, what makes its form)
ACTS: dict[str, tuple[str, Maker]] = {
    "study": ("study", _study), "decide": ("decide", _decide), "opinion": ("opinion", _opinion), "answer": ("answer", _answer),
    "congress": ("opinion", _congress), "execute": ("execute", _execute), "assess": ("assess", _assess), "archive": ("archive", _archive),
    "void": ("void", _void),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """The form of one act."""
    found = decision_at(request, pk)
    if what not in ACTS:
        raise Unseen
    access.require(request.user, policies.RUN, found.node, view=policies.VIEW)
    _name, make = ACTS[what]
    form, heading, button, act = make(request, found)
    back = reverse("decisions:decision", args=[pk])

    def do(filled: Any) -> str:
        act(account_of(request), filled)
        return back

    return fill(request, form, heading % {"title": policies.title_for(request.user, found)}, button, back, do)


@login_required
@require_GET
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the meeting that is named as proof, for who may see it."""
    found = title_and_url(Reference("meeting", str(pk)), request.user)
    if found is None:
        raise Unseen
    return redirect(found[1])
