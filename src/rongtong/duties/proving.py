"""The light path: a record of the system that carries a mark which a duty names closes the duty's matter of that period by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.duties.models import Issue
from rongtong.kernel.act import SYSTEM, Actor, act, current
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Origin
from rongtong.ledger.states import OPEN
from rongtong.organization import queries as organization


@dataclass(frozen=True, slots=True)
class Proof:
    """What a record proves: its marks ("meeting:lecture"), where, on which day, and who did it in person."""

    record: Reference
    marks: frozenset[str]
    nodes: tuple[int, ...]
    on: date
    people: frozenset[int] = frozenset()
    note: str = ""


@act("duties.prove")
def prove(*, by: Actor, proof: Proof) -> int:
    """Close what the record proves; how many matters. Only the program does this, inside the act that made the record whole."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    found = list(proved(proof))
    for matter in found:
        ledger.prove(by=SYSTEM, matter=matter, record=proof.record, on=proof.on, note=proof.note, in_person=_did(matter, proof))
    current().about(proof.record, proved=[matter.code for matter in found])
    return len(found)


def proved(proof: Proof) -> Iterator[Matter]:
    """Open matters of duties at these nodes whose period holds the day; a personal duty only by whoever serves in its leading post."""
    rows = Matter.objects.filter(Q(lead__in=proof.nodes), origin=Origin.DUTY, origin_kind="duty_issue", is_light=True, state__in=OPEN)
    matters = list(rows.filter(occurrence__isnull=False).order_by("due_on", "pk"))
    issues = Issue.objects.select_related("duty").in_bulk([int(matter.origin_id) for matter in matters])
    for matter in matters:
        duty = issues[int(matter.origin_id)].duty
        if proof.marks & set(duty.proved_by) and _holds(matter, proof.on) and (not duty.is_personal or _did(matter, proof)):
            yield matter


def _holds(matter: Matter, on: date) -> bool:
    """Whether the matter's period (the last two parts of its occurrence) holds a day."""
    _rest, kind, code = str(matter.occurrence).rsplit(":", 2)
    period = Period.of(PeriodKind(kind), int(code))
    return period.starts_on <= on <= period.ends_on


def _did(matter: Matter, proof: Proof) -> bool:
    rows = organization.serving([matter.leader_post_id or 0], proof.on).get(matter.leader_post_id or 0, [])
    return any(row.person_id in proof.people for row in rows)
