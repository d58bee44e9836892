"""Runs: one measurement each, with everything needed to explain and to repeat it."""

from django.db import models
from django.db.models import Q

from rongtong.kernel import clock
from rongtong.kernel.ids import random_id
from rongtong.trees.models import Node


class PanelIndex(models.Model):
    """The dense number of a node in panel files; append-only, so old files stay readable."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="panel_index")
    dense_id = models.IntegerField(unique=True)

    class Meta:
        db_table = "panel_index"

    def __str__(self) -> str:
        return f"{self.node_id} = {self.dense_id}"


class RunState(models.TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    SUPERSEDED = "superseded", "superseded"


class Run(models.Model):
    """One measurement up to a period. Its folder holds the scores; this row comes last, so a run is whole or absent."""

    number = models.BigIntegerField(unique=True)
    uid = models.UUIDField(default=random_id, unique=True, editable=False)
    period_kind = models.CharField(max_length=8, default="month")
    period = models.IntegerField()
    first_period = models.IntegerField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.DRAFT)
    method = models.JSONField()
    input_hash = models.CharField(max_length=64)
    folder = models.CharField(max_length=200)
    counts = models.JSONField(default=dict)
    tree_on = models.DateField()
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=200)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["period_kind", "period"], condition=Q(state="published"), name="run_one_published"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True) | Q(~Q(state="draft"), published_at__isnull=False),
                name="run_who_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "period"], name="run_state_period")]

    def __str__(self) -> str:
        return f"#{self.number}"
