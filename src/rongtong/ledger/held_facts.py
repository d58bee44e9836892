"""What the ledger holds of every unit and Party organisation; forms fill it in from here."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from rongtong.burden.facts import Fact, register_facts
from rongtong.ledger.models import Matter
from rongtong.ledger.states import OPEN

_LEDGER = _("the ledger")


def _counted(nodes: Sequence[int], condition: Q) -> Mapping[int, str]:
    """Lead unit to the number of its matters; a unit with none has none, because the ledger is complete."""
    rows = Matter.objects.filter(condition, lead__in=nodes).order_by().values("lead").annotate(count=Count("pk"))
    return dict.fromkeys(nodes, "0") | {lead: str(count) for lead, count in rows.values_list("lead", "count")}


def _open(nodes: Sequence[int], _day: date) -> Mapping[int, str]:
    return _counted(nodes, Q(state__in=OPEN))


def _overdue(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    return _counted(nodes, Q(state__in=OPEN, due_on__lt=day))


def register() -> None:
    """Called from AppConfig.ready."""
    register_facts(
        Fact("matter.open", _("number of open matters"), _LEDGER, "", _open),
        Fact("matter.overdue", _("number of overdue matters"), _LEDGER, "", _overdue),
        Fact("matter.due_on", _("due dates of matters"), _LEDGER),
        Fact("item.both_sides", _("matters of both sides"), _LEDGER),
        Fact("data.delivered", _("figures given in time"), _("entry of figures")),
    )
