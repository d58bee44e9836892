"""Addresses of rules."""

from django.urls import path

from rongtong.rules import views

app_name = "rules"
urlpatterns = [
    path("", views.rule_list, name="list"),
    path("grid/", views.grid, name="grid"),
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/<int:pk>/decide", views.decide, name="decide"),
    path("<str:code>/at/<int:pk>/", views.which, name="which"),
    path("<str:code>/at/<int:pk>/own", views.override, name="override"),
    path("<str:code>/at/<int:pk>/exception", views.ask, name="ask"),
]
