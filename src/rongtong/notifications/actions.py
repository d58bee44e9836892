"""Acts on notes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.models import Grant
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.notifications.models import Channel, Note
from rongtong.notifications.sending import check_robot, put_out
from rongtong.trees.models import Node

MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class NewChannel:
    """What an account wants besides its inbox."""

    mail: str = ""
    robot: str = ""
    is_digest: bool = False
    quiet_from: int = 21
    quiet_to: int = 8


@act("notifications.send_note")
def send_note(*, by: Actor, to_node: Node, about_node: Node, text: str, url: str = "", leaders: Sequence[User] = ()) -> int:
    """Send a note about a node to the people who lead another (the owner department); returns how many it reached.

    Who leads is told by rights at the node, and by `leaders`: whoever knows posts (the caller) names their accounts, because an office's
    rights hold everywhere and not at its own node.
    """
    access.require(by, Permission.NOTE_SEND, about_node)
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise Refused(_("The note is empty or longer than 1,000 characters"), field="text", remedy=_("say in a sentence what is needed"))
    roles = ["department", "manager", "secretary", "secretary_manager", "party_office", "management_office"]
    grants = Grant.objects.on(clock.today()).filter(node=to_node, role__in=roles).order_by("user_id")
    named = Q(pk__in=grants.values("user_id")) | Q(pk__in=[user.pk for user in leaders])
    receivers = list(User.objects.filter(named, is_active=True).order_by("pk"))
    if not receivers:
        raise Refused(
            _("Nobody with an account leads %(name)s") % {"name": to_node.label},
            remedy=_("ask the Party office or the management office to fill the post"),
            code="nobody",
        )
    Note.objects.bulk_create(
        [
            Note(to=user, kind="request", text=text, url=url, about_kind="node", about_id=str(about_node.pk), from_label=by.label)
            for user in receivers
        ]
    )
    current().about(Reference("node", str(about_node.pk)), to=to_node.code, receivers=len(receivers))
    return len(receivers)


@act("notifications.mark_read")
def mark_read(*, by: User, note: Note) -> Note:
    """Mark one's own note as read."""
    Note.objects.filter(pk=note.pk, to=by, read_at__isnull=True).update(read_at=clock.now())
    current().about(Reference("note", str(note.pk)))
    return note


def write_messages(messages: Iterable[Message]) -> None:
    """The kernel's message writer: notes in the same transaction as the act."""
    messages = list(messages)
    users = {str(user.uid): user for user in User.objects.filter(uid__in=[m.to_uid for m in messages])}
    Note.objects.bulk_create(
        [
            Note(
                to=users[m.to_uid], kind=m.kind, text=m.text, url=m.params.get("url", ""),
                about_kind=m.about.kind if m.about else "", about_id=m.about.id if m.about else "",
            )
            for m in messages
            if m.to_uid in users
        ]
    )  # fmt: skip
    put_out(messages, users)


@act("notifications.set_channel")
def set_channel(*, by: User, channel: NewChannel) -> Channel:
    """Where oneself is also told, and the quiet hours; empty addresses end it."""
    if channel.robot:
        check_robot(channel.robot)
    if channel.mail and not settings.EMAIL_HOST:
        raise Refused(_("This installation sends no mail"), field="mail", remedy=_("ask the system administrator to set RONGTONG_SMTP_URL"))
    if not (0 <= channel.quiet_from <= 23 and 0 <= channel.quiet_to <= 23):
        raise Refused(_("An hour lies between 0 and 23"), field="quiet_from", remedy=_("correct the hours"))
    row, _made = Channel.objects.update_or_create(owner=by, defaults=asdict(channel))
    current().about(Reference("channel", str(row.pk)), mail=bool(channel.mail), robot=bool(channel.robot))
    return row
