"""Which page answers which question; an account is shown the questions whose pages it may open."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access.policies import can
from rongtong.access.roles import Permission as P


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and the page that answers it; `permission` is empty for everybody."""

    question: Any
    page: Any
    url_name: str
    permission: str = ""

    @property
    def url(self) -> str:
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""


ANSWERS = (
    Answer(_("What do I owe, and what is stuck?"), _("Home"), "web:home"),
    Answer(_("What waits for me, what is stuck?"), _("Inbox"), "inbox:mine"),
    Answer(_("How does my unit stand, and why?"), _("Cockpit"), "cockpit:cockpit", P.COCKPIT_VIEW),
    Answer(_("Who belongs to whom? Where does nobody serve?"), _("Organisation"), "organization:trees", P.ORGANIZATION_VIEW),
    Answer(_("Who is to implement it?"), _("Duties"), "duties:matrix", P.DUTY_VIEW),
    Answer(_("Where is integration needed, and what exists?"), _("Integration map"), "plans:map", P.PLAN_VIEW),
    Answer(_("Which rule applies here, and is it kept?"), _("Rules"), "rules:list", P.RULE_VIEW),
    Answer(_("What does an indicator mean, who owns it?"), _("Indicators"), "indicators:index", P.INDICATOR_VIEW),
    Answer(_("Which figures are missing or to be doubted?"), _("Data quality"), "indicators:quality", P.OBSERVATION_VIEW),
    Answer(_("Which measurement is published, by which weights?"), _("Runs"), "panel:runs", P.RUN_VIEW),
    Answer(_("How do tables come in, and how are they undone?"), _("Import"), "exchange:start", P.IMPORT),
    Answer(_("Who may sign in, and with which rights?"), _("Accounts and rights"), "access:accounts", P.ACCOUNT_VIEW),
    Answer(_("Who did what, and does the log hold?"), _("Audit log"), "web:audit", P.AUDIT_VIEW),
)


def answers(actor: Any) -> list[Answer]:
    return [one for one in ANSWERS if (not one.permission or can(actor, P(one.permission))) and one.url]
