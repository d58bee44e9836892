"""Check lists, inspections with their items and places, what records answered, what was seen on site, and findings that become matters."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.ledger.models import Matter
from rongtong.trees.models import Node


def in_language(chinese: str, english: str) -> str:
    return english if english and not (get_language() or "").startswith("zh") else chinese


_ONE_OF_BOTH = Q(rule_code="") & ~Q(question="") | ~Q(rule_code="") & Q(question="")


class Checklist(models.Model):
    """A list of what is looked at, as data. An inspection takes a copy of its items, so that a later change changes no inspection."""

    code = models.CharField(max_length=30, unique=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    is_closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return in_language(self.title, self.title_en)


class ItemText(models.Model):
    """One thing that is looked at: a rule, which records answer, or a question that only the place itself can answer."""

    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=60)
    section_en = models.CharField(max_length=120, blank=True)
    rule_code = models.CharField(max_length=20, blank=True)
    question = models.CharField(max_length=300, blank=True)
    question_en = models.CharField(max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField(default=10)  # of one person of the unit, if it has to be answered on site

    class Meta:
        abstract = True

    @property
    def text(self) -> str:
        return in_language(self.question, self.question_en)

    @property
    def part(self) -> str:
        return in_language(self.section, self.section_en)


class ChecklistItem(ItemText):
    checklist = models.ForeignKey(Checklist, on_delete=models.CASCADE, related_name="items")

    class Meta:
        ordering = ["checklist_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "position"], name="checklist_position_once"),
            models.UniqueConstraint(fields=["checklist", "rule_code"], condition=~Q(rule_code=""), name="checklist_rule_once"),
            models.CheckConstraint(condition=_ONE_OF_BOTH, name="checklist_rule_or_question"),
        ]

    def __str__(self) -> str:
        return self.rule_code or self.text


class Kind(models.TextChoices):
    CHECK = "check", pgettext_lazy("inspection", "check")
    VISIT = "visit", _("visit and guidance")


class Stage(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("inspection", "draft")
    ISSUED = "issued", pgettext_lazy("inspection", "issued")
    CLOSED = "closed", pgettext_lazy("inspection", "closed")
    CANCELLED = "cancelled", pgettext_lazy("inspection", "cancelled")


RUNNING = (Stage.DRAFT, Stage.ISSUED)


class Inspection(models.Model):
    """检查/调研督导: who looks at what, where and when. Units see it once it is issued."""

    code = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=120)
    year = models.PositiveSmallIntegerField()  # whose records are looked at
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="inspections")  # that inspects
    checklist = models.ForeignKey(Checklist, on_delete=models.PROTECT, related_name="inspections")
    starts_on = models.DateField()
    ends_on = models.DateField()
    people = models.PositiveSmallIntegerField(default=1)  # of the unit who are there on site
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    issued_on = models.DateField(null=True, blank=True)
    issued_label = models.CharField(max_length=200, blank=True)
    hours = models.FloatField(null=True, blank=True)  # person-hours of the units, as they were shown before issuing
    closed_on = models.DateField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=64)
    created_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="inspection_known_kind"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="inspection_known_stage"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="inspection_span"),
            models.CheckConstraint(
                condition=Q(stage__in=["issued", "closed"], issued_on__isnull=False, hours__isnull=False)
                | Q(stage="draft", issued_on__isnull=True)
                | Q(stage="cancelled"),
                name="inspection_issued_when",
            ),
            models.CheckConstraint(
                condition=Q(stage="closed", closed_on__isnull=False) | ~Q(stage="closed") & Q(closed_on__isnull=True),
                name="inspection_closed_when",
            ),
            models.CheckConstraint(condition=~Q(stage="cancelled") | ~Q(cancelled_reason=""), name="inspection_cancelled_why"),
            models.CheckConstraint(condition=Q(people__gte=1), name="inspection_people_1"),
        ]
        indexes = [
            models.Index(fields=["year", "starts_on"], name="inspection_year"),
            models.Index(fields=["node", "stage"], name="inspection_node"),
        ]

    def __str__(self) -> str:
        return self.title


class Item(ItemText):
    """An item as this inspection asks it."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="items")

    class Meta:
        ordering = ["inspection_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "position"], name="inspection_item_position_once"),
            models.CheckConstraint(condition=_ONE_OF_BOTH, name="inspection_item_rule_or_question"),
        ]

    def __str__(self) -> str:
        return self.rule_code or self.text


class Place(models.Model):
    """A unit or organisation that is looked at. Combined with another inspection's visit, it is not asked the same thing twice."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="places")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="inspected")
    visit_on = models.DateField(null=True, blank=True)
    combined_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="combined")
    ran_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["inspection_id", "node_id"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "node"], name="inspection_place_once"),
            models.CheckConstraint(
                condition=Q(combined_with__isnull=True) | ~Q(combined_with=F("id")), name="inspection_combined_with_another"
            ),
        ]
        indexes = [models.Index(fields=["node", "visit_on"], name="inspection_place_node")]

    def __str__(self) -> str:
        return f"{self.inspection_id} at {self.node_id}"


class Found(models.TextChoices):
    """What an item's answer is: the first six come from records, the last three from the place itself."""

    MET = "met", _("met")
    DUE = "due", _("due")
    LATE = "late", _("late")
    EXCUSED = "excused", _("excused")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    NOT_ENOUGH_DATA = "not_enough_data", _("not enough data")
    GOOD = "good", _("in order")
    PROBLEM = "problem", _("problem")
    UNCLEAR = "unclear", _("cannot be told")


ON_SITE = (Found.GOOD, Found.PROBLEM, Found.UNCLEAR)


class Answer(models.Model):
    """What records say of an item at a place, or what was seen there."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="answers")
    state = models.CharField(max_length=16, choices=Found.choices)
    is_on_site = models.BooleanField(default=False)
    content = models.JSONField(default=dict)  # periods and records behind it, as answering.Said wrote them
    note = models.CharField(max_length=500, blank=True)
    by_label = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["place_id", "item_id"]
        constraints = [
            models.UniqueConstraint(fields=["place", "item"], name="inspection_answer_once"),
            models.CheckConstraint(condition=Q(state__in=Found.values), name="inspection_answer_known_state"),
            models.CheckConstraint(
                condition=Q(is_on_site=True, state__in=ON_SITE) & ~Q(by_label="") | Q(is_on_site=False) & ~Q(state__in=ON_SITE),
                name="inspection_answer_on_site_by_whom",
            ),
            models.CheckConstraint(condition=~Q(state="problem") | ~Q(note=""), name="inspection_problem_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.item_id} {self.state}"


class Pace(models.TextChoices):
    """Class of a rectification."""

    AT_ONCE = "at_once", _("at once")
    WITHIN_LIMIT = "within_limit", _("within a limit")
    LONG_TERM = "long_term", _("long-term")


class Finding(models.Model):
    """A row of the problem list. It ends as a matter of rectification, or withdrawn with its reason; the unit says its own word on it."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="findings")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="findings")
    text = models.CharField(max_length=300)
    cause = models.CharField(max_length=200, blank=True)
    pace = models.CharField(max_length=12, choices=Pace.choices, default=Pace.WITHIN_LIMIT)
    found_on = models.DateField()
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="finding")
    comment = models.CharField(max_length=500, blank=True)
    comment_label = models.CharField(max_length=200, blank=True)
    comment_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["place_id", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(pace__in=Pace.values), name="finding_known_pace"),
            models.CheckConstraint(condition=~Q(text=""), name="finding_says_what"),
            models.CheckConstraint(condition=Q(withdrawn_on__isnull=True) | ~Q(withdrawn_reason=""), name="finding_withdrawn_why"),
            models.CheckConstraint(condition=Q(withdrawn_on__isnull=True) | Q(matter__isnull=True), name="finding_withdrawn_has_no_matter"),
            models.CheckConstraint(
                condition=Q(comment="", comment_on__isnull=True) | ~Q(comment="") & Q(comment_on__isnull=False), name="finding_comment_when"
            ),
        ]
        indexes = [models.Index(fields=["place"], condition=Q(matter__isnull=True, withdrawn_on__isnull=True), name="finding_open")]

    def __str__(self) -> str:
        return self.text

    @property
    def needs_matter(self) -> bool:
        return self.matter_id is None and self.withdrawn_on is None
