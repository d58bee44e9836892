"""交接单: what a post carries when somebody leaves it. Written by the clock, kept as it was on the day, taken over by the successor.

Packages register what a post can carry:

    register_carried("duties", _("Duties"), lambda post, on: [Carried(Reference("duty_issue", "12"))])
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import HandOver, Matter
from rongtong.ledger.numbers import Reader
from rongtong.ledger.policies import posts_of
from rongtong.ledger.states import OPEN
from rongtong.organization.models import Appointment, Post, PostKind

HAND_OVER_DAYS = 31  # how far back a late clock still looks for appointments that ended
LEADING = (PostKind.SECRETARY, PostKind.HEAD, PostKind.DEPARTMENT_HEAD)


@dataclass(frozen=True, slots=True)
class Carried:
    """One thing that a post carries: the record, and when it is due."""

    record: Reference
    due_on: date | None = None


Finder = Callable[[Post, date], Iterable[Carried]]
_finders: dict[str, tuple[Any, Finder]] = {}


def register_carried(code: str, title: Any, finder: Finder) -> None:
    """Called once from the owner's AppConfig.ready."""
    _finders[code] = (title, finder)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a hand-over as it was written: which part, which record, due when."""

    part: str
    record: Reference
    due_on: date | None

    @classmethod
    def of(cls, stored: Sequence[Sequence[str]]) -> list["Item"]:
        """Read the JSON column; nothing else does."""
        return [cls(part, Reference.parse(record), date.fromisoformat(due) if due else None) for part, record, due in stored]

    def stored(self) -> list[str]:
        return [self.part, str(self.record), self.due_on.isoformat() if self.due_on else ""]


def title_of(part: str) -> str:
    return str(_finders[part][0]) if part in _finders else part


def carried(post: Post, on: date) -> list[Item]:
    """Everything that a post carries on a day, part by part."""
    return [Item(code, one.record, one.due_on) for code, (_title, finder) in sorted(_finders.items()) for one in finder(post, on)]


def open_matters(post: Post, _on: date) -> Iterable[Carried]:
    """The ledger's own part: open matters that the post leads, handles or reviews."""
    rows = Matter.objects.filter(Q(handler_post=post) | Q(leader_post=post) | Q(reviewer_post=post), state__in=OPEN)
    return [
        Carried(Reference("matter", str(pk)), due_on) for pk, due_on in rows.order_by("due_on", "pk").values_list("pk", "due_on").distinct()
    ]


@act("ledger.write_hand_overs")
def write(*, by: Actor, on: date) -> int:
    """Write a note for every appointment that ends within the days of “due soon”, or ended lately; until then it follows the records."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    soon = Reader(on).national().soon_days
    ending = Appointment.objects.filter(ends_on__lte=on + timedelta(days=soon), ends_on__gt=on - timedelta(days=HAND_OVER_DAYS))
    known = {row.appointment_id: row for row in HandOver.objects.filter(appointment__in=ending.order_by().values("pk"))}
    count = 0
    for row in ending.select_related("post", "person").order_by("ends_on", "pk"):
        if row.ends_on is None or (row.pk in known and row.ends_on < on):
            continue  # it stays as it was on the last day
        count += _write(row, known.get(row.pk), on)
    current().about(Reference("hand_over", "written"), on=str(on), written=count)
    return count


def _write(row: Appointment, known: HandOver | None, on: date) -> int:
    items = [item.stored() for item in carried(row.post, on)]
    if known is not None:
        HandOver.objects.filter(pk=known.pk, taken_on__isnull=True).exclude(items=items).update(items=items, written_on=on)
        return 0
    if not items:
        return 0
    HandOver.objects.create(appointment=row, items=items, written_on=on)
    return 1


def of_actor(actor: Any, day: date) -> QuerySet[HandOver]:
    """Notes that wait for the actor: to be taken over by whoever serves in the post now, or written to by whoever is about to leave it."""
    mine = posts_of(actor)
    rows = HandOver.objects.filter(taken_on__isnull=True).select_related("appointment__person", "appointment__post__node")
    own = Q(appointment__person__account_id=actor.pk)
    leaving = own & Q(appointment__ends_on__gte=day, note="")
    return rows.filter(leaving | (Q(appointment__post__in=mine, appointment__ends_on__lte=day) & ~own)).order_by(
        "appointment__ends_on", "pk"
    )


def sees(actor: Any, found: HandOver) -> bool:
    """Whoever leaves, whoever serves there now, whoever leads there or above, and whoever supervises matters at the place."""
    row = found.appointment
    if row.person.account_id is not None and row.person.account_id == getattr(actor, "pk", None):
        return True
    return bool(may_take(actor, found) or leads_over(actor, row.post) or access.can(actor, Permission.MATTER_SUPERVISE, row.post.node))


def leads_over(actor: Any, post: Post) -> bool:
    """Whether the actor serves in a leading post at the post's place (not in the post itself) or at a place above it."""
    from rongtong.trees.models import paths_above

    mine = posts_of(actor)
    places = Q(node__path__in=paths_above(post.node.path)) | Q(node=post.node)
    return Post.objects.filter(places, pk__in=mine, kind__in=LEADING).exclude(pk=post.pk).exists()


def may_take(actor: Any, found: HandOver) -> bool:
    """Whoever serves in the post now and is another person than the one who left."""
    row = found.appointment
    others = Appointment.objects.on(clock.today()).filter(post=row.post, person__account_id=getattr(actor, "pk", None) or 0)
    return others.exclude(person=row.person_id).exists()


def _locked(by: Actor, found: HandOver) -> HandOver:
    row = HandOver.objects.select_for_update(of=("self",)).select_related("appointment__person", "appointment__post__node").get(pk=found.pk)
    if not sees(by, row):
        raise Unseen
    if row.taken_on is not None:
        raise Conflict(_("The hand-over was taken over already"), remedy=_("look at it again"), code="state")
    return row


@act("ledger.note_hand_over")
def add_note(*, by: Actor, found: HandOver, note: str) -> HandOver:
    """What the successor has to know, in the words of whoever leaves (or of whoever leads there, if nobody can be asked)."""
    row = _locked(by, found)
    if may_take(by, row):
        raise NotAllowed("not_leaving")
    if not note.strip() or len(note) > 1000:
        raise Refused(_("The note is empty or longer than 1,000 characters"), field="note", remedy=_("say what the successor has to know"))
    row.note, row.noted_label, row.noted_at = note.strip(), by.label, clock.now()
    row.save(update_fields=["note", "noted_label", "noted_at"])
    current().about(Reference("hand_over", str(row.pk)), post=row.appointment.post.code)
    return row


@act("ledger.take_over_post")
def take(*, by: Actor, found: HandOver) -> HandOver:
    """接收: the successor has gone through it."""
    row = _locked(by, found)
    if not may_take(by, row):
        raise NotAllowed("not_successor")
    row.taken_on, row.taken_by, row.taken_label = clock.today(), str(by.uid), by.label
    row.save(update_fields=["taken_on", "taken_by", "taken_label"])
    current().about(Reference("hand_over", str(row.pk)), post=row.appointment.post.code, items=len(row.items))
    return row


def untaken(nodes: Collection[int], day: date) -> QuerySet[HandOver]:
    """Notes at these places that nobody took over though somebody serves in the post again."""
    serving = Appointment.objects.on(day).filter(post=OuterRef("appointment__post"))
    rows = HandOver.objects.filter(appointment__post__node__in=list(nodes), taken_on__isnull=True, appointment__ends_on__lte=day)
    return rows.filter(Exists(serving)).select_related("appointment__person", "appointment__post").order_by("appointment__ends_on", "pk")
