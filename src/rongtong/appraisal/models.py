"""Rounds of appraisal, a sheet for every unit, its immutable scored versions, grades adjusted, objections, snapshots and what results were used for."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.kernel import clock
from rongtong.organization.models import UnitClass
from rongtong.schemes.models import SchemeVersion
from rongtong.trees.models import Node


class Stage(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("round", "draft")
    LAUNCHED = "launched", pgettext_lazy("round", "launched")
    SELF_REPORT = "self_report", _("self-report")
    REVIEW = "review", pgettext_lazy("round", "review")
    CALIBRATION = "calibration", _("calibration")
    PUBLISHED = "published", pgettext_lazy("round", "published")
    OBJECTIONS = "objections", _("objections")
    FINAL = "final", pgettext_lazy("round", "final")
    CANCELLED = "cancelled", pgettext_lazy("round", "cancelled")


WAY = (
    Stage.DRAFT, Stage.LAUNCHED, Stage.SELF_REPORT, Stage.REVIEW, Stage.CALIBRATION, Stage.PUBLISHED, Stage.OBJECTIONS, Stage.FINAL,
)  # fmt: skip
RUNNING = WAY[1:-1]
SHOWN = (Stage.PUBLISHED, Stage.OBJECTIONS, Stage.FINAL)  # units see scores and grades
OPEN_TO_OBJECTION = (Stage.PUBLISHED, Stage.OBJECTIONS)
_ISSUED = [*RUNNING, Stage.FINAL]


class Round(models.Model):
    """考核轮次: which units, of which classes, over which period, by which timetable. Its schemes are frozen versions."""

    code = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=120)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="appraisal_rounds")  # units below it are appraised
    first = models.PositiveIntegerField()  # months that are appraised, as yyyymm
    last = models.PositiveIntegerField()
    report_until = models.DateField()
    review_until = models.DateField()
    publish_on = models.DateField()
    objection_until = models.DateField()
    final_on = models.DateField()
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.DRAFT)
    hours = models.FloatField(null=True, blank=True)  # person-hours of the units, as they were shown before launch
    launched_on = models.DateField(null=True, blank=True)
    launched_label = models.CharField(max_length=200, blank=True)
    proposed_by = models.CharField(max_length=64, blank=True)  # who says that the results are ready to be published
    proposed_label = models.CharField(max_length=200, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_digest = models.CharField(max_length=64, blank=True)
    quota_reason = models.CharField(max_length=300, blank=True)  # why more units have a grade than its quota
    published_by = models.CharField(max_length=64, blank=True)
    published_label = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=64)
    created_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-last", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="appraisal_round_known_stage"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="appraisal_round_span"),
            models.CheckConstraint(
                condition=Q(review_until__gte=F("report_until"), publish_on__gte=F("review_until"))
                & Q(objection_until__gte=F("publish_on"), final_on__gte=F("objection_until")),
                name="appraisal_round_timetable",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=_ISSUED, launched_on__isnull=False, hours__isnull=False)
                | Q(stage=Stage.DRAFT, launched_on__isnull=True)
                | Q(stage=Stage.CANCELLED),
                name="appraisal_round_launched_when",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=list(SHOWN)) | Q(published_at__isnull=False) & ~Q(published_by="") & ~Q(proposed_by=""),
                name="appraisal_round_published_by_whom",
            ),
            models.CheckConstraint(condition=Q(published_by="") | ~Q(published_by=F("proposed_by")), name="appraisal_round_two_persons"),
            models.CheckConstraint(
                condition=Q(stage=Stage.FINAL, finished_on__isnull=False) | ~Q(stage=Stage.FINAL) & Q(finished_on__isnull=True),
                name="appraisal_round_final_when",
            ),
            models.CheckConstraint(condition=~Q(stage=Stage.CANCELLED) | ~Q(cancelled_reason=""), name="appraisal_round_cancelled_why"),
        ]
        indexes = [models.Index(fields=["node", "stage"], name="appraisal_round_node")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_shown(self) -> bool:
        return self.stage in SHOWN


class RoundClass(models.Model):
    """A unit class of a round and the version of the scheme it is appraised by. A later version changes nothing here."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="classes")
    unit_class = models.ForeignKey(UnitClass, on_delete=models.PROTECT, related_name="rounds")
    version = models.ForeignKey(SchemeVersion, on_delete=models.PROTECT, related_name="rounds")
    digest = models.CharField(max_length=64)  # of the scheme as it stood
    least_present = models.FloatField(default=0.0)  # share of the weight that must have data, as the rule row said when it was planned

    class Meta:
        ordering = ["round_id", "unit_class__code"]
        constraints = [models.UniqueConstraint(fields=["round", "unit_class"], name="appraisal_round_class_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.unit_class_id}"


class Sheet(models.Model):
    """考核表: one unit in a round. Who and what it was stays as it stood at launch."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="sheets")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="appraisal_sheets")
    of_class = models.ForeignKey(RoundClass, on_delete=models.PROTECT, related_name="sheets")
    frozen = models.JSONField(default=dict)  # name, heads and organisations at launch, as content.Frozen wrote them
    facts = models.JSONField(default=dict)  # criterion to what the records said when they were gathered last
    gathered_at = models.DateTimeField(null=True, blank=True)
    report = models.CharField(max_length=1000, blank=True)
    reported_by = models.CharField(max_length=64, blank=True)
    reported_label = models.CharField(max_length=200, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    grade = models.CharField(max_length=20, blank=True)  # as it stands today; empty where the data are not enough
    score = models.IntegerField(null=True, blank=True)  # hundredths of a point of the current version, to put lists in order

    class Meta:
        ordering = ["round_id", "node_id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "node"], name="appraisal_sheet_once"),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True, reported_by="") | Q(reported_at__isnull=False) & ~Q(reported_by=""),
                name="appraisal_sheet_reported_by_whom",
            ),
            models.CheckConstraint(condition=Q(grade="") | Q(score__isnull=False), name="appraisal_sheet_grade_needs_score"),
        ]
        indexes = [models.Index(fields=["node", "round"], name="appraisal_sheet_node")]

    def __str__(self) -> str:
        return f"{self.round_id} of {self.node_id}"


class Statement(models.Model):
    """What the unit says to a criterion: words, what it claims where no record can tell, the record that shows it."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="statements")
    criterion = models.CharField(max_length=40)
    text = models.CharField(max_length=500, blank=True)
    claimed = models.FloatField(null=True, blank=True)
    record_kind = models.CharField(max_length=40, blank=True)
    record_id = models.CharField(max_length=64, blank=True)
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["sheet_id", "criterion"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="appraisal_statement_once"),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(record_kind="") | Q(claimed__isnull=False), name="appraisal_statement_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.criterion}"


class Mark(models.Model):
    """The superior's review of a criterion: a value where a person has to judge, or why it cannot be judged; a note where records tell."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="marks")
    criterion = models.CharField(max_length=40)
    value = models.FloatField(null=True, blank=True)
    text = models.CharField(max_length=500, blank=True)
    basis = models.CharField(max_length=120, blank=True)  # events: the document they stand on
    approver = models.CharField(max_length=120, blank=True)  # veto: who approved that it is applied
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["sheet_id", "criterion"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="appraisal_mark_once"),
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(text=""), name="appraisal_mark_value_or_why"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.criterion}"


class Version(models.Model):
    """A sheet as it was scored: facts, points, result. Never changed; an accepted objection makes the next one."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()  # facts and scores, as content.Scoring wrote them
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["sheet_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="appraisal_sheet_version_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="appraisal_sheet_version_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} v{self.number}"


class Adjustment(models.Model):
    """A grade set by people in calibration (or by an answered objection), with its reason; never changed, the latest of a version holds."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="adjustments")
    before = models.CharField(max_length=20, blank=True)
    grade = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["version_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="appraisal_adjustment_says_why"),
            models.CheckConstraint(condition=~Q(before=F("grade")), name="appraisal_adjustment_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.before}>{self.grade}"


class Objection(models.Model):
    """申诉: what the unit disputes, the answer, and the version it led to."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="objections")
    criterion = models.CharField(max_length=40, blank=True)  # empty: the grade as a whole
    text = models.CharField(max_length=500)
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    on = models.DateField(default=clock.today)
    is_accepted = models.BooleanField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_label = models.CharField(max_length=200, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["sheet_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="appraisal_objection_says_what"),
            models.CheckConstraint(
                condition=Q(is_accepted__isnull=True, answered_on__isnull=True, answer="", answered_by="")
                | Q(is_accepted__isnull=False, answered_on__isnull=False) & ~Q(answer="") & ~Q(answered_by=""),
                name="appraisal_objection_answered_whole",
            ),
            models.UniqueConstraint(
                fields=["sheet", "criterion"], condition=Q(is_accepted__isnull=True), name="appraisal_objection_open_once"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["sheet"], condition=Q(is_accepted__isnull=True), name="appraisal_objection_open")]

    def __str__(self) -> str:
        return self.text


class Snapshot(models.Model):
    """The hash over facts, schemes and scores of a whole round: once when it is published, once when it is final."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=12, choices=Stage.choices)
    digest = models.CharField(max_length=64)
    versions = models.JSONField()  # node to the number of the version it covers, and the grade it had
    at = models.DateTimeField(default=clock.now)
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["round_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="appraisal_snapshot_once"),
            models.CheckConstraint(condition=Q(stage__in=["published", "final"]), name="appraisal_snapshot_known_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.digest[:12]}"


class Purpose(models.TextChoices):
    PAY = "pay", _("pay")
    TRAINING = "training", pgettext_lazy("use of results", "training")
    POSTS = "posts", pgettext_lazy("use of results", "posts")
    HONOURS = "honours", _("honours")
    RECTIFICATION = "rectification", _("rectification")


class Use(models.Model):
    """结果运用: what a unit's result was used for, on which basis, and the record it led to."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="uses")
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    grade = models.CharField(max_length=20)  # as it stood when it was used
    text = models.CharField(max_length=300)
    coefficient = models.FloatField(null=True, blank=True)  # pay: what the grade multiplies by
    basis = models.CharField(max_length=120, blank=True)  # document by which
    record_kind = models.CharField(max_length=40, blank=True)
    record_id = models.CharField(max_length=64, blank=True)
    on = models.DateField(default=clock.today)
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["sheet_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="appraisal_use_known_purpose"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(grade=""), name="appraisal_use_says_what"),
            models.UniqueConstraint(fields=["sheet"], condition=Q(purpose="pay"), name="appraisal_use_pay_once"),
            models.CheckConstraint(condition=~Q(purpose="pay") | Q(coefficient__gt=0), name="appraisal_use_pay_coefficient"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.purpose}"
