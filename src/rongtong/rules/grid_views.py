"""The grid of organisations by rules, one organisation over months, and the yearly notice."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.exchange.exporting import FORMATS, write_table
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.periods import add_months, month_of, parse_month
from rongtong.rules import grid, noticing
from rongtong.rules.forms import NoticeForm
from rongtong.rules.models import Notice
from rongtong.trees.models import Node

MONTHS, NOTICES = 12, 50


def _asked(request: HttpRequest) -> grid.Asked:
    """Group of rules, month and place of the address."""
    if not access.can(request.user, Permission.RULE_VIEW):
        raise Unseen
    group, month, at = (request.GET.get(name, "") for name in ("group", "month", "at"))
    node = None
    if at:
        node = get_object_or_404(nodes_of(request.user, Permission.RULE_VIEW), pk=at) if at.isascii() and at.isdigit() else None
        if node is None:
            raise Unseen
    return grid.Asked(
        group if group in grid.GROUPS else grid.GROUPS[0], parse_month(month) if month else month_of(clock.today()), node,
        request.GET.get("open") == "1",
    )  # fmt: skip


@login_required
@require_GET
def by_period(request: HttpRequest) -> HttpResponseBase:
    """Organisations by the rules of a group, in the periods that a month lies in; export of what is seen."""
    asked = _asked(request)
    if request.GET.get("export"):
        return _export(request, asked)
    found = grid.by_period(request.user, asked, request.GET.get("after", ""))
    context = {
        "grid": found, "asked": asked, "groups": grid.GROUPS, "here": _here(asked), "months": _neighbours(asked.month),
        "can_export": access.can(request.user, Permission.EXPORT), "can_notice": access.can(request.user, Permission.RULE_EDIT),
    }  # fmt: skip
    return render(request, "rules/grid.html", context)


def _here(asked: grid.Asked) -> dict[str, str]:
    """Pieces of the address that the page's links keep."""
    at = f"&at={asked.node.pk}" if asked.node else ""
    month = f"&month={asked.month // 100}-{asked.month % 100:02d}"
    only = "&open=1" if asked.only_open else ""
    return {"group": f"group={asked.group}", "month": month, "at": at, "open": only}


def _neighbours(month: int) -> dict[str, str]:
    before, later = add_months(month, -1), add_months(month, 1)
    written = {"before": f"{before // 100}-{before % 100:02d}"}
    return written | ({"later": f"{later // 100}-{later % 100:02d}"} if later <= month_of(clock.today()) else {})


def _export(request: HttpRequest, asked: grid.Asked) -> HttpResponseBase:
    if not access.can(request.user, Permission.EXPORT):
        raise NotAllowed("no_export")
    file_format = request.GET["export"]
    if file_format not in FORMATS:
        raise Refused(_("“%(format)s” is not a kind of file") % {"format": file_format}, field="export", remedy=_("use xlsx or csv"))
    head, rows = grid.written(request.user, asked)
    path = write_table(head, rows, file_format, None, sheet="rules")
    file = path.open("rb")
    path.unlink()  # the open handle keeps the bytes until they are sent
    return FileResponse(file, as_attachment=True, filename=f"rules-{asked.group}-{asked.month}.{file_format}")


@login_required
@require_GET
def over(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of one organisation over twelve months."""
    node = get_object_or_404(nodes_of(request.user, Permission.RULE_VIEW), pk=pk)
    month = request.GET.get("month", "")
    last = parse_month(month) if month else month_of(clock.today())
    found = grid.over(node, grid.last_months(last, MONTHS))
    before = add_months(last, -MONTHS)
    context = {"grid": found, "node": node, "last": last, "before": f"{before // 100}-{before % 100:02d}"}
    return render(request, "rules/over.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Yearly notices: those given, and the form for another."""
    if not access.can(request.user, Permission.RULE_VIEW):
        raise Unseen
    can_give = access.can(request.user, Permission.RULE_EDIT)
    form = NoticeForm(request.POST or None, actor=request.user, rules=noticing.yearly_rules(clock.today())) if can_give else None
    if request.method == "POST":
        if form is None:
            raise NotAllowed("no_rule_edit")
        if form.is_valid() and _given(request, form):
            messages.success(request, _("The days hold; what they change was looked at again."))
            return redirect("rules:notices")
    seen = nodes_of(request.user, Permission.RULE_VIEW)
    rows = Notice.objects.filter(node__in=seen.order_by().values("pk")).select_related("node")[:NOTICES]
    context: dict[str, Any] = {"form": form, "notices": rows}
    return render(request, "rules/notices.html", context, status=422 if form is not None and form.errors else 200)


def _given(request: HttpRequest, form: NoticeForm) -> bool:
    data = form.cleaned_data
    node: Node = data["node"]
    try:
        for code in data["codes"]:
            noticing.give_notice(
                by=account_of(request), code=code, node=node, year=data["year"], opens_on=data["opens_on"], closes_on=data["closes_on"],
                document=data["document"],
            )  # fmt: skip
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True
