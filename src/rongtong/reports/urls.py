"""Addresses of papers."""

from django.urls import path

from rongtong.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.papers, name="papers"),
    path("<int:pk>/", views.paper_page, name="paper"),
    path("<int:pk>/file", views.paper_file, name="file"),
    path("<int:pk>/remove", views.remove, name="remove"),
    path("meetings/<int:pk>/<slug:name>", views.meeting_paper, name="meeting"),
]
