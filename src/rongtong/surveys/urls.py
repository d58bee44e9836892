"""Addresses of surveys."""

from django.urls import path

from rongtong.surveys import answer_views, views

app_name = "surveys"
urlpatterns = [
    path("", views.waves, name="waves"),
    path("new", views.new, name="new"),
    path("questionnaires/", views.questionnaires, name="questionnaires"),
    path("questionnaires/<int:pk>/", views.questionnaire, name="questionnaire"),
    path("answer/", answer_views.mine, name="mine"),
    path("answer/<uuid:uid>/", answer_views.answer, name="answer"),
    path("<int:pk>/", views.wave, name="wave"),
    path("<int:pk>/launch", views.launch, name="launch"),
    path("<int:pk>/source", views.source, name="source"),
    path("<int:pk>/copy", views.copy, name="copy"),
    path("<int:pk>/step/<slug:what>", views.step, name="step"),
]
