"""What the clock tells: not acknowledged, due soon, overdue, silent requests, look-back, and what a leaving person hands over. Once each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import Matter, Request, Told
from rongtong.ledger.numbers import Numbers, Reader
from rongtong.ledger.states import OPEN, WITH_HANDLER, State
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment

HAND_OVER_DAYS = 31  # how far back a late clock still looks for appointments that ended


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to say to those who serve in some posts."""

    key: str
    matter: Matter
    posts: tuple[int | None, ...]
    kind: str
    text: str


@act("ledger.remind")
def remind(*, by: Actor, on: date) -> int:
    """Say what is due on a day; what was said once is not said again, also after downtime. Returns the number of messages."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    found = {reminder.key: reminder for reminder in _found(on)}
    known = set(Told.objects.filter(key__in=list(found)).values_list("key", flat=True)) if len(found) < 5000 else set(_all_told())
    new = [reminder for key, reminder in found.items() if key not in known]
    Told.objects.bulk_create([Told(key=reminder.key) for reminder in new], batch_size=500)
    count = _send(new, on)
    current().about(Reference("ledger", "reminders"), on=str(on), reminders=len(new), messages=count)
    return count


def _all_told() -> Iterable[str]:
    return Told.objects.values_list("key", flat=True)


def _send(reminders: list[Reminder], on: date) -> int:
    serving = organization.serving({post for r in reminders for post in r.posts if post}, on)
    count = 0
    for reminder in reminders:
        accounts = {
            row.person.account_id: row.person for post in reminder.posts if post for row in serving.get(post, []) if row.person.account_id
        }
        for person in accounts.values():
            assert person.account is not None
            params = {"url": reverse("ledger:matter", args=[reminder.matter.pk])}
            about = Reference("matter", str(reminder.matter.pk))
            current().tell(Message(str(person.account.uid), reminder.kind, reminder.text, about, params))
            count += 1
    return count


def _found(on: date) -> Iterator[Reminder]:
    reader = Reader(on)
    rows = Matter.objects.filter(state__in=OPEN).exclude(state=State.SUSPENDED).select_related("lead")
    for matter in rows.filter(due_on__lte=on + timedelta(days=60)).order_by("pk").iterator(chunk_size=2000):
        yield from _of(matter, reader.at(matter.lead), on)
    yield from _silent(on)
    yield from _look_backs(reader, on)
    yield from _hand_overs(on)


def _of(matter: Matter, numbers: Numbers, on: date) -> Iterator[Reminder]:
    title = {"title": matter.title, "due": matter.due_on}
    waited = (on - matter.state_at.astimezone(clock.BUSINESS_ZONE).date()).days
    if matter.state == State.ASSIGNED and not matter.is_light and waited > numbers.acknowledge_days:
        text = _("Not yet acknowledged: %(title)s") % title
        yield Reminder(
            f"ack:{matter.pk}:{matter.handler_post_id}", matter, (matter.handler_post_id, matter.leader_post_id), "reminder", text
        )
    if matter.due_on < on:
        text = _("Overdue since %(due)s: %(title)s") % title
        yield Reminder(f"late:{matter.pk}:{matter.due_on}", matter, (matter.handler_post_id, matter.leader_post_id), "overdue", text)
    elif (matter.due_on - on).days <= numbers.soon_days and matter.state in WITH_HANDLER:
        text = _("Due on %(due)s: %(title)s") % title
        yield Reminder(f"soon:{matter.pk}:{matter.due_on}", matter, (matter.handler_post_id,), "reminder", text)


def _silent(on: date) -> Iterator[Reminder]:
    """Silence is visible to both leaders."""
    rows = Request.objects.filter(answered_on__isnull=True, answer_due_on__lt=on, matter__state__in=OPEN)
    for request in rows.select_related("matter__lead", "from_node").order_by("pk"):
        matter = request.matter
        words = {"unit": matter.lead.name, "day": request.asked_on, "title": matter.title}
        text = _("%(unit)s has not answered since %(day)s: %(title)s") % words
        yield Reminder(f"silent:{matter.pk}", matter, (matter.leader_post_id, matter.reviewer_post_id), "silent", text)


def _look_backs(reader: Reader, on: date) -> Iterator[Reminder]:
    rows = Matter.objects.filter(state=State.CLOSED, is_light=False, looked_back_on__isnull=True, closed_on__gte=on - timedelta(days=400))
    for matter in rows.select_related("lead").order_by("pk").iterator(chunk_size=2000):
        days = reader.at(matter.lead).look_back_days
        if days and matter.closed_on is not None and matter.closed_on + timedelta(days=days) <= on:
            text = _("Look back: does it still hold? %(title)s") % {"title": matter.title}
            yield Reminder(
                f"back:{matter.pk}:{matter.reopened}", matter, (matter.reviewer_post_id, matter.leader_post_id), "look_back", text
            )


def _hand_overs(on: date) -> Iterator[Reminder]:
    """Posts whose holder left lately and that carry open matters: leader, reviewer and successor hear of each."""
    ended = Appointment.objects.filter(ends_on__lte=on, ends_on__gt=on - timedelta(days=HAND_OVER_DAYS)).select_related("person", "post")
    gone = {row.post_id: row for row in ended.order_by("ends_on", "pk")}
    if not gone:
        return
    rows = Matter.objects.filter(Q(handler_post__in=list(gone)) | Q(leader_post__in=list(gone)), state__in=OPEN).order_by("pk")
    for matter in rows:
        row = gone.get(matter.handler_post_id or 0) or gone[matter.leader_post_id or 0]
        words = {"person": row.person.name, "post": row.post.name, "title": matter.title}
        text = _("%(person)s left the post %(post)s; this matter goes on: %(title)s") % words
        posts = (matter.handler_post_id, matter.leader_post_id, matter.reviewer_post_id)
        yield Reminder(f"left:{matter.pk}:{row.pk}", matter, posts, "hand_over", text)
