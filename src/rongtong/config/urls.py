"""Root urls: each package brings its own file; this page only says where it hangs."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("rongtong.web.urls")),
    path("accounts/", include("rongtong.accounts.urls")),
    path("accounts/templates/", include("rongtong.organization.rights_urls")),
    path("accounts/", include("rongtong.access.urls")),
    path("indicators/import/", include("rongtong.exchange.urls")),
    path("indicators/", include("rongtong.indicators.urls")),
    path("organization/roster/", include("rongtong.roster.urls")),
    path("organization/", include("rongtong.organization.urls")),
    path("rules/", include("rongtong.rules.urls")),
    path("runs/", include("rongtong.panel.urls")),
    path("cockpit/", include("rongtong.cockpit.urls")),
    path("jobs/", include("rongtong.jobs.urls")),
    path("inbox/", include("rongtong.ledger.inbox_urls")),
    path("inbox/", include("rongtong.notifications.urls")),
    path("ledger/", include("rongtong.ledger.urls")),
    path("duties/", include("rongtong.duties.urls")),
    path("plans/", include("rongtong.plans.urls")),
    path("meetings/", include("rongtong.meetings.urls")),
    path("decisions/", include("rongtong.decisions.urls")),
    path("inspections/", include("rongtong.inspections.urls")),
    path("forms/", include("rongtong.burden.urls")),
    path("meetings/votes/", include("rongtong.meetings.vote_urls")),
    path("meetings/elections/", include("rongtong.meetings.election_urls")),
    path("meetings/talks/", include("rongtong.meetings.talk_urls")),
    path("reports/", include("rongtong.reports.urls")),
    path("calendar/", include("rongtong.ledger.calendar_urls")),
    path("api/v1/", include("rongtong.api.urls")),
]
