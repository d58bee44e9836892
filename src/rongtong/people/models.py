"""Competence frame and post requirements in versions, evidence, ratings, certificates, courses with who was there, benches."""

from datetime import date
from typing import TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.files.models import StoredFile
from rongtong.kernel import clock
from rongtong.kernel.language import in_language
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Person, Post, PostKind
from rongtong.people.frames import LEVELS, Codes, Frame, Levels
from rongtong.trees.models import Node

M = TypeVar("M", bound=models.Model)
_ENDS_AFTER = Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))
_KNOWN_LEVEL = Q(level__gte=LEVELS[0], level__lte=LEVELS[-1])


class DatedQuerySet(models.QuerySet[M]):
    def on(self, day: date) -> "DatedQuerySet[M]":
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class FrameState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("frame", "draft")
    ISSUED = "issued", pgettext_lazy("frame", "issued")


class FrameVersion(models.Model):
    """能力框架: the competences in force from a day on. Once issued its content never changes; a later version follows it."""

    number = models.PositiveSmallIntegerField(unique=True)
    content = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=FrameState.choices, default=FrameState.DRAFT)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    made_label = models.CharField(max_length=200)
    issued_label = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=_ENDS_AFTER, name="frame_span"),
            models.CheckConstraint(
                condition=Q(state="draft", starts_on__isnull=True, issued_at__isnull=True)
                | Q(state="issued", starts_on__isnull=False, issued_at__isnull=False),
                name="frame_issued_when",
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="frame_one_draft"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def frame(self) -> Frame:
        return Frame.read(self.content)


class Requirement(models.Model):
    """The levels a kind of post asks for, in the whole enterprise or in a node's subtree, from a day on; replaced, never changed."""

    post_kind = models.CharField(max_length=16, choices=PostKind.choices)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="requirements")
    levels = models.JSONField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["post_kind", "node_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=_ENDS_AFTER, name="requirement_span"),
            models.CheckConstraint(condition=Q(post_kind__in=PostKind.values), name="requirement_known_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.post_kind} from {self.starts_on}"

    @property
    def asked(self) -> Levels:
        return Levels.read(self.levels)


class Certificate(models.Model):
    """A certificate of a person: what, from when to when, where its paper or file is. Voided with a reason, never changed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=80)
    number = models.CharField(max_length=60, blank=True)
    issued_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)  # the first day on which it no longer holds
    paper = models.CharField(max_length=120, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    competences = models.JSONField(default=list)
    added_label = models.CharField(max_length=200)
    added_at = models.DateTimeField(default=clock.now)
    voided_on = models.DateField(null=True, blank=True)
    voided_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["person_id", "kind", "-issued_on"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "issued_on"], condition=Q(voided_on__isnull=True), name="certificate_once"),
            models.CheckConstraint(condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("issued_on")), name="certificate_span"),
            models.CheckConstraint(condition=~Q(number="") | ~Q(paper="") | Q(file__isnull=False), name="certificate_can_be_looked_up"),
            models.CheckConstraint(condition=Q(voided_on__isnull=True) | ~Q(voided_reason=""), name="certificate_voided_why"),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def serves(self) -> Codes:
        return Codes.read(self.competences)

    def holds_on(self, day: date) -> bool:
        return self.voided_on is None and self.issued_on <= day and (self.expires_on is None or day < self.expires_on)


class EvidenceKind(models.TextChoices):
    APPOINTMENT = "appointment", _("post held")
    COURSE = "course", _("course attended")
    RESULT = "result", _("result with a confirmed Party role")
    MATTER = "matter", _("closed matter")
    CARRIER = "carrier", _("accepted carrier")
    CERTIFICATE = "certificate", _("certificate")
    CLAIM = "claim", _("claimed, without a record")


class Evidence(models.Model):
    """What shows a competence of a person: a record in the system, or only a claim, which counts for nothing."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ability_evidence")
    competence = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=EvidenceKind.choices)
    record_id = models.CharField(max_length=64, blank=True)
    words = models.CharField(max_length=300, blank=True)
    on = models.DateField()  # the day of what it shows
    valid_until = models.DateField(null=True, blank=True)
    added_label = models.CharField(max_length=200)
    added_at = models.DateTimeField(default=clock.now)
    voided_on = models.DateField(null=True, blank=True)
    voided_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["person_id", "competence", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EvidenceKind.values), name="evidence_known_ability_kind"),
            models.CheckConstraint(
                condition=Q(kind="claim", record_id="") & ~Q(words="") | ~Q(kind="claim") & ~Q(record_id=""),
                name="evidence_record_or_claim",
            ),
            models.UniqueConstraint(
                fields=["person", "competence", "kind", "record_id"],
                condition=Q(voided_on__isnull=True) & ~Q(kind="claim"),
                name="evidence_once",
            ),
            models.CheckConstraint(condition=Q(voided_on__isnull=True) | ~Q(voided_reason=""), name="evidence_voided_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"

    @property
    def reference(self) -> Reference | None:
        return Reference(self.kind, self.record_id) if self.record_id else None

    def holds_on(self, day: date) -> bool:
        """Whether it proves anything on a day: a record, not void, not expired."""
        return self.kind != EvidenceKind.CLAIM and self.voided_on is None and (self.valid_until is None or day < self.valid_until)


class RatingKind(models.TextChoices):
    SELF = "self", _("by oneself")
    SUPERIOR = "superior", _("by a superior")


class Rating(models.Model):
    """A level somebody sees in a person on a day. A later one supersedes it. Without evidence it is a claim and counts for nothing."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ability_ratings")
    competence = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=RatingKind.choices)
    frame = models.ForeignKey(FrameVersion, on_delete=models.PROTECT, related_name="ratings")
    is_claim = models.BooleanField(default=False)
    words = models.CharField(max_length=300, blank=True)
    on = models.DateField()
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    superseded_on = models.DateField(null=True, blank=True)
    evidence = models.ManyToManyField(Evidence, through="RatingEvidence", related_name="ratings")

    class Meta:
        ordering = ["person_id", "competence", "kind", "-pk"]
        constraints = [
            models.CheckConstraint(condition=_KNOWN_LEVEL, name="rating_known_level"),
            models.CheckConstraint(condition=Q(kind__in=RatingKind.values), name="rating_known_kind"),
            models.UniqueConstraint(
                fields=["person", "competence", "kind"], condition=Q(superseded_on__isnull=True), name="rating_one_current"
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "competence"],
                condition=Q(kind="superior", is_claim=False, superseded_on__isnull=True),
                name="rating_proven",
            )
        ]

    def __str__(self) -> str:
        return f"{self.competence} {self.level}"


class RatingEvidence(models.Model):
    """On which evidence a rating rests."""

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["rating", "evidence"], name="rating_evidence_once")]

    def __str__(self) -> str:
        return f"{self.rating_id} on {self.evidence_id}"


class Objection(models.Model):
    """What a person says to a superior's rating, and what the superior answers."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="objections")
    text = models.CharField(max_length=500)
    on = models.DateField()
    answer = models.CharField(max_length=500, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answered_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="objection_says_what"),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, answer="") | Q(answered_on__isnull=False) & ~Q(answer=""),
                name="objection_answered_when",
            ),
            models.UniqueConstraint(fields=["rating"], condition=Q(answered_on__isnull=True), name="objection_one_open"),
        ]

    def __str__(self) -> str:
        return self.text


class CourseState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("course", "planned")
    HELD = "held", pgettext_lazy("course", "held")
    CANCELLED = "cancelled", pgettext_lazy("course", "cancelled")


class Course(models.Model):
    """A training course: who runs it, when, how many hours, about what, and which competences it serves."""

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="courses")
    starts_on = models.DateField()
    ends_on = models.DateField()  # its last day
    hours = models.FloatField()
    topics = models.CharField(max_length=300, blank=True)
    competences = models.JSONField(default=list)
    for_party = models.BooleanField(default=False)  # it serves the Party side of the frame
    state = models.CharField(max_length=10, choices=CourseState.choices, default=CourseState.PLANNED)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    made_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="course_span"),
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=1000), name="course_has_hours"),
            models.CheckConstraint(condition=Q(state__in=CourseState.values), name="course_known_state"),
            models.CheckConstraint(condition=~Q(state="cancelled") | ~Q(cancelled_reason=""), name="course_cancelled_why"),
        ]
        indexes = [
            models.Index(fields=["node", "starts_on"], name="course_node"),
            models.Index(fields=["ends_on"], condition=Q(state="held"), name="course_held"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return in_language(self.title, self.title_en)

    @property
    def serves(self) -> Codes:
        return Codes.read(self.competences)


class Presence(models.TextChoices):
    INVITED = "invited", pgettext_lazy("course", "invited")
    PRESENT = "present", pgettext_lazy("course", "present")
    ABSENT = "absent", pgettext_lazy("course", "absent")


class CourseAttendance(models.Model):
    """One person at one course. Invited is neither present nor absent."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="attendance")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="course_attendance")
    presence = models.CharField(max_length=8, choices=Presence.choices, default=Presence.INVITED)
    hours = models.FloatField(null=True, blank=True)  # of those present

    class Meta:
        ordering = ["course_id", "person__code"]
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="course_attendance_once"),
            models.CheckConstraint(condition=Q(presence__in=Presence.values), name="course_attendance_known"),
            models.CheckConstraint(
                condition=Q(presence="present", hours__isnull=False, hours__gt=0) | ~Q(presence="present") & Q(hours__isnull=True),
                name="course_attendance_hours",
            ),
        ]
        indexes = [models.Index(fields=["person", "presence"], name="course_attendance_person")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.course_id}"


class BenchEntry(models.Model):
    """Somebody who could step into a post. How soon is read from evidence and ratings, never typed."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="bench")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="benches")
    reason = models.CharField(max_length=200)
    named_on = models.DateField()
    named_label = models.CharField(max_length=200)
    removed_on = models.DateField(null=True, blank=True)
    removed_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["post_id", "person__code"]
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], condition=Q(removed_on__isnull=True), name="bench_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="bench_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} for {self.post_id}"


class Answer(models.TextChoices):
    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("not known")


class PayParity(models.Model):
    """同职级同待遇: whether a kind of Party post is paid as its counterpart of the same rank, by a paper; replaced, never changed."""

    post_kind = models.CharField(max_length=16, choices=PostKind.choices)
    answer = models.CharField(max_length=8, choices=Answer.choices)
    paper = models.CharField(max_length=120, blank=True)
    on = models.DateField()
    by_label = models.CharField(max_length=200)
    superseded_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["post_kind", "-on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="parity_known_answer"),
            models.CheckConstraint(condition=Q(answer="unknown") | ~Q(paper=""), name="parity_by_a_paper"),
            models.UniqueConstraint(fields=["post_kind"], condition=Q(superseded_on__isnull=True), name="parity_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.post_kind} {self.answer}"
