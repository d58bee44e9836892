"""How others show an issued duty or a list that they only hold a reference to."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.duties.models import DutyList, Issue
from rongtong.kernel.reference import RecordKind, register_kind


def _issue(key: str) -> Issue | None:
    return Issue.objects.select_related("duty", "node").filter(pk=key).first() if key.isdigit() else None


def _list(key: str) -> DutyList | None:
    return DutyList.objects.filter(pk=key).first() if key.isdigit() else None


def _sees(actor: Any, row: Issue) -> bool:
    return access.can(actor, Permission.DUTY_VIEW, row.node)


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "duty_issue",
            _("Duty"),
            _issue,
            lambda row: f"{row.duty} · {row.node.name}",
            lambda row: reverse("duties:issue", args=[row.pk]),
            _sees,
        )
    )
    register_kind(
        RecordKind(
            "duty_list", _("Responsibility list"), _list, str, lambda row: reverse("duties:list", args=[row.pk]),
            lambda actor, _row: access.can(actor, Permission.DUTY_VIEW),
        )
    )  # fmt: skip
