"""One unit's view: what will be asked, what its records say, what was found and what it says to that; the phone page for on site; rectification."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.accounts.session import account_of
from rongtong.inspections import actions, forms, policies, queries
from rongtong.inspections.actions import Seen
from rongtong.inspections.filling import back_after, fill
from rongtong.inspections.models import Checklist, Finding, Item, Pace, Place, Stage
from rongtong.inspections.numbers import numbers_at
from rongtong.inspections.views import require_view
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, Refused, Unseen
from rongtong.kernel.reference import offers_of, titles_and_urls
from rongtong.ledger.views import lines as matter_lines
from rongtong.organization import queries as organization

SHOWN = 6


def place_at(request: HttpRequest, pk: int) -> Place:
    found = queries.places(request.user).filter(pk=pk).first()
    if found is None:
        raise Unseen
    return found


def _words(sheet: queries.Sheet, place: Place) -> dict[int, str]:
    titles = queries.rule_titles(sheet.items, place.inspection.ends_on)
    return {item.pk: titles.get(item.rule_code, "") or item.text or item.rule_code for item in sheet.items}


@login_required
@require_GET
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked of one unit and what is known already, with the records behind it; findings and their matters."""
    found = place_at(request, pk)
    sheet = queries.sheet_of(found.inspection, [found])
    words = _words(sheet, found)
    lines = queries.lines(sheet, found, queries.rule_titles(sheet.items, found.inspection.ends_on))
    shown = _with_records(request, lines)
    asked = sheet.left(found)
    left = [{"item": item, "words": words[item.pk], "is_done": sheet.is_done(found, item)} for item in asked]
    problems = list(found.findings.select_related("matter__lead", "matter__handler_post", "matter__leader_post", "item"))
    made = {line["matter"].pk: line for line in matter_lines([f.matter for f in problems if f.matter])}
    context = {
        "place": found, "inspection": found.inspection, "left": left, "known": [line for line in shown if line["line"].code and line["line"].state != "not_enough_data"],
        "minutes": sum(item.minutes for item in asked) * found.inspection.people, "runs": policies.runs(request.user, found.inspection),
        "findings": [{"row": f, "matter": made.get(f.matter_id or 0)} for f in problems], "may_comment": policies.may_comment(request.user, found),
        "taken": len(sheet.taken), "offers": offers_of("inspection_place", request.user, found), "day": queries.day_of(found),
    }  # fmt: skip
    return render(request, "inspections/place.html", context)


def _with_records(request: HttpRequest, lines: list[queries.Line]) -> list[dict[str, Any]]:
    """Lines with the first records behind them that the reader may open; each kind is asked once."""
    wanted: dict[str, set[str]] = {}
    for line in lines:
        for record in line.records[:SHOWN]:
            wanted.setdefault(record.kind, set()).add(record.id)
    titles = {kind: titles_and_urls(kind, sorted(keys), request.user) for kind, keys in wanted.items()}
    return [
        {
            "line": line, "more": max(len(line.records) - SHOWN, 0),
            "records": [titles[r.kind][r.id] for r in line.records[:SHOWN] if r.id in titles[r.kind]],
        }
        for line in lines
    ]  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """On a phone at the place: one question after the other, three buttons and a line of words."""
    found = place_at(request, pk)
    policies.require_run(request.user, found.inspection)
    error = ""
    if request.method == "POST":
        item = found.inspection.items.filter(pk=_key(request.POST.get("item", ""))).first()
        if item is None:
            raise Unseen
        given = request.POST
        try:
            seen = Seen(given.get("state", ""), given.get("note", ""), given.get("pace", "") or Pace.WITHIN_LIMIT)
            actions.answer(by=account_of(request), place=found, item=item, seen=seen)
            return redirect(f"{reverse('inspections:site', args=[pk])}?done={item.pk}")
        except Conflict:
            raise
        except Refused as refusal:
            error = str(refusal)
    sheet = queries.sheet_of(found.inspection, [found])
    words = _words(sheet, found)
    left = [
        {"item": item, "words": words[item.pk], "answer": sheet.answer(found, item), "is_done": sheet.is_done(found, item)}
        for item in sheet.left(found)
    ]
    context = {
        "place": found, "inspection": found.inspection, "left": left, "open": sum(not entry["is_done"] for entry in left), "paces": Pace.choices,
        "error": error, "failed": _key(request.POST.get("item", "")), "typed": request.POST.get("note", ""),
        "can": found.inspection.stage == Stage.ISSUED,
    }  # fmt: skip
    return render(request, "inspections/site.html", context, status=422 if error else 200)


@login_required
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The day on which one unit is visited; empty takes the day away."""
    found = place_at(request, pk)
    policies.require_run(request.user, found.inspection)
    form = forms.VisitForm(
        request.POST or None, actor=request.user, initial={"visit_on": found.visit_on.isoformat() if found.visit_on else ""}
    )
    back = reverse("inspections:place", args=[pk])
    do = back_after(back, lambda f: actions.set_visit(by=account_of(request), place=found, on=f.cleaned_data["visit_on"]))
    days = {"first": found.inspection.starts_on, "last": found.inspection.ends_on}
    hint = _("From %(first)s to %(last)s. Empty: no day is set, and the unit sees the first day.") % days
    return fill(request, form, _("Day of the visit to %(unit)s") % {"unit": found.node.name}, _("Set the day"), back, do, hint)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@login_required
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """A row of the problem list that no single item gave."""
    found = place_at(request, pk)
    policies.require_run(request.user, found.inspection)
    sheet = queries.sheet_of(found.inspection, [found])
    words = _words(sheet, found)
    items: list[tuple[Item, str]] = [(item, words[item.pk]) for item in sheet.items]
    form = forms.FindingForm(request.POST or None, actor=request.user, items=items, initial={"item": request.GET.get("item", "")})
    back = reverse("inspections:place", args=[pk])

    def do(filled: Any) -> str:
        made = actions.note_finding(by=account_of(request), place=found, new=filled.new())
        return f"{back}#f{made.pk}"

    return fill(request, form, _("A problem at %(unit)s") % {"unit": found.node.name}, _("Put it on the problem list"), back, do)


@login_required
@require_http_methods(["GET", "POST"])
def finding(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Have a finding mended, withdraw it, or say the unit's own word."""
    found = queries.findings(request.user).filter(pk=pk).first()
    if found is None or what not in FORMS:
        raise Unseen
    return FORMS[what](request, found, f"{reverse('inspections:place', args=[found.place_id])}#f{pk}")


def _rectify(request: HttpRequest, found: Finding, back: str) -> HttpResponse:
    policies.require_run(request.user, found.place.inspection)
    node, today = found.place.node, clock.today()
    days = numbers_at(found.place.inspection.node, today).days_of(found.pace)
    leader = organization.leading_post(node)
    initial = {"due_on": (today + timedelta(days=days)).isoformat(), "leader": f"{leader.code} {leader.name}" if leader else ""}
    form = forms.RectifyForm(request.POST or None, actor=request.user, initial=initial)

    def do(filled: Any) -> str:
        made = actions.rectify(by=account_of(request), finding=found, due_on=filled.cleaned_data["due_on"], parts=filled.parts())
        messages.success(request, _("Assigned as matter %(code)s.") % {"code": made.code})
        return back

    hint = _("%(pace)s: by default %(days)s days.") % {"pace": found.get_pace_display(), "days": days}
    return fill(request, form, _("Have mended: %(text)s") % {"text": found.text}, _("Assign"), back, do, hint)


def _withdraw(request: HttpRequest, found: Finding, back: str) -> HttpResponse:
    policies.require_run(request.user, found.place.inspection)
    form = forms.ReasonForm(request.POST or None, actor=request.user)
    do = back_after(back, lambda f: actions.withdraw_finding(by=account_of(request), finding=found, reason=f.cleaned_data["reason"]))
    return fill(request, form, _("Withdraw: %(text)s") % {"text": found.text}, _("Withdraw"), back, do)


def _comment(request: HttpRequest, found: Finding, back: str) -> HttpResponse:
    policies.require_comment(request.user, found.place)
    form = forms.CommentForm(request.POST or None, actor=request.user, initial={"comment": found.comment})
    do = back_after(back, lambda f: actions.comment(by=account_of(request), finding=found, text=f.cleaned_data["comment"]))
    return fill(request, form, _("What the unit says to: %(text)s") % {"text": found.text}, _("Say it"), back, do)


FORMS = {"rectify": _rectify, "withdraw": _withdraw, "comment": _comment}


# check lists


@login_required
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Check lists, and what one's own records say of them before anybody asks."""
    require_view(request)
    rows = [{"list": row, "rules": sum(bool(i.rule_code) for i in row.items.all()), "questions": sum(not i.rule_code for i in row.items.all())}
            for row in Checklist.objects.prefetch_related("items")]  # fmt: skip
    return render(request, "inspections/lists.html", {"rows": rows})


@login_required
@require_GET
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """One list; with ?at= a unit, what its records say already of every item."""
    require_view(request)
    found = Checklist.objects.filter(pk=pk).first()
    if found is None:
        raise Unseen
    at = request.GET.get("at", "")
    node = nodes_of(request.user, policies.VIEW).filter(pk=_key(at)).first() if at else None
    if at and node is None:
        raise Unseen
    today = clock.today()
    lines = queries.beforehand(found, node, today.year, today) if node else []
    items = list(found.items.all())
    titles = queries.rule_titles(items, today)
    context = {
        "list": found, "node": node, "year": today.year, "lines": _with_records(request, lines), "late": sum(line.state == "late" for line in lines),
        "known": sum(bool(line.state) and line.state != "not_enough_data" for line in lines), "count": len(items),
        "items": [{"item": item, "words": titles.get(item.rule_code, "") or item.text} for item in items], "can_run": queries.may_define(request.user),
    }  # fmt: skip
    return render(request, "inspections/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an item to a check list, or take one out (?drop=)."""
    found = Checklist.objects.filter(pk=pk).first()
    if found is None or not access.can(request.user, policies.VIEW):
        raise Unseen
    access.require_everywhere(request.user, policies.RUN)
    back = reverse("inspections:list", args=[pk])
    if request.method == "POST" and request.POST.get("drop"):
        row = found.items.filter(pk=_key(request.POST["drop"])).first()
        if row is None:
            raise Unseen
        actions.drop_item(by=account_of(request), item=row)
        return redirect(back)
    form = forms.ItemForm(request.POST or None, actor=request.user, rules=queries.checked_rules(clock.today()))

    def do(filled: Any) -> str:
        actions.add_item(by=account_of(request), checklist=found, text=filled.text())
        return back

    return fill(request, form, _("An item of “%(list)s”") % {"list": found}, _("Add"), back, do)
