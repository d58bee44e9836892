"""Who may see and change a batch: whoever brought it in, and whoever may import everywhere."""

from typing import Any

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.exchange.models import Batch, BatchState
from rongtong.kernel.errors import NotAllowed, Refused, Unseen


def sees(actor: Any, batch: Batch) -> bool:
    own = batch.by_id is not None and batch.by_id == getattr(actor, "pk", None)
    return own or area_of(actor, Permission.IMPORT).is_all


def require(actor: Any, batch: Batch) -> None:
    if not sees(actor, batch):
        raise Unseen
    if not access.can(actor, Permission.IMPORT):
        raise NotAllowed("no_import")


def require_open(actor: Any, batch: Batch) -> None:
    require(actor, batch)
    if batch.state not in {BatchState.DRAFT, BatchState.PREVIEW}:
        raise Refused(_("This batch is already %(state)s") % {"state": batch.get_state_display()}, code="batch_state")


def require_undoable(actor: Any, batch: Batch) -> None:
    require(actor, batch)
    if batch.state != BatchState.APPLIED:
        raise Refused(
            _("Only an applied batch can be undone; this one is %(state)s") % {"state": batch.get_state_display()}, code="batch_state"
        )
