"""Long work: one row per job, with progress that people see and a lease that tells a dead worker."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.kernel.ids import random_id


class JobState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


OPEN_STATES = (JobState.WAITING, JobState.RUNNING)


class Job(models.Model):
    """One piece of long work. Job functions are idempotent: a job whose worker died is done again."""

    uid = models.UUIDField(default=random_id, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    params = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    progress = models.FloatField(default=0.0)
    note = models.CharField(max_length=200, blank=True)
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    is_cancel_requested = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "input_hash"], condition=Q(state__in=["waiting", "running"]), name="job_once"),
            models.CheckConstraint(condition=Q(progress__gte=0, progress__lte=1), name="job_progress"),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="job_state_lease")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
