"""Addresses of re-elections."""

from django.urls import path

from rongtong.meetings import election_views

app_name = "elections"
urlpatterns = [
    path("", election_views.organisations, name="list"),
    path("<int:pk>/", election_views.path, name="path"),
    path("<int:pk>/start", election_views.start, name="start"),
    path("<int:pk>/record/<slug:what>", election_views.step, name="step"),
]
