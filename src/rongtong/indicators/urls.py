"""Pages of indicators and observations."""

from django.urls import path

from rongtong.indicators import define_views, entry_views, table_views, views

app_name = "indicators"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", define_views.define, name="new"),
    path("i/<str:code>/", views.indicator, name="indicator"),
    path("i/<str:code>/definition/", define_views.define, name="define"),
    path("source/", views.source, name="source"),
    path("sets/", views.sets, name="sets"),
    path("sets/<int:pk>/", views.issued_set, name="set"),
    path("sets/<int:pk>/issue/", define_views.issue, name="issue"),
    path("months/", views.months, name="months"),
    path("quality/", views.quality_page, name="quality"),
    path("reconcile/", views.reconcile, name="reconcile"),
    path("entry/", entry_views.grid, name="entry"),
    path("entry/draft/", entry_views.draft, name="draft"),
    path("targets/", table_views.targets, name="targets"),
    path("observations/", table_views.observations, name="observations"),
    path("observations/<int:pk>/", table_views.observation, name="observation"),
]
