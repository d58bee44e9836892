"""Pages of forms: what waits for me and what was issued, one form with its gate, one sheet."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.burden import actions, policies, queries
from rongtong.burden.forms import DraftForm, QuestionForm
from rongtong.burden.models import Form, FormState, Question, Sheet
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen

LIST, PER_PAGE = 50, 100


def _require(request: HttpRequest) -> None:
    if not access.can(request.user, Permission.FORM_VIEW):
        raise NotAllowed("no_form_view")


@login_required
@require_GET
def forms(request: HttpRequest) -> HttpResponse:
    """What waits to be filled in at my places, and the forms that were made in my area with what they cost."""
    _require(request)
    waiting = list(queries.waiting(request.user)[: LIST + 1])
    today = clock.today()
    context = {
        "waiting": waiting[:LIST], "has_more": len(waiting) > LIST, "late": sum(sheet.form.due_on < today for sheet in waiting), "today": today,
        "rows": list(queries.forms(request.user)[:LIST]), "year": queries.year(request.user, today.year),
        "can_issue": access.can(request.user, Permission.FORM_ISSUE),
    }  # fmt: skip
    return render(request, "burden/forms.html", context)


def _form_at(request: HttpRequest, pk: int) -> Form:
    found = Form.objects.select_related("root").filter(pk=pk).first()
    if found is None or not policies.sees(request.user, found):
        raise Unseen
    return found


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin a form."""
    if not access.can(request.user, Permission.FORM_ISSUE):
        raise NotAllowed("no_form_issue")
    form = DraftForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("burden:form", actions.draft(by=account_of(request), new=form.new()).pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "back": reverse("burden:forms")}
    return render(request, "burden/create.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """One form: as a draft with its gate, then with what came back."""
    return _page(request, _form_at(request, pk))


def _page(request: HttpRequest, found: Form, refusal: Refused | None = None, asking: QuestionForm | None = None) -> HttpResponse:
    questions, today = list(found.questions.order_by("position")), clock.today()
    may_change = policies.may_change(request.user, found)
    rows = queries.sheets(request.user).filter(form=found) if found.state != FormState.DRAFT else Sheet.objects.none()
    table = queries.table(list(rows[:PER_PAGE]), questions, today)
    context = {
        "form": found, "questions": questions, "cost": queries.cost_of(found, questions, today) if found.state == FormState.DRAFT else None,
        "may_change": may_change, "asking": asking or QuestionForm(), "refusal": refusal, "table": table, "today": today,
        "handed_in": rows.filter(handed_in_on__isnull=False).count() if table else 0, "sheets": rows.count() if table else 0,
        "can_withdraw": found.state == FormState.ISSUED and access.can(request.user, Permission.FORM_ISSUE, found.root),
        "can_export": access.can(request.user, Permission.EXPORT),
    }  # fmt: skip
    return render(request, "burden/form.html", context, status=422 if refusal else 200)


@login_required
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a question."""
    found = _form_at(request, pk)
    asking = QuestionForm(request.POST)
    try:
        if not asking.is_valid():
            raise Refused(_("Please look at the marked fields"))
        actions.ask(by=account_of(request), form=found, new=asking.new())
    except Refused as refusal:
        return _page(request, found, refusal, asking)
    return redirect(f"{reverse('burden:form', args=[pk])}#ask")


@login_required
@require_POST
def unask(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question back."""
    question = Question.objects.select_related("form__root").filter(pk=pk).first()
    if question is None or not policies.sees(request.user, question.form):
        raise Unseen
    return redirect("burden:form", actions.unask(by=account_of(request), question=question).pk)


@login_required
@require_POST
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it out; refused while its cost was not seen, or what is held or asked elsewhere has no reason."""
    found = _form_at(request, pk)
    try:
        done = actions.issue(by=account_of(request), form=found, seen=request.POST.get("seen", ""), reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _page(request, found, refusal)
    messages.success(request, _("Sent to %(count)s places.") % {"count": done.places})
    return redirect("burden:form", pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a form back."""
    found = _form_at(request, pk)
    try:
        actions.withdraw(by=account_of(request), form=found, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _page(request, found, refusal)
    return redirect("burden:form", pk)


def _sheet_at(request: HttpRequest, pk: int) -> Sheet:
    found = queries.sheets(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


@login_required
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill in: what the system holds stands there already; what was typed stays if it is refused."""
    found = _sheet_at(request, pk)
    questions = list(found.form.questions.order_by("position"))
    typed = {q.pk: request.POST.get(f"q{q.pk}", "") for q in questions} if request.method == "POST" else None
    refusal = None
    if typed is not None:
        try:
            actions.fill(by=account_of(request), sheet=found, typed=typed, hand_in="hand_in" in request.POST)
        except Refused as caught:
            refusal = caught
        else:
            messages.success(request, _("Handed in.") if "hand_in" in request.POST else _("Kept for later."))
            return redirect("burden:sheet", pk)
    lines = [_field(line, typed, refusal) for line in queries.lines(found, questions, clock.today())]
    context = {
        "sheet": found, "lines": lines, "why_not": policies.why_not_fill(request.user, found), "refusal": refusal,
        "held": sum(line["is_held"] for line in lines), "is_late": policies.is_late(found),
        "can_give_back": found.handed_in_on is not None and access.can(request.user, Permission.FORM_ISSUE, found.form.root),
    }  # fmt: skip
    return render(request, "burden/sheet.html", context, status=422 if refusal else 200)


def _field(line: queries.Line, typed: dict[int, str] | None, refusal: Refused | None) -> dict[str, Any]:
    q = line.question
    value = {True: "yes", False: "no"}.get(line.value, line.text) if isinstance(line.value, bool) else line.text
    name = f"q{q.pk}"
    return {
        "question": q, "name": name, "is_held": line.is_held, "text": line.text, "value": typed.get(q.pk, "") if typed else value,
        "error": refusal.what if refusal and refusal.field == name else "",
    }  # fmt: skip


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a sheet back to be corrected."""
    actions.give_back(by=account_of(request), sheet=_sheet_at(request, pk), reason=request.POST.get("reason", ""))
    return redirect("burden:sheet", pk)
