"""Responsibility lists by version, their duties, and to whom each duty was issued."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.periods import PeriodKind
from rongtong.ledger.models import Side
from rongtong.organization.models import Post
from rongtong.trees.models import Node


class Subject(models.TextChoices):
    COMMITTEE = "committee", _("Party committee")
    SECRETARY = "secretary", _("secretary of a Party committee")
    DEPUTY = "deputy", _("full-time deputy secretary")
    LEADERS = "leaders", _("other members of the leading body")
    DISCIPLINE = "discipline", _("discipline secretary")
    BRANCH_SECRETARY = "branch_secretary", _("branch secretary")
    MEMBER = "member", _("Party members")
    DEPARTMENT = "department", _("business department")


class DutyList(models.Model):
    """A responsibility list in one version; versions are never changed, the next one replaces it."""

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    made_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="duty_list_version_once")]

    def __str__(self) -> str:
        return self.name_en if self.name_en and not (get_language() or "").startswith("zh") else self.name


class Duty(models.Model):
    """One row of a list: who owes what, how often, by which rule, proved by what."""

    duty_list = models.ForeignKey(DutyList, on_delete=models.PROTECT, related_name="duties")
    code = models.CharField(max_length=20)
    subject = models.CharField(max_length=20, choices=Subject.choices)
    title = models.CharField(max_length=160)
    title_en = models.CharField(max_length=200, blank=True)
    standard = models.CharField(max_length=200, blank=True)
    standard_en = models.CharField(max_length=200, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    per = models.CharField(max_length=8)
    evidence = models.CharField(max_length=20)
    side = models.CharField(max_length=10, choices=Side.choices)
    is_personal = models.BooleanField(default=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    minutes = models.PositiveSmallIntegerField(default=0)
    fields = models.JSONField(default=list)
    proved_by = models.JSONField(default=list)  # marks of records that close an occurrence by themselves: "meeting:lecture"

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["duty_list", "code"], name="duty_once"),
            models.CheckConstraint(condition=Q(per__in=list(PeriodKind)), name="duty_known_period"),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="duty_known_subject"),
        ]

    def __str__(self) -> str:
        return self.title_en if self.title_en and not (get_language() or "").startswith("zh") else self.title

    @property
    def standard_shown(self) -> str:
        return self.standard_en if self.standard_en and not (get_language() or "").startswith("zh") else self.standard


class Issue(models.Model):
    """A duty issued to a unit or organisation: which post leads and which handles it, and since when. A change ends it and starts another."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="issues")
    duty_code = models.CharField(max_length=20)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="duties")
    leader_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="duties_led")
    handler_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="duties_handled")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    named_on = models.DateField(null=True, blank=True)  # since when both posts are named; what fell due before is nobody's
    issued_label = models.CharField(max_length=200)
    signed_on = models.DateField(null=True, blank=True)
    signed_by = models.CharField(max_length=64, blank=True)
    signed_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["duty_code", "node_id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="issue_span"),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True, signed_by="") | (Q(signed_on__isnull=False) & ~Q(signed_by="")),
                name="issue_signed_when",
            ),
            models.CheckConstraint(
                condition=Q(named_on__isnull=True) | Q(leader_post__isnull=False, handler_post__isnull=False), name="issue_named_both"
            ),
            models.UniqueConstraint(fields=["duty_code", "node"], condition=Q(ends_on__isnull=True), name="issue_one_current"),
        ]
        indexes = [models.Index(fields=["node"], condition=Q(ends_on__isnull=True), name="issue_current")]

    def __str__(self) -> str:
        return f"{self.duty_code} at {self.node_id}"
