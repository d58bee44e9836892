"""Appraisal schemes of the sample enterprise: two classes by an issued version each, last year's, and a draft with other weights. Synthetic."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, time

from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act
from rongtong.organization.models import UnitClass
from rongtong.schemes import actions
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.data import SchemeData
from rongtong.schemes.models import SchemeVersion
from rongtong.schemes.shipping import template

DRAFTER = SystemActor("demo-party-office", "党建部（演示）")
ISSUER = SystemActor("demo-management-office", "企管部（演示）")


def tell_schemes() -> None:
    """Runs after the questionnaires are installed: criteria name their questions."""
    _tell(by=SYSTEM)


@act("demo.schemes")
def _tell(*, by: SystemActor) -> None:
    production, functional = _data("additive-25"), _data("functional-25")
    first = _issued(
        "SC-PROD", "生产单位年度考核办法", "Yearly appraisal of production units", "production", _weights(production, 2000), 2025
    )
    second = actions.revise(by=DRAFTER, scheme=first.scheme, paper=Paper(date(2026, 1, 1), "集团企管〔2025〕86号"), data=production)
    _issue(second, date(2025, 12, 20))
    _issued("SC-FUNC", "职能部门年度考核办法", "Yearly appraisal of functional departments", "functional", functional, 2026)
    note = "拟把党建权重由25%提高到35%，发布前先看谁的位次会变"
    actions.revise(by=DRAFTER, scheme=first.scheme, paper=Paper(date(2027, 1, 1), note=note), data=_weights(production, 3500))


def _data(code: str) -> SchemeData:
    found = template(code)
    assert found is not None
    return found.data


def _weights(data: SchemeData, party: int) -> SchemeData:
    """The same with another weight of the Party side."""
    return replace(data, parts=tuple(replace(part, weight=party if part.side == "party" else 10_000 - party) for part in data.parts))


def _issued(code: str, name: str, name_en: str, unit_class: str, data: SchemeData, year: int) -> SchemeVersion:
    found = UnitClass.objects.get(code=unit_class)
    with _on(date(year - 1, 12, 10)):
        made = actions.draft(
            by=DRAFTER, new=NewScheme(code, name, found, name_en), data=data, paper=Paper(date(year, 1, 1), f"集团企管〔{year - 1}〕80号")
        )
    return _issue(made, date(year - 1, 12, 20))


def _issue(version: SchemeVersion, on: date) -> SchemeVersion:
    with _on(on):
        return actions.issue(by=ISSUER, version=version, seen=version.digest)


def _on(day: date) -> AbstractContextManager[None]:
    return clock.frozen(datetime.combine(day, time(9, 30)))
