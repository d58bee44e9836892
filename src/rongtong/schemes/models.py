"""Appraisal schemes 考核办法 of a unit class, and their versions: drafted by one person, issued by another, then never edited."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from rongtong.kernel import clock
from rongtong.kernel.language import in_language
from rongtong.organization.models import UnitClass
from rongtong.schemes.data import SchemeData


class Scheme(models.Model):
    """The appraisal scheme of a class of units; what it says stands in its versions."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200, blank=True)
    unit_class = models.ForeignKey(UnitClass, on_delete=models.PROTECT, related_name="schemes")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["unit_class_id", "code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("scheme", "draft")
    ISSUED = "issued", pgettext_lazy("scheme", "issued")
    REPLACED = "replaced", pgettext_lazy("scheme", "replaced")
    WITHDRAWN = "withdrawn", pgettext_lazy("scheme", "withdrawn")


STANDING = (State.ISSUED, State.REPLACED)


class SchemeVersion(models.Model):
    """One version. Once issued a trigger refuses any change of what it says; only its end may still be written."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="versions")
    unit_class = models.ForeignKey(
        UnitClass, on_delete=models.PROTECT, related_name="+"
    )  # the scheme's; versions in force never overlap in it
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=120, blank=True)  # number of the paper that issues it
    note = models.CharField(max_length=300, blank=True)
    drafted_uid = models.CharField(max_length=64)
    drafted_label = models.CharField(max_length=200)
    drafted_at = models.DateTimeField(default=clock.now)
    issued_uid = models.CharField(max_length=64, blank=True)
    issued_label = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    withdrawn_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["scheme_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="scheme_version_once"),
            models.UniqueConstraint(fields=["scheme"], condition=Q(state="draft"), name="scheme_one_draft"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="scheme_version_known_state"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="scheme_version_span"),
            models.CheckConstraint(
                condition=Q(state="draft", issued_at__isnull=True, issued_uid="")
                | ~Q(state="draft") & Q(issued_at__isnull=False) & ~Q(issued_uid="") & ~Q(issued_uid=F("drafted_uid")),
                name="scheme_version_two_persons",
            ),
            models.CheckConstraint(condition=~Q(state="withdrawn") | ~Q(withdrawn_reason=""), name="scheme_version_withdrawn_why"),
            models.CheckConstraint(condition=~Q(state="replaced") | Q(ends_on__isnull=False), name="scheme_version_replaced_when"),
            models.CheckConstraint(condition=Q(number__gte=1), name="scheme_version_from_1"),
        ]
        indexes = [
            models.Index(fields=["unit_class", "starts_on"], condition=Q(state__in=["issued", "replaced"]), name="scheme_version_class")
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} v{self.number}"

    @property
    def data(self) -> SchemeData:
        return SchemeData.read(self.content)

    def holds_on(self, day: date) -> bool:
        return self.state in STANDING and self.starts_on <= day and (self.ends_on is None or day < self.ends_on)
