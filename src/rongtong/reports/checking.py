"""What an order for a paper must be before any work begins."""

from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.organization import queries as organization
from rongtong.organization.models import Person, PostKind
from rongtong.papers.writing import FORMATS
from rongtong.reports import policies
from rongtong.reports.models import PaperKind
from rongtong.trees.models import Node


def order(kind: str, node: Node, year: int, file_format: str) -> None:
    """Refuse a kind, a place, a year or a format that no paper can have."""
    if kind not in PaperKind.values:
        raise Refused(_("“%(kind)s” is not a paper") % {"kind": kind}, field="kind", remedy=", ".join(PaperKind.values), code="kind")
    if kind not in (PaperKind.SUMMARY, PaperKind.YEARLY) and node.is_business:
        raise Refused(
            _("%(name)s is a business unit") % {"name": node.name},
            field="node",
            remedy=_("choose its Party organisation"),
            code="not_party",
        )
    if not node.opened_on.year <= year <= clock.today().year:
        what = _("There are no records of %(name)s in %(year)s") % {"name": node.name, "year": year}
        raise Refused(what, field="year", remedy=_("choose a year in which it existed, until the current one"), code="year")
    if file_format not in FORMATS:
        what = _("“%(format)s” is not a format papers are written in") % {"format": file_format}
        raise Refused(what, field="file_format", remedy=_("use docx or pdf"), code="format")


def own_secretary(by: Actor, node: Node) -> Person:
    """The secretary who serves here today, who is the one asking."""
    serving = organization.holders(node, [PostKind.SECRETARY], clock.today())
    if not serving:
        raise Refused(_("Nobody serves as secretary here"), field="node", remedy=_("fill the post first"), code="vacant")
    person = next((row.person for row in serving if not policies.refusal_about(by, row.person)), None)
    if person is None:
        raise NotAllowed("not_own_report")
    return person
