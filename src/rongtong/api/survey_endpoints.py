"""Route of surveys: waves, and the released sums of one. No answer of a person exists here, and nothing below k."""

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Query

from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.api.endpoints import Filters, Page, listed, require
from rongtong.api.main import api
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import Period, parse_month
from rongtong.surveys import queries, results
from rongtong.surveys.models import Wave, WaveState


@api.get("/surveys", response=Page)
def survey_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Surveys in your area; `code` is a survey's id and gives its released results too, `period` the month it was launched in."""
    require(request, Permission.SURVEY_VIEW)
    account = account_of(request)
    found = queries.waves(account).order_by()
    if f.unit:
        found = found.filter(root__tree="B", root__code=f.unit)
    if f.party:
        found = found.filter(root__tree="P", root__code=f.party)
    found = found.filter(state=f.state) if f.state else found
    found = found.filter(uid=f.code) if f.code and _is_uid(f.code) else found
    if f.period:
        month = Period.month(parse_month(f.period))
        found = found.filter(launched_on__gte=month.starts_on, launched_on__lte=month.ends_on)
    return listed(found, lambda wave: _wave(wave, account, bool(f.code)), f)


def _is_uid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError as wrong:
        raise Refused(f"code is {text!r}", field="code", remedy="use the id of a survey", code="code") from wrong
    return True


def _wave(wave: Wave, account: Any, is_whole: bool) -> dict[str, Any]:
    names = ("title", "state", "launched_on", "closes_on", "closed_on", "released_on", "k_score", "k_text", "is_synthetic")
    is_out = wave.state == WaveState.RELEASED
    body = {name: getattr(wave, name) for name in names} | {
        "id": str(wave.uid), "questionnaire": wave.questionnaire.code, "version": wave.questionnaire.version, "root_code": wave.root.code,
        "invited": wave.invited if wave.state != WaveState.DRAFT else None, "answered": wave.answered if is_out else None,
    }  # fmt: skip
    return body | {"results": _results(wave, account)} if is_whole and is_out else body


def _results(wave: Wave, account: Any) -> list[dict[str, Any]]:
    made = results.results(wave, area_of(account, Permission.SURVEY_VIEW))
    return [
        {
            "group": row.union.label, "kind": row.union.kind, "measure": column.code.removeprefix("~"), "n": row.union.answered,
            "value": figure.value, "low": figure.low, "high": figure.high,
        }
        for row in made.rows
        for column, figure in zip(made.columns, row.figures, strict=True)
    ]  # fmt: skip
