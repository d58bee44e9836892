"""The database itself refuses what must not be."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from tests.unit.indicators.conftest import World, make_indicator

from rongtong.indicators.models import Indicator, IndicatorSet, MonthClose, Observation, SetItem, Target
from rongtong.organization.models import UnitClass

pytestmark = pytest.mark.django_db


def refused(make: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_one_current_observation_a_figure(world: World) -> None:
    indicator = make_indicator("A1")
    row = {"node": world.shop, "indicator": indicator, "period": 202609, "source": "entered", "author_uid": "x", "author_label": "x"}
    Observation.objects.create(**row, value=1)
    refused(lambda: Observation.objects.create(**row, value=2, revision=2))
    refused(lambda: Observation.objects.create(**row, value=2, revision=1, is_current=False))
    refused(lambda: Observation.objects.create(**{**row, "period": 202608}, value=float("inf")))
    refused(lambda: Observation.objects.create(**{**row, "period": 202608}, value=float("nan")))
    refused(lambda: Observation.objects.create(**{**row, "period": 26}, value=1))
    refused(lambda: Observation.objects.create(**{**row, "period": 202608}, value=1, revision=0))
    Observation.objects.create(**row, value=2, revision=2, is_current=False)


def test_weights_spans_targets_and_closings(world: World) -> None:
    indicator, unit_class = make_indicator("A1"), UnitClass.objects.create(code="x", name="x")
    issued = IndicatorSet.objects.create(
        code="S", unit_class=unit_class, name="S", version="1", starts_on=date(2026, 1, 1), ends_on=date(2026, 7, 1)
    )
    refused(lambda: SetItem.objects.create(set=issued, indicator=indicator, weight=1.1))
    refused(lambda: IndicatorSet.objects.create(code="S", unit_class=unit_class, name="S", version="1", starts_on=date(2027, 1, 1)))
    refused(lambda: IndicatorSet.objects.create(code="S", unit_class=unit_class, name="S", version="2", starts_on=date(2026, 6, 1)))
    refused(
        lambda: IndicatorSet.objects.create(
            code="S", unit_class=unit_class, name="S", version="3", starts_on=date(2028, 1, 1), ends_on=date(2028, 1, 1)
        )
    )
    Target.objects.create(unit=world.shop, indicator=indicator, period=202609, target=1, set_by="x")
    refused(lambda: Target.objects.create(unit=world.shop, indicator=indicator, period=202609, target=2, set_by="x"))
    MonthClose.objects.create(period=202609, closed_by="x")
    refused(lambda: MonthClose.objects.create(period=202609, closed_by="y"))
    refused(
        lambda: Indicator.objects.create(code="A2", name="x", subsystem="production", direction="interval", kind="flow", aggregate="sum")
    )
    refused(
        lambda: Indicator.objects.create(
            code="A3", name="x", subsystem="production", direction="benefit", kind="flow", aggregate="sum", scale=0
        )
    )
