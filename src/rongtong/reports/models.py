"""Papers that were put together: of which organisation and year, from which records, what was missing, and the file."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.kernel.ids import random_id
from rongtong.organization.models import Person
from rongtong.trees.models import Node


class PaperKind(models.TextChoices):
    FOLDER = "folder", _("inspection folder")
    WORK_BOOK = "work_book", _("branch work book")
    SECRETARY = "secretary", _("draft report of the secretary")
    SUMMARY = "summary", _("draft summary of the year")
    YEARLY = "yearly", _("yearly report")


class Format(models.TextChoices):
    DOCX = "docx", "docx"
    PDF = "pdf", "pdf"


class Paper(models.Model):
    """One paper made from the records as they stood then. The file may be thrown away; the row says that it existed."""

    uid = models.UUIDField(default=random_id, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=PaperKind.choices)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="papers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    file_format = models.CharField(max_length=4, choices=Format.choices)
    inspection = models.CharField(max_length=64, blank=True)  # key of the inspection whose items the folder answers
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    files = models.PositiveIntegerField(default=1)
    missing = models.JSONField(default=list)  # [name, reason] of what the records do not hold
    made_on = models.DateField(default=clock.today)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.CharField(max_length=64)
    made_label = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="paper_known_kind"),
            models.CheckConstraint(condition=Q(file_format__in=Format.values), name="paper_known_format"),
        ]
        indexes = [models.Index(fields=["node", "-made_at"], name="paper_node_made")]

    def __str__(self) -> str:
        return self.title

    @property
    def suffix(self) -> str:
        return "zip" if self.kind == PaperKind.FOLDER else self.file_format
