"""Forms, their questions, and the sheet of each unit. A sheet never keeps a copy of a fact that the system holds."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.trees.models import Node


class FormState(models.TextChoices):
    DRAFT = "draft", _("draft")
    ISSUED = "issued", _("issued")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Reach(models.TextChoices):
    NODE = "node", _("only this place")
    BELOW = "below", _("the places directly below")
    SUBTREE = "subtree", _("this place and everything below")


class Form(models.Model):
    """填报表: what somebody wants to know from places of one tree, once, until a day."""

    title = models.CharField(max_length=120)
    why = models.CharField(max_length=300)
    root = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="forms")
    reach = models.CharField(max_length=8, choices=Reach.choices, default=Reach.BELOW)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=FormState.choices, default=FormState.DRAFT)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.CharField(max_length=64)
    made_label = models.CharField(max_length=200)
    issued_on = models.DateField(null=True, blank=True)
    issued_label = models.CharField(max_length=200, blank=True)
    places = models.PositiveIntegerField(default=0)
    hours = models.FloatField(default=0.0)  # person-hours as they were shown when it was issued
    reason = models.CharField(max_length=300, blank=True)  # why something is asked that is held, or asked elsewhere
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FormState.values), name="form_known_state"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="form_known_reach"),
            models.CheckConstraint(condition=Q(state="draft") | Q(issued_on__isnull=False), name="form_issued_when"),
            models.CheckConstraint(condition=Q(issued_on__isnull=True) | Q(due_on__gte=F("issued_on")), name="form_due_after_issue"),
            models.CheckConstraint(condition=~Q(state="withdrawn") | ~Q(withdrawn_reason=""), name="form_withdrawn_why"),
            models.CheckConstraint(condition=Q(hours__gte=0), name="form_hours_not_negative"),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="form_state_due")]

    def __str__(self) -> str:
        return self.title


class AnswerKind(models.TextChoices):
    HELD = "held", _("filled in by the system")
    TEXT = "text", _("a sentence")
    NUMBER = "number", _("a number")
    DAY = "day", _("a day")
    YES = "yes", _("yes or no")


class Question(models.Model):
    """One question of a form. A held fact costs nobody a minute; what is typed has the issuer's estimate."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=200)
    kind = models.CharField(max_length=6, choices=AnswerKind.choices)
    fact = models.CharField(max_length=60, blank=True)
    minutes = models.FloatField(default=0.0)

    class Meta:
        ordering = ["form_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "position"], name="question_position_once"),
            models.CheckConstraint(condition=Q(kind__in=AnswerKind.values), name="question_known_kind"),
            models.CheckConstraint(
                condition=Q(kind="held", minutes=0) & ~Q(fact="") | ~Q(kind="held") & Q(minutes__gt=0), name="question_costs_what_it_costs"
            ),
        ]

    def __str__(self) -> str:
        return self.words


class Sheet(models.Model):
    """A form at one place: what people typed, nothing else."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="sheets")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="sheets")
    answers = models.JSONField(default=dict)  # read and written by answers.Answers only
    saved_at = models.DateTimeField(null=True, blank=True)
    handed_in_on = models.DateField(null=True, blank=True)
    handed_in_by = models.CharField(max_length=64, blank=True)
    handed_in_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["form_id", "node__path"]
        constraints = [
            models.UniqueConstraint(fields=["form", "node"], name="sheet_once"),
            models.CheckConstraint(
                condition=Q(handed_in_on__isnull=True, handed_in_by="") | (Q(handed_in_on__isnull=False) & ~Q(handed_in_by="")),
                name="sheet_handed_in_when",
            ),
        ]
        indexes = [models.Index(fields=["node"], condition=Q(handed_in_on__isnull=True), name="sheet_open")]

    def __str__(self) -> str:
        return f"{self.form_id} at {self.node_id}"
