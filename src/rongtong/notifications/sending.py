"""The outbox: what is told by mail and by group robots (WeCom, DingTalk, Feishu). Written in the act's transaction, sent by the worker.

Each message goes out at least once; its key keeps the same thing from being said twice on a day. A failed one is tried again, later and later.
"""

import hashlib
import json
import urllib.request
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import Message
from rongtong.kernel.errors import Refused
from rongtong.notifications.models import Channel, Outgoing, Way

ROBOTS = {"qyapi.weixin.qq.com": "wecom", "oapi.dingtalk.com": "dingtalk", "open.feishu.cn": "feishu"}
MAX_ATTEMPTS, MAX_LINES, BATCH, TIMEOUT_SECONDS = 6, 30, 500, 10
DIGEST_AT = time(8)
Post = Callable[[str, bytes], bytes]


def check_robot(url: str) -> str:
    """The kind of robot behind an address; refused, unless it is https at a known host (nothing inside the network can be reached)."""
    parts = urlsplit(url)
    kind = ROBOTS.get(parts.hostname or "") or ("wecom" if parts.hostname in settings.ROBOT_HOSTS else "")
    if parts.scheme != "https" or not kind or parts.port not in (None, 443) or parts.username:
        known = ", ".join([*ROBOTS, *settings.ROBOT_HOSTS])
        raise Refused(
            _("This is not the address of a group robot"),
            field="robot",
            remedy=_("copy it from the group; known hosts: %(known)s") % {"known": known},
        )
    return kind


def put_out(messages: Iterable[Message], users: dict[str, User]) -> None:
    """Rows for those who are also told outside; joins the transaction of the act."""
    messages = list(messages)
    channels = {str(row.owner.uid): row for row in Channel.objects.filter(owner__uid__in=list(users)).select_related("owner")}
    rows = []
    for message in messages:
        channel = channels.get(message.to_uid)
        if channel is not None:
            text = message.params.get("outside", message.text)[:500]
            rows += [_row(channel, way, text, message) for way in (Way.MAIL, Way.ROBOT) if getattr(channel, way)]
    Outgoing.objects.bulk_create(rows, ignore_conflicts=True)


def _row(channel: Channel, way: str, text: str, message: Message) -> Outgoing:
    said = f"{message.to_uid}|{way}|{message.kind}|{message.about}|{text}|{clock.today()}"
    key = hashlib.sha256(said.encode()).hexdigest()
    return Outgoing(owner=channel.owner, way=way, text=text, key=key, not_before=when(channel, clock.now()))


def when(channel: Channel, now: datetime) -> datetime:
    """At once; after the quiet hours; or with the next morning's digest."""
    here = now.astimezone(clock.BUSINESS_ZONE)
    if channel.is_digest:
        morning = datetime.combine(here.date(), DIGEST_AT, tzinfo=clock.BUSINESS_ZONE)
        return morning if here <= morning else morning + timedelta(days=1)
    if not _is_quiet(channel, here.hour):
        return now
    end = datetime.combine(here.date(), time(channel.quiet_to), tzinfo=clock.BUSINESS_ZONE)
    return end if here < end else end + timedelta(days=1)


def _is_quiet(channel: Channel, hour: int) -> bool:
    first, last = channel.quiet_from, channel.quiet_to
    return first <= hour < last if first <= last else hour >= first or hour < last


def drain(post: Post | None = None) -> int:
    """Send what is due, one message an account and way; returns how many were sent. No transaction is open while the network is waited for."""
    now = clock.now()
    rows = Outgoing.objects.filter(sent_at__isnull=True, not_before__lte=now, attempts__lt=MAX_ATTEMPTS).select_related("owner__channel")
    sent = 0
    for (_owner, way), group in groupby(rows.order_by("owner_id", "way", "pk")[:BATCH], key=lambda row: (row.owner_id, row.way)):
        some = list(group)[:MAX_LINES]
        keys = [row.pk for row in some]
        try:
            _send(some[0].owner.channel, way, [row.text for row in some], post or _post)
        except (OSError, ValueError, Refused) as failed:
            later = now + timedelta(minutes=5 * 4 ** some[0].attempts)
            Outgoing.objects.filter(pk__in=keys).update(attempts=some[0].attempts + 1, error=str(failed)[:200], not_before=later)
        else:
            Outgoing.objects.filter(pk__in=keys).update(sent_at=clock.now(), error="")
            sent += 1
    return sent


def _send(channel: Channel, way: str, lines: list[str], post: Post) -> None:
    text = "\n".join(lines)
    if way == Way.MAIL:
        subject = lines[0] if len(lines) == 1 else _("Rongtong: %(count)s messages") % {"count": len(lines)}
        EmailMessage(subject.replace("\n", " ")[:120], text, settings.DEFAULT_FROM_EMAIL, [channel.mail]).send()
        return
    kind = check_robot(channel.robot)
    body = {"msg_type": "text", "content": {"text": text}} if kind == "feishu" else {"msgtype": "text", "text": {"content": text}}
    answer = json.loads(post(channel.robot, json.dumps(body, ensure_ascii=False).encode()))
    if answer.get("errcode", answer.get("code", 0)):
        raise ValueError(str(answer)[:200])


def _post(url: str, body: bytes) -> bytes:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  (check_robot allows https only)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        content: bytes = answer.read(65536)
    return content
