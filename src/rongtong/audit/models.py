"""The audit log: one row per act, each sealed with the hash of the one before."""

from django.db import models


class Entry(models.Model):
    """One act. Rows are only ever added; triggers refuse update and delete."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)  # ISO 8601 UTC as hashed: a database's own rounding must not break the chain
    actor_uid = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    detail = models.TextField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_entry"
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            models.Index(fields=["actor_uid", "seq"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Head(models.Model):
    """The single row that every writer locks last: where the chain stands."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        return f"{self.seq} {self.digest[:8]}"
