"""Writing and verifying the chain.

digest_n = SHA-256(digest_{n-1} | canonical JSON of the entry). Whoever alters, removes, inserts or reorders an entry breaks every digest
after it; a cut tail shows against the head row and, beyond that, only against an anchor kept outside.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from django.db import connection
from django.utils.translation import gettext as _

from rongtong.audit.models import Entry, Head
from rongtong.kernel import clock
from rongtong.kernel.act import Act

GENESIS = "0" * 64
_FIELDS = ("seq", "at", "actor_uid", "actor_label", "kind", "object_kind", "object_id", "detail")


def write(act: Act) -> None:
    """Append the act's entry. Called by kernel.act as the transaction's last statements; locks the head first."""
    head = Head.objects.select_for_update().get_or_create(pk=1)[0]
    entry = _entry(act, head)
    entry.digest = seal(head.digest, [getattr(entry, name) for name in _FIELDS])
    entry.save(force_insert=True)
    Head.objects.filter(pk=1).update(seq=entry.seq, digest=entry.digest)


def _entry(act: Act, head: Head) -> Entry:
    return Entry(
        seq=head.seq + 1,
        at=clock.now().astimezone(UTC).isoformat(timespec="microseconds"),
        actor_uid=str(act.by.uid),
        actor_label=act.by.label[:200],
        kind=act.kind,
        object_kind=act.object.kind if act.object else "",
        object_id=act.object.id if act.object else "",
        detail=json.dumps(act.detail, ensure_ascii=False, sort_keys=True, default=str),
        previous=head.digest,
    )


def seal(previous: str, values: Iterable[object]) -> str:
    """The digest of an entry's field values (in `_FIELDS` order) on top of the previous digest."""
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}|{text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain stood at a time, kept outside the system."""

    seq: int
    digest: str
    at: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification. `problem` is empty when the chain holds; `is_tail_proved` needs an anchor."""

    count: int
    problem: str = ""
    at_seq: int | None = None
    is_tail_proved: bool = False

    @property
    def is_sound(self) -> bool:
        return not self.problem


def verify(anchor: Anchor | None = None) -> Verdict:
    """Walk the whole chain, compare with the head row and, if given, with an anchor."""
    digest, count, anchored = GENESIS, 0, anchor is None or anchor.seq == 0
    columns = ", ".join([*_FIELDS, "previous", "digest"])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM audit_entry ORDER BY seq")
        while rows := cursor.fetchmany(5000):
            for row in rows:
                problem = _problem(row, count + 1, digest)
                if problem:
                    return Verdict(count, problem, row[0])
                digest, count = row[-1], count + 1
                anchored = anchored or (anchor is not None and anchor.seq == count and anchor.digest == digest)
    head = Head.objects.filter(pk=1).first() or Head()
    if (head.seq, head.digest) != (count, digest):
        return Verdict(
            count,
            _("the chain ends at entry %(count)s, its head says %(head)s: the tail was cut or added") % {"count": count, "head": head.seq},
            count,
        )
    if not anchored and anchor is not None:
        return Verdict(
            count, _("entry %(entry)s is not the one that was anchored on %(at)s") % {"entry": anchor.seq, "at": anchor.at}, anchor.seq
        )
    return Verdict(count, is_tail_proved=anchor is not None)


def _problem(row: tuple[object, ...], expected: int, previous: str) -> str:
    *values, row_previous, row_digest = row
    if values[0] != expected:
        return _("entry %(entry)s is missing or out of order") % {"entry": expected}
    if row_previous != previous:
        return _("entry %(entry)s does not follow the one before it") % {"entry": expected}
    if row_digest != seal(previous, values):
        return _("entry %(entry)s was altered") % {"entry": expected}
    return ""


def anchor_now() -> Anchor:
    """The present head as an anchor to keep outside."""
    head = Head.objects.filter(pk=1).first() or Head()
    return Anchor(head.seq, head.digest, clock.now().isoformat())
