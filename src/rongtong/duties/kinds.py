"""How others show an issued duty or a list that they only hold a reference to."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.burden.askings import register_asker
from rongtong.duties import gate
from rongtong.duties.models import DutyList, Issue
from rongtong.kernel.reference import RecordKind, Reference, register_kind
from rongtong.ledger.handing import Carried, register_carried
from rongtong.organization.models import Post


def _issue(key: str) -> Issue | None:
    return Issue.objects.select_related("duty", "node").filter(pk=key).first() if key.isdigit() else None


def _list(key: str) -> DutyList | None:
    return DutyList.objects.filter(pk=key).first() if key.isdigit() else None


def _sees(actor: Any, row: Issue) -> bool:
    return access.can(actor, Permission.DUTY_VIEW, row.node)


def _carried(post: Post, _on: date) -> Iterable[Carried]:
    """Duties in force that a post leads or handles: part of its hand-over."""
    rows = Issue.objects.filter(Q(leader_post=post) | Q(handler_post=post), ends_on__isnull=True).order_by("duty_code", "pk")
    return [Carried(Reference("duty_issue", str(pk))) for pk in rows.values_list("pk", flat=True)]


def register() -> None:
    """Called from AppConfig.ready."""
    register_asker("duties", gate.askings)
    register_carried("duties", _("Duties"), _carried)
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
