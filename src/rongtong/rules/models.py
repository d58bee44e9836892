"""Rule rows: every number of a regulation, dated, overridable, with its source; what checks found; approved exceptions."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.kernel.periods import PeriodKind
from rongtong.trees.models import Node

_ENDS_AFTER = Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))


class Level(models.TextChoices):
    GREEN = "green", _("green")
    AMBER = "amber", _("amber")
    RED = "red", _("red")
    INFO = "info", _("information")


class State(models.TextChoices):
    MET = "met", _("met")
    DUE = "due", _("due")
    LATE = "late", _("late")
    EXCUSED = "excused", _("excused")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    NOT_ENOUGH_DATA = "not_enough_data", _("not enough data")


class RuleRowQuerySet(models.QuerySet["RuleRow"]):
    def on(self, day: date) -> "RuleRowQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class RuleRow(models.Model):
    """One rule as it stands for a node and what lies below (none: nationally), from a day on; rows of one rule and place never overlap."""

    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    predicate = models.CharField(max_length=40, blank=True)  # empty: the row only holds numbers
    arguments = models.JSONField(default=dict)
    applies_to = models.JSONField(default=list)
    period_kind = models.CharField(max_length=10, blank=True)  # empty: rolling
    min_count = models.PositiveSmallIntegerField(null=True, blank=True)
    window = models.JSONField(default=list)  # months of the year in which it is generally done
    grace_days = models.PositiveSmallIntegerField(default=0)
    amber_days = models.PositiveSmallIntegerField(null=True, blank=True)  # so many days before the end it is due
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.AMBER)
    source_text = models.CharField(max_length=300, blank=True)
    article = models.CharField(max_length=80, blank=True)
    is_verified = models.BooleanField(default=False)
    verified_by = models.CharField(max_length=120, blank=True)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="rule_rows")
    place = models.GeneratedField(expression=Coalesce("node_id", 0), output_field=models.BigIntegerField(), db_persist=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = RuleRowQuerySet.as_manager()

    class Meta:
        ordering = ["code", "node_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=_ENDS_AFTER, name="rule_span"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="rule_known_level"),
            models.CheckConstraint(condition=Q(period_kind__in=["", *PeriodKind]), name="rule_known_period"),
            models.CheckConstraint(condition=Q(is_verified=False) | ~Q(verified_by=""), name="rule_verified_by_whom"),
        ]
        indexes = [models.Index(fields=["code", "starts_on"], name="rule_code_start")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class RuleResult(models.Model):
    """What a check found at a node for a rule in a period (its last month, yyyymm)."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="rule_results")
    row = models.ForeignKey(RuleRow, on_delete=models.PROTECT, related_name="results")
    rule_code = models.CharField(max_length=20)
    period = models.IntegerField()
    state = models.CharField(max_length=16, choices=State.choices)
    level = models.CharField(max_length=8, choices=Level.choices)
    due_on = models.DateField(null=True, blank=True)
    detail = models.JSONField(default=dict)
    references = models.JSONField(default=list)
    evaluated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["rule_code", "node_id"]
        constraints = [
            models.UniqueConstraint(fields=["node", "rule_code", "period"], name="rule_result_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="rule_result_known_state"),
        ]
        indexes = [
            models.Index(fields=["rule_code", "period", "state"], name="rule_result_state"),
            models.Index(fields=["period", "rule_code"], name="rule_result_period"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_code} {self.state}"


class RuleException(models.Model):
    """A rule set aside at a node for a time (延期批复, 请假, 豁免): asked for by one person, approved by another."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="rule_exceptions")
    rule_code = models.CharField(max_length=20)
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300)
    document = models.CharField(max_length=80, blank=True)
    requested_by = models.CharField(max_length=64)
    requested_label = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=clock.now)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_label = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    is_approved = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="exception_span"),
            models.CheckConstraint(condition=~Q(decided_by=F("requested_by")), name="exception_two_persons"),
            models.CheckConstraint(
                condition=Q(decided_by="", decided_at__isnull=True) | (~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="exception_who_when",
            ),
            models.CheckConstraint(condition=Q(is_approved=False) | ~Q(decided_by=""), name="exception_approved_by_whom"),
        ]
        indexes = [models.Index(fields=["rule_code", "node"], name="exception_rule_node")]

    def __str__(self) -> str:
        return f"{self.rule_code} {self.node_id} {self.starts_on}"


class Notice(models.Model):
    """The superior's yearly notice: in which days a yearly meeting is to be held, at a node and what lies below it."""

    code = models.CharField(max_length=20)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="rule_notices")
    year = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    document = models.CharField(max_length=80)
    made_label = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-year", "code", "node_id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "node", "year"], name="rule_notice_once"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="rule_notice_span"),
            models.CheckConstraint(condition=~Q(document=""), name="rule_notice_has_document"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.year} {self.document}"


class ChangedMonth(models.Model):
    """A past month whose records changed; the next run of the checks looks at its periods again and removes this."""

    month = models.IntegerField(unique=True)

    def __str__(self) -> str:
        return str(self.month)


class Reminder(models.Model):
    """That somebody was told of a finding; one per finding, state and account."""

    to_uid = models.CharField(max_length=64)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    rule_code = models.CharField(max_length=20)
    period = models.IntegerField()
    state = models.CharField(max_length=16)
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["to_uid", "node", "rule_code", "period", "state"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.rule_code} {self.state} to {self.to_uid}"


class CalendarDay(models.Model):
    """A day on which the working week is not Monday to Friday: a holiday, or a weekend day that is worked (调休)."""

    day = models.DateField(unique=True)
    is_workday = models.BooleanField()
    source_text = models.CharField(max_length=300)
    is_verified = models.BooleanField(default=False)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'worked' if self.is_workday else 'off'}"
