"""Lists of matters with their limits, the decision role of an organisation, and decisions with their path. Contents of personnel matters are not held."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rongtong.kernel import clock
from rongtong.meetings.models import Meeting
from rongtong.organization.models import Person
from rongtong.trees.models import Node

_ENDS_AFTER = Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))


class Category(models.TextChoices):
    """三重一大."""

    DECISION = "decision", _("major decision")
    PERSONNEL = "personnel", _("important personnel")
    PROJECT = "project", _("major project")
    FUNDS = "funds", _("large funds")


class Treatment(models.TextChoices):
    """What the Party organisation does with a matter: decides it itself, or studies it before others decide."""

    OWN = "own", _("decided by the committee itself")
    PRE_STUDY = "pre_study", _("pre-study by the committee, then decided")


class Body(models.TextChoices):
    """Who decides; the later ones stand higher."""

    COMMITTEE = "committee", _("Party committee")
    MANAGERS = "managers", _("managers' meeting")
    BOARD = "board", _("board of directors")
    OWNERS = "owners", _("shareholders")


class Role(models.TextChoices):
    """What an organisation does before its unit decides (DOMAIN 4.3)."""

    PRE_STUDY = "pre_study", _("pre-study")
    COLLECTIVE_GATE = "collective_gate", _("collective review")
    PARTICIPATE = "participate", _("takes part, no pre-study")
    NONE = "none", pgettext_lazy("decision", "none")


class Metric(models.TextChoices):
    AMOUNT = "amount", _("amount")
    NET_ASSETS = "net_assets", _("share of net assets")
    OVER_BUDGET = "over_budget", _("above the budget")


class Operator(models.TextChoices):
    AT_LEAST = "at_least", "≥"
    ABOVE = "above", ">"
    AT_MOST = "at_most", "≤"
    BELOW = "below", "<"


class RoleRow(models.Model):
    """The decision role of an organisation as it was set, and whether its unit was given power over people, money and property."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="decision_roles")
    role = models.CharField(max_length=16, choices=Role.choices, blank=True)  # empty: as the default says
    is_delegated = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    document = models.CharField(max_length=80, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    set_by = models.CharField(max_length=64)
    set_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["node_id", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=_ENDS_AFTER, name="decision_role_span"),
            models.CheckConstraint(condition=Q(role__in=["", *Role.values]), name="decision_role_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_role_why"),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.role}"


class MatterList(models.Model):
    """One version of an organisation's list. Approved by two persons it holds from a day and is never changed; a change is the next version."""

    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="decision_lists")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    net_assets_fen = models.BigIntegerField(null=True, blank=True)  # at the last year's end; shares of it cannot be judged without
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    drafted_label = models.CharField(max_length=200)
    first_by = models.CharField(max_length=64, blank=True)
    first_label = models.CharField(max_length=200, blank=True)
    first_on = models.DateField(null=True, blank=True)
    second_by = models.CharField(max_length=64, blank=True)
    second_label = models.CharField(max_length=200, blank=True)
    approved_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["node_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["node", "number"], name="decision_list_number_once"),
            models.UniqueConstraint(fields=["node"], condition=Q(approved_on__isnull=True), name="decision_list_one_draft"),
            models.CheckConstraint(condition=_ENDS_AFTER, name="decision_list_span"),
            models.CheckConstraint(
                condition=Q(first_by="", first_on__isnull=True) | (~Q(first_by="") & Q(first_on__isnull=False)),
                name="decision_list_first_when",
            ),
            models.CheckConstraint(
                condition=Q(second_by="", approved_on__isnull=True)
                | (~Q(first_by="") & ~Q(second_by="") & ~Q(second_by=F("first_by")) & Q(approved_on__isnull=False)),
                name="decision_list_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class ListItem(models.Model):
    """A matter of a list: the committee decides it, or studies it before the named body decides."""

    list = models.ForeignKey(MatterList, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=10, choices=Category.choices)
    treatment = models.CharField(max_length=10, choices=Treatment.choices)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    body = models.CharField(max_length=10, choices=Body.choices)  # that decides where no limit says another
    needs_legal = models.BooleanField(default=False)
    needs_staff_congress = models.BooleanField(default=False)

    class Meta:
        ordering = ["list_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["list", "position"], name="decision_item_position_once"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="decision_item_known_category"),
            models.CheckConstraint(condition=Q(treatment__in=Treatment.values), name="decision_item_known_treatment"),
            models.CheckConstraint(condition=Q(body__in=Body.values), name="decision_item_known_body"),
            models.CheckConstraint(
                condition=Q(treatment="own", body="committee") | (Q(treatment="pre_study") & ~Q(body="committee")),
                name="decision_item_own_is_committee",
            ),
        ]

    def __str__(self) -> str:
        return self.title_en if self.title_en and not (get_language() or "").startswith("zh") else self.title


class Limit(models.Model):
    """A threshold as a row: from this on the matter is listed and this body decides. Amounts in fen, shares in hundredths of a percent."""

    item = models.ForeignKey(ListItem, on_delete=models.PROTECT, related_name="limits")
    metric = models.CharField(max_length=12, choices=Metric.choices)
    operator = models.CharField(max_length=8, choices=Operator.choices, default=Operator.AT_LEAST)
    value = models.BigIntegerField()
    body = models.CharField(max_length=10, choices=Body.choices)

    class Meta:
        ordering = ["item_id", "metric", "value", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "metric", "operator", "value"], name="decision_limit_once"),
            models.CheckConstraint(condition=Q(metric__in=Metric.values), name="decision_limit_known_metric"),
            models.CheckConstraint(condition=Q(operator__in=Operator.values), name="decision_limit_known_operator"),
            models.CheckConstraint(condition=Q(body__in=Body.values), name="decision_limit_known_body"),
            models.CheckConstraint(condition=Q(value__gte=0), name="decision_limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.operator} {self.value}"


class Review(models.Model):
    """That a list was looked through in a year, and what came of it. Never changed afterwards."""

    list = models.ForeignKey(MatterList, on_delete=models.PROTECT, related_name="reviews")
    on = models.DateField()
    keeps = models.BooleanField()  # stays as it is; else a next version is drafted
    note = models.CharField(max_length=300, blank=True)
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["list_id", "on", "pk"]

    def __str__(self) -> str:
        return f"{self.list_id} {self.on}"


class DecisionState(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("decision", "proposed")
    STUDIED = "studied", _("studied: agreed to submit")
    REVISING = "revising", _("to be revised and studied again")
    STOPPED = "stopped", _("not to be submitted")
    DECIDED = "decided", _("decided")
    ASSESSED = "assessed", _("assessed afterwards")
    ARCHIVED = "archived", _("archived")
    VOID = "void", _("void")


DECIDED_STATES = (DecisionState.DECIDED, DecisionState.ASSESSED, DecisionState.ARCHIVED)


class Outcome(models.TextChoices):
    ADOPTED = "adopted", pgettext_lazy("decision", "adopted")
    REJECTED = "rejected", _("not adopted")
    POSTPONED = "postponed", _("postponed")


class Achieved(models.TextChoices):
    REACHED = "reached", _("purpose reached")
    PARTLY = "partly", _("partly reached")
    MISSED = "missed", _("not reached")


class PathKind(models.TextChoices):
    OWN = "own", _("the committee decides")
    PRE_STUDY = "pre_study", _("pre-study, then decision")
    GATE = "gate", _("collective review, then decision")
    UNLISTED = "unlisted", _("below the limits: no pre-study")
    NO_STUDY = "no_study", _("no pre-study in this organisation")


class Decision(models.Model):
    """One decision from proposal to archive. By default title and dates; of personnel matters date, counts, holder and paper file only."""

    code = models.CharField(max_length=24, unique=True)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="decisions")  # the Party organisation
    unit = models.ForeignKey(Node, on_delete=models.PROTECT, null=True, blank=True, related_name="unit_decisions")
    item = models.ForeignKey(ListItem, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    category = models.CharField(max_length=10, choices=Category.choices)
    title = models.CharField(max_length=200, blank=True)
    is_restricted = models.BooleanField(default=False)  # inside information: the title only for who sees decisions of the organisation
    amount_fen = models.BigIntegerField(null=True, blank=True)
    over_budget = models.BigIntegerField(null=True, blank=True)  # hundredths of a percent
    persons = models.PositiveSmallIntegerField(null=True, blank=True)  # how many people a personnel matter is about
    holder = models.CharField(max_length=80, blank=True)
    paper_file = models.CharField(max_length=80, blank=True)
    proposed_on = models.DateField()
    proposer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=10, choices=PathKind.choices)
    body = models.CharField(max_length=10, choices=Body.choices)
    why = models.JSONField(default=dict)  # the numbers compared, as paths.Path wrote them
    whether = models.JSONField(default=list)  # the four questions, as whether.Answers wrote them
    needs_legal = models.BooleanField(default=False)
    needs_staff_congress = models.BooleanField(default=False)
    staff_congress_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=DecisionState.choices, default=DecisionState.PROPOSED)
    decided_on = models.DateField(null=True, blank=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    chief_spoke_last = models.BooleanField(null=True, blank=True)  # null: not said
    body_members = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # of a board or managers' meeting, whose members stand in no roster
    body_present = models.PositiveSmallIntegerField(null=True, blank=True)
    is_changed = models.BooleanField(default=False)  # the body decided otherwise than the committee's opinion
    assessed_on = models.DateField(null=True, blank=True)
    achieved = models.CharField(max_length=8, choices=Achieved.choices, blank=True)
    archived_on = models.DateField(null=True, blank=True)
    archive_number = models.CharField(max_length=80, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)
    entered_by = models.CharField(max_length=64)
    entered_label = models.CharField(max_length=200)
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-proposed_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(category__in=Category.values), name="decision_known_category"),
            models.CheckConstraint(condition=Q(state__in=DecisionState.values), name="decision_known_state"),
            models.CheckConstraint(condition=Q(path__in=PathKind.values), name="decision_known_path"),
            models.CheckConstraint(condition=Q(body__in=Body.values), name="decision_known_body"),
            models.CheckConstraint(
                condition=Q(category="personnel", title="", amount_fen__isnull=True, over_budget__isnull=True)
                | ~Q(category="personnel") & ~Q(title=""),
                name="decision_personnel_no_words",
            ),
            models.CheckConstraint(
                condition=~Q(category="personnel") | (~Q(holder="") & ~Q(paper_file="")), name="decision_personnel_paper"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED_STATES, decided_on__isnull=False) & ~Q(outcome="")
                | ~Q(state__in=DECIDED_STATES) & Q(decided_on__isnull=True, outcome="", meeting__isnull=True)
                | Q(state=DecisionState.VOID),
                name="decision_decided_when",
            ),
            models.CheckConstraint(condition=Q(is_changed=False) | Q(decided_on__isnull=False), name="decision_changed_is_decided"),
            models.CheckConstraint(
                condition=Q(body_members__isnull=True, body_present__isnull=True)
                | Q(body_members__gte=1, body_present__isnull=False, body_present__lte=F("body_members"), decided_on__isnull=False),
                name="decision_body_counts",
            ),
            models.CheckConstraint(
                condition=Q(assessed_on__isnull=True, achieved="") | (Q(assessed_on__isnull=False) & ~Q(achieved="")),
                name="decision_assessed_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=DecisionState.ARCHIVED) | Q(archived_on__isnull=False), name="decision_archived_when"
            ),
            models.CheckConstraint(condition=~Q(state=DecisionState.VOID) | ~Q(void_reason=""), name="decision_void_why"),
            models.CheckConstraint(condition=Q(amount_fen__isnull=True) | Q(amount_fen__gte=0), name="decision_amount_not_negative"),
        ]
        indexes = [
            models.Index(fields=["node", "decided_on"], name="decision_node_decided"),
            models.Index(fields=["unit", "decided_on"], condition=Q(unit__isnull=False), name="decision_unit_decided"),
            models.Index(fields=["proposed_on", "id"], name="decision_proposed"),
        ]

    def __str__(self) -> str:
        if self.is_restricted or not self.title:
            return f"{self.code} {self.get_category_display()}"
        return self.title

    @property
    def is_listed(self) -> bool:
        return self.path != PathKind.UNLISTED

    @property
    def needs_study(self) -> bool:
        return self.path in {PathKind.PRE_STUDY, PathKind.GATE}


class StudyResult(models.TextChoices):
    AGREE = "agree", _("agree to submit")
    REVISE = "revise", _("revise and discuss again")
    STOP = "stop", _("do not submit")


class Study(models.Model):
    """A discussion of the committee before the decision, or after the body changed its opinion. Proved by the meeting's own record."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="studies")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="studies")
    on = models.DateField()
    result = models.CharField(max_length=8, choices=StudyResult.choices)
    is_return = models.BooleanField(default=False)  # the changed opinion came back to the committee
    by_uid = models.CharField(max_length=64)
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["decision_id", "on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "meeting"], name="decision_study_once"),
            models.CheckConstraint(condition=Q(result__in=StudyResult.values), name="decision_study_known_result"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.on}"


class OpinionKind(models.TextChoices):
    LEGAL = "legal", _("legal opinion")
    RISK = "risk", _("risk opinion")
    FINANCE = "finance", _("finance opinion")


class Opinion(models.Model):
    """That a department gave its opinion: which, when, under which paper number. The words stay on paper."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="opinions")
    kind = models.CharField(max_length=8, choices=OpinionKind.choices)
    paper_number = models.CharField(max_length=80)
    on = models.DateField()
    by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["decision_id", "on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "kind", "paper_number"], name="decision_opinion_once"),
            models.CheckConstraint(condition=Q(kind__in=OpinionKind.values), name="decision_opinion_known_kind"),
            models.CheckConstraint(condition=~Q(paper_number=""), name="decision_opinion_paper"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.paper_number}"
