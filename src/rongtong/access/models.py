"""Grants: which account may act in which role, where, from when to when."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.trees.models import Node


class Reach(models.TextChoices):
    NODE = "node", _("this place")
    SUBTREE = "subtree", _("this place and below")


class Source(models.TextChoices):
    DERIVED = "derived", _("from a post")
    EXPLICIT = "explicit", _("given")
    STAND_IN = "stand_in", _("stand-in")


class GrantQuerySet(models.QuerySet["Grant"]):
    def on(self, day: date) -> "GrantQuerySet":
        """Grants in force on a day: begun, not ended, and approved where approval is needed."""
        dated = self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
        return dated.filter(Q(source=Source.DERIVED) | Q(approved_at__isnull=False))


class Grant(models.Model):
    """A role of an account at a node. Derived grants follow serving appointments; the others need a second person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=40)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    reach = models.CharField(max_length=8, choices=Reach.choices, default=Reach.SUBTREE)
    is_linked = models.BooleanField(default=False)
    source = models.CharField(max_length=10, choices=Source.choices)
    origin_id = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    requested_by = models.CharField(max_length=64, blank=True)
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="grant_span"),
            models.CheckConstraint(condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")), name="grant_two_persons"),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at__isnull=True) | Q(~Q(approved_by=""), approved_at__isnull=False),
                name="grant_who_when",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "starts_on"], name="grant_user"),
            models.Index(fields=["source", "origin_id"], name="grant_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id} at {self.node_id}"


class RoleTemplateQuerySet(models.QuerySet["RoleTemplate"]):
    def standing(self) -> "RoleTemplateQuerySet":
        return self.filter(withdrawn_at__isnull=True)

    def in_force(self) -> "RoleTemplateQuerySet":
        return self.standing().filter(approved_at__isnull=False)


class RoleTemplate(models.Model):
    """Which role a kind of post carries, and how far. A template takes effect when a second person approved it."""

    post_kind = models.CharField(max_length=40)
    tree = models.CharField(max_length=1)
    role = models.CharField(max_length=40)
    reach = models.CharField(max_length=8, choices=Reach.choices)
    is_linked = models.BooleanField(default=False)
    proposed_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = RoleTemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post_kind", "tree", "role"], condition=Q(withdrawn_at__isnull=True), name="template_once"),
            models.CheckConstraint(condition=Q(approved_by="") | ~Q(approved_by=F("proposed_by")), name="template_two_persons"),
        ]

    def __str__(self) -> str:
        return f"{self.post_kind} -> {self.role}"
