"""What the clock tells: not acknowledged, due soon, overdue, silent requests, look-back, and what a leaving person hands over. Once each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger import handing
from rongtong.ledger.models import HandOver, Matter, Request, Sensitivity, Told
from rongtong.ledger.numbers import Numbers, Reader
from rongtong.ledger.queries import LOOK_BACK_UNTIL
from rongtong.ledger.states import OPEN, WITH_HANDLER, State
from rongtong.organization import queries as organization
from rongtong.organization.models import Person, Post


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to say to those who serve in some posts (and to one person, where a post would not reach them)."""

    key: str
    about: Matter | HandOver
    posts: tuple[int | None, ...]
    kind: str
    text: str
    person: Person | None = None

    def message(self, to: str) -> Message:
        """To one account; titles of restricted matters never leave by mail or robot."""
        if isinstance(self.about, HandOver):
            url = reverse("ledger:hand_over", args=[self.about.pk])
            return Message(to, self.kind, self.text, Reference("hand_over", str(self.about.pk)), {"url": url})
        params = {"url": reverse("ledger:matter", args=[self.about.pk])}
        if self.about.sensitivity == Sensitivity.RESTRICTED:
            params["outside"] = _("A restricted matter waits for you")
        return Message(to, self.kind, self.text, Reference("matter", str(self.about.pk)), params)


@act("ledger.remind")
def remind(*, by: Actor, on: date) -> int:
    """Say what is due on a day; what was said once is not said again, also after downtime. Returns the number of messages."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    handing.write(by=by, on=on)
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
        people = [row.person for post in reminder.posts if post for row in serving.get(post, [])]
        people += [reminder.person] if reminder.person is not None else []
        accounts = {person.account_id: person.account for person in people if person.account is not None}
        for account in accounts.values():
            current().tell(reminder.message(str(account.uid)))
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
    rows = Matter.objects.filter(
        state=State.CLOSED, is_light=False, looked_back_on__isnull=True, closed_on__gte=on - timedelta(days=LOOK_BACK_UNTIL)
    )
    for matter in rows.select_related("lead").order_by("pk").iterator(chunk_size=2000):
        days = reader.at(matter.lead).look_back_days
        if days and matter.closed_on is not None and matter.closed_on + timedelta(days=days) <= on:
            text = _("Look back: does it still hold? %(title)s") % {"title": matter.title}
            yield Reminder(
                f"back:{matter.pk}:{matter.reopened}", matter, (matter.reviewer_post_id, matter.leader_post_id), "look_back", text
            )


def _hand_overs(on: date) -> Iterator[Reminder]:
    """Whoever is about to leave is asked for a note; leaders hear that somebody left; the successor, whenever there is one, of the hand-over."""
    rows = HandOver.objects.filter(taken_on__isnull=True, appointment__ends_on__gt=on - timedelta(days=handing.HAND_OVER_DAYS))
    found = list(rows.select_related("appointment__person__account", "appointment__post__node__parent").order_by("pk"))
    serving = organization.serving([row.appointment.post_id for row in found], on)
    for row in found:
        left = row.appointment
        words = {"person": left.person.name, "post": left.post.name, "day": left.ends_on, "count": len(row.items)}
        if left.ends_on is None or left.ends_on > on:
            text = _("You leave the post %(post)s on %(day)s; %(count)s things go on. What has your successor to know?") % words
            yield Reminder(f"leaving:{row.pk}", row, (), "hand_over", text, left.person)
            continue
        text = _("%(person)s left the post %(post)s; %(count)s things go on there") % words
        yield Reminder(f"left:{row.pk}", row, _leaders_of(left.post), "hand_over", text)
        for successor in serving.get(left.post_id, []):
            if successor.person_id != left.person_id:
                text = _("You follow %(person)s in the post %(post)s: take over %(count)s things") % words
                yield Reminder(f"take:{row.pk}:{successor.pk}", row, (), "hand_over", text, successor.person)


def _leaders_of(post: Post) -> tuple[int, ...]:
    """The leading posts at the post's place and at the one above."""
    nodes = [node for node in (post.node, post.node.parent) if node is not None]
    return tuple(key for node in nodes for key in organization.leading_posts(node).exclude(pk=post.pk).values_list("pk", flat=True))
