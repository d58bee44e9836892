"""Questions to papers."""

from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.reports.models import Paper, PaperKind
from rongtong.reports.policies import DO


def papers(actor: Any) -> QuerySet[Paper]:
    """Papers the actor may open, the latest first: those of its organisations, and drafts of its own."""
    rows = Paper.objects.select_related("node").filter(removed_at__isnull=True).order_by("-made_at", "-pk")
    own = Q(made_by=str(getattr(actor, "uid", "")))
    return scoped(rows, actor, "node", permission=DO).filter(own | ~Q(kind=PaperKind.SECRETARY))
