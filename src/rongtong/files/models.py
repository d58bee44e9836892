"""Uploaded files, each by its content's digest; a new version is a new row."""

from django.db import models

from rongtong.kernel import clock
from rongtong.kernel.ids import random_id


class StoredFile(models.Model):
    """One version of an uploaded file. The bytes lie under DATA_DIR/files, named by their SHA-256."""

    uid = models.UUIDField(default=random_id, unique=True, editable=False)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    uploaded_by = models.CharField(max_length=64)
    uploaded_label = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
