"""Addresses of the API."""

from django.urls import path

from rongtong.api.main import api

urlpatterns = [path("", api.urls)]
