from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "rongtong.web"
    label = "web"

    def ready(self) -> None:
        from rongtong.access.roles import Permission as P
        from rongtong.ui.navigation import NavEntry, register

        register(
            NavEntry("work", 1, _("Home"), "web:home"),
            NavEntry("work", 2, _("Inbox"), "inbox:mine"),
            NavEntry("work", 3, _("Ledger"), "ledger:table", P.MATTER_VIEW),
            NavEntry("work", 4, _("Supervision"), "ledger:supervision", P.MATTER_VIEW),
            NavEntry("work", 5, _("Requests"), "ledger:requests", P.MATTER_VIEW),
            NavEntry("work", 6, _("Calendar"), "calendar:month"),
            NavEntry("work", 7, _("Forms"), "burden:forms", P.FORM_VIEW),
            NavEntry("work", 9, _("Jobs"), "jobs:list", P.RUN_START),
            NavEntry("plan", 1, _("Plans"), "plans:plans", P.PLAN_VIEW),
            NavEntry("plan", 2, _("Integration map"), "plans:map", P.PLAN_VIEW),
            NavEntry("plan", 4, _("Carriers"), "plans:carriers", P.PLAN_VIEW),
            NavEntry("plan", 5, _("Results register"), "plans:results", P.PLAN_VIEW),
            NavEntry("plan", 3, _("Duties"), "duties:matrix", P.DUTY_VIEW),
            NavEntry("life", 0, _("Meetings"), "meetings:list"),
            NavEntry("life", 1, _("Rules"), "rules:list", P.RULE_VIEW),
            NavEntry("life", 5, _("Votes"), "votes:list", P.MEETING_VIEW),
            NavEntry("life", 6, _("Re-elections"), "elections:list", P.MEETING_VIEW),
            NavEntry("life", 7, _("Heart-to-heart talks"), "talks:list", P.MEETING_VIEW),
            NavEntry("library", 1, _("Papers"), "reports:papers", P.EXPORT),
            NavEntry("measure", 1, _("Cockpit"), "cockpit:cockpit", P.COCKPIT_VIEW),
            NavEntry("measure", 2, _("Indicators"), "indicators:index", P.INDICATOR_VIEW),
            NavEntry("measure", 3, _("Enter figures"), "indicators:entry", P.OBSERVATION_ENTER),
            NavEntry("measure", 4, _("Observations"), "indicators:observations", P.OBSERVATION_VIEW),
            NavEntry("measure", 5, _("Data quality"), "indicators:quality", P.OBSERVATION_VIEW),
            NavEntry("measure", 6, _("Runs"), "panel:runs", P.RUN_VIEW),
            NavEntry("people", 1, _("Organisation"), "organization:trees", P.ORGANIZATION_VIEW),
            NavEntry("people", 2, _("People"), "organization:persons", P.PERSON_VIEW),
            NavEntry("people", 2, _("Members by organisation"), "roster:list", P.PERSON_VIEW),
            NavEntry("people", 3, _("Import"), "exchange:start", P.IMPORT),
            NavEntry("admin", 0, _("Accounts and rights"), "access:accounts", P.ACCOUNT_VIEW),
            NavEntry("admin", 1, _("Audit log"), "web:audit", P.AUDIT_VIEW),
            NavEntry("admin", 9, _("Help"), "web:help"),
        )
