"""Figures of member systems beside what is on record here. Differences are shown; nothing is corrected by itself."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel.periods import add_months, month_of
from rongtong.organization.models import PartyOrganisation
from rongtong.roster.models import Affiliation, DuesMonth, MemberFigures, Standing
from rongtong.rules import queries as rules
from rongtong.trees.models import AFTER, SEGMENT, Node

DUES_RULE = "DUES"


@dataclass(frozen=True, slots=True)
class Heads:
    """Members and full members as one source has them; None where it says nothing."""

    members: int | None = None
    formal: int | None = None

    @property
    def is_known(self) -> bool:
        return self.members is not None


@dataclass(frozen=True, slots=True)
class Compared:
    """One organisation by its three sources: who is on record, the official system's month, the organisation's own figure."""

    here: Heads
    official: Heads
    official_month: int | None
    own: Heads

    @property
    def differences(self) -> list[str]:
        """A sentence for each source that says another number than the persons on record."""
        found = []
        sources = ((self.official, _("the official system")), (self.own, _("the organisation's own figure")))
        for other, name in sources:
            for attribute, word in (("members", _("members")), ("formal", _("full members"))):
                theirs, ours = getattr(other, attribute), getattr(self.here, attribute)
                if theirs is not None and ours is not None and theirs != ours:
                    values = {"source": name, "theirs": theirs, "word": word, "ours": ours}
                    found.append(_("%(source)s says %(theirs)d %(word)s, on record are %(ours)d") % values)
        return found


def heads_of(nodes: Sequence[Node], day: date) -> dict[int, Heads]:
    """Node to the members on record at and below it on a day; absent, where nobody is on record."""
    by_path = {node.path: node.pk for node in nodes}
    if not by_path:
        return {}
    rows = Affiliation.objects.on(day).filter(party__path__gte=min(by_path), party__path__lt=max(by_path) + AFTER)
    counted = rows.order_by().values_list("party__path", "standing").annotate(people=Count("pk"))
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for path, standing, people in counted:
        for end in range(len(path), 1, -SEGMENT):
            if path[:end] in by_path:
                heads = found[by_path[path[:end]]]
                heads[0] += people
                heads[1] += people if standing == Standing.FORMAL else 0
    return {pk: Heads(members, formal) for pk, (members, formal) in found.items()}


def compare(parties: Sequence[PartyOrganisation], day: date) -> dict[int, Compared]:
    """Organisation to its comparison: the official month's figures against the persons of that day."""
    here = heads_of([party.node for party in parties], day)
    official: dict[int, MemberFigures] = {}
    rows = MemberFigures.objects.filter(party__in=[party.pk for party in parties], month__lte=month_of(day), month__gte=month_of(day) - 100)
    for row in rows.order_by("month"):
        official[row.party_id] = row
    found = {}
    for party in parties:
        figures = official.get(party.pk)
        found[party.pk] = Compared(
            here.get(party.pk, Heads()), Heads(figures.members, figures.formal) if figures else Heads(),
            figures.month if figures else None, Heads(party.members, party.formal_members),
        )  # fmt: skip
    return found


def last_day(month: int) -> date:
    """The last day of a month code.

    >>> last_day(202402)
    datetime.date(2024, 2, 29)
    """
    following = add_months(month, 1)
    return date(following // 100, following % 100, 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """How many months in a row somebody's dues were missing, and the number at which a person is told."""

    months: int
    alert: int

    @property
    def is_alert(self) -> bool:
        return self.months >= self.alert


def unpaid(nodes: Sequence[Node], today: date) -> dict[int, Unpaid]:
    """Organisation to the unbroken run of its latest months in which not everybody paid. A month without figures ends the run.

    Only a hint to look into the official system: whose dues they are is not held, and nothing follows from it by itself.
    """
    alerts = rules.numbers(DUES_RULE, "unpaid_months_alert", nodes, today)
    by_party: dict[int, list[DuesMonth]] = defaultdict(list)
    since = add_months(month_of(today), -24)
    for row in DuesMonth.objects.filter(party__in=[node.pk for node in nodes], month__gte=since).order_by("party_id", "-month"):
        by_party[row.party_id].append(row)
    found = {}
    for node in nodes:
        months = _run(by_party[node.pk])
        if months and node.pk in alerts:
            found[node.pk] = Unpaid(months, int(alerts[node.pk]))
    return found


def _run(rows: Iterable[DuesMonth]) -> int:
    months, expected = 0, None
    for row in rows:
        if (expected is not None and row.month != expected) or row.paid == row.payers:
            break
        months, expected = months + 1, add_months(row.month, -1)
    return months


def dues(node: Node, months: int = 12) -> list[DuesMonth]:
    """The latest months of an organisation, as its official system reports them."""
    return list(DuesMonth.objects.filter(party=node).order_by("-month")[:months])


def organisations(actor: Any) -> QuerySet[PartyOrganisation]:
    """Open Party organisations where the actor may see people, in the order of the tree."""
    rows = PartyOrganisation.objects.filter(node__closed_on__isnull=True).select_related("node").order_by("node__path")
    return scoped(rows, actor, "node", permission=Permission.PERSON_VIEW)
