"""The desks of the three administrators: what waits for each. None of them sees business records."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import queries as access
from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.audit.models import Entry, Head
from rongtong.jobs.models import Job, JobState
from rongtong.kernel import clock


@dataclass(frozen=True, slots=True)
class Line:
    """A count with its words, and the page where it is dealt with; `is_bad` asks for attention."""

    count: int
    words: str
    url: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    sentence: str
    lines: tuple[Line, ...]


def desk_of(actor: Any) -> Desk | None:
    """The desk of an administrator; None for everybody else."""
    if can(actor, Permission.ACCOUNT_MANAGE):
        return _system()
    if can(actor, Permission.GRANT_APPROVE):
        return _security()
    return _audit() if can(actor, Permission.AUDIT_VIEW) else None


def _system() -> Desk:
    accounts = reverse("access:accounts")
    waiting = access.waiting_grants().count()
    first, blocked = (
        User.objects.filter(**one).count() for one in ({"must_change_password": True, "is_active": True}, {"is_active": False})
    )
    failed = Job.objects.filter(state=JobState.FAILED).count()
    lines = (
        Line(User.objects.filter(is_active=True).count(), _("accounts may sign in"), accounts),
        Line(first, _("have not changed the first password"), f"{accounts}?state=first", first > 0),
        Line(blocked, _("are blocked"), f"{accounts}?state=blocked"),
        Line(waiting, _("rights asked for wait for the security administrator"), reverse("access:grants")),
        Line(failed, _("jobs failed"), reverse("web:help"), failed > 0),
    )
    sentence = _("Accounts are yours to open and block; rights need the security administrator too.")
    return Desk(sentence, lines)


def _security() -> Desk:
    grants, templates = access.waiting_grants().count(), access.waiting_templates().count()
    lines = (
        Line(grants, _("rights wait for your decision"), reverse("access:grants"), grants > 0),
        Line(templates, _("templates wait for your decision"), reverse("rights:templates"), templates > 0),
        Line(User.objects.filter(is_active=True).count(), _("accounts may sign in"), reverse("access:accounts")),
    )
    sentence = _("Nothing waits for your decision.") if not grants + templates else _("Rights wait for your decision.")
    return Desk(sentence, lines)


def _audit() -> Desk:
    since = f"{clock.today():%Y-%m-%d}"
    today = Entry.objects.filter(at__gte=since)
    failed, granted = today.filter(kind="accounts.sign_in_failed").count(), today.filter(kind__startswith="access.").count()
    head = Head.objects.filter(pk=1).first()
    page = reverse("web:audit")
    lines = (
        Line(head.seq if head else 0, _("entries stand in the chain"), page),
        Line(today.count(), _("acts today"), page),
        Line(failed, _("failed sign-ins today"), f"{page}?kind=accounts.sign_in_failed", failed > 0),
        Line(granted, _("acts on accounts and rights today"), f"{page}?kind=access."),
    )
    return Desk(_("Every act leaves an entry; open the log to see whether the chain holds."), lines)
