"""Addresses of talks."""

from django.urls import path

from rongtong.meetings import talk_views

app_name = "talks"
urlpatterns = [
    path("", talk_views.branches, name="list"),
    path("<int:pk>/", talk_views.branch, name="at"),
    path("<int:pk>/record", talk_views.record, name="record"),
    path("entries/<int:pk>/void", talk_views.void, name="void"),
]
