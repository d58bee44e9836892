"""What meetings say about the responsibility and the mechanism gap, as rows of named figures; each leads to its records."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.duties.figures import peak_months
from rongtong.kernel.periods import Period, add_months, month_of
from rongtong.meetings import figures
from rongtong.meetings.figures import Deployed, Kept, Part
from rongtong.trees.models import Node

Row = tuple[str, str, str, int, int, str]  # name, explained, address, part, whole, why not


@dataclass(frozen=True, slots=True)
class Year:
    """A year of meetings at a place."""

    kept: Kept
    chaired: Part
    together: Part
    deployed: Deployed
    rules_url: str
    meetings_url: str
    peaks: tuple[int, ...] = ()


def year_of(node: Node, nodes: Mapping[int, Node], day: date) -> Year:
    """The last twelve months until a day; five questions and the peak months of a unit."""
    first = Period.month(add_months(month_of(day), -12)).starts_on
    places: Collection[int] = list(nodes)
    peaks = peak_months(node, day) if node.is_business else ()
    party = min((one for one in nodes.values() if not one.is_business), key=lambda one: (len(one.path), one.path), default=None)
    rules = reverse("rules:grid") + (f"?at={party.pk}" if party else "")
    return Year(
        figures.life_kept(places, first, day, peaks), figures.chaired(places, first, day), figures.deployed_together(places, first, day),
        figures.deployed(places, first, day), rules, f"{reverse('meetings:list')}?at={node.pk}", peaks,
    )  # fmt: skip


def responsibility(year: Year, table: str, here: str) -> list[Row]:
    """Kept through the year, chaired in person, deployed and done."""
    kept, done = year.kept.all, year.deployed.done
    return [
        (
            _("organisational life kept when due"), _("of what the rules asked for in the last twelve months; more than asked for adds nothing"),
            year.rules_url, kept.part, kept.whole, _("no meeting is recorded for a whole period"),
        ),
        (
            _("topics chaired by the secretary in person"), _("of the topics of Party meetings in the last twelve months"), year.meetings_url,
            year.chaired.part, year.chaired.whole, _("no Party meeting with topics is recorded"),
        ),
        (
            _("deployed by meetings and done"), _("of items deployed to the other side and past due: matter closed with a business-side result"),
            f"{table}?{here}&origin=resolution", done.part, done.whole, _("nothing that meetings deployed fell due"),
        ),
    ]  # fmt: skip


def mechanism(year: Year, table: str, here: str) -> list[Row]:
    """Deployed together, advanced together."""
    taken = year.deployed.taken_up
    return [
        (
            _("meetings that deployed both sides' work"), _("an item of the other side left a resolution with an owner"), year.meetings_url,
            year.together.part, year.together.whole, _("no meeting that deploys work is recorded"),
        ),
        (
            _("advanced together"), _("of what meetings deployed to the other side in the last twelve months, taken up by its handler"),
            f"{table}?{here}&origin=resolution", taken.part, taken.whole, _("meetings deployed nothing to the other side"),
        ),
    ]  # fmt: skip
