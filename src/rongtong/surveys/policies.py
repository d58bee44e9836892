"""Who sees a wave and its cells, who runs it, and who may answer: whoever holds a ticket that was not used."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.surveys.models import CellPart, Wave, WaveState

VIEW, RUN = Permission.SURVEY_VIEW, Permission.SURVEY_RUN


def sees(actor: Any, wave: Wave) -> bool:
    """Whoever sees surveys at its root; once it was launched also whoever sees them at a group of it."""
    if access.can(actor, VIEW, wave.root):
        return True
    if wave.state == WaveState.DRAFT or area_of(actor, VIEW).is_empty:
        return False
    return any(access.can(actor, VIEW, part.node) for part in CellPart.objects.filter(wave=wave).select_related("node"))


def runs(actor: Any, wave: Wave) -> bool:
    return access.can(actor, RUN, wave.root)


def require_run(actor: Any, wave: Wave) -> None:
    if runs(actor, wave):
        return
    if not sees(actor, wave):
        raise Unseen
    raise NotAllowed("no_survey_run")


def why_not_answered(wave: Wave, today: Any) -> str:
    """Reason code why no answer is taken any more; empty where one is."""
    if wave.state == WaveState.DRAFT:
        return "not_launched"
    if wave.state != WaveState.LAUNCHED or wave.closes_on < today:
        return "closed"
    return ""
