"""周进度: what came in, what is in hand, what was closed in a week; three lists, as they are reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from rongtong.ledger.models import Matter, Step
from rongtong.ledger.queries import page
from rongtong.ledger.states import State

MOST = 200
STARTS = ("assign", "ask")


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday."""

    starts_on: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week that holds a day.

        >>> Week.of(date(2026, 11, 25)).starts_on
        datetime.date(2026, 11, 23)
        """
        return cls(day - timedelta(days=day.weekday()))

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return self.starts_on + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Progress:
    """The three lists of a week and how many of each there are; lists stop at 200."""

    came: list[Matter]
    in_hand: list[Matter]
    closed: list[Matter]
    counts: tuple[int, int, int]
    late: int


def progress(rows: QuerySet[Matter], week: Week, day: date) -> Progress:
    """Of these matters: assigned in the week, closed in it, and those that were open at its end (or are now, in the week under way)."""
    end = min(week.ends_on, day)
    told = rows.exclude(state__in=[State.DRAFT, State.VOID])
    starts = Step.objects.filter(kind__in=STARTS, on__gte=week.starts_on, on__lte=week.ends_on).order_by().values("matter_id")
    came = told.filter(pk__in=starts)
    closed = told.filter(closed_on__gte=week.starts_on, closed_on__lte=week.ends_on)
    open_then = told.filter(starts_on__lte=end).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=end)).exclude(pk__in=starts)
    late = open_then.filter(due_on__lt=end).count() + came.filter(due_on__lt=end, closed_on__isnull=True).count()
    return Progress(
        page(came, MOST), page(open_then, MOST), page(closed, MOST), (came.count(), open_then.count(), closed.count()), late
    )  # fmt: skip


def last_words(rows: Sequence[Matter], until: date) -> dict[int, Step]:
    """Matter to the last step up to a day at which somebody said something."""
    steps = Step.objects.filter(matter__in=[m.pk for m in rows], on__lte=until).exclude(note="").order_by("pk")
    return {step.matter_id: step for step in steps}
