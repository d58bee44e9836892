"""Plans as files: objectives, links, carriers and results, each scoped by the actor."""

from collections.abc import Iterable
from typing import Any

from rongtong.exchange.exporting import Cell, Exporter, register_exporter
from rongtong.plans import queries

OBJECTIVES = (
    "code", "unit_code", "party_code", "year", "side", "title", "owner_post", "co_owner_post", "source", "starts_on", "due_on", "dropped_on",
    "indicator_code", "baseline", "target", "parent_code",
)  # fmt: skip
LINKS = (
    "code", "party_objective", "production_objective", "carrier_code", "indicator_code", "target", "process", "state", "proposed_on", "lapses_on",
    "party_confirmed_on", "production_confirmed_on", "suggested_by",
)  # fmt: skip
CARRIERS = (
    "code", "kind", "title", "party_code", "unit_code", "owner_post", "indicator_code", "baseline", "target", "starts_on", "ends_on", "state",
    "result", "badge", "saving_yuan", "accepted_on", "own_fields",
)  # fmt: skip
RESULTS = ("code", "title", "unit_code", "party_code", "party_role", "carrier_code", "on", "value_yuan", "confirmed_on")
Rows = Iterable[tuple[Cell, ...]]


def objectives(actor: Any, rows: Any = None, **_more: Any) -> Rows:
    found = queries.objectives(actor) if rows is None else rows
    for o in found.prefetch_related("key_results__indicator"):
        first = next(iter(o.key_results.all()), None)
        yield (
            o.code, o.plan.unit.code, o.plan.party.code if o.plan.party else "", o.plan.year, o.side, o.title, o.owner.code,
            o.co_owner.code if o.co_owner else "", o.source, o.starts_on, o.due_on, o.dropped_on, first.indicator.code if first else "",
            first.baseline if first else None, first.target if first else None, o.parent.code if o.parent else "",
        )  # fmt: skip


def links(actor: Any, rows: Any = None, **_more: Any) -> Rows:
    for x in queries.links(actor) if rows is None else rows:
        yield (
            x.code, x.party_objective.code, x.production_objective.code, x.carrier.code, x.indicator.code, x.target, x.process, x.state, x.proposed_on,
            x.lapses_on, x.party_confirmed_on, x.production_confirmed_on, x.suggested_by,
        )  # fmt: skip


def carriers(actor: Any, rows: Any = None, **_more: Any) -> Rows:
    for c in queries.carriers(actor) if rows is None else rows:
        own = "; ".join(f"{field.label}: {c.values[field.code]}" for field in c.kind.own if c.values.get(field.code))
        yield (
            c.code, c.kind.code, c.title, c.party.code, c.unit.code, c.owner.code, c.indicator.code, c.baseline, c.target, c.starts_on, c.ends_on,
            c.state, c.result, c.badge, _yuan(c.saving_fen), c.accepted_on, own,
        )  # fmt: skip


def results(actor: Any, rows: Any = None, **_more: Any) -> Rows:
    for r in queries.results(actor) if rows is None else rows:
        yield (
            r.code, r.title, r.unit.code, r.party.code if r.party else "", r.party_role, r.carrier.code if r.carrier else "", r.on, _yuan(r.value_fen),
            r.confirmed_on,
        )  # fmt: skip


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / 100


def register() -> None:
    """Called from AppConfig.ready."""
    register_exporter(Exporter("objectives", OBJECTIVES, objectives))
    register_exporter(Exporter("integration-links", LINKS, links))
    register_exporter(Exporter("carriers", CARRIERS, carriers))
    register_exporter(Exporter("results", RESULTS, results))
