"""How others show a round, a sheet, a mark or an objection that they only hold a reference to; what rounds ask of units and hold open."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.appraisal import policies, queries
from rongtong.appraisal.models import RUNNING, Objection, Round, Sheet
from rongtong.burden.askings import register_asker
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.schemes.holding import register_holder
from rongtong.trees.models import Node


def _title(sheet: Sheet) -> str:
    return f"{sheet.round.title} · {sheet.node.name}"


def _url(sheet: Sheet) -> str:
    return reverse("appraisal:sheet", args=[sheet.pk])


def _sees(actor: Any, objection: Objection) -> bool:
    return policies.sees_sheet(actor, objection.sheet)


def open_rounds(node: Node, on: date) -> Sequence[Still]:
    """A round that is run from a node is finished or cancelled before the node goes; units that are appraised may close: they stay as frozen."""
    rows = Round.objects.filter(node=node, stage__in=RUNNING).order_by("pk")
    names = tuple(rows.values_list("title", flat=True)[:5])
    return [Still(str(_("rounds of appraisal under way")), names, rows.count(), str(_("finish or cancel them")))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "appraisal_round",
            _("Round of appraisal"),
            Loader(Round, "node"),
            str,
            lambda r: reverse("appraisal:round", args=[r.pk]),
            policies.sees_round,
        )
    )
    register_kind(
        RecordKind("appraisal_sheet", _("Appraisal sheet"), Loader(Sheet, "round__node", "node"), _title, _url, policies.sees_sheet)
    )
    register_kind(
        RecordKind(
            "appraisal_objection", _("Objection to an appraisal"), Loader(Objection, "sheet__round__node", "sheet__node"), lambda o: _title(o.sheet),
            lambda o: f"{_url(o.sheet)}#o{o.pk}", _sees,
        )
    )  # fmt: skip
    register_asker("appraisal", queries.askings)
    register_open_things(open_rounds)
    register_holder(queries.holds)
