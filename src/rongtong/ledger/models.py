"""Matters, their steps, who supports them, their evidence, and requests between departments."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rongtong.accounts.models import User
from rongtong.files.models import StoredFile
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.reference import Reference
from rongtong.ledger.states import OPEN, State
from rongtong.organization.models import Appointment, Post
from rongtong.trees.models import Node


class Side(models.TextChoices):
    PARTY = "party", _("Party work")
    PRODUCTION = "production", _("production")
    BOTH = "both", _("both sides")


class Origin(models.TextChoices):
    DUTY = "duty", _("duty")
    PLAN = "plan", _("plan")
    LINK = "link", _("integration link")
    CARRIER = "carrier", _("carrier")
    RESOLUTION = "resolution", _("resolution")
    RECTIFICATION = "rectification", _("rectification")
    REQUEST = "request", _("request between departments")
    INSTRUCTION = "instruction", _("instruction to carry out")
    OBSTACLE = "obstacle", _("obstacle")
    FREE = "free", _("own matter")


class Sensitivity(models.TextChoices):
    NORMAL = "normal", _("normal")
    RESTRICTED = "restricted", _("only those who take part")


class Matter(models.Model):
    """事项: one piece of work. Who serves in its posts today leads, handles and reviews it; a successor inherits, a vacancy shows."""

    code = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    standard = models.CharField(max_length=300, blank=True)
    side = models.CharField(max_length=10, choices=Side.choices)
    origin = models.CharField(max_length=13, choices=Origin.choices, default=Origin.FREE)
    origin_kind = models.CharField(max_length=40, blank=True)
    origin_id = models.CharField(max_length=64, blank=True)
    occurrence = models.CharField(max_length=80, unique=True, null=True, blank=True)  # what a generator made once
    lead = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="matters")
    partner = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="partner_matters")
    leader_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="matters_led")
    handler_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="matters_handled")
    reviewer_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="matters_reviewed")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sensitivity = models.CharField(max_length=10, choices=Sensitivity.choices, default=Sensitivity.NORMAL)
    is_light = models.BooleanField(default=False)
    is_personal = models.BooleanField(default=False)
    starts_on = models.DateField()
    due_on = models.DateField()
    first_due_on = models.DateField()
    asked_due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    suspended_from = models.CharField(max_length=12, blank=True)
    state_at = models.DateTimeField(default=clock.now)
    progress = models.PositiveSmallIntegerField(default=0)
    urged = models.PositiveSmallIntegerField(default=0)
    level = models.PositiveSmallIntegerField(default=0)
    returned = models.PositiveSmallIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)  # the business-side result, in a sentence
    looked_back_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=64)
    created_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="matter_known_side"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="matter_known_origin"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="matter_known_state"),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="matter_due_after_start"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="matter_progress_0_100"),
            models.CheckConstraint(
                condition=Q(reviewer_post__isnull=True) | ~Q(reviewer_post=F("handler_post")), name="matter_reviewer_is_not_handler"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.VOID]) | Q(leader_post__isnull=False, handler_post__isnull=False),
                name="matter_somebody_leads_and_handles",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_on__isnull=False) | (~Q(state=State.CLOSED) & Q(closed_on__isnull=True)),
                name="matter_closed_when",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SUSPENDED) & ~Q(suspended_from="") | ~Q(state=State.SUSPENDED) & Q(suspended_from=""),
                name="matter_suspended_from",
            ),
            models.CheckConstraint(condition=Q(sensitivity__in=Sensitivity.values), name="matter_known_sensitivity"),
        ]
        indexes = [
            models.Index(fields=["handler_post", "due_on"], condition=Q(state__in=OPEN), name="matter_open_handler"),
            models.Index(fields=["leader_post", "due_on"], condition=Q(state__in=OPEN), name="matter_open_leader"),
            models.Index(fields=["reviewer_post", "due_on"], condition=Q(state__in=OPEN), name="matter_open_reviewer"),
            models.Index(fields=["state", "due_on", "id"], name="matter_state_due"),
            models.Index(fields=["lead", "due_on", "id"], name="matter_lead_due"),
            models.Index(fields=["partner", "due_on", "id"], condition=Q(partner__isnull=False), name="matter_partner_due"),
            models.Index(fields=["due_on", "id"], name="matter_due"),
            models.Index(fields=["closed_on", "id"], condition=Q(state=State.CLOSED), name="matter_closed"),
            models.Index(fields=["origin_kind", "origin_id"], name="matter_origin"),
            models.Index(fields=["created_by", "state"], name="matter_created"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def origin_reference(self) -> Reference | None:
        return Reference(self.origin_kind, self.origin_id) if self.origin_kind else None


class Support(models.Model):
    """配合单位: a unit or organisation that helps with a matter."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="supports")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="supported_matters")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["matter", "node"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.node_id} supports {self.matter_id}"


class Step(models.Model):
    """What happened to a matter: who did it, and who led and handled it at that moment. Never changed afterwards."""

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField(default=clock.now)
    on = models.DateField(default=clock.today)
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    by_part = models.CharField(max_length=12, blank=True)  # the part of whoever did it: leader, handler, reviewer, supervisor
    leader = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    handler = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=1000, blank=True)
    due_on = models.DateField(null=True, blank=True)
    progress = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["matter_id", "pk"]
        indexes = [models.Index(fields=["kind", "on"], name="step_kind_on")]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.kind}"


class Evidence(models.Model):
    """佐证材料: a file by version, or a record of the system by reference. Withdrawn with a reason, never deleted."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    record_kind = models.CharField(max_length=40, blank=True)
    record_id = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.CharField(max_length=64)
    added_label = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file__isnull=False, record_kind="") | (Q(file__isnull=True) & ~Q(record_kind="")),
                name="evidence_file_or_record",
            ),
            models.CheckConstraint(condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""), name="evidence_withdrawn_why"),
        ]

    def __str__(self) -> str:
        return f"evidence of {self.matter_id}"

    @property
    def record(self) -> Reference | None:
        return Reference(self.record_kind, self.record_id) if self.record_kind else None


class Answer(models.TextChoices):
    AGREED = "agreed", _("agreed")
    DECLINED = "declined", _("declined")


class Request(models.Model):
    """工作联系单: one department asks another; the clock runs until it answers. The work itself is the matter."""

    matter = models.OneToOneField(Matter, on_delete=models.CASCADE, primary_key=True, related_name="request")
    from_node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="requests_sent")
    asked_on = models.DateField()
    answer_due_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answer_text = models.CharField(max_length=500, blank=True)
    answered_label = models.CharField(max_length=200, blank=True)
    silence_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("asked_on")), name="request_answer_after"),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, answer="") | (Q(answered_on__isnull=False) & ~Q(answer="")),
                name="request_answer_when",
            ),
        ]
        indexes = [
            models.Index(fields=["from_node", "asked_on"], name="request_from"),
            models.Index(fields=["answer_due_on"], condition=Q(answered_on__isnull=True), name="request_silent"),
        ]

    def __str__(self) -> str:
        return f"request {self.matter_id}"


class Told(models.Model):
    """That the clock told somebody something; a reminder goes out once."""

    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.key


class HandOver(models.Model):
    """交接单: what a post carried when an appointment ended; the successor takes it over. As it was on the last day, never changed afterwards."""

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="hand_over")
    written_on = models.DateField()
    items = models.JSONField(default=list)  # read and written by handing.Item only
    note = models.CharField(max_length=1000, blank=True)
    noted_label = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField(null=True, blank=True)
    taken_on = models.DateField(null=True, blank=True)
    taken_by = models.CharField(max_length=64, blank=True)
    taken_label = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-written_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_on__isnull=True, taken_by="") | (Q(taken_on__isnull=False) & ~Q(taken_by="")), name="hand_over_taken_when"
            ),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, note="") | (Q(noted_at__isnull=False) & ~Q(note="")), name="hand_over_noted_when"
            ),
        ]

    def __str__(self) -> str:
        return f"hand-over {self.appointment_id}"


class View(models.Model):
    """A saved set of filters of the ledger, of one account."""

    owner = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="view_once")]

    def __str__(self) -> str:
        return self.name


class CalendarLink(models.Model):
    """The private calendar address of an account, by digest."""

    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_link")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"calendar of {self.owner_id}"
