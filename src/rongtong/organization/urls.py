"""Addresses of the organisation."""

from django.urls import path

from rongtong.organization import views

app_name = "organization"
urlpatterns = [
    path("", views.trees, name="trees"),
    path("n/<int:pk>/", views.node, name="node"),
    path("people/", views.persons, name="persons"),
    path("people/<int:pk>/", views.person, name="person"),
    path("vacancies/", views.vacancies, name="vacancies"),
    path("posts/<int:pk>/appoint", views.appoint, name="appoint"),
]
