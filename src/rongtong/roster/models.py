"""Affiliation 组织关系 of members, who is left out of "should attend" or may not vote, and what official member systems report."""

from datetime import date
from typing import TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.organization.models import Person
from rongtong.trees.models import Node

M = TypeVar("M", bound=models.Model)
_ENDS_AFTER = Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))


class Standing(models.TextChoices):
    FORMAL = "formal", _("full member")
    PROBATIONARY = "probationary", _("probationary member")


class ExclusionReason(models.TextChoices):
    """Why a member may be left out of "should attend", with the superior's consent and the assembly's approval (DOMAIN 2.1)."""

    ILL_WILL = "ill_will", _("cannot express own will because of illness")
    ABROAD = "abroad", _("abroad at own expense for six months or more")
    DETAINED = "detained", _("held or serving a sentence, not yet dealt with")
    BEDRIDDEN = "bedridden", _("old or ill for long, cannot care for self")
    AWAY = "away", _("moved, seconded or studying elsewhere for six months or more")


class DatedQuerySet(models.QuerySet[M]):
    def on(self, day: date) -> "DatedQuerySet[M]":
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class Affiliation(models.Model):
    """To which branch or group a member belongs, as what, from when to when; a person belongs to one at a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="affiliations")
    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="affiliations")
    standing = models.CharField(max_length=12, choices=Standing.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=80, blank=True)  # the file, the official system or the post it was taken from

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["party_id", "person_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=_ENDS_AFTER, name="affiliation_span"),
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="affiliation_known_standing"),
        ]
        indexes = [models.Index(fields=["party", "starts_on"], name="affiliation_party")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.party_id}"


class Exclusion(models.Model):
    """Left out of "should attend" for a time, with the superior's consent and the assembly's approval."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exclusions")
    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="exclusions")
    reason = models.CharField(max_length=12, choices=ExclusionReason.choices)
    consent_document = models.CharField(max_length=80)
    assembly_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    recorded_by = models.CharField(max_length=64)
    recorded_label = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(default=clock.now)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="exclusion_span"),
            models.CheckConstraint(condition=Q(reason__in=ExclusionReason.values), name="exclusion_known_reason"),
            models.CheckConstraint(condition=~Q(consent_document=""), name="exclusion_has_consent"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.reason}"


class Suspension(models.Model):
    """A time without the right to vote. Why is not held: only the dates and where the paper lies."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="suspensions")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    holder = models.CharField(max_length=80)
    paper_file = models.CharField(max_length=80)
    recorded_label = models.CharField(max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["person_id", "starts_on"]
        constraints = [models.CheckConstraint(condition=_ENDS_AFTER, name="suspension_span")]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.starts_on}"


class MemberFigures(models.Model):
    """What the official member system reports of an organisation at the end of a month."""

    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="member_figures")
    month = models.IntegerField()
    members = models.PositiveIntegerField()
    formal = models.PositiveIntegerField()
    admitted = models.PositiveIntegerField(null=True, blank=True)
    applicants = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["party_id", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["party", "month"], name="member_figures_once"),
            models.CheckConstraint(condition=Q(formal__lte=F("members")), name="member_figures_formal_within"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.month}"


class AdmissionStep(models.Model):
    """On which day a person passed a step of admission (1 to 25 of DOMAIN 3); the flow itself stays in the official system."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="admission_steps")
    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="admission_steps")
    step = models.PositiveSmallIntegerField()
    on = models.DateField()
    document = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["person_id", "step"]
        constraints = [
            models.UniqueConstraint(fields=["person", "step"], name="admission_step_once"),
            models.CheckConstraint(condition=Q(step__gte=1) & Q(step__lte=25), name="admission_step_1_25"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} step {self.step}"


class DuesMonth(models.Model):
    """Dues of an organisation in a month, in fen: who owed and what came in; no person's amount is held."""

    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="dues")
    month = models.IntegerField()
    payers = models.PositiveIntegerField()
    paid = models.PositiveIntegerField()
    due_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField()
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["party_id", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["party", "month"], name="dues_month_once"),
            models.CheckConstraint(condition=Q(paid__lte=F("payers")), name="dues_paid_within_payers"),
            models.CheckConstraint(condition=Q(due_fen__gte=0) & Q(paid_fen__gte=0), name="dues_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.month}"
