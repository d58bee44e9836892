"""The one way to change anything: one durable transaction, one audit entry as its last statement, messages beside it.

    @act("trees.close_node")
    def close_node(*, by: Actor, node: Node, on: date) -> Node:
        access.require(by, Permission.ORGANIZATION_EDIT, node)      # policy on the first line
        ...
        current().about(Reference("node", str(node.pk)), closed_on=str(on))
        return node

A nested act joins the outer one: its objects and details go into the outer entry. With `key=` the result is remembered and a second
call with the same key and arguments returns it and changes nothing; with other arguments it is a Conflict.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Conflict, NoAuditWriter
from rongtong.kernel.reference import Reference

P = ParamSpec("P")
R = TypeVar("R")


class Actor(Protocol):
    """Whoever acts: an account, or the system itself."""

    @property
    def uid(self) -> Any: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The program acting by the clock or at installation."""

    uid: str = "system"
    label: str = "系统"


SYSTEM = SystemActor()


@dataclass(frozen=True, slots=True)
class Message:
    """Something an act tells an account; stored with the act, sent by the worker."""

    to_uid: str
    kind: str
    text: str
    about: Reference | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Act:
    """What one act is doing, gathered while it runs."""

    kind: str
    by: Actor
    object: Reference | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def about(self, reference: Reference, **detail: Any) -> None:
        """Name the object of the act (the first one named stands in the entry) and add details."""
        self.object = self.object or reference
        self.detail.update(detail)

    def tell(self, message: Message) -> None:
        self.messages.append(message)


AuditWriter = Callable[[Act], None]
MessageWriter = Callable[[list[Message]], None]
_audit_writer: AuditWriter | None = None
_message_writer: MessageWriter | None = None
_current: ContextVar[Act | None] = ContextVar("current_act", default=None)


def install_audit_writer(writer: AuditWriter | None) -> None:
    global _audit_writer  # noqa: PLW0603  (installed once, at start)
    _audit_writer = writer


def install_message_writer(writer: MessageWriter | None) -> None:
    global _message_writer  # noqa: PLW0603
    _message_writer = writer


def current() -> Act:
    """The act under way."""
    act_now = _current.get()
    if act_now is None:
        raise RuntimeError("No act is under way; change records only inside an action")
    return act_now


def act(kind: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a keyword-only function with `by` an act. Adds the optional keyword `key` (idempotency)."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            if args:
                raise TypeError(f"{function.__name__} takes keyword arguments only")
            key = cast("str | None", kwargs.pop("key", None))
            if _current.get() is not None:
                return function(*args, **kwargs)
            return _run(kind, function, cast("dict[str, Any]", kwargs), key)

        wrapper.__act__ = kind  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _run(kind: str, function: Callable[..., R], kwargs: dict[str, Any], key: str | None) -> R:
    if _audit_writer is None:
        raise NoAuditWriter("No audit writer is installed; nothing may be changed")
    this = Act(kind, kwargs["by"])
    token = _current.set(this)
    try:
        with transaction.atomic(durable=True):
            if key:
                return _once(this, function, kwargs, key)
            result = function(**kwargs)
            _finish(this)
            return result
    finally:
        _current.reset(token)


def _finish(this: Act) -> None:
    """Messages, then the audit entry: the chain's head is locked for as short as possible."""
    if this.messages and _message_writer is not None:
        _message_writer(this.messages)
    assert _audit_writer is not None
    _audit_writer(this)


def _once(this: Act, function: Callable[..., R], kwargs: dict[str, Any], key: str) -> R:
    from rongtong.kernel.models import IdempotencyKey  # models load after this module

    digest = _digest(kwargs)
    seen = IdempotencyKey.objects.filter(actor_uid=str(this.by.uid), kind=this.kind, key=key).first()
    if seen is None:
        try:
            with transaction.atomic():
                seen = IdempotencyKey.objects.create(actor_uid=str(this.by.uid), kind=this.kind, key=key, digest=digest)
        except IntegrityError:
            seen = IdempotencyKey.objects.select_for_update().get(actor_uid=str(this.by.uid), kind=this.kind, key=key)
        else:
            result = function(**kwargs)
            seen.result = _pack(result)
            seen.save(update_fields=["result"])
            _finish(this)
            return result
    if seen.digest != digest:
        raise Conflict(_("This idempotency key was used for another request"), remedy=_("send a new key"), code="idempotency")
    return cast("R", _unpack(seen.result))


def _digest(kwargs: dict[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in kwargs.items() if name != "by"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return f"{value._meta.label}:{value.pk}"
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _pack(result: Any) -> dict[str, Any]:
    if isinstance(result, models.Model):
        return {"model": result._meta.label, "pk": str(result.pk)}
    return {"value": result}


def _unpack(packed: dict[str, Any]) -> Any:
    if "model" in packed:
        return apps.get_model(packed["model"])._default_manager.get(pk=packed["pk"])
    return packed.get("value")
