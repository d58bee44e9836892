"""What is due by the clock, once."""

from datetime import date

from rongtong.appraisal import actions as appraisal
from rongtong.duties import actions as duties
from rongtong.duties import finding
from rongtong.indicators import actions as indicators
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import add_months, month_of, parse_month
from rongtong.ledger import reminding
from rongtong.meetings import series
from rongtong.plans import actions as plans
from rongtong.rules import actions as rules


def tick(until: str | None) -> list[str]:
    """Collect the last closed month and run the checks of the day; safe to repeat."""
    try:
        day = date.fromisoformat(until) if until else clock.today()
    except ValueError as wrong:
        raise Refused(f"“{until}” is not a date", remedy="write YYYY-MM-DD") from wrong
    made = duties.generate(by=SYSTEM, on=day)
    called = series.generate(by=SYSTEM, on=day)
    plans.lapse_links(by=SYSTEM, on=day)
    checked = rules.run_checks(by=SYSTEM, on=day)  # before collecting: what was not held in the month is late now
    collected = indicators.collect(by=SYSTEM, period=add_months(month_of(day), -1))
    proved = finding.prove_found(by=SYSTEM, on=day)
    told = reminding.remind(by=SYSTEM, on=day) + appraisal.remind(by=SYSTEM, on=day)
    return [
        f"{made} matters made",
        f"{called} meetings made",
        f"{collected} figures collected",
        f"{checked} rule results",
        f"{proved} duties proved by records",
        f"{told} reminders",
    ]


def collect(period: str | None) -> int:
    """Collect one month (the last by default)."""
    return indicators.collect(by=SYSTEM, period=parse_month(period) if period else add_months(month_of(clock.today()), -1))
