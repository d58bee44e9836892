"""Addresses of the role templates, below those of accounts."""

from django.urls import path

from rongtong.organization import rights_views

app_name = "rights"
urlpatterns = [
    path("", rights_views.templates, name="templates"),
    path("<int:pk>/<slug:what>", rights_views.decide, name="decide"),
]
