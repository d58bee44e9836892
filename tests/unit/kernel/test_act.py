"""The one way to act: one transaction, one audit entry as its last statement, idempotency, and nothing without an audit writer."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongtong.accounts.models import User
from rongtong.audit.models import Entry
from rongtong.kernel import act as acts
from rongtong.kernel.act import SYSTEM, Act, act, current
from rongtong.kernel.errors import Conflict, NoAuditWriter
from rongtong.kernel.reference import Reference

pytestmark = pytest.mark.django_db


@act("test.rename")
def rename(*, by: Any, user: User, name: str) -> User:
    user.display_name = name
    user.save(update_fields=["display_name"])
    current().about(Reference("account", str(user.pk)), name=name)
    return user


@act("test.both")
def both(*, by: Any, user: User) -> None:
    rename(by=by, user=user, name="first")
    rename(by=by, user=user, name="second")


@pytest.fixture
def user() -> User:
    return User.objects.create_user("zhao", "x" * 14, display_name="before")


def stored(user: User) -> str:
    return User.objects.get(pk=user.pk).display_name


def test_one_act_leaves_one_entry_as_its_last_write(user: User) -> None:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        rename(by=SYSTEM, user=user, name="after")
    entry = Entry.objects.get()
    assert (entry.kind, entry.object_kind, entry.object_id, entry.actor_uid) == ("test.rename", "account", str(user.pk), "system")
    writes = [q["sql"].split(" ", 2)[:2] for q in seen.captured_queries if q["sql"].startswith(("INSERT", "UPDATE"))]
    assert [word for word, _ in writes][-2:] == ["INSERT", "UPDATE"], "entry, then the head of the chain"
    assert '"audit_entry"' in next(q["sql"] for q in reversed(seen.captured_queries) if q["sql"].startswith("INSERT"))


def test_nested_acts_join_the_outer_one(user: User) -> None:
    both(by=SYSTEM, user=user)
    assert list(Entry.objects.values_list("kind", flat=True)) == ["test.both"]
    assert stored(user) == "second"


def test_without_an_audit_writer_nothing_changes(user: User) -> None:
    kept = acts._audit_writer
    acts.install_audit_writer(None)
    try:
        with pytest.raises(NoAuditWriter):
            rename(by=SYSTEM, user=user, name="after")
    finally:
        acts.install_audit_writer(kept)
    assert stored(user) == "before"


@pytest.fixture
def broken_writer() -> Iterator[None]:
    def fail(_: Act) -> None:
        raise OSError("the audit table does not answer")

    kept = acts._audit_writer
    acts.install_audit_writer(fail)
    yield
    acts.install_audit_writer(kept)


def test_a_failing_audit_write_rolls_the_act_back(user: User, broken_writer: None) -> None:
    with pytest.raises(OSError, match="audit table"):
        rename(by=SYSTEM, user=user, name="after")
    assert stored(user) == "before"


def test_the_same_key_acts_once_and_another_request_is_a_conflict(user: User) -> None:
    first = rename(by=SYSTEM, user=user, name="after", key="k1")  # type: ignore[call-arg]
    again = rename(by=SYSTEM, user=user, name="after", key="k1")  # type: ignore[call-arg]
    assert first == again
    assert Entry.objects.count() == 1
    with pytest.raises(Conflict):
        rename(by=SYSTEM, user=user, name="other", key="k1")  # type: ignore[call-arg]
    assert stored(user) == "after"


def test_a_refused_act_does_not_use_its_key_up(user: User, broken_writer: None) -> None:
    with pytest.raises(OSError, match="audit"):
        rename(by=SYSTEM, user=user, name="after", key="k1")  # type: ignore[call-arg]
    from rongtong.kernel.models import IdempotencyKey

    assert not IdempotencyKey.objects.exists()


def test_acts_take_keywords_only_and_changes_need_an_act(user: User) -> None:
    with pytest.raises(TypeError, match="keyword"):
        rename(SYSTEM, user, "after")  # type: ignore[misc]
    with pytest.raises(RuntimeError, match="No act"):
        current()
