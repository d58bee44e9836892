"""The import wizard, for every kind of file. Hangs below /indicators/import/."""

from django.urls import path

from rongtong.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.start, name="start"),
    path("export/<str:kind>/", views.export, name="export"),
    path("<uuid:uid>/", views.batch, name="batch"),
    path("<uuid:uid>/columns/", views.columns, name="columns"),
    path("<uuid:uid>/apply/", views.apply, name="apply"),
    path("<uuid:uid>/undo/", views.undo, name="undo"),
    path("<uuid:uid>/discard/", views.discard, name="discard"),
]
