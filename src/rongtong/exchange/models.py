"""Batches: one file brought in, what it changed, and whether that was taken back."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.ids import random_id


class BatchState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PREVIEW = "preview", _("preview")
    APPLIED = "applied", _("applied")
    UNDONE = "undone", _("undone")


def no_counts() -> dict[str, Any]:
    return {}


class Batch(models.Model):
    """One uploaded file of one kind. `undo_data` is the importer's own note of what to take back."""

    uid = models.UUIDField(default=random_id, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=8, choices=BatchState.choices, default=BatchState.DRAFT)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=no_counts)
    undo_data = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "preview"], applied_at__isnull=True)
                | Q(state__in=["applied", "undone"], applied_at__isnull=False),
                name="batch_applied_when",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", undone_at__isnull=False) | (~Q(state="undone") & Q(undone_at__isnull=True)),
                name="batch_undone_when",
            ),
        ]
        indexes = [models.Index(fields=["kind", "digest"], name="batch_digest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class RememberedMapping(models.Model):
    """How the columns of files with these headers were assigned the last time somebody confirmed it."""

    kind = models.CharField(max_length=40)
    signature = models.CharField(max_length=64)
    mapping = models.JSONField()
    by_label = models.CharField(max_length=200)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "signature"], name="mapping_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.signature[:8]}"
