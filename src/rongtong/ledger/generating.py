"""Many matters in one act: what recurs is made ahead of time, once, also after downtime, however often the generator runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger.actions import NewMatter
from rongtong.ledger.models import Matter, Step
from rongtong.ledger.states import State
from rongtong.organization.models import Appointment
from rongtong.trees.models import Counter

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Past:
    """A step that is already known: what records brought from elsewhere, or the sample enterprise, say happened."""

    kind: str
    to_state: str
    at: datetime
    by_uid: str
    by_label: str
    by_part: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A matter to make; `fields` and `past` stand for a history that is already known."""

    new: NewMatter
    fields: dict[str, Any] = field(default_factory=dict)
    past: tuple[Past, ...] = ()
    leader: int | None = None
    handler: int | None = None


@act("ledger.generate")
def generate(*, by: Actor, rows: Sequence[Made]) -> int:
    """Make and assign the matters whose occurrence does not exist yet; returns how many were made. One transaction: all or none."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    wanted = {row.new.occurrence: row for row in rows if row.new.occurrence}
    known = set(_known(list(wanted)))
    fresh = [row for row in rows if not row.new.occurrence or (row.new.occurrence not in known and wanted[row.new.occurrence] is row)]
    matters = _matters(by, fresh)
    Matter.objects.bulk_create(matters, batch_size=BATCH)
    _steps(by, fresh, matters)
    current().about(Reference("matter", "generated"), made=len(matters), asked=len(rows))
    return len(matters)


def _known(keys: list[str]) -> Iterable[str]:
    for start in range(0, len(keys), BATCH):
        yield from filter(None, Matter.objects.filter(occurrence__in=keys[start : start + BATCH]).values_list("occurrence", flat=True))


def _matters(by: Actor, rows: Sequence[Made]) -> list[Matter]:
    now, made = clock.now(), []
    numbers = _numbers([(row.new.starts_on or clock.today()).year for row in rows])
    for row in rows:
        new, starts_on = row.new, row.new.starts_on or clock.today()
        parts = new.parts
        matter = Matter(
            code=numbers[starts_on.year].pop(), title=new.title[:200], detail=new.detail, standard=new.standard[:300], side=new.side,
            origin=new.origin, origin_kind=new.record.kind if new.record else "", origin_id=new.record.id if new.record else "",
            occurrence=new.occurrence or None, lead=new.lead, partner=new.partner, leader_post=parts.leader, handler_post=parts.handler,
            reviewer_post=parts.judge, indicator=new.indicator, is_light=new.is_light, is_personal=new.is_personal, starts_on=starts_on,
            due_on=new.due_on, first_due_on=new.due_on, state=State.ASSIGNED, state_at=now, created_at=now, created_by=str(by.uid),
            created_label=by.label,
        )  # fmt: skip
        for name, value in row.fields.items():
            setattr(matter, name, value)
        made.append(matter)
    return made


def _numbers(years: Iterable[int]) -> dict[int, list[str]]:
    """As many new codes of each year as are needed, the first one last."""
    counts: dict[int, int] = {}
    for year in years:
        counts[year] = counts.get(year, 0) + 1
    found = {}
    for year, count in sorted(counts.items()):
        counter, _made = Counter.objects.select_for_update().get_or_create(name=f"matter-{year}")
        found[year] = [f"{year}-{counter.value + number:06d}" for number in range(count, 0, -1)]
        counter.value += count
        counter.save(update_fields=["value"])
    return found


def _steps(by: Actor, rows: Sequence[Made], matters: Sequence[Matter]) -> None:
    """The assignment, and what is already known to have happened; with who served in the posts."""
    posts = {post for m in matters for post in (m.leader_post_id, m.handler_post_id) if post}
    serving: dict[int, list[tuple[date, date | None, int]]] = {}
    spans = Appointment.objects.filter(post_id__in=list(posts)) if len(posts) < BATCH else Appointment.objects.all()
    for post, starts_on, ends_on, pk in spans.order_by("-kind", "pk").values_list("post_id", "starts_on", "ends_on", "pk"):
        serving.setdefault(post, []).append((starts_on, ends_on, pk))
    steps = []
    for row, matter in zip(rows, matters, strict=True):
        past = row.past or (Past("assign", State.ASSIGNED, clock.now(), str(by.uid), by.label, "supervisor"),)
        before = ""
        for step in past:
            on = step.at.astimezone(clock.BUSINESS_ZONE).date()
            steps.append(
                Step(
                    matter=matter, kind=step.kind, from_state=before, to_state=step.to_state, at=step.at, on=on, by_uid=step.by_uid,
                    by_label=step.by_label, by_part=step.by_part, note=step.note, progress=matter.progress,
                    leader_id=_who(serving, matter.leader_post_id, on), handler_id=_who(serving, matter.handler_post_id, on),
                )
            )  # fmt: skip
            before = step.to_state
    Step.objects.bulk_create(steps, batch_size=BATCH)


def _who(serving: dict[int, list[tuple[date, date | None, int]]], post: int | None, on: date) -> int | None:
    return next(
        (pk for starts_on, ends_on, pk in serving.get(post or 0, ()) if starts_on <= on and (ends_on is None or on < ends_on)), None
    )
