"""How others show a rule row, a result or an exception that they only hold a reference to."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.reference import RecordKind, register_kind
from rongtong.rules.models import RuleException, RuleResult, RuleRow


def _load(model: Any) -> Any:
    def load(key: str) -> Any:
        return model.objects.select_related("node").filter(pk=key).first() if key.isdigit() else None

    return load


def _sees(actor: Any, record: Any) -> bool:
    return access.can(actor, Permission.RULE_VIEW, record.node)


def _row_url(row: RuleRow) -> str:
    return reverse("rules:which", args=[row.code, row.node_id]) if row.node_id else reverse("rules:list")


def _result_url(row: RuleResult | RuleException) -> str:
    return reverse("rules:which", args=[row.rule_code, row.node_id])


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(RecordKind("rule_row", _("Rule"), _load(RuleRow), str, _row_url, _sees))
    register_kind(RecordKind("rule_result", _("Result of a rule"), _load(RuleResult), str, _result_url, _sees))
    register_kind(RecordKind("rule_exception", _("Exception"), _load(RuleException), str, _result_url, _sees))
