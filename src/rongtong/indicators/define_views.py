"""Pages of those who define: an indicator's definition, and issuing a set's next version."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.indicators import actions, define_forms, queries
from rongtong.indicators.models import Indicator, IndicatorSet, SetItem, Subsystem
from rongtong.indicators.scope import user_of
from rongtong.indicators.views import page_of, require_view
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused


def _require_define(request: HttpRequest) -> None:
    require_view(request)
    if not access.can(request.user, Permission.INDICATOR_DEFINE):
        raise NotAllowed("no_indicator_define")


@login_required
@require_http_methods(["GET", "POST"])
def define(request: HttpRequest, code: str = "") -> HttpResponse:
    """A new indicator, or another definition of one; its observations stay."""
    _require_define(request)
    found = queries.indicator_by_code(code) if code else None
    form = define_forms.DefinitionForm(request.POST or None, found)
    refusal = None
    if request.method == "POST":
        try:
            saved = _save(request, form, found)
            return redirect("indicators:indicator", saved.code)
        except Refused as caught:
            refusal = caught
    return page_of(request, "define", form=form, indicator=found, refusal=refusal)


def _save(request: HttpRequest, form: define_forms.DefinitionForm, found: Indicator | None) -> Indicator:
    values = form.values()
    code = found.code if found else form.cleaned_data["code"]
    if found is None and Indicator.objects.filter(code__iexact=code.strip()).exists():
        raise Refused(_("The code %(code)s is taken") % {"code": code}, field="code", remedy=_("choose another one"), code="duplicate")
    return actions.define(by=user_of(request), code=code, **values)


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of a class's set: weights and bands typed over the present ones, issued in one act."""
    _require_define(request)
    present = get_object_or_404(IndicatorSet.objects.select_related("unit_class"), pk=pk)
    indicators = list(queries.indicators(only_on=True))
    data = request.POST if request.method == "POST" else None
    refusal = None
    if data is not None:
        form = define_forms.SetForm(data, indicators)
        try:
            issued = actions.issue_set(
                by=user_of(request), code=present.code, unit_class=present.unit_class, name=present.name, name_en=present.name_en,
                version=form.version(), starts_on=form.starts_on(), items=form.items(),
            )  # fmt: skip
            return redirect("indicators:set", issued.pk)
        except Refused as caught:
            refusal = caught
    items = {item.indicator_id: item for item in SetItem.objects.filter(set=present)}
    rows = define_forms.lines(indicators, items, data)
    sides = [{"code": side, "label": label, "rows": _ordered(rows, side)} for side, label in Subsystem.choices]
    today = clock.today()
    typed: dict[str, Any] = data or {"version": str(today.year + 1), "starts_on": f"{today.year + 1}-01-01"}
    return page_of(request, "issue", issued=present, sides=sides, refusal=refusal, typed=typed)


def _ordered(rows: list[dict[str, Any]], side: str) -> list[dict[str, Any]]:
    """Those that weigh something first."""
    return sorted((row for row in rows if row["indicator"].subsystem == side), key=lambda row: (not row["weight"], row["indicator"].code))
