"""Addresses of inspections, their places, findings and check lists."""

from django.urls import path

from rongtong.inspections import place_views, views

app_name = "inspections"
urlpatterns = [
    path("", views.year, name="year"),
    path("new", views.plan, name="plan"),
    path("lists/", place_views.lists, name="lists"),
    path("lists/<int:pk>/", place_views.checklist, name="list"),
    path("lists/<int:pk>/item", place_views.item, name="item"),
    path("places/<int:pk>/", place_views.place, name="place"),
    path("places/<int:pk>/site", place_views.site, name="site"),
    path("places/<int:pk>/visit", place_views.visit, name="visit"),
    path("places/<int:pk>/find", place_views.find, name="find"),
    path("findings/<int:pk>/<slug:what>", place_views.finding, name="finding"),
    path("<int:pk>/", views.inspection, name="inspection"),
    path("<int:pk>/issue", views.issue, name="issue"),
    path("<int:pk>/combine", views.combine, name="combine"),
    path("<int:pk>/step/<slug:what>", views.step, name="step"),
    path("<int:pk>/change/<slug:what>", views.change, name="change"),
]
