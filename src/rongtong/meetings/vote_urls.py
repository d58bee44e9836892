"""Addresses of votes."""

from django.urls import path

from rongtong.meetings import vote_views

app_name = "votes"
urlpatterns = [
    path("", vote_views.votes, name="list"),
    path("open", vote_views.open_vote, name="open"),
    path("<int:pk>/", vote_views.vote, name="vote"),
    path("<int:pk>/count", vote_views.count, name="count"),
    path("<int:pk>/void", vote_views.void, name="void"),
    path("<int:pk>/paper/<slug:what>", vote_views.paper, name="paper"),
    path("<int:pk>/appoint", vote_views.appoint, name="appoint"),
]
