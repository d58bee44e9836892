"""Addresses of rules."""

from django.urls import path

from rongtong.rules import grid_views, views

app_name = "rules"
urlpatterns = [
    path("", views.rule_list, name="list"),
    path("grid/", grid_views.by_period, name="grid"),
    path("grid/<int:pk>/", grid_views.over, name="over"),
    path("notices/", grid_views.notices, name="notices"),
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/<int:pk>/decide", views.decide, name="decide"),
    path("<str:code>/at/<int:pk>/", views.which, name="which"),
    path("<str:code>/at/<int:pk>/own", views.override, name="override"),
    path("<str:code>/at/<int:pk>/exception", views.ask, name="ask"),
]
