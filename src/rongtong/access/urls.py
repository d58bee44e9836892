"""Addresses of the administration of accounts and rights, below those of signing in."""

from django.urls import path

from rongtong.access import views

app_name = "access"
urlpatterns = [
    path("", views.account_list, name="accounts"),
    path("new", views.new, name="new"),
    path("grants/", views.grants, name="grants"),
    path("grants/<int:pk>/<slug:what>", views.decide, name="decide"),
    path("<uuid:uid>/", views.account, name="account"),
    path("<uuid:uid>/grant", views.ask, name="ask"),
    path("<uuid:uid>/<slug:what>", views.change, name="change"),
]
