"""Acts on batches: preview, choose columns, apply, undo. One file is one audit entry with the batch's hash."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.exchange import policies, store
from rongtong.exchange.importing import importer_of
from rongtong.exchange.intake import Preview, examine, repeated
from rongtong.exchange.models import Batch, BatchState, RememberedMapping
from rongtong.exchange.reader import as_path
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference


@act("exchange.preview")
def preview(
    *,
    by: Actor,
    kind: str,
    source: Path | str | bytes,
    filename: str = "",
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Batch:
    """Keep an uploaded file as a batch and say in `batch.counts` what it would change; no record is touched."""
    access.require_everywhere(by, Permission.IMPORT)
    with as_path(source, filename) as path:
        seen = examine(by, kind, path, filename or path.name, encoding, mapping)
        batch = _new_batch(by, seen, encoding)
        store.keep(batch, path)
    current().about(Reference("batch", str(batch.pk)), **_facts(batch))
    return batch


@act("exchange.map_columns")
def map_columns(*, by: Actor, batch: Batch, mapping: Mapping[str, str]) -> Batch:
    """Say which header is which column, and preview again."""
    policies.require_open(by, batch)
    seen = examine(by, batch.kind, store.kept(batch), batch.file_name, batch.encoding or None, mapping)
    batch.mapping, batch.counts = seen.mapping, seen.counts
    batch.state = _state_of(seen)
    batch.save(update_fields=["mapping", "counts", "state"])
    current().about(Reference("batch", str(batch.pk)), **_facts(batch))
    return batch


@act("exchange.apply")
def apply(*, by: Actor, batch: Batch, note: str = "") -> Batch:
    """Write what the batch's file says, as it is planned now; all of it or nothing."""
    policies.require_open(by, batch)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.PREVIEW:
        raise Refused(_("This batch cannot be applied: it is %(state)s") % {"state": batch.get_state_display()}, code="batch_state")
    seen = examine(by, batch.kind, store.kept(batch), batch.file_name, batch.encoding or None, batch.mapping)
    seen.refuse_errors()
    batch.note = note
    _write(by, batch, seen)
    transaction.on_commit(lambda: store.forget(batch))
    return batch


@act("exchange.import")
def import_file(
    *,
    by: Actor,
    kind: str,
    source: Path | str | bytes,
    filename: str = "",
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    note: str = "",
) -> Batch:
    """Preview and apply in one act; RefusedRows with every error and its place. The same file again returns its first batch."""
    access.require_everywhere(by, Permission.IMPORT)
    seen = examine(by, kind, source, filename, encoding, mapping)
    seen.refuse_errors()
    earlier = repeated(seen)
    if earlier is not None:
        current().about(Reference("batch", str(earlier.pk)), repeated=True, **_facts(earlier))
        return earlier
    batch = _new_batch(by, seen, encoding)
    batch.note = note
    _write(by, batch, seen)
    return batch


@act("exchange.undo")
def undo(*, by: Actor, batch: Batch) -> Batch:
    """Take a whole batch back: every record is exactly as before it. Refused where later records depend on it."""
    policies.require_undoable(by, batch)
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.APPLIED:
        raise Refused(
            _("Only an applied batch can be undone; this one is %(state)s") % {"state": batch.get_state_display()}, code="batch_state"
        )
    importer_of(batch.kind).undo(by, batch)
    batch.state, batch.undone_at = BatchState.UNDONE, clock.now()
    batch.save(update_fields=["state", "undone_at"])
    current().about(Reference("batch", str(batch.pk)), **_facts(batch))
    return batch


@act("exchange.discard")
def discard(*, by: Actor, batch: Batch) -> None:
    """Drop a preview that is not wanted."""
    policies.require_open(by, batch)
    current().about(Reference("batch", str(batch.pk)), **_facts(batch))
    store.forget(batch)
    batch.delete()


def _new_batch(by: Actor, seen: Preview, encoding: str | None) -> Batch:
    return Batch.objects.create(
        kind=seen.importer.kind,
        file_name=seen.file[-255:],
        digest=seen.digest,
        encoding=encoding or "",
        state=_state_of(seen),
        mapping=seen.mapping,
        counts=seen.counts,
        by=by if isinstance(by, User) else None,
        by_label=by.label,
    )


def _state_of(seen: Preview) -> str:
    return BatchState.DRAFT if seen.missing or seen.plan.error_count else BatchState.PREVIEW


def _write(by: Actor, batch: Batch, seen: Preview) -> None:
    batch.state, batch.applied_at, batch.mapping, batch.counts = BatchState.APPLIED, clock.now(), seen.mapping, seen.counts
    try:
        with transaction.atomic():
            seen.importer.apply(by, batch, seen.plan)
    except IntegrityError:
        raise Conflict(
            _("Somebody changed the same records while the file was read"), remedy=_("import it again"), code="batch_conflict"
        ) from None
    batch.save()
    RememberedMapping.objects.update_or_create(
        kind=batch.kind,
        signature=seen.signature,
        defaults={"mapping": seen.mapping, "by_label": by.label, "updated_at": clock.now()},
    )
    current().about(Reference("batch", str(batch.pk)), **_facts(batch))


def _facts(batch: Batch) -> dict[str, Any]:
    numbers = {name: batch.counts.get(name, 0) for name in ("creates", "updates", "unchanged", "errors")}
    return {"kind": batch.kind, "file": batch.file_name, "digest": batch.digest, **numbers}
