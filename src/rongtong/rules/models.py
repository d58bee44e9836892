"""Rule rows: every number of a regulation, dated, overridable, with its source."""

from django.db import models
from django.db.models import F, Q

from rongtong.kernel import clock
from rongtong.trees.models import Node


class RuleRow(models.Model):
    """One rule as it stands for a node (none: nationally) from a day on."""

    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    predicate = models.CharField(max_length=40, blank=True)
    arguments = models.JSONField(default=dict)
    applies_to = models.JSONField(default=list)
    period_kind = models.CharField(max_length=10, blank=True)
    grace_days = models.PositiveSmallIntegerField(default=0)
    level = models.CharField(max_length=8, default="amber")
    source_text = models.CharField(max_length=300, blank=True)
    is_verified = models.BooleanField(default=False)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, blank=True, related_name="rule_rows")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code", "node_id", "starts_on"]
        constraints = [models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="rule_span")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class RuleResult(models.Model):
    """What a check found at a node for a rule in a period."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="rule_results")
    row = models.ForeignKey(RuleRow, on_delete=models.CASCADE, related_name="results")
    rule_code = models.CharField(max_length=20)
    period = models.IntegerField()
    state = models.CharField(max_length=16)
    level = models.CharField(max_length=8)
    due_on = models.DateField(null=True, blank=True)
    detail = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["rule_code", "node_id"]
        constraints = [models.UniqueConstraint(fields=["node", "rule_code", "period"], name="rule_result_once")]
        indexes = [models.Index(fields=["rule_code", "period", "state"], name="rule_result_state")]

    def __str__(self) -> str:
        return f"{self.rule_code} {self.state}"
