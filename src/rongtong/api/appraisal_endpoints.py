"""Route of appraisals: a unit's sheet in a round; points and grade once they are published (to the superior before)."""

from typing import Any

from django.http import HttpRequest
from ninja import Query

from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.api.endpoints import Filters, Page, listed, placed, require
from rongtong.api.main import api
from rongtong.appraisal import policies
from rongtong.appraisal import queries as appraisal_queries
from rongtong.appraisal.models import Sheet
from rongtong.kernel.periods import parse_month


@api.get("/appraisals", response=Page)
def appraisal_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Sheets in your area; `code` is the round's, `state` its stage, `period` its last month."""
    require(request, Permission.APPRAISAL_VIEW)
    account = account_of(request)
    found = placed(appraisal_queries.sheets(account).order_by(), f, "node")
    for name, value in (("round__code", f.code), ("round__stage", f.state)):
        found = found.filter(**{name: value}) if value else found
    found = found.filter(round__last=parse_month(f.period)) if f.period else found
    return listed(found, lambda sheet: _sheet(sheet, account), f)


def _sheet(sheet: Sheet, account: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"points": None, "grade": None}
    if policies.sees_scores(account, sheet):
        shown = {"points": None if sheet.score is None else sheet.score / 100, "grade": sheet.grade or None}
    return {
        "round": sheet.round.code, "title": sheet.round.title, "state": sheet.round.stage, "first": sheet.round.first, "last": sheet.round.last,
        "unit_code": sheet.node.code, "class": sheet.of_class.unit_class.code, "scheme": f"{sheet.of_class.version.scheme.code} v{sheet.of_class.version.number}",
        "reported_at": sheet.reported_at,
    } | shown  # fmt: skip
