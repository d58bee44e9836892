"""Decisions as a table, exactly what is seen: titles of inside information only for who may read them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from rongtong.decisions import policies, queries
from rongtong.decisions.models import Decision
from rongtong.exchange.exporting import Cell, Exporter, register_exporter

COLUMNS = (
    "code",
    "node_code",
    "unit_code",
    "category",
    "title",
    "path",
    "body",
    "state",
    "proposed_on",
    "decided_on",
    "outcome",
    "is_restricted",
)


def rows(actor: Any, found: QuerySet[Decision] | None = None, **_more: Any) -> Iterable[tuple[Cell, ...]]:
    """What the actor sees, narrowed as the page was; amounts stay inside."""
    found = queries.decisions(actor) if found is None else found
    for d in found.iterator(chunk_size=2000):
        yield (
            d.code, d.node.code, d.unit.code if d.unit else "", d.category, policies.title_for(actor, d), d.path, d.body, d.state, d.proposed_on,
            d.decided_on, d.outcome, d.is_restricted,
        )  # fmt: skip


def register() -> None:
    """Called from AppConfig.ready."""
    register_exporter(Exporter("decisions", COLUMNS, rows))
