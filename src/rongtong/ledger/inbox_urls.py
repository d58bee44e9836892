"""The inbox: matters and notes of an account."""

from django.urls import path

from rongtong.ledger import views

app_name = "inbox"
urlpatterns = [path("", views.inbox, name="mine")]
