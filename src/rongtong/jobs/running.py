"""What the worker does with a job: take the lease, run, keep the lease alive, record the end."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F

from rongtong.accounts.models import User
from rongtong.jobs.models import Job, JobState
from rongtong.jobs.registry import function_of
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused, Unseen

LEASE = timedelta(seconds=120)
BEAT_SECONDS = 0.4
MAX_ATTEMPTS = 3
log = logging.getLogger(__name__)


class Cancelled(Exception):
    """The job was stopped by a person."""


@dataclass(slots=True)
class JobContext:
    """Handed to a job function: who asked, and how to tell progress. `progress` raises Cancelled when somebody stopped the job."""

    job_id: int
    by: Any
    _told_at: float = 0.0

    def progress(self, share: float, note: str = "") -> None:
        if monotonic() - self._told_at < BEAT_SECONDS:
            return
        self._told_at = monotonic()
        now = clock.now()
        Job.objects.filter(pk=self.job_id).update(
            progress=min(max(share, 0.0), 1.0), note=note[:200], heartbeat_at=now, lease_until=now + LEASE
        )
        if Job.objects.filter(pk=self.job_id, is_cancel_requested=True).exists():
            raise Cancelled


def claim(job_id: int) -> Job | None:
    """Take a waiting job, or a running one whose lease is past; None if another worker has it."""
    now = clock.now()
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None or not job.is_open or (job.state == JobState.RUNNING and job.lease_until and job.lease_until > now):
            return None
        if job.attempt >= MAX_ATTEMPTS:
            _end(job, JobState.FAILED, error=f"given up after {MAX_ATTEMPTS} attempts")
            return None
        job.state, job.attempt, job.started_at, job.lease_until = JobState.RUNNING, job.attempt + 1, now, now + LEASE
        job.save(update_fields=["state", "attempt", "started_at", "lease_until"])
    return job


def run(job_id: int) -> None:
    """Run a job to its end. Never raises: the outcome is in the row."""
    job = claim(job_id)
    if job is None:
        return
    function = function_of(job.kind)
    try:
        if job.is_cancel_requested:
            raise Cancelled
        if function is None:
            raise Refused(f"no function is registered for jobs of kind {job.kind}")
        result = function(JobContext(job.pk, _actor(job)), **job.params)
    except Cancelled:
        _end(job, JobState.CANCELLED)
    except (Refused, NotAllowed, Unseen) as refusal:
        _end(job, JobState.FAILED, error=str(refusal))
    except Exception:
        log.exception("job %s failed", job.pk)
        _end(job, JobState.FAILED, error="an error of the program; the log has the details")
    else:
        _end(job, JobState.DONE, result=result)


def _actor(job: Job) -> Any:
    return SYSTEM if job.by_uid == SYSTEM.uid else User.objects.get(uid=job.by_uid)


def _end(job: Job, state: str, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    progress = 1.0 if state == JobState.DONE else F("progress")
    Job.objects.filter(pk=job.pk, state__in=["waiting", "running"]).update(
        state=state, result=result or {}, error=error[:500], ended_at=clock.now(), progress=progress, lease_until=None
    )


def lost() -> list[int]:
    """Jobs whose worker is gone, and jobs that wait although nothing is queued for them."""
    now = clock.now()
    running = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now)
    waiting = Job.objects.filter(state=JobState.WAITING, created_at__lt=now - LEASE)
    return list((running | waiting).order_by("pk").values_list("pk", flat=True))
