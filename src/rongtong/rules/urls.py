"""Addresses of rules."""

from django.urls import path

from rongtong.rules import views

app_name = "rules"
urlpatterns = [path("", views.rule_list, name="list"), path("<str:code>/at/<int:pk>/", views.which, name="which")]
