"""Details of the two trees, unit classes, persons, posts and appointments."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rongtong.accounts.models import User
from rongtong.kernel.language import in_language
from rongtong.trees.models import Node

_ENDS_AFTER = Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))


class UnitKind(models.TextChoices):
    GROUP = "group", pgettext_lazy("unit kind", "group")
    COMPANY = "company", _("company")
    PLANT = "plant", _("plant")
    WORKSHOP = "workshop", _("workshop")
    TEAM = "team", _("team")
    DEPARTMENT = "department", _("department")
    PROJECT = "project", _("project department")


class PartyKind(models.TextChoices):
    COMMITTEE = "committee", _("Party committee")
    GENERAL_BRANCH = "general_branch", _("general Party branch")
    BRANCH = "branch", _("Party branch")
    GROUP = "group", _("Party group")


class MemberKind(models.TextChoices):
    FORMAL = "formal", _("full member")
    PROBATIONARY = "probationary", _("probationary member")
    APPLICANT = "applicant", _("active applicant")
    NONE = "none", _("not a member")


class PostKind(models.TextChoices):
    SECRETARY = "secretary", _("secretary")
    DEPUTY = "deputy", _("deputy secretary")
    COMMITTEE = "committee", _("committee member")
    HEAD = "head", _("unit head")
    DEPUTY_HEAD = "deputy_head", _("deputy unit head")
    DEPARTMENT_HEAD = "department_head", _("department head")
    STAFF = "staff", _("staff")


class AppointmentKind(models.TextChoices):
    FORMAL = "formal", _("formal")
    ACTING = "acting", _("acting")


class UnitClass(models.Model):
    """单位类别: units are compared inside their class only."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)


class BusinessUnit(models.Model):
    """What a node of the business tree is."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="unit")
    kind = models.CharField(max_length=12, choices=UnitKind.choices)
    headcount = models.PositiveIntegerField(null=True, blank=True)
    is_legal_person = models.BooleanField(default=False)
    manager_title = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_known_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.node_id}"


class UnitClassAssignment(models.Model):
    """Which class a unit belonged to, when; spans never overlap."""

    unit = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="class_assignments")
    unit_class = models.ForeignKey(UnitClass, on_delete=models.PROTECT, related_name="assignments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["unit_id", "starts_on"]
        constraints = [models.CheckConstraint(condition=_ENDS_AFTER, name="unit_class_span")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.unit_class_id}"


class PartyOrganisation(models.Model):
    """What a node of the Party tree is; terms run from the last election."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="party")
    kind = models.CharField(max_length=16, choices=PartyKind.choices)
    members = models.PositiveIntegerField(null=True, blank=True)
    formal_members = models.PositiveIntegerField(null=True, blank=True)
    elected_on = models.DateField(null=True, blank=True)
    term_years = models.PositiveSmallIntegerField(null=True, blank=True)
    extended_to = models.DateField(null=True, blank=True)
    extension_document = models.CharField(max_length=80, blank=True)  # number of the superior's approval
    reminded_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PartyKind.values), name="party_known_kind"),
            models.CheckConstraint(condition=Q(extended_to__isnull=True) | ~Q(extension_document=""), name="party_extension_approved"),
            models.CheckConstraint(
                condition=Q(members__isnull=True) | Q(formal_members__isnull=True) | Q(formal_members__lte=F("members")),
                name="party_formal_within_members",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.node_id}"

    @property
    def expires_on(self) -> date | None:
        """Last day of the term: the election's anniversary (28 February for the 29th), or the approved extension if later."""
        if self.elected_on is None or not self.term_years:
            return None
        end = anniversary(self.elected_on, self.term_years)
        return max(end, self.extended_to) if self.extended_to else end


def anniversary(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th in other years.

    >>> anniversary(date(2024, 2, 29), 3)
    datetime.date(2027, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


class Person(models.Model):
    """A person; may have an account."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=200, blank=True)
    member_kind = models.CharField(max_length=12, choices=MemberKind.choices, default=MemberKind.NONE)
    joined_on = models.DateField(null=True, blank=True)
    account = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="person")

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(member_kind__in=MemberKind.values), name="person_known_member_kind")]
        indexes = [models.Index(fields=["name"], name="person_name")]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """One seat in one tree."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=16, choices=PostKind.choices)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["node_id", "kind", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PostKind.values), name="post_known_kind"),
            models.CheckConstraint(condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="post_close_after_open"),
        ]
        indexes = [models.Index(fields=["node", "kind"], name="post_node_kind")]

    def __str__(self) -> str:
        return self.name


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def on(self, day: date) -> "AppointmentQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class Appointment(models.Model):
    """Who serves in a post, from when to when; formal ones of a post never overlap."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    kind = models.CharField(max_length=8, choices=AppointmentKind.choices, default=AppointmentKind.FORMAL)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["post_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=_ENDS_AFTER, name="appointment_span"),
            models.CheckConstraint(condition=Q(kind__in=AppointmentKind.values), name="appointment_known_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.post_id}"


class SuccessionKind(models.TextChoices):
    MERGE = "merge", _("merged")
    SPLIT = "split", _("split")


class Succession(models.Model):
    """What became of a closed node: merged into or split into others."""

    kind = models.CharField(max_length=8, choices=SuccessionKind.choices)
    from_node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="successors")
    to_node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="predecessors")
    on = models.DateField()

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["from_node", "to_node"], name="succession_once"),
            models.CheckConstraint(condition=~Q(from_node=F("to_node")), name="succession_other"),
        ]

    def __str__(self) -> str:
        return f"{self.from_node_id} -> {self.to_node_id}"
