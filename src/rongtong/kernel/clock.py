"""One clock: instants are UTC, business dates are those of Shanghai. Tests and the sample enterprise set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The present business date."""
    return now().astimezone(BUSINESS_ZONE).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Make `now` answer `at` inside the block; naive times are read as Shanghai time."""
    aware = at if at.tzinfo else at.replace(tzinfo=BUSINESS_ZONE)
    token = _frozen.set(aware.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
