"""Yearly plans with objectives of both sides, key results, integration links, carriers and the results register."""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.organization.models import Post
from rongtong.trees.models import Node

_SIDES = ["party", "production"]


class PlanSide(models.TextChoices):
    PARTY = "party", _("Party work")
    PRODUCTION = "production", _("production")


class PlanState(models.TextChoices):
    DRAFT = "draft", _("draft")
    ADOPTED = "adopted", _("adopted")
    FROZEN = "frozen", _("frozen")


class PlanSource(models.TextChoices):
    SUPERIOR = "superior", _("the superior's plan")
    POINTS = "points", _("yearly points of Party work")
    CONTRACT = "contract", _("responsibility contract")
    OWN = "own", _("own")


class Plan(models.Model):
    """The plan of a business unit for a year: one document for both sides. Adopted versions are kept as they were."""

    unit = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="plans")
    party = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="party_plans")
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=PlanState.choices, default=PlanState.DRAFT)
    version = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    created_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-year", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="plan_once_a_year"),
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="plan_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.unit.name} {self.year}"


class PlanVersion(models.Model):
    """A plan as it stood when it was adopted or changed; never changed afterwards."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    content = models.JSONField()
    made_at = models.DateTimeField(default=clock.now)
    made_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["plan_id", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class Objective(models.Model):
    """What one side wants to reach in the year; owned by a post of its side."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="objectives")
    code = models.CharField(max_length=24, unique=True)
    side = models.CharField(max_length=10, choices=PlanSide.choices)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="objectives")
    co_owner = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # of the other side: planned together
    source = models.CharField(max_length=10, choices=PlanSource.choices, default=PlanSource.OWN)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    starts_on = models.DateField()
    due_on = models.DateField()
    dropped_on = models.DateField(null=True, blank=True)
    dropped_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["plan_id", "side", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=_SIDES), name="objective_known_side"),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="objective_due_after_start"),
            models.CheckConstraint(condition=Q(dropped_on__isnull=True) | ~Q(dropped_reason=""), name="objective_dropped_why"),
            models.CheckConstraint(condition=Q(co_owner__isnull=True) | ~Q(co_owner=F("owner")), name="objective_two_owners"),
        ]

    def __str__(self) -> str:
        return self.title


class KeyResult(models.Model):
    """By which figure one sees that an objective is reached."""

    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="key_results")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="key_results")
    baseline = models.FloatField(null=True, blank=True)
    target = models.FloatField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["objective", "indicator"], name="key_result_once")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.target}"


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of a kind of carrier: the class that reads the JSON column."""

    code: str
    name: str
    name_en: str

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and not (get_language() or "").startswith("zh") else self.name


class CarrierKind(models.Model):
    """A kind of carrier 载体 with its own fields, as data."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    fields = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]

    @property
    def own(self) -> list[OwnField]:
        """The fields that only this kind has."""
        return [OwnField(*row) for row in self.fields]

    def __str__(self) -> str:
        return self.name_en if self.name_en and not (get_language() or "").startswith("zh") else self.name


class CarrierState(models.TextChoices):
    DECLARED = "declared", _("declared")
    APPROVED = "approved", _("approved")
    RUNNING = "running", _("running")
    CHECKED = "checked", _("checked midway")
    ENDED = "ended", _("ended, to be accepted")
    ACCEPTED = "accepted", _("accepted")
    ARCHIVED = "archived", _("archived")
    STOPPED = "stopped", _("stopped")


class Badge(models.TextChoices):
    CLAIMED = "claimed", _("claimed")
    BEFORE_AFTER = "before_after", _("before and after")
    COMPARED = "compared", _("compared estimate")


class Carrier(models.Model):
    """A means by which Party work takes hold of production: who, where, which indicator, from what to what, until when."""

    code = models.CharField(max_length=24, unique=True)
    kind = models.ForeignKey(CarrierKind, on_delete=models.PROTECT, related_name="carriers")
    title = models.CharField(max_length=200)
    party = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="carriers")
    unit = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="unit_carriers")
    owner = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="carriers")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="carriers")
    baseline = models.FloatField(null=True, blank=True)
    target = models.FloatField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=CarrierState.choices, default=CarrierState.DECLARED)
    values = models.JSONField(default=dict)
    result = models.FloatField(null=True, blank=True)
    result_text = models.CharField(max_length=500, blank=True)
    saving_fen = models.BigIntegerField(null=True, blank=True)
    badge = models.CharField(max_length=12, choices=Badge.choices, blank=True)
    accepted_by = models.CharField(max_length=64, blank=True)
    accepted_label = models.CharField(max_length=200, blank=True)
    accepted_on = models.DateField(null=True, blank=True)
    declared_by = models.CharField(max_length=64)
    declared_label = models.CharField(max_length=200)
    stopped_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-starts_on", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="carrier_span"),
            models.CheckConstraint(condition=Q(state__in=CarrierState.values), name="carrier_known_state"),
            models.CheckConstraint(
                condition=Q(accepted_on__isnull=True, accepted_by="") | (Q(accepted_on__isnull=False) & ~Q(accepted_by="")),
                name="carrier_accepted_when",
            ),
            models.CheckConstraint(condition=~Q(accepted_by=F("declared_by")), name="carrier_accepted_by_another"),
            models.CheckConstraint(condition=~Q(state="stopped") | ~Q(stopped_reason=""), name="carrier_stopped_why"),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="carrier_unit_state"),
            models.Index(fields=["party", "state"], name="carrier_party_state"),
        ]

    def __str__(self) -> str:
        return self.title


class LinkState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    CONFIRMED = "confirmed", _("confirmed by both sides")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("lapsed")


class IntegrationLink(models.Model):
    """融合点: a Party objective joined with a production objective through a carrier, an indicator and a target. Counts only when both confirmed."""

    code = models.CharField(max_length=24, unique=True)
    party_objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="links_as_party")
    production_objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="links_as_production")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="links")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="links")
    target = models.FloatField()
    process = models.CharField(max_length=12, blank=True)
    why = models.CharField(max_length=300, blank=True)
    suggested_by = models.CharField(max_length=20, blank=True)  # the reason of a suggestion that was taken up
    state = models.CharField(max_length=10, choices=LinkState.choices, default=LinkState.PROPOSED)
    proposed_on = models.DateField()
    lapses_on = models.DateField()
    party_confirmed_by = models.CharField(max_length=64, blank=True)
    party_confirmed_label = models.CharField(max_length=200, blank=True)
    party_confirmed_on = models.DateField(null=True, blank=True)
    production_confirmed_by = models.CharField(max_length=64, blank=True)
    production_confirmed_label = models.CharField(max_length=200, blank=True)
    production_confirmed_on = models.DateField(null=True, blank=True)
    declined_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-proposed_on", "code"]
        constraints = [
            models.UniqueConstraint(fields=["party_objective", "production_objective", "carrier"], name="link_once"),
            models.CheckConstraint(
                condition=Q(party_confirmed_by="") | ~Q(party_confirmed_by=F("production_confirmed_by")), name="link_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | (~Q(party_confirmed_by="") & ~Q(production_confirmed_by="")), name="link_both_confirmed"
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(declined_reason=""), name="link_declined_why"),
        ]
        indexes = [models.Index(fields=["state", "lapses_on"], name="link_state")]

    def __str__(self) -> str:
        return f"{self.party_objective} ↔ {self.production_objective}"


class Dismissal(models.Model):
    """A suggestion that somebody set aside, and why; it is not made again."""

    party_objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="+")
    production_objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)
    by_label = models.CharField(max_length=200)
    on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["party_objective", "production_objective"], name="dismissal_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="dismissal_why"),
        ]

    def __str__(self) -> str:
        return f"{self.party_objective_id} ✕ {self.production_objective_id}"


class Milestone(models.TextChoices):
    PLANNED = "planned", _("planned together")
    DEPLOYED = "deployed", _("deployed together")
    ADVANCED = "advanced", _("advanced together")


class Together(models.Model):
    """同谋划、同部署、同推进: on which day it was, with proof of both sides; counts only where it left something with an owner."""

    link = models.ForeignKey(IntegrationLink, on_delete=models.PROTECT, related_name="together")
    kind = models.CharField(max_length=10, choices=Milestone.choices)
    on = models.DateField()
    party_record = models.CharField(max_length=100)  # "kind:id"
    production_record = models.CharField(max_length=100)
    matter_id = models.BigIntegerField()  # what it left with an owner, in the ledger
    noted_label = models.CharField(max_length=200)
    noted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["on", "pk"]
        constraints = [models.UniqueConstraint(fields=["link", "kind", "matter_id"], name="together_once")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.kind}"


class Result(models.Model):
    """成果台账: a production result that names the organisations and the carrier that had a part in it; the business side confirms that part."""

    code = models.CharField(max_length=24, unique=True)
    unit = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="results")
    party = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="party_results")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, null=True, blank=True, related_name="results")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    on = models.DateField()
    value_fen = models.BigIntegerField(null=True, blank=True)
    party_role = models.CharField(max_length=300, blank=True)
    confirmed_by = models.CharField(max_length=64, blank=True)
    confirmed_label = models.CharField(max_length=200, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    recorded_by = models.CharField(max_length=64)
    recorded_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-on", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True, confirmed_by="") | (Q(confirmed_on__isnull=False) & ~Q(confirmed_by="")),
                name="result_confirmed_when",
            ),
            models.CheckConstraint(condition=Q(confirmed_by="") | ~Q(party_role=""), name="result_confirms_a_role"),
            models.CheckConstraint(condition=~Q(confirmed_by=F("recorded_by")), name="result_confirmed_by_another"),
        ]

    def __str__(self) -> str:
        return self.title
