"""Tables of the kernel: remembered idempotency keys."""

from django.db import models


class IdempotencyKey(models.Model):
    """One act that was done under a client's key, and what it returned."""

    actor_uid = models.CharField(max_length=64)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_uid", "kind", "key"], name="kernel_key_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
