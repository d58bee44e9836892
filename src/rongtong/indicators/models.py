"""Indicators, the sets issued per class of unit, targets, and the observations that are never overwritten."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rongtong.accounts.models import User
from rongtong.exchange.models import Batch
from rongtong.kernel import clock
from rongtong.kernel.language import in_language
from rongtong.organization.models import UnitClass
from rongtong.trees.models import Node

LARGEST = 1e300  # finite in every database; infinities do not pass


class Subsystem(models.TextChoices):
    PARTY = "party", _("Party building")
    PRODUCTION = "production", _("production and operations")
    INTEGRATION = "integration", _("linkage")


class Direction(models.TextChoices):
    BENEFIT = "benefit", _("the more the better")
    COST = "cost", _("the less the better")
    TARGET = "target", _("as close to the ideal as possible")
    INTERVAL = "interval", _("inside the ideal interval")


class Kind(models.TextChoices):
    FLOW = "flow", _("flow")
    STOCK = "stock", _("stock")
    RATIO = "ratio", _("ratio")


class Aggregate(models.TextChoices):
    SUM = "sum", _("sum of the months")
    MEAN = "mean", _("mean of the months")
    LAST = "last", _("last month's value")
    RATIO = "ratio", _("sum of numerators over sum of denominators")
    NONE = "none", _("not cumulated")


class Frequency(models.TextChoices):
    MONTH = "month", _("monthly")
    QUARTER = "quarter", _("quarterly")
    YEAR = "year", _("yearly")


class Source(models.TextChoices):
    ENTERED = "entered", _("entered")
    IMPORTED = "imported", _("imported")
    COLLECTED = "collected", _("collected from records")
    DERIVED = "derived", _("derived by formula")


class Indicator(models.Model):
    """A figure with its 口径. `formula` is for people, `expression` is evaluated; a ratio is `scale` × numerator ÷ denominator."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200, blank=True)
    subsystem = models.CharField(max_length=12, choices=Subsystem.choices)
    dimension = models.CharField(max_length=40, blank=True)
    unit_text = models.CharField(max_length=40, blank=True)
    unit_text_en = models.CharField(max_length=60, blank=True)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    ideal_low = models.FloatField(null=True, blank=True)
    ideal_high = models.FloatField(null=True, blank=True)
    cap = models.FloatField(null=True, blank=True)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    aggregate = models.CharField(max_length=5, choices=Aggregate.choices)
    scale = models.FloatField(default=1.0)
    hold_months = models.PositiveSmallIntegerField(default=0)
    frequency = models.CharField(max_length=7, choices=Frequency.choices, default=Frequency.MONTH)
    decimals = models.PositiveSmallIntegerField(default=1)
    owner = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_indicators")
    owner_hint = models.CharField(max_length=80, blank=True)
    definition = models.TextField(blank=True)
    definition_en = models.TextField(blank=True)
    formula = models.CharField(max_length=300, blank=True)
    formula_en = models.CharField(max_length=300, blank=True)
    expression = models.CharField(max_length=200, blank=True)
    collector = models.CharField(max_length=40, blank=True)
    is_veto = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    source_text = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ideal_low__isnull=True, ideal_high__isnull=True) | Q(ideal_low__lte=F("ideal_high")),
                name="indicator_ideal_order",
            ),
            models.CheckConstraint(
                condition=~Q(direction__in=["target", "interval"]) | Q(ideal_low__isnull=False, ideal_high__isnull=False),
                name="indicator_ideal_given",
            ),
            models.CheckConstraint(condition=Q(collector="") | Q(expression=""), name="indicator_one_origin"),
            models.CheckConstraint(condition=Q(scale__gt=0), name="indicator_scale_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return in_language(self.name, self.name_en)

    @property
    def unit_label(self) -> str:
        return in_language(self.unit_text, self.unit_text_en)

    @property
    def definition_label(self) -> str:
        return in_language(self.definition, self.definition_en)

    @property
    def formula_label(self) -> str:
        return in_language(self.formula, self.formula_en)

    @property
    def is_percent(self) -> bool:
        return self.unit_text == "%"

    @property
    def is_typed(self) -> bool:
        """Whether people enter it: neither collected nor derived."""
        return not (self.collector or self.expression)


class IndicatorSet(models.Model):
    """What is measured at the units of a class, as issued: a version stands from a day on and is never edited."""

    code = models.CharField(max_length=64)
    unit_class = models.ForeignKey(UnitClass, on_delete=models.PROTECT, related_name="indicator_sets")
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    issued_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["unit_class_id", "-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="set_version_once"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="set_span"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


class SetItem(models.Model):
    """An indicator in a set: its issued weight inside its subsystem, and norm bands [[edge, score], ...] where there are some."""

    set = models.ForeignKey(IndicatorSet, on_delete=models.CASCADE, related_name="items")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="set_items")
    weight = models.FloatField()
    bands = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["set_id", "indicator_id"]
        constraints = [
            models.UniqueConstraint(fields=["set", "indicator"], name="set_item_once"),
            models.CheckConstraint(condition=Q(weight__gte=0) & Q(weight__lte=1), name="set_weight_0_1"),
        ]

    def __str__(self) -> str:
        return f"{self.set_id} {self.indicator_id} {self.weight}"


class Target(models.Model):
    """What a unit is to reach in a month: floor (0 points), target (0.8), stretch (1)."""

    unit = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="targets")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    period = models.IntegerField()
    target = models.FloatField()
    floor = models.FloatField(null=True, blank=True)
    stretch = models.FloatField(null=True, blank=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["unit_id", "indicator_id", "period"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "indicator", "period"], name="target_once"),
            models.CheckConstraint(condition=Q(target__gte=-LARGEST) & Q(target__lte=LARGEST), name="target_finite"),
            models.CheckConstraint(condition=Q(period__gte=194901) & Q(period__lte=219912), name="target_period"),
        ]
        indexes = [models.Index(fields=["period", "unit"], name="target_period_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.indicator_id} {self.period}"


class Observation(models.Model):
    """One value of an indicator at a node in a month. A later value is a new revision; the one before stays and is no longer current."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="observations", db_index=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="observations", db_index=False)
    period = models.IntegerField()
    value = models.FloatField()
    numerator = models.FloatField(null=True, blank=True)
    denominator = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=9, choices=Source.choices)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    batch_row = models.IntegerField(null=True, blank=True)
    author_uid = models.CharField(max_length=64)
    author_label = models.CharField(max_length=200)
    entered_at = models.DateTimeField(default=clock.now)
    revision = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    is_correction = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-period", "node_id", "indicator_id", "-revision"]
        constraints = [
            # newest month first, as lists read it: a page is one range of this index
            models.UniqueConstraint(F("period").desc(), "node", "indicator", condition=Q(is_current=True), name="observation_one_current"),
            models.UniqueConstraint(fields=["node", "indicator", "period", "revision"], name="observation_revision_once"),
            models.CheckConstraint(condition=Q(value__gte=-LARGEST) & Q(value__lte=LARGEST), name="observation_finite"),
            models.CheckConstraint(condition=Q(period__gte=194901) & Q(period__lte=219912), name="observation_period"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="observation_revision_from_1"),
        ]
        indexes = [
            models.Index(fields=["indicator", "period", "node"], name="observation_by_indicator", condition=Q(is_current=True)),
            models.Index(fields=["batch"], name="observation_batch", condition=Q(batch__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.indicator_id} {self.period}"


class MonthClose(models.Model):
    """关账: from then on the month takes corrections only. Without a node it holds for every unit."""

    period = models.IntegerField()
    node = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-period", "node_id"]
        constraints = [
            models.UniqueConstraint(fields=["period"], condition=Q(node__isnull=True), name="close_once"),
            models.UniqueConstraint(fields=["period", "node"], condition=Q(node__isnull=False), name="close_once_per_node"),
        ]

    def __str__(self) -> str:
        return str(self.period)


class DirtyPeriod(models.Model):
    """A month whose observations changed since its snapshot; written in the same transaction as they."""

    period = models.IntegerField(unique=True)
    marked_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.period)


class Draft(models.Model):
    """Cells somebody typed for a node and month and did not submit yet; nobody else sees them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    period = models.IntegerField()
    cells = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "node", "period"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.node_id} {self.period}"
