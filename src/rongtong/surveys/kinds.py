"""How others show a wave that they only hold a reference to; the invitation to it; what surveys ask of people."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.burden.askings import Asking, register_asker
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.surveys import launching, policies, queries
from rongtong.surveys.models import CellPart, Question, Wave, WaveState


def _is_invited(actor: Any, wave: Wave) -> bool:
    return any(one.pk == wave.pk for one in queries.open_for(actor))


def askings(nodes: Collection[int], day: date) -> Iterable[Asking]:
    """What open waves ask of the people at these nodes."""
    parts = CellPart.objects.filter(node__in=list(nodes), wave__state=WaveState.LAUNCHED, wave__closes_on__gte=day)
    reached: dict[int, set[int]] = {}
    for wave_id, node_id in parts.order_by().values_list("wave_id", "node_id"):
        reached.setdefault(wave_id, set()).add(node_id)
    for wave in Wave.objects.filter(pk__in=reached).order_by("pk"):
        for question in Question.objects.filter(questionnaire=wave.questionnaire_id).order_by("position"):
            yield launching.asking(question, wave.title, reverse("surveys:wave", args=[wave.pk]), frozenset(reached[wave.pk]))


def register() -> None:
    """Called from AppConfig.ready."""
    load = Loader(Wave, "root")
    register_kind(RecordKind("survey_wave", _("Survey"), load, str, lambda w: reverse("surveys:wave", args=[w.pk]), policies.sees))
    register_kind(
        RecordKind("survey_invitation", _("Questionnaire"), load, str, lambda w: reverse("surveys:answer", args=[w.uid]), _is_invited)
    )
    register_asker("surveys", askings)
