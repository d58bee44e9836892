"""The credit gap: what is expected of Party work, what a scheme credits it with, and what results show. For the scheme's page and the cockpit."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.kernel.periods import add_months, month_of
from rongtong.organization import queries as organization
from rongtong.plans.models import Result
from rongtong.schemes import queries
from rongtong.schemes.facts import gather
from rongtong.schemes.models import SchemeVersion
from rongtong.schemes.results import Influence
from rongtong.schemes.scoring import effective_weight
from rongtong.surveys import figures as surveys
from rongtong.surveys.estimates import Sums, share_of

RESULT_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A share 0..1 with its interval, or the reason why there is none. `source` is a reference to the record it comes from."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ThreeBars:
    """Expected, credited, shown, side by side; and what the scheme says on paper with what a point of Party work moves."""

    expected: Bar
    credited: Bar
    shown: Bar
    paper: float | None = None
    derivative: float | None = None
    version: SchemeVersion | None = None
    influence: Influence | None = None


def months_of(day: date) -> tuple[int, int]:
    """The closed months of the year of a day; in January those of the year before."""
    last = add_months(month_of(day), -1)
    return last // 100 * 100 + 1, last


def three_bars(nodes: Collection[int], day: date) -> ThreeBars:
    """The bars for some business units (a node with everything below it): credited by the scheme of the class most of them belong to.

    What a scheme credits is told over all units of its class, on records alone: what reviewers enter is not in it.
    """
    version, reason = _version_for(nodes, day)
    moved = influence_of(version, day) if version is not None else None
    credited = credited_bar(version, moved) if version is not None and moved is not None else Bar(None, reason=reason)
    return ThreeBars(
        expected_bar(nodes, day), credited, shown_bar(nodes, day), moved.paper if moved else None,
        moved.mean_derivative if moved else None, version, moved,
    )  # fmt: skip


def _version_for(nodes: Collection[int], day: date) -> tuple[SchemeVersion | None, str]:
    counted = Counter(organization.class_of(nodes, day).values())
    by_class = {version.unit_class.code: version for version in queries.in_force(day)}
    known = [(count, code) for code, count in counted.items() if code in by_class]
    if known:
        return by_class[max(known, key=lambda row: (row[0], row[1]))[1]], ""
    return None, _("no scheme is in force for the classes of these units") if counted else _("no unit here belongs to a class")


def influence_of(version: SchemeVersion, day: date) -> Influence:
    """The effective weight of Party work over all units of the version's class, on the records of the closed months."""
    units = queries.units_of(version.unit_class_id, day)
    facts = gather(version, [unit.pk for unit in units], *months_of(day))
    return effective_weight(version.data, facts)


def credited_bar(version: SchemeVersion, moved: Influence) -> Bar:
    """What the scheme credits Party work with in the unit's joint result; none where the business result does not depend on it."""
    share = moved.variance
    return Bar(share.value, share.low, share.high, share.n, moved.reason or share.reason, f"scheme_version:{version.pk}")


def expected_bar(nodes: Collection[int], day: date) -> Bar:
    found = surveys.expected_share(nodes, day)
    if found is None:
        return Bar(None, reason=_("no survey result is released here"))
    return Bar(found.value, found.low, found.high, found.n, source=f"survey_wave:{found.wave.pk}" if found.wave else "")


def shown_bar(nodes: Collection[int], day: date) -> Bar:
    """Share of the results of the last twelve months in which the business side confirmed a part of Party work (Wilson's interval)."""
    first = add_months(month_of(day), -RESULT_MONTHS)
    rows = Result.objects.filter(unit__in=list(nodes), on__gt=date(first // 100, first % 100, 1), on__lte=day)
    confirmed = list(rows.order_by().values_list("confirmed_on", flat=True))
    if not confirmed:
        return Bar(None, reason=_("no result is registered in the last twelve months"))
    count = sum(when is not None and when <= day for when in confirmed)
    share = share_of(Sums(len(confirmed), float(count), float(count)))
    return Bar(share.value, share.low, share.high, share.n)
