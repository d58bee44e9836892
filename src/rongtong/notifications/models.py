"""Notes in an account's inbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rongtong.accounts.models import User
from rongtong.kernel import clock


class Note(models.Model):
    """Something an account is told; points to a record by reference."""

    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=40)
    text = models.TextField()
    about_kind = models.CharField(max_length=40, blank=True)
    about_id = models.CharField(max_length=64, blank=True)
    url = models.CharField(max_length=300, blank=True)
    from_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["to", "-id"], name="note_inbox"),
            models.Index(fields=["to"], condition=models.Q(read_at__isnull=True), name="note_unread"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Way(models.TextChoices):
    MAIL = "mail", _("mail")
    ROBOT = "robot", _("group robot")


class Channel(models.Model):
    """Where an account is told besides its inbox, and when it is not to be disturbed."""

    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="channel")
    mail = models.EmailField(blank=True)
    robot = models.URLField(max_length=300, blank=True)
    is_digest = models.BooleanField(default=False)
    quiet_from = models.PositiveSmallIntegerField(default=21)
    quiet_to = models.PositiveSmallIntegerField(default=8)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(quiet_from__lte=23, quiet_to__lte=23), name="channel_hours")]

    def __str__(self) -> str:
        return f"channel of {self.owner_id}"


class Outgoing(models.Model):
    """A message to be sent outside: written with the act that says it, sent by the worker, once per key."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="outgoing")
    way = models.CharField(max_length=5, choices=Way.choices)
    text = models.CharField(max_length=500)
    key = models.CharField(max_length=64, unique=True)
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["not_before"], condition=models.Q(sent_at__isnull=True), name="outgoing_waiting")]

    def __str__(self) -> str:
        return f"{self.way} {self.key}"
