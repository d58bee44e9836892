"""Pages with a form: everything that changes who belongs where. An error keeps what was typed and says what to do."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from rongtong.accounts.session import account_of
from rongtong.kernel import clock
from rongtong.kernel.errors import Refused, Unseen
from rongtong.roster import actions, forms, policies, proposing, queries
from rongtong.roster.actions import NewAffiliation
from rongtong.roster.models import Affiliation, Exclusion, Suspension
from rongtong.roster.views import party_at
from rongtong.trees.models import Node

BOTH = require_http_methods(["GET", "POST"])


def fill(request: HttpRequest, form: Any, node: Node, heading: str, button: str, do: Any, hint: str = "") -> HttpResponse:
    """Show a form, do what it says, keep what was typed if it is refused."""
    back = reverse("roster:at", args=[node.pk])
    if request.method == "POST" and form.is_valid():
        try:
            do(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Done; it stands in the audit log."))
            return redirect(back)
    context = {"form": form, "node": node, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "roster/form.html", context, status=422 if form.errors else 200)


def _node(request: HttpRequest, pk: int) -> Node:
    node = party_at(request, pk).node
    policies.require_edit(request.user, node)
    return node


@login_required
@BOTH
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody belongs here."""
    node = _node(request, pk)
    form = forms.AffiliateForm(request.POST or None, actor=request.user, initial={"starts_on": clock.today().isoformat()})
    heading = _("A member who belongs to %(name)s") % {"name": node.name}
    return fill(
        request, form, node, heading, _("Record the affiliation"), lambda f: actions.affiliate(by=account_of(request), new=f.new(node))
    )


@login_required
@BOTH
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Proposals from serving posts: tick those who belong here, and confirm. Nothing is written before."""
    node = _node(request, pk)
    rows = proposing.proposals(node, clock.today())
    chosen = set(request.POST.getlist("person"))
    error = ""
    if request.method == "POST":
        new = [
            NewAffiliation(row.person, row.party, row.standing, row.starts_on, source=row.why[:80])
            for row in rows
            if str(row.person.pk) in chosen
        ]
        try:
            made = actions.affiliate_many(by=account_of(request), party=node, new=new)
        except Refused as refusal:
            error = str(refusal)
        else:
            said = ngettext("%(count)d affiliation recorded.", "%(count)d affiliations recorded.", len(made)) % {"count": len(made)}
            messages.success(request, said)
            return redirect("roster:at", node.pk)
    context = {"node": node, "rows": [{"row": row, "is_chosen": str(row.person.pk) in chosen} for row in rows], "error": error}
    return render(request, "roster/propose.html", context, status=422 if error else 200)


@login_required
@BOTH
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave somebody out of "should attend"."""
    node = _node(request, pk)
    members = queries.members(node, clock.today())
    form = forms.ExcludeForm(request.POST or None, actor=request.user, members=members, initial={"member": request.GET.get("member", "")})
    hint = _("Only with the superior's consent and the assembly's approval; it ends by itself on the day you write.")
    heading = _("Leave a member of %(name)s out of “should attend”") % {"name": node.name}
    return fill(request, form, node, heading, _("Leave out"), lambda f: actions.exclude(by=account_of(request), new=f.new(node)), hint)


@login_required
@BOTH
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    """A time without the right to vote."""
    node = _node(request, pk)
    members = queries.members(node, clock.today())
    form = forms.SuspendForm(request.POST or None, actor=request.user, members=members, initial={"member": request.GET.get("member", "")})
    hint = _("Only dates, holder and number of the paper file are held here. Do not write why.")
    heading = _("Suspend the right to vote of a member of %(name)s") % {"name": node.name}
    return fill(
        request, form, node, heading, _("Suspend the right to vote"), lambda f: actions.suspend(by=account_of(request), new=f.new()), hint
    )


@login_required
@BOTH
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Move, end or confirm one affiliation."""
    row = Affiliation.objects.select_related("person", "party").filter(pk=pk).first()
    if row is None or what not in {"move", "end", "confirm"} or not policies.sees(request.user, row.party):
        raise Unseen
    policies.require_edit(request.user, row.party)
    initial = {"on": clock.today().isoformat()}
    form_class = forms.MoveForm if what == "move" else forms.DayForm
    form = form_class(request.POST or None, actor=request.user, initial=initial)
    heading, button = _words(what, row)

    def do(filled: Any) -> None:
        by, d = account_of(request), filled.cleaned_data
        if what == "move":
            actions.move(by=by, affiliation=row, to=d["to"], on=d["on"])
        else:
            act = actions.end if what == "end" else actions.confirm
            act(by=by, affiliation=row, on=d["on"])

    return fill(request, form, row.party, heading, button, do)


def _words(what: str, row: Affiliation) -> tuple[str, str]:
    values = {"person": row.person.name, "party": row.party.name}
    if what == "move":
        return _("Transfer the affiliation of %(person)s from %(party)s") % values, _("Transfer")
    if what == "end":
        return _("End the affiliation of %(person)s with %(party)s") % values, _("End it")
    return _("%(person)s of %(party)s became a full member") % values, _("Record it")


@login_required
@BOTH
def include(request: HttpRequest, pk: int) -> HttpResponse:
    """An exclusion ends earlier."""
    row = Exclusion.objects.select_related("person", "party").filter(pk=pk).first()
    if row is None or not policies.sees(request.user, row.party):
        raise Unseen
    policies.require_edit(request.user, row.party)
    form = forms.DayForm(request.POST or None, actor=request.user, initial={"on": clock.today().isoformat()})
    heading = _("%(person)s should attend again") % {"person": row.person.name}
    return fill(
        request, form, row.party, heading, _("End the exclusion"),
        lambda f: actions.include(by=account_of(request), exclusion=row, on=f.cleaned_data["on"]),
    )  # fmt: skip


@login_required
@BOTH
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """The right to vote is back."""
    row = Suspension.objects.select_related("person").filter(pk=pk).first()
    home = queries.affiliation_of(row.person, clock.today()) if row else None
    if row is None or home is None or not policies.sees(request.user, home.party):
        raise Unseen
    policies.require_edit(request.user, home.party)
    form = forms.DayForm(request.POST or None, actor=request.user, initial={"on": clock.today().isoformat()})
    heading = _("%(person)s may vote again") % {"person": row.person.name}
    return fill(
        request, form, home.party, heading, _("Lift the suspension"),
        lambda f: actions.lift(by=account_of(request), suspension=row, on=f.cleaned_data["on"]),
    )  # fmt: skip
