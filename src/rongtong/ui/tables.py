"""What stands above a table: filters as chips, the columns one chose, views kept by name, the export of what is seen. All of it is in the address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

COLUMNS = "cols"
DROPPED = ("after", "export")  # a changed filter starts at the first page


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may be shown or not; `is_on` without a choice."""

    code: str
    label: Any
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Table:
    """The bar above a table. `shown` holds the codes of the columns; `kept` the views of the account, each with name, query and pk."""

    page: str
    here: str
    columns: Sequence[Column]
    shown: frozenset[str]
    chips: Sequence[Chip] = ()
    kept: Sequence[Any] = ()
    exports: Sequence[tuple[Any, str]] = ()
    hidden: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def has_choice(self) -> bool:
        return len(self.columns) > 1


def with_query(request: HttpRequest, **changes: str) -> str:
    """The address's query with some parts changed; empty ones leave, and the page starts anew."""
    query = request.GET.copy()
    for name in (*DROPPED, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
    return query.urlencode()


def table_of(
    request: HttpRequest, columns: Sequence[Column], *, chips: Iterable[Chip] = (), kept: Sequence[Any] = (), formats: Sequence[tuple[Any, str]] = ()
) -> Table:  # fmt: skip
    """The bar of a page from its address; `formats` are the words and the format of each export."""
    known = {column.code for column in columns}
    chosen = frozenset(request.GET.getlist(COLUMNS)) & known
    query = request.GET.copy()
    for name in (*DROPPED, COLUMNS):
        query.pop(name, None)
    return Table(
        page=request.path, here=with_query(request), columns=columns, shown=chosen or frozenset(column.code for column in columns if column.is_on),
        chips=list(chips), kept=kept, exports=[(words, with_query(request, export=code)) for words, code in formats],
        hidden=[(name, value) for name, values in query.lists() for value in values],
    )  # fmt: skip
