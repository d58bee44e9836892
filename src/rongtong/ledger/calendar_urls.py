"""Addresses of the calendar."""

from django.urls import path

from rongtong.ledger import request_views

app_name = "calendar"
urlpatterns = [
    path("", request_views.calendar, name="month"),
    path("link", request_views.make_link, name="link"),
    path("link/withdraw", request_views.withdraw_link, name="withdraw_link"),
    path("feed/<str:secret>.ics", request_views.feed, name="feed"),
]
