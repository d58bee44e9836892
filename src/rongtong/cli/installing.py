"""What the product ships, put into a database that does not have it yet: role templates, indicators and sets, rules, calendar, lists and kinds.

Without it an installation of one's own would begin without a unit class, a rule or a duty. What exists is left alone, so it may run after
every upgrade.
"""

from rongtong.access import actions as access
from rongtong.access.models import RoleTemplate
from rongtong.duties import actions as duties
from rongtong.indicators import actions as indicators
from rongtong.inspections import actions as inspections
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.meetings import actions as meetings
from rongtong.plans import actions as plans
from rongtong.rules import actions as rules
from rongtong.rules import workdays


@act("cli.install")
def _install(*, by: SystemActor) -> dict[str, int]:
    if not RoleTemplate.objects.exists():  # an enterprise's own templates stand; the shipped ones are only a beginning
        access.install_templates(by=by)
    added = {
        "indicators and sets": indicators.install_sets(by=by),
        "rules": rules.install(by=by),
        "calendar days": workdays.install(by=by),
        "kinds of carriers": plans.install(by=by),
        "kinds of meetings": meetings.install_kinds(by=by),
        "check lists": inspections.install(by=by),
    }
    duties.install(by=by)
    current().about(Reference("installation", "shipped"), **{name.replace(" ", "_"): count for name, count in added.items()})
    return added


def install() -> list[str]:
    """One line for each kind of thing that was added."""
    return [f"added {count} {name}" for name, count in _install(by=SYSTEM).items() if count]
