"""Addresses of the cockpit."""

from django.urls import path

from rongtong.cockpit import views

app_name = "cockpit"
urlpatterns = [
    path("", views.cockpit, name="cockpit"),
    path("gaps", views.gaps, name="gaps"),
    path("classes", views.classes, name="classes"),
    path("next", views.next_steps, name="next"),
    path("control", views.control, name="control"),
    path("assign", views.assign, name="assign"),
]
