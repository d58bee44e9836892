"""Notes in an account's inbox."""

from django.db import models

from rongtong.accounts.models import User
from rongtong.kernel import clock


class Note(models.Model):
    """Something an account is told; points to a record by reference."""

    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=40)
    text = models.TextField()
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.CharField(max_length=64, blank=True)
    url = models.CharField(max_length=300, blank=True)
    from_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["to", "-id"], name="note_inbox"),
            models.Index(fields=["to"], condition=models.Q(read_at__isnull=True), name="note_unread"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
