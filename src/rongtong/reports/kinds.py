"""How others show a paper that they only hold a reference to, and which papers a meeting's page offers."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.inspections.models import Place
from rongtong.kernel.reference import Loader, Offer, RecordKind, register_kind, register_offer
from rongtong.meetings.models import Meeting
from rongtong.reports import meeting_papers, policies
from rongtong.reports.models import Paper, PaperKind

LABELS = {"notice": _("Notice"), "sign-in": _("Sign-in sheet"), "minutes": _("Minutes"), "resolutions": _("Follow-up of resolutions")}


def of_meeting(actor: Any, meeting: Meeting) -> list[Offer]:
    """Whoever sees a meeting may print its papers."""
    return [Offer(LABELS[name], reverse("reports:meeting", args=[meeting.pk, name])) for name in meeting_papers.names(meeting)]


def of_place(actor: Any, place: Place) -> list[Offer]:
    """The folder that answers an inspection's items at one place."""
    if not policies.may_make(actor, place.node):
        return []
    query = urlencode({"kind": PaperKind.FOLDER, "at": place.node_id, "inspection": place.inspection_id})
    return [Offer(PaperKind.FOLDER.label, f"{reverse('reports:papers')}?{query}")]


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind("paper", _("Paper"), Loader(Paper, "node"), str, lambda p: reverse("reports:paper", args=[p.pk]), policies.opens)
    )
    register_offer("meeting", of_meeting)
    register_offer("inspection_place", of_place)
