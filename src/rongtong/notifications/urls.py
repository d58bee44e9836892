"""Addresses of the inbox."""

from django.urls import path

from rongtong.notifications import views

app_name = "notifications"
urlpatterns = [path("channel", views.channel, name="channel"), path("<int:pk>/open", views.open_note, name="open")]
