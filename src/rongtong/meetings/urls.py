"""Addresses of meetings. Votes, elections and talks bring files of their own."""

from django.urls import path

from rongtong.meetings import series_views, views, writing_views

app_name = "meetings"
urlpatterns = [
    path("", views.meetings, name="list"),
    path("new", writing_views.prepare, name="prepare"),
    path("series/", series_views.series_list, name="series"),
    path("series/new", series_views.start, name="start_series"),
    path("series/<int:pk>/end", series_views.end, name="end_series"),
    path("<int:pk>/", views.meeting, name="meeting"),
    path("<int:pk>/change", writing_views.change, name="change"),
    path("<int:pk>/facts", writing_views.facts, name="facts"),
    path("<int:pk>/attendance", writing_views.attendance, name="attendance"),
    path("<int:pk>/minutes", writing_views.minutes, name="minutes"),
    path("<int:pk>/minutes/<int:item>", writing_views.write, name="write"),
    path("<int:pk>/items", writing_views.add_item, name="add_item"),
    path("<int:pk>/resolve", writing_views.resolve, name="resolve"),
    path("<int:pk>/versions/", series_views.versions, name="versions"),
    path("<int:pk>/step/<slug:code>", views.step, name="step"),
    path("resolutions/<int:pk>/own", writing_views.own, name="own"),
    path("resolutions/<int:pk>/<slug:code>", writing_views.decide, name="decide"),
]
