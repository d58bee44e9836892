"""Keyset pages: `{items, next, count}` with an opaque, signed cursor."""

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.db.models import Model, QuerySet

from rongtong.kernel.errors import Refused

MAX_LIMIT, COUNT_CAP = 500, 10_000
_SALT = "api.cursor"


def page(queryset: QuerySet[Any], show: Callable[[Any], dict[str, Any]], *, limit: int, cursor: str, count: str) -> dict[str, Any]:
    """A page of a queryset in the order of its key."""
    after = read_cursor(cursor)
    ordered = queryset.order_by("pk")
    rows: list[Model] = list((ordered.filter(pk__gt=after) if after is not None else ordered)[: checked_limit(limit) + 1])
    more = len(rows) > limit
    return {
        "items": [show(row) for row in rows[:limit]],
        "next": make_cursor(rows[limit - 1].pk) if more else None,
        "count": counted(queryset, count),
    }


def page_of_rows(rows: list[dict[str, Any]], *, limit: int, cursor: str) -> dict[str, Any]:
    """A page of rows that are in memory already, by position."""
    start = read_cursor(cursor) or 0
    limit = checked_limit(limit)
    more = len(rows) > start + limit
    return {"items": rows[start : start + limit], "next": make_cursor(start + limit) if more else None, "count": len(rows)}


def checked_limit(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise Refused(f"limit is {limit}", field="limit", remedy=f"use 1 to {MAX_LIMIT}", code="limit")
    return limit


def counted(queryset: QuerySet[Any], count: str) -> int:
    """The exact count if asked for, else at most 10,000."""
    if count not in {"", "exact"}:
        raise Refused(f"count is {count!r}", field="count", remedy="leave it out or use exact", code="count")
    return queryset.count() if count == "exact" else queryset.order_by()[:COUNT_CAP].count()


def make_cursor(key: int) -> str:
    return signing.dumps(key, salt=_SALT)


def read_cursor(cursor: str) -> int | None:
    if not cursor:
        return None
    try:
        return int(signing.loads(cursor, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError) as bad:
        raise Refused(
            "the cursor was not made by this server", field="cursor", remedy="use `next` of the answer before", code="cursor"
        ) from bad
