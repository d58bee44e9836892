"""Addresses of runs."""

from django.urls import path

from rongtong.panel import views

app_name = "panel"
urlpatterns = [
    path("", views.run_list, name="runs"),
    path("start", views.start, name="start"),
    path("<int:pk>/", views.run_page, name="run"),
    path("<int:pk>/publish", views.publish, name="publish"),
    path("<int:pk>/explain", views.explain, name="explain"),
    path("<int:pk>/compare", views.compare, name="compare"),
]
