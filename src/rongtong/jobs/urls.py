"""Addresses of jobs."""

from django.urls import path

from rongtong.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<int:pk>/", views.job_page, name="job"),
    path("<int:pk>/cancel", views.cancel, name="cancel"),
]
