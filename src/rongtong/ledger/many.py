"""Several matters at once: all or none, one entry in the audit log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions
from rongtong.ledger.actions import Parts
from rongtong.ledger.models import Matter
from rongtong.organization.models import Post


@dataclass(frozen=True, slots=True)
class Given:
    """What a step on many matters may need."""

    note: str = ""
    handler: Post | None = None
    due_on: date | None = None


Do = Callable[[Any, Matter, Given], Any]
STEPS: Mapping[str, tuple[Any, Do]] = {
    "urge": (gettext_lazy("Urge"), lambda by, m, g: actions.urge(by=by, matter=m, note=g.note)),
    "acknowledge": (gettext_lazy("Acknowledge"), lambda by, m, g: actions.acknowledge(by=by, matter=m)),
    "hand_over": (
        gettext_lazy("Hand over"),
        lambda by, m, g: actions.hand_over(by=by, matter=m, parts=Parts(handler=g.handler), note=g.note),
    ),
    "look_back": (gettext_lazy("Look back: it holds"), lambda by, m, g: actions.look_back(by=by, matter=m, note=g.note)),
    "void": (gettext_lazy("Void"), lambda by, m, g: actions.void(by=by, matter=m, note=g.note)),
}


@act("ledger.step_many")
def step_many(*, by: Actor, matters: Sequence[Matter], code: str, given: Given) -> int:
    """Take the same step on each; the first that is refused says which, and nothing is changed."""
    if code not in STEPS:
        raise Refused(_("“%(code)s” is not a step for many matters") % {"code": code}, field="step", remedy=_("choose one of the list"))
    if code == "hand_over" and given.handler is None:
        raise Refused(_("Nobody is named to take them over"), field="handler", remedy=_("name the post of the new handler"))
    for matter in matters:
        try:
            STEPS[code][1](by, matter, given)
        except Refused as refusal:
            raise type(refusal)(
                f"“{matter.title}”: {refusal.what}", field=refusal.field, remedy=refusal.remedy, code=refusal.code
            ) from refusal
    current().about(Reference("matter", "many"), step=code, count=len(matters))
    return len(matters)
