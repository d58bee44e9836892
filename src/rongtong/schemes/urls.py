from django.urls import URLPattern, path

from rongtong.schemes import edit_views, views, weight_views

app_name = "schemes"
urlpatterns: list[URLPattern] = [
    path("", views.schemes, name="list"),
    path("new/", edit_views.new, name="new"),
    path("v/<int:pk>/", views.version, name="version"),
    path("v/<int:pk>/file", views.file, name="file"),
    path("v/<int:pk>/changes/", views.changes, name="changes"),
    path("v/<int:pk>/weight/", weight_views.weight, name="weight"),
    path("v/<int:pk>/source/<slug:what>/", weight_views.source, name="source"),
    path("v/<int:pk>/what-if/", weight_views.what_if, name="what_if"),
    path("v/<int:pk>/edit/", edit_views.edit, name="edit"),
    path("v/<int:pk>/withdraw/", edit_views.withdraw, name="withdraw"),
    path("v/<int:pk>/<slug:what>", edit_views.step, name="step"),
]
