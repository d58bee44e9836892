"""Addresses of decisions, lists and roles."""

from django.urls import path

from rongtong.decisions import act_views, list_views, views

app_name = "decisions"
urlpatterns = [
    path("", views.table, name="table"),
    path("new", views.register, name="register"),
    path("lists/", list_views.lists, name="lists"),
    path("lists/new", list_views.draft, name="draft"),
    path("lists/<int:pk>/", list_views.matter_list, name="list"),
    path("lists/<int:pk>/head", list_views.head, name="head"),
    path("lists/<int:pk>/item", list_views.item, name="item"),
    path("lists/<int:pk>/limit", list_views.limit, name="limit"),
    path("lists/<int:pk>/review", list_views.review, name="review"),
    path("lists/<int:pk>/change/<slug:what>", list_views.change, name="change"),
    path("roles/", list_views.roles, name="roles"),
    path("roles/<int:pk>/", list_views.role, name="role"),
    path("meetings/<int:pk>/", act_views.meeting, name="meeting"),
    path("<int:pk>/", views.decision, name="decision"),
    path("<int:pk>/<slug:what>", act_views.record, name="record"),
]
