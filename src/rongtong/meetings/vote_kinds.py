"""How others show a vote or a talk that they only hold a reference to."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.reference import RecordKind, register_kind
from rongtong.meetings import policies
from rongtong.meetings.models import Talk, Vote


def _vote(key: str) -> Vote | None:
    rows = Vote.objects.select_related("meeting__node", "meeting__partner", "meeting__chair", "meeting__recorder")
    return rows.filter(pk=key).first() if key.isdigit() else None


def _talk(key: str) -> Talk | None:
    return Talk.objects.select_related("node").filter(pk=key).first() if key.isdigit() else None


def _sees_talk(actor: object, talk: Talk) -> bool:
    return all(access.can(actor, permission, talk.node) for permission in (Permission.MEETING_VIEW, Permission.PERSON_VIEW))


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "vote", _("Vote"), _vote, lambda v: f"{v.get_kind_display()} · {v.meeting.title}", lambda v: reverse("votes:vote", args=[v.pk]),
            lambda actor, v: policies.sees(actor, v.meeting),
        )
    )  # fmt: skip
    register_kind(
        RecordKind(
            "talk", _("Talk"), _talk, lambda t: f"{t.get_pair_display()} · {t.on}",
            lambda t: f"{reverse('talks:at', args=[t.node_id])}?year={t.on.year}", _sees_talk,
        )
    )  # fmt: skip
