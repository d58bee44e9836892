"""Addresses of the ledger."""

from django.urls import path

from rongtong.ledger import request_views, views, work_views

app_name = "ledger"
urlpatterns = [
    path("", views.table, name="table"),
    path("new", views.create, name="create"),
    path("board/", views.board, name="board"),
    path("supervision/", views.supervision, name="supervision"),
    path("requests/", request_views.requests, name="requests"),
    path("requests/new", request_views.ask, name="ask"),
    path("posts", views.posts, name="posts"),
    path("week/", work_views.week, name="week"),
    path("many", work_views.step_many, name="step_many"),
    path("views", work_views.save_view, name="save_view"),
    path("views/<int:pk>/drop", work_views.drop_view, name="drop_view"),
    path("hand-over/<int:pk>/", work_views.hand_over, name="hand_over"),
    path("hand-over/<int:pk>/note", work_views.note_hand_over, name="note_hand_over"),
    path("hand-over/<int:pk>/take", work_views.take_hand_over, name="take_hand_over"),
    path("evidence/<int:pk>/", views.evidence, name="evidence"),
    path("<int:pk>/", views.matter, name="matter"),
    path("<int:pk>/attach", views.attach, name="attach"),
    path("<int:pk>/refer", views.refer, name="refer"),
    path("<int:pk>/answer", request_views.answer, name="answer"),
    path("<int:pk>/<slug:code>/", views.step, name="step"),
]
