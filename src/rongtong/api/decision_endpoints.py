"""Route of decisions: which path, when studied, when decided. Amounts and opinions stay inside; titles of inside information too."""

from typing import Any

from django.http import HttpRequest
from ninja import Query

from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.api.endpoints import Filters, Page, listed, require
from rongtong.api.main import api
from rongtong.decisions import policies
from rongtong.decisions import queries as decision_queries
from rongtong.decisions.models import Decision
from rongtong.kernel.periods import Period, parse_month


@api.get("/decisions", response=Page)
def decision_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Decisions in your area; `state` is one of a decision's states, `period` the month it was decided in."""
    require(request, Permission.DECISION_VIEW)
    account = account_of(request)
    found = decision_queries.decisions(account).prefetch_related("studies").order_by()
    for name, value in (("code", f.code), ("unit__code", f.unit), ("node__code", f.party), ("state", f.state)):
        found = found.filter(**{name: value}) if value else found
    if f.period:
        month = Period.month(parse_month(f.period))
        found = found.filter(decided_on__gte=month.starts_on, decided_on__lte=month.ends_on)
    return listed(found, lambda d: _decision(d, account), f)


def _decision(d: Decision, account: Any) -> dict[str, Any]:
    names = ("code", "category", "is_restricted", "path", "body", "state", "proposed_on", "decided_on", "outcome", "is_changed")
    studies = [{"on": study.on, "result": study.result, "is_return": study.is_return} for study in d.studies.all()]
    return {name: getattr(d, name) for name in names} | {
        "title": policies.title_for(account, d), "party_code": d.node.code, "unit_code": d.unit.code if d.unit else None, "studies": studies,
    }  # fmt: skip
