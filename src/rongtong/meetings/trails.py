"""From a finding over meetings to the meetings of its period, and to the page that mends it: prepare that meeting, record a talk."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.rules.models import RuleResult
from rongtong.rules.trails import Way, register_trail

COUNTED = ("meeting_count", "meeting_in_window", "appraisal_in_window")
LED = {"chaired_in_person": "party_building", "lecture_in_person": "lecture", "training_hours": "theme_day"}


def _kind(result: RuleResult) -> str:
    """The kind of meeting that a result is about."""
    return str(result.row.arguments.get("meeting") or LED.get(result.row.predicate, ""))


def meetings_of(actor: Any, result: RuleResult) -> Way | None:
    """The meetings of that kind at the node."""
    if not access.can(actor, Permission.MEETING_VIEW, result.node):
        return None
    wanted = {"at": result.node_id} | ({"kind": _kind(result)} if result.row.predicate in COUNTED else {})
    return Way(_("All its meetings of this kind"), f"{reverse('meetings:list')}?{urlencode(wanted)}")


def prepare(actor: Any, result: RuleResult) -> Way | None:
    """Prepare the meeting that is missing."""
    kind = _kind(result)
    if not kind or not access.can(actor, Permission.MEETING_RUN, result.node):
        return None
    return Way(_("Prepare this meeting"), f"{reverse('meetings:prepare')}?{urlencode({'kind': kind, 'node': result.node.code})}")


def talks(actor: Any, result: RuleResult) -> Way | None:
    """Which pairs have not talked yet."""
    if not access.can(actor, Permission.MEETING_VIEW, result.node):
        return None
    return Way(_("See which pairs have not talked"), reverse("talks:at", args=[result.node_id]))


def agreed(actor: Any, result: RuleResult) -> Way | None:
    """What meetings agreed, in the ledger."""
    if not access.can(actor, Permission.MATTER_VIEW, result.node):
        return None
    return Way(_("What its meetings agreed"), f"{reverse('ledger:table')}?{urlencode({'at': str(result.node_id), 'origin': 'resolution'})}")


def register() -> None:
    """Called from AppConfig.ready."""
    for predicate in (*COUNTED, *LED):
        register_trail(predicate, records=meetings_of, mend=prepare)
    register_trail("own_branch_attendance", records=meetings_of)
    register_trail("talks_complete", records=talks, mend=talks)
    register_trail("items_closed", records=agreed, mend=agreed)
