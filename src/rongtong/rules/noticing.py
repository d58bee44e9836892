"""The superior's yearly notice sets the days of a yearly meeting for an organisation and those below it."""

from datetime import date

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.rules import evaluating, queries
from rongtong.rules.models import Notice, RuleRow
from rongtong.trees.models import Node

IN_DAYS = ("meeting_in_window", "appraisal_in_window")  # predicates that a notice can narrow
LATEST_MONTH = 6  # of the next year: later it would no longer be that year's meeting


def yearly_rules(day: date) -> list[RuleRow]:
    """The national rows that a notice can be given for."""
    return list(queries.in_force(day).filter(node__isnull=True, predicate__in=IN_DAYS).order_by("code"))


@act("rules.give_notice")
def give_notice(*, by: Actor, code: str, node: Node, year: int, opens_on: date, closes_on: date, document: str) -> Notice:
    """Set or change the days of a year; results of that year at the node and below are looked at again."""
    access.require(by, Permission.RULE_EDIT, node, view=Permission.RULE_VIEW)
    _refuse(code, node, year, opens_on, closes_on, document)
    values = {
        "opens_on": opens_on,
        "closes_on": closes_on,
        "document": document.strip()[:80],
        "made_label": by.label,
        "made_at": clock.now(),
    }
    notice, is_new = Notice.objects.update_or_create(code=code, node=node, year=year, defaults=values)
    nodes = set(Node.objects.subtree(node).values_list("pk", flat=True))
    evaluating.renew(nodes, min(date(year, 12, 31), clock.today()), [code])
    current().about(
        Reference("node", str(node.pk)), code=code, year=year, opens_on=str(opens_on), closes_on=str(closes_on), changed=not is_new
    )
    return notice


def _refuse(code: str, node: Node, year: int, opens_on: date, closes_on: date, document: str) -> None:
    row = queries.resolve(code, node, clock.today())
    if row is None or row.predicate not in IN_DAYS:
        raise Refused(_("“%(code)s” has no days that a notice sets") % {"code": code}, field="code", remedy=_("choose a rule of the list"))
    if closes_on < opens_on:
        raise Refused(_("The last day is before the first"), field="closes_on", remedy=_("choose a later day"), code="span")
    if not (date(year, 1, 1) <= opens_on and closes_on < date(year + 1, LATEST_MONTH + 1, 1)):
        what = _("These days do not belong to %(year)d") % {"year": year}
        raise Refused(what, field="opens_on", remedy=_("choose days from January to June of the year after"), code="year")
    if not document.strip():
        raise Refused(_("The number of the notice is missing"), field="document", remedy=_("write it as it stands on the paper"))
