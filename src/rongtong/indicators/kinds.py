"""How others show an indicator, an observation, a target or a batch that they only hold a reference to."""

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.exchange import policies as batches
from rongtong.exchange.models import Batch
from rongtong.indicators.models import Indicator, Observation, Target
from rongtong.indicators.policies import sees
from rongtong.kernel.periods import Period
from rongtong.kernel.reference import RecordKind, register_kind


def _load(model: type[Model], *related: str) -> Any:
    def load(key: str) -> Any:
        return model._default_manager.select_related(*related).filter(pk=key).first() if key.isdigit() else None

    return load


def _observation_title(row: Observation) -> str:
    return f"{row.node.name} {row.indicator.name} {Period.month(row.period)}"


def _target_title(row: Target) -> str:
    return f"{row.unit.name} {row.indicator.name} {Period.month(row.period)}"


def _target_url(row: Target) -> str:
    return f"{reverse('indicators:targets')}?at={row.unit_id}&month={row.period}"


def register_kinds() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "indicator", _("Indicator"), _load(Indicator), str, lambda row: reverse("indicators:indicator", args=[row.code]),
            lambda actor, _row: access.can(actor, Permission.INDICATOR_VIEW),
        )
    )  # fmt: skip
    register_kind(
        RecordKind(
            "observation", _("Observations"), _load(Observation, "node", "indicator"), _observation_title,
            lambda row: reverse("indicators:observation", args=[row.pk]), lambda actor, row: sees(actor, row.node),
        )
    )  # fmt: skip
    register_kind(
        RecordKind(
            "target", _("Targets"), _load(Target, "unit", "indicator"), _target_title, _target_url, lambda actor, row: sees(actor, row.unit)
        )
    )
    register_kind(RecordKind("batch", _("Import"), _load(Batch), str, lambda row: reverse("exchange:batch", args=[row.uid]), batches.sees))
