"""Questions to batches."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.exchange.models import Batch
from rongtong.kernel.errors import Unseen


def batches(actor: Any) -> QuerySet[Batch]:
    """Batches the actor may see, newest first."""
    listed = Batch.objects.order_by("-created_at", "-pk")
    area = area_of(actor, Permission.IMPORT)
    if area.is_all:
        return listed
    return listed.none() if area.is_empty else listed.filter(by=actor)


def batch_by_uid(actor: Any, uid: UUID | str) -> Batch:
    batch = batches(actor).filter(uid=uid).first()
    if batch is None:
        raise Unseen
    return batch
