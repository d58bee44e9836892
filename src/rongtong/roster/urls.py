"""Addresses of the roster, below those of the organisation."""

from django.urls import path

from rongtong.roster import edit_views, views

app_name = "roster"
urlpatterns = [
    path("", views.organisations, name="list"),
    path("<int:pk>/", views.organisation, name="at"),
    path("<int:pk>/propose", edit_views.propose, name="propose"),
    path("<int:pk>/add", edit_views.add, name="add"),
    path("<int:pk>/exclude", edit_views.exclude, name="exclude"),
    path("<int:pk>/suspend", edit_views.suspend, name="suspend"),
    path("affiliations/<int:pk>/<slug:what>", edit_views.change, name="change"),
    path("exclusions/<int:pk>/end", edit_views.include, name="include"),
    path("suspensions/<int:pk>/lift", edit_views.lift, name="lift"),
]
