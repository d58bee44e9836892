"""What could stand on an agenda before anyone writes: the kind's template, missed targets, open matters of both sides, confirmed links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from rongtong.kernel import clock
from rongtong.kernel.periods import add_months, month_of
from rongtong.kernel.reference import Reference
from rongtong.ledger import policies as ledger
from rongtong.ledger.models import Matter, Sensitivity, Side
from rongtong.ledger.states import OPEN
from rongtong.meetings.attending import linked
from rongtong.meetings.models import MeetingKind, Topic
from rongtong.plans import queries as plans
from rongtong.plans.models import LinkState
from rongtong.trees.models import Node

MOST = 5  # of each sort; an agenda is not a ledger
PROBLEMS = frozenset({"target", "indicator", "observation", "matter"})  # records that name a production problem


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to put on an agenda; `record` is the matter, target or link it is about."""

    title: str
    side: str
    topic: str = Topic.OTHER
    record: Reference | None = None
    speaker: str = ""


def template(kind: MeetingKind) -> list[NewItem]:
    """The kind's own items; titles are records, written in Chinese."""
    return [NewItem(title, side, topic) for title, _english, topic, side in kind.agenda]


def proposed(actor: Any, kind: MeetingKind, node: Node, partner: Node | None, day: date) -> list[NewItem]:
    """The template, then what waits on both sides. A kind whose words are not held gets nothing."""
    if kind.is_restricted:
        return []
    own = template(kind)
    more = suggestions(actor, kind, node, partner, day)
    if kind.is_study:  # a study of the line names one production problem, the worst
        problem = next((item for item in more if item.record is not None and item.record.kind in PROBLEMS), None)
        return own + ([problem] if problem else [])
    return own + more


def suggestions(actor: Any, kind: MeetingKind, node: Node, partner: Node | None, day: date) -> list[NewItem]:
    """Missed targets of last month, open matters that the actor sees, confirmed links; of the host and what is linked with it."""
    others = linked(node, day, partner)
    nodes = [node, *others]
    found = [*_missed(actor, [one for one in nodes if one.is_business], day), *_matters(actor, nodes)]
    return found if kind.is_study else [*found, *_links(actor, nodes)]


def _missed(actor: Any, units: Sequence[Node], day: date) -> list[NewItem]:
    last = add_months(month_of(min(day, clock.today())), -1)
    rows = [missed for unit in units[:MOST] for missed in plans.missed_targets(actor, last, unit)]
    return [
        NewItem(
            f"未达标：{row.target.unit.name} {row.target.indicator.name}", Side.PRODUCTION, Topic.BUSINESS, Reference("target", str(row.target.pk))
        )
        for row in rows[:MOST]
    ]  # fmt: skip


def _matters(actor: Any, nodes: Sequence[Node]) -> list[NewItem]:
    """Routine duties that prove themselves are left out; those longest due come first."""
    mine = Q(lead__in=nodes) | Q(partner__in=nodes)
    rows = Matter.objects.filter(mine, state__in=OPEN, is_light=False, sensitivity=Sensitivity.NORMAL).select_related("lead", "partner")
    seen = [m for m in rows.order_by("due_on", "pk")[: 4 * MOST] if any(ledger.sees_at(actor, n) for n in (m.lead, m.partner) if n)]
    return [NewItem(f"事项：{m.title}"[:200], m.side, _topic(m.side), Reference("matter", str(m.pk))) for m in seen[:MOST]]


def _topic(side: str) -> str:
    return Topic.PARTY_BUILDING if side == Side.PARTY else Topic.BUSINESS


def _links(actor: Any, nodes: Sequence[Node]) -> list[NewItem]:
    at = Q(party_objective__plan__unit__in=nodes) | Q(party_objective__plan__party__in=nodes)
    rows = plans.links(actor).filter(at | Q(production_objective__plan__unit__in=nodes), state=LinkState.CONFIRMED)
    return [NewItem(f"融合点：{row}"[:200], Side.BOTH, Topic.BUSINESS, Reference("integration_link", str(row.pk))) for row in rows[:MOST]]
