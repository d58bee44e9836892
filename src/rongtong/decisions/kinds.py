"""How others show a decision or a list that they only hold a reference to; what keeps an organisation open."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.access import policies as access
from rongtong.decisions import policies
from rongtong.decisions.models import Decision, MatterList
from rongtong.decisions.queries import KIND
from rongtong.decisions.states import OPEN
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.trees.models import Node


def open_decisions(node: Node, on: date) -> Sequence[Still]:
    """What is still to be decided goes to the successor or is withdrawn first."""
    rows = Decision.objects.filter(node=node, state__in=OPEN).order_by("pk")
    names = tuple(str(row) for row in rows[:5])
    return [Still(str(_("decisions not yet taken")), names, rows.count(), str(_("decide or withdraw them")))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            KIND,
            pgettext_lazy("decision", "Decision"),
            Loader(Decision, "node", "unit"),
            str,
            lambda d: reverse("decisions:decision", args=[d.pk]),
            policies.sees,
        )
    )
    register_kind(
        RecordKind("decision_list", _("List of matters"), Loader(MatterList, "node"), str, lambda x: reverse("decisions:list", args=[x.pk]),
                   lambda actor, x: access.can(actor, policies.VIEW, x.node))
    )  # fmt: skip
    register_open_things(open_decisions)
