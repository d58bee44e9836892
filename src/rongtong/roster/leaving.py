"""What of the roster keeps an organisation from being closed: members who still belong to it."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from rongtong.organization.restructuring import Still, register_open_things
from rongtong.roster.models import Affiliation
from rongtong.trees.models import Node


def members_left(node: Node, on: date) -> Sequence[Still]:
    """Members are moved before their organisation closes; nobody is left without a branch by accident."""
    rows = Affiliation.objects.on(on).filter(party=node).select_related("person").order_by("person__pinyin", "person__code")
    names = [row.person.name for row in rows[:5]]
    return [Still(_("members who belong here"), tuple(names), rows.count(), _("move them to another branch"))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_open_things(members_left)
