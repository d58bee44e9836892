"""Addresses of rounds, sheets, objections and uses; schemes stand below the same prefix."""

from django.urls import path

from rongtong.appraisal import sheet_views, use_views, views

app_name = "appraisal"
urlpatterns = [
    path("", views.rounds, name="rounds"),
    path("new", views.plan, name="plan"),
    path("<int:pk>/", views.round_page, name="round"),
    path("<int:pk>/launch", views.launch, name="launch"),
    path("<int:pk>/step/<slug:what>", views.step, name="step"),
    path("<int:pk>/change/<slug:what>", views.change, name="change"),
    path("<int:pk>/calibration", views.calibration, name="calibration"),
    path("<int:pk>/results", views.results, name="results"),
    path("<int:pk>/recompute", views.recompute_page, name="recompute"),
    path("<int:pk>/uses", use_views.uses, name="uses"),
    path("<int:pk>/pay", use_views.pay, name="pay"),
    path("<int:pk>/pay/<slug:name>", use_views.pay_file, name="pay_file"),
    path("sheets/<int:pk>/", sheet_views.sheet_page, name="sheet"),
    path("sheets/<int:pk>/source/<str:code>", sheet_views.source_page, name="source"),
    path("sheets/<int:pk>/say/<str:code>", sheet_views.say, name="say"),
    path("sheets/<int:pk>/report", sheet_views.report, name="report"),
    path("sheets/<int:pk>/review", sheet_views.review, name="review"),
    path("sheets/<int:pk>/adjust", sheet_views.adjust, name="adjust"),
    path("sheets/<int:pk>/object", sheet_views.object_to, name="object"),
    path("sheets/<int:pk>/use", use_views.use, name="use"),
    path("sheets/<int:pk>/rectify", use_views.rectify, name="rectify"),
    path("objections/<int:pk>/answer", sheet_views.answer, name="answer"),
]
