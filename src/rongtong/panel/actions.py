"""Acts on runs: record, publish, discard. The long computation itself is in `tasks`, outside any transaction."""

from django.db.models import Max
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.panel.measuring.plan import Plan
from rongtong.panel.measuring.running import Result
from rongtong.panel.models import Run, RunState


@act("panel.record_run")
def record_run(*, by: Actor, plan: Plan, result: Result, folder: str, input_hash: str) -> Run:
    """Add the row of a run whose folder is already in its place."""
    access.require_everywhere(by, Permission.RUN_START)
    number = (Run.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    run = Run.objects.create(
        number=number,
        period_kind=plan.period_kind,
        period=plan.periods[-1].code,
        first_period=plan.periods[0].code,
        method=result.about["method"],
        input_hash=input_hash,
        folder=folder,
        counts=result.counts,
        tree_on=plan.tree_on,
        created_by=by.label,
    )
    current().about(Reference("run", str(run.pk)), number=number, period=run.period, input_hash=input_hash, counts=result.counts)
    return run


@act("panel.publish_run")
def publish_run(*, by: Actor, run: Run) -> Run:
    """Make a run the one that everybody sees for its period; its bounds and weights stay frozen for later runs."""
    access.require_everywhere(by, Permission.RUN_PUBLISH)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.DRAFT:
        raise Refused(_("Run #%(number)s is already published or superseded") % {"number": run.number}, code="run_state")
    if not run.counts.get("measured"):
        raise Refused(
            _("Run #%(number)s measured no unit") % {"number": run.number},
            remedy=_("see the data quality page for what is missing, then measure again"),
            code="run_empty",
        )
    now = clock.now()
    published = Run.objects.filter(period_kind=run.period_kind, period=run.period, state=RunState.PUBLISHED)
    earlier = list(published.values_list("number", flat=True))
    published.update(state=RunState.SUPERSEDED)
    run.state, run.published_at, run.published_by = RunState.PUBLISHED, now, by.label
    run.save(update_fields=["state", "published_at", "published_by"])
    current().about(Reference("run", str(run.pk)), number=run.number, supersedes=earlier)
    return run
