"""Addresses of the ledger."""

from django.urls import path

from rongtong.ledger import request_views, views

app_name = "ledger"
urlpatterns = [
    path("", views.table, name="table"),
    path("new", views.create, name="create"),
    path("board/", views.board, name="board"),
    path("supervision/", views.supervision, name="supervision"),
    path("requests/", request_views.requests, name="requests"),
    path("requests/new", request_views.ask, name="ask"),
    path("posts", views.posts, name="posts"),
    path("urge", views.urge_many, name="urge_many"),
    path("views", views.save_view, name="save_view"),
    path("evidence/<int:pk>/", views.evidence, name="evidence"),
    path("<int:pk>/", views.matter, name="matter"),
    path("<int:pk>/attach", views.attach, name="attach"),
    path("<int:pk>/refer", views.refer, name="refer"),
    path("<int:pk>/answer", request_views.answer, name="answer"),
    path("<int:pk>/<slug:code>/", views.step, name="step"),
]
