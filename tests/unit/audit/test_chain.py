"""Every kind of tampering with the log is found; a cut tail by the head, a forged head by an anchor kept outside."""

import random
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.utils import translation

from rongtong.audit import chain
from rongtong.audit.models import Entry, Head
from rongtong.kernel import constraints
from rongtong.kernel.act import SYSTEM, act, current
from rongtong.kernel.reference import Reference

pytestmark = pytest.mark.django_db
SIZE = 40


@act("test.note")
def note(*, by: Any, number: int) -> None:
    current().about(Reference("thing", str(number)), number=number)


@pytest.fixture
def log() -> None:
    for number in range(SIZE):
        note(by=SYSTEM, number=number)


def run(sql: str, *values: object) -> None:
    """SQL past the triggers: what somebody with the database file could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS audit_entry_append_only_update")
            cursor.execute("DROP TRIGGER IF EXISTS audit_entry_append_only_delete")
        else:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(sql, values)


def reseal(start: int) -> None:
    """Recompute every digest from an entry on, and the head: a careful forger."""
    previous = Entry.objects.get(seq=start - 1).digest if start > 1 else chain.GENESIS
    for entry in Entry.objects.filter(seq__gte=start).order_by("seq"):
        digest = chain.seal(previous, [getattr(entry, name) for name in chain._FIELDS])
        run("UPDATE audit_entry SET previous = %s, digest = %s WHERE seq = %s", previous, digest, entry.seq)
        previous = digest
    last = Entry.objects.order_by("-seq").first()
    assert last is not None
    Head.objects.update(seq=last.seq, digest=previous)


def test_an_untouched_log_is_sound(log: None) -> None:
    assert chain.verify() == chain.Verdict(SIZE)
    assert chain.verify(chain.anchor_now()).is_tail_proved


def test_the_database_refuses_changes_to_entries(log: None) -> None:
    for sql in ("UPDATE audit_entry SET kind = 'x' WHERE seq = 3", "DELETE FROM audit_entry WHERE seq = 3"):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            from django.db import transaction

            with transaction.atomic():
                cursor.execute(sql)
    assert chain.verify().is_sound


FORGERIES: dict[str, Any] = {
    "edit": lambda at: run("UPDATE audit_entry SET actor_label = 'somebody else' WHERE seq = %s", at),
    "detail": lambda at: run("UPDATE audit_entry SET detail = '{}' WHERE seq = %s", at),
    "delete one": lambda at: run("DELETE FROM audit_entry WHERE seq = %s", at),
    "delete block": lambda at: run("DELETE FROM audit_entry WHERE seq BETWEEN %s AND %s", at, at + 3),
    "swap": lambda at: [run("UPDATE audit_entry SET seq = %s WHERE seq = %s", a, b) for a, b in ((-1, at), (at, at + 1), (at + 1, -1))],
    "cut tail": lambda at: run("DELETE FROM audit_entry WHERE seq > %s", at),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_tampering_is_found(log: None, forgery: str) -> None:
    FORGERIES[forgery](random.Random(forgery).randint(2, SIZE - 6))
    assert not chain.verify().is_sound


def test_a_recomputed_suffix_is_found_only_with_an_anchor(log: None) -> None:
    anchor = chain.anchor_now()
    run("UPDATE audit_entry SET actor_label = 'somebody else' WHERE seq = 20")
    reseal(20)
    assert chain.verify().is_sound, "without an anchor the log cannot know"
    assert not chain.verify(anchor).is_sound


def test_a_cut_tail_with_a_forged_head_is_found_with_an_anchor(log: None) -> None:
    anchor = chain.anchor_now()
    run("DELETE FROM audit_entry WHERE seq > 30")
    reseal(30)
    with translation.override("en"):
        assert "anchored" in chain.verify(anchor).problem


def test_triggers_stand_again_after_a_migration(log: None) -> None:
    run("SELECT 1")
    assert constraints.missing() if connection.vendor == "sqlite" else True
    constraints.install_all()
    assert constraints.missing() == []
