"""Acts on jobs: start, cancel."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rongtong.jobs.models import Job, JobState
from rongtong.jobs.registry import function_of
from rongtong.jobs.tasks import run_job
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.kernel.reference import Reference


@act("jobs.start")
def start(*, by: Actor, kind: str, title: str, params: dict[str, Any] | None = None) -> Job:
    """Queue a job; the same work that is already open is returned instead of a second one."""
    if function_of(kind) is None:
        raise Refused(_("There is no job of kind %(kind)s") % {"kind": kind}, field="kind")
    digest = hashlib.sha256(json.dumps([kind, params or {}], sort_keys=True).encode()).hexdigest()
    open_job = Job.objects.filter(kind=kind, input_hash=digest, state__in=[JobState.WAITING, JobState.RUNNING]).first()
    if open_job is not None:
        return open_job
    job = Job.objects.create(kind=kind, title=title, params=params or {}, input_hash=digest, by_uid=str(by.uid), by_label=by.label)
    key = job.pk
    transaction.on_commit(lambda: run_job.enqueue(key))
    current().about(Reference("job", str(job.pk)), kind=kind, params=params or {})
    return job


@act("jobs.cancel")
def cancel(*, by: Actor, job: Job) -> Job:
    """Ask a job to stop; a waiting one is stopped at once. Only who started it may."""
    if str(by.uid) != job.by_uid:
        raise NotAllowed("not_own_job")
    Job.objects.filter(pk=job.pk, state=JobState.WAITING).update(state=JobState.CANCELLED, is_cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(is_cancel_requested=True)
    job.refresh_from_db()
    current().about(Reference("job", str(job.pk)))
    return job
