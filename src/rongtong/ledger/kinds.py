"""How others show a matter that they only hold a reference to, and what keeps a unit from being closed."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.ledger import handing, policies
from rongtong.ledger.models import HandOver, Matter
from rongtong.ledger.states import OPEN, State
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.trees.models import Node

SHOWN = 5


def open_matters(node: Node, on: date) -> Sequence[Still]:
    """Open matters that a node leads, or that its posts lead or handle, are handed over or closed before the node is."""
    mine = Q(lead=node) | Q(leader_post__node=node) | Q(handler_post__node=node)
    rows = Matter.objects.filter(mine, state__in=[State.DRAFT, *OPEN]).order_by("due_on", "pk")
    count = rows.count()
    if not count:
        return []
    names = tuple(rows.values_list("title", flat=True)[:SHOWN])
    return [Still(str(_("open matters")), names, count, str(_("close them, or hand them over to the successor")))]


def _hand_over(key: str) -> HandOver | None:
    rows = HandOver.objects.select_related("appointment__person", "appointment__post__node")
    return rows.filter(pk=key).first() if key.isdigit() else None


def _title(matter: Matter) -> str:
    """A void matter says so wherever it is named."""
    return f"{matter.title}（{matter.get_state_display()}）" if matter.state == State.VOID else matter.title


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "hand_over", _("Hand-over"), _hand_over, lambda row: f"{row.appointment.person.name} · {row.appointment.post.name}",
            lambda row: reverse("ledger:hand_over", args=[row.pk]), handing.sees,
        )
    )  # fmt: skip
    handing.register_carried("matters", _("Matters"), handing.open_matters)
    register_kind(
        RecordKind(
            "matter",
            _("Matter"),
            Loader(Matter, "lead", "partner"),
            _title,
            lambda m: reverse("ledger:matter", args=[m.pk]),
            policies.sees,
        )
    )
    register_open_things(open_matters)
