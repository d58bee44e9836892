"""Long work on the panel: snapshot and measurement, run by the job worker or the command line."""

from typing import Any

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.indicators.models import DirtyPeriod
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import random_id
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.panel import actions, snapshot
from rongtong.panel.measuring import running, store
from rongtong.panel.measuring.plan import Method, make_plan
from rongtong.panel.models import Run, RunState

Progress = running.Progress


def latest_period() -> Period | None:
    """The last month that any snapshot or dirty marker knows."""
    codes = [int(path.stem) for path in snapshot.folder().glob("[0-9]*.parquet")]
    codes += list(DirtyPeriod.objects.values_list("period", flat=True))
    return Period.month(max(codes)) if codes else None


def measure(*, by: Actor, period: Period, method: Method | None = None, reestimate: bool = False, progress: Progress | None = None) -> Run:
    """Snapshot what is dirty, measure up to `period`, write the folder, then the row. Same inputs give the run that exists."""
    access.require_everywhere(by, Permission.RUN_START)
    tell = progress or (lambda share, note: None)
    snapshot.write_dirty(lambda share, note: tell(0.3 * share, _("Writing the snapshot of %(month)s") % {"month": note}))
    snapshot.dense_ids()
    plan = make_plan(period, method or Method())
    if not any(cls.columns for cls in plan.classes):
        raise Refused(
            _("No unit class has an indicator set on %(day)s") % {"day": plan.tree_on},
            remedy=_("assign unit classes and issue a set with weights"),
            code="no_set",
        )
    frozen_run = None if reestimate else frozen_before(period)
    digest = running.input_hash(plan, frozen_by=str(frozen_run.uid) if frozen_run else "")
    same = Run.objects.filter(input_hash=digest, period=period.code, period_kind=str(period.kind)).first()
    if same is not None:
        return same
    frozen = store.about(frozen_run.folder) if frozen_run else None
    result = running.measure(plan, frozen, lambda share, note: tell(0.3 + 0.65 * share, _("Measuring %(what)s") % {"what": note}))
    about = result.about | {"frozen_by": str(frozen_run) if frozen_run else "", "input_hash": digest}
    folder = store.write(str(random_id()), result.tables, about)
    return actions.record_run(by=by, plan=plan, result=result, folder=folder, input_hash=digest)


def frozen_before(period: Period) -> Run | None:
    """The last published run of this kind before the period: its bounds stay in force."""
    runs = Run.objects.filter(state=RunState.PUBLISHED, period_kind=str(period.kind), period__lt=period.code)
    return runs.order_by("-period", "-number").first()


def measure_job(ctx: Any, *, period: int, kind: str = "month", reestimate: bool = False) -> dict[str, Any]:
    """Job `panel.measure`: measure with progress; the result leads to the run's page."""
    run = measure(by=ctx.by, period=Period.of(PeriodKind(kind), period), reestimate=reestimate, progress=ctx.progress)
    return {"run": run.pk, "number": run.number}


def snapshot_job(ctx: Any) -> dict[str, Any]:
    """Job `panel.snapshot`: write the files of all dirty months."""
    return {"months": snapshot.write_dirty(ctx.progress)}
