"""Questionnaires, waves, the cells that were frozen at launch, receipts without answers, and answers without persons.

What links a person to an answer is written nowhere. Receipts (`Invitation`) stand in the shuffled order of the launch and know a day; answers
stand in shuffled order under random keys and know a cell. Between them lies `Waiting`: sealed with a key that is kept outside database and backups.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.kernel import clock
from rongtong.kernel.ids import random_id
from rongtong.kernel.language import in_language
from rongtong.trees.models import Node


class Questionnaire(models.Model):
    """A questionnaire in one version; another wording is another version, so that what was asked stays readable."""

    code = models.CharField(max_length=30)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=300)
    purpose_en = models.CharField(max_length=400, blank=True)
    minutes = models.PositiveSmallIntegerField()  # that answering takes one person
    is_closed = models.BooleanField(default=False)  # replaced by a later version

    class Meta:
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="questionnaire_version_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=60), name="questionnaire_minutes"),
        ]

    def __str__(self) -> str:
        return in_language(self.title, self.title_en)

    @property
    def why(self) -> str:
        return in_language(self.purpose, self.purpose_en)


class QuestionKind(models.TextChoices):
    SCALE = "scale", _("scale of 1 to 5")
    POINTS = "points", _("points of 0 to 100")
    SHARE = "share", _("share in per cent")
    CHOICE = "choice", _("one of several")
    TEXT = "text", _("in words")


class Aspect(models.TextChoices):
    """What a question is about; figures join the questions of an aspect and a side."""

    IMPORTANCE = "importance", _("importance")
    HARDNESS = "hardness", _("hardness")
    EXPECTED = "expected", _("expected share of Party work")
    COMMUNICATION = "communication", _("communication between departments")
    SATISFACTION = "satisfaction", _("satisfaction with Party work")
    WISH = "wish", _("what should be better")


class Side(models.TextChoices):
    BUSINESS = "business", pgettext_lazy("side", "business")
    PARTY = "party", pgettext_lazy("side", "Party work")


class Question(models.Model):
    """One question. Never changed: a trigger refuses it."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=30)
    block = models.CharField(max_length=80)
    block_en = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=8, choices=QuestionKind.choices)
    aspect = models.CharField(max_length=16, choices=Aspect.choices)
    side = models.CharField(max_length=8, choices=Side.choices, blank=True)
    text = models.CharField(max_length=200)
    text_en = models.CharField(max_length=300, blank=True)
    low = models.CharField(max_length=30, blank=True)
    low_en = models.CharField(max_length=60, blank=True)
    high = models.CharField(max_length=30, blank=True)
    high_en = models.CharField(max_length=60, blank=True)
    options = models.JSONField(default=list)  # of a choice, as content.Option reads them

    class Meta:
        ordering = ["questionnaire_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "position"], name="survey_question_position_once"),
            models.UniqueConstraint(fields=["questionnaire", "code"], name="survey_question_code_once"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="survey_question_known_kind"),
            models.CheckConstraint(condition=Q(aspect__in=Aspect.values), name="survey_question_known_aspect"),
            models.CheckConstraint(condition=Q(side__in=["", *Side.values]), name="survey_question_known_side"),
        ]

    def __str__(self) -> str:
        return in_language(self.text, self.text_en)

    @property
    def part(self) -> str:
        return in_language(self.block, self.block_en)

    @property
    def low_label(self) -> str:
        return in_language(self.low, self.low_en)

    @property
    def high_label(self) -> str:
        return in_language(self.high, self.high_en)


class WaveState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("wave", "draft")
    LAUNCHED = "launched", pgettext_lazy("wave", "being answered")
    CLOSED = "closed", pgettext_lazy("wave", "closed, not released")
    RELEASED = "released", pgettext_lazy("wave", "released")


class Wave(models.Model):
    """One round of asking. `k_score` and `k_text` are how many answers a cell needs; they are fixed with everything else at launch."""

    uid = models.UUIDField(default=random_id, unique=True, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="waves")
    title = models.CharField(max_length=120)
    root = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="waves")
    depth = models.PositiveSmallIntegerField(default=1)  # groups are the nodes so many levels below the root
    by_role = models.BooleanField(default=True)
    closes_on = models.DateField()  # last day on which an answer is taken
    k_score = models.PositiveSmallIntegerField()
    k_text = models.PositiveSmallIntegerField()
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies")
    state = models.CharField(max_length=8, choices=WaveState.choices, default=WaveState.DRAFT)
    hours = models.FloatField(null=True, blank=True)  # person-hours, as they were shown before launch
    invited = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(null=True, blank=True)  # counted at close
    discarded = models.PositiveIntegerField(default=0)  # answers that no cell of k could take
    comments_discarded = models.PositiveIntegerField(default=0)
    is_synthetic = models.BooleanField(default=False)
    launched_on = models.DateField(null=True, blank=True)
    launched_label = models.CharField(max_length=200, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    released_on = models.DateField(null=True, blank=True)
    created_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WaveState.values), name="survey_wave_known_state"),
            models.CheckConstraint(condition=Q(k_score__gte=5), name="survey_wave_k_score_5"),
            models.CheckConstraint(condition=Q(k_text__gte=10) & Q(k_text__gte=F("k_score")), name="survey_wave_k_text_10"),
            models.CheckConstraint(condition=Q(depth__gte=0, depth__lte=6), name="survey_wave_depth"),
            models.CheckConstraint(
                condition=Q(state="draft", launched_on__isnull=True)
                | ~Q(state="draft") & Q(launched_on__isnull=False, hours__isnull=False, invited__gte=F("k_score")),
                name="survey_wave_launched_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "launched"], closed_on__isnull=True, answered__isnull=True)
                | Q(state__in=["closed", "released"], closed_on__isnull=False, answered__isnull=False),
                name="survey_wave_closed_when",
            ),
            models.CheckConstraint(
                condition=Q(state="released", released_on__isnull=False) | ~Q(state="released") & Q(released_on__isnull=True),
                name="survey_wave_released_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_on"], name="survey_wave_state")]

    def __str__(self) -> str:
        return self.title


class Role(models.TextChoices):
    """What a person is among those asked: the first that fits."""

    LEADERS = "leaders", _("leaders")
    MEMBERS = "members", _("Party members")
    STAFF = "staff", pgettext_lazy("role", "other employees")


class Cell(models.Model):
    """An atom of a wave: at least k persons who were invited, never taken apart. Every released figure is over a union of atoms.

    `block` is the atom under which it is counted since the wave closed: atoms with fewer than k answers are counted together with a neighbour.
    """

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="cells")
    position = models.PositiveSmallIntegerField()
    invited = models.PositiveIntegerField()
    answered = models.PositiveIntegerField(null=True, blank=True)  # of a block, counted at close
    block = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="atoms")

    class Meta:
        ordering = ["wave_id", "position"]
        constraints = [models.UniqueConstraint(fields=["wave", "position"], name="survey_cell_position_once")]

    def __str__(self) -> str:
        return f"{self.wave_id} cell {self.position}"


class CellPart(models.Model):
    """Whom an atom takes in: those of a role at a group (or everyone there). No count: a part may be smaller than k."""

    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="parts")
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="parts")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="survey_parts")
    role = models.CharField(max_length=8, choices=Role.choices, blank=True)

    class Meta:
        ordering = ["cell_id", "node_id", "role"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "node", "role"], name="survey_cell_part_once"),
            models.CheckConstraint(condition=Q(role__in=["", *Role.values]), name="survey_cell_part_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.node_id} {self.role}"


class Invitation(models.Model):
    """A receipt: the hash of a ticket, its cell, and the day it was used. No person, no time, no key to an answer; written in shuffled order."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="invitations")
    ticket = models.CharField(max_length=64)
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="invitations")
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "ticket"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.ticket[:8]}"


class Waiting(models.Model):
    """A sealed answer until enough of them are written together. Without a cell it holds words, which belong to the whole wave."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="waiting")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, null=True, blank=True, related_name="waiting")
    sealed = models.TextField()

    def __str__(self) -> str:
        return str(self.wave_id)


class Answer(models.Model):
    """One answered sheet without its words: scores by question. Gone once the wave is released and only sums are left."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="answers")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="answers")
    content = models.JSONField(default=dict)  # as content.Scores writes it

    def __str__(self) -> str:
        return str(self.wave_id)


class Comment(models.Model):
    """Words of somebody who was asked; they belong to the whole wave, to no group and no sheet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="comments")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.text[:60]


class Statistic(models.Model):
    """What is left of a block's answers to one measure: how many, their sum, the sum of their squares."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="statistics")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="statistics")
    measure = models.CharField(max_length=60)
    count = models.PositiveIntegerField()
    total = models.FloatField()
    squares = models.FloatField()

    class Meta:
        ordering = ["cell_id", "measure"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "measure"], name="survey_statistic_once"),
            models.CheckConstraint(condition=Q(count__gte=5), name="survey_statistic_count_5"),
        ]
        indexes = [models.Index(fields=["measure", "wave"], name="survey_statistic_measure")]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.measure}"
