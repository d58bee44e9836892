"""Five thousand organisations, twenty rules, twelve months: under a minute; one record's consequence: under two seconds; the grid: its budget."""

import time
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from tests.unit.meetings.size import fill

from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.rules import evaluating, grid
from rongtong.rules.models import RuleResult
from rongtong.trees.models import Node

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.timeout(1200)]
TWENTY = frozenset({f"OL-{number:02d}" for number in range(1, 19)} | {"ORG-04", "ORG-05"})
END = date(2026, 12, 31)
SECONDS, AT_ONCE, PAGE_SECONDS = 60.0, 2.0, 1.0


def test_a_year_of_twenty_rules_at_five_thousand_organisations(record_property: Any, django_assert_max_num_queries: Any) -> None:
    fill(5000)
    with clock.frozen(datetime(2026, 12, 31, 9)):
        scope = replace(evaluating.since(202601, END), codes=TWENTY)
        began = time.process_time()  # of this process: other work on the machine is not counted
        found = evaluating.evaluate(scope)
        written = evaluating.write(found, scope)
        took = time.process_time() - began
        assert written == len(found) == RuleResult.objects.count() > 300_000
        states = {state: RuleResult.objects.filter(rule_code="OL-05", state=state).count() for state in ("met", "late")}
        assert states["met"] > 50_000 and states["late"] > 3_000, "some meetings were dropped on purpose"
        began = time.perf_counter()
        evaluating.renew([Node.objects.get(code="PB00042").pk], date(2026, 11, 10))
        at_once = time.perf_counter() - began
        with django_assert_max_num_queries(20):
            began = time.perf_counter()
            page = grid.by_period(SYSTEM, grid.Asked("OL", 202610))
            shown = time.perf_counter() - began
        assert len(page.lines) == grid.PAGE and page.next
    record_property("seconds", (took, at_once, shown))
    assert took < SECONDS and at_once < AT_ONCE and shown < PAGE_SECONDS, (took, at_once, shown)
    assert User.objects.count() == 5000
