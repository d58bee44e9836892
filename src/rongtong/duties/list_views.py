"""Responsibility lists in their versions: what differs, what issuing one costs (填报准入), and how the next one is made."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from rongtong.access import policies as access
from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.duties import actions, gate, queries
from rongtong.duties.forms import AddForm, ChangeForm
from rongtong.duties.matrix_views import require_view
from rongtong.duties.models import Duty, DutyList, Subject
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.trees.models import Node

COMPARED = {
    "title": gettext_lazy("Duty"), "subject": gettext_lazy("Who owes it"), "standard": gettext_lazy("Standard"), "basis": gettext_lazy("Basis"),
    "per": gettext_lazy("How often"), "side": gettext_lazy("Side"), "minutes": gettext_lazy("minutes each"),
    "is_personal": gettext_lazy("led in person"),
}  # fmt: skip


@login_required
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Every list with its versions."""
    require_view(request)
    can_issue = access.can(request.user, Permission.DUTY_ISSUE)
    return render(request, "duties/lists.html", {"lists": list(queries.lists()), "can_issue": can_issue, "latest": queries.latest_list()})


@login_required
@require_http_methods(["GET", "POST"])
def duty_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A list in one version; before it is issued, what it costs; what is held already; what is asked elsewhere."""
    require_view(request)
    found = get_object_or_404(DutyList, pk=pk)
    root = _root(request)
    may_issue = root is not None and access.can(request.user, Permission.DUTY_ISSUE, root)
    refusal = None
    if request.method == "POST":
        if root is None:
            raise Unseen
        try:
            count = actions.issue(
                by=account_of(request), of=found, root=root, on=clock.today(), seen=request.POST.get("seen", ""), reason=request.POST.get("reason", ""),
            )  # fmt: skip
        except Refused as caught:
            refusal = caught
        else:
            messages.success(request, _("%(count)s duties issued") % {"count": count})
            return redirect("duties:matrix")
    latest = DutyList.objects.filter(code=found.code).order_by("-version").first()
    rows = list(found.duties.select_related("indicator"))
    context: dict[str, Any] = {
        "list": found, "groups": _groups(rows), "root": root, "cost": gate.cost_of(found, root, clock.today()) if root and may_issue else None,
        "may_issue": may_issue, "refusal": refusal, "is_latest": latest is not None and latest.pk == found.pk,
        "before": DutyList.objects.filter(code=found.code, version=found.version - 1).first() if found.version > 1 else None,
    }  # fmt: skip
    context["changes"] = compared(context["before"], rows) if context["before"] else []
    return render(request, "duties/list.html", context, status=422 if refusal else 200)


def _groups(rows: list[Duty]) -> list[dict[str, Any]]:
    """The duties of a list by subject class, in the order of the classes."""
    found = [{"label": label, "duties": [duty for duty in rows if duty.subject == code]} for code, label in Subject.choices]
    return [group for group in found if group["duties"]]


def compared(before: DutyList, rows: list[Duty]) -> list[dict[str, Any]]:
    """What a version says differently from the one before: came, gone, changed from what to what."""
    old, new = {duty.code: duty for duty in before.duties.all()}, {duty.code: duty for duty in rows}
    found = []
    for code in sorted(old.keys() | new.keys()):
        was, now = old.get(code), new.get(code)
        pairs = [
            {"name": word, "was": _shown(was, name), "now": _shown(now, name)}
            for name, word in COMPARED.items()
            if was and now and getattr(was, name) != getattr(now, name)
        ]
        if was is None or now is None or pairs:
            kind = "added" if was is None else "gone" if now is None else "changed"
            found.append({"code": code, "duty": now or was, "kind": kind, "pairs": pairs})
    return found


def _shown(duty: Duty, name: str) -> Any:
    display = getattr(duty, f"get_{name}_display", None)
    value = display() if display else getattr(duty, name)
    return (_("yes") if value else _("no")) if isinstance(value, bool) else value


def _root(request: HttpRequest) -> Node | None:
    """The subtree to issue to: the one of the address, else the uppermost node that the actor may issue at."""
    at = request.POST.get("at") or request.GET.get("at") or ""
    nodes = nodes_of(request.user, Permission.DUTY_ISSUE)
    if at.isascii() and at.isdigit():
        return nodes.filter(pk=int(at)).first()
    return nodes.filter(closed_on__isnull=True).order_by("depth", "tree", "path").first()


@login_required
@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version: a standard, how often, minutes, dropped; one duty more; and why."""
    require_view(request)
    if not access.can(request.user, Permission.DUTY_ISSUE):
        raise NotAllowed("no_duty_issue")
    found = get_object_or_404(DutyList, pk=pk)
    data = request.POST if request.method == "POST" else None
    rows = [(duty, ChangeForm(data, prefix=duty.code, duty=duty)) for duty in found.duties.all()]
    adding, refusal = AddForm(data, prefix="new"), None
    if data is not None:
        try:
            return _revise(request, found, rows, adding)
        except Refused as caught:
            refusal = caught
    context = {"list": found, "rows": rows, "adding": adding, "refusal": refusal, "reason": request.POST.get("reason", "")}
    return render(request, "duties/revise.html", context, status=422 if refusal else 200)


def _revise(request: HttpRequest, found: DutyList, rows: list[tuple[Duty, ChangeForm]], adding: AddForm) -> HttpResponse:
    if not all(form.is_valid() for _duty, form in rows) or not adding.is_valid():
        raise Refused(_("Please look at the marked fields"))
    changes = {duty.code: change for duty, form in rows if not (change := form.change()).is_empty}
    new = adding.new()
    made = actions.revise(
        by=account_of(request), of=found, changes=changes, reason=request.POST.get("reason", ""), added=[new] if new is not None else []
    )  # fmt: skip
    messages.success(request, _("Version %(version)s is made; issue it when its cost is looked at.") % {"version": made.version})
    return redirect("duties:list", made.pk)
