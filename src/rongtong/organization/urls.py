"""Addresses of the organisation."""

from django.urls import path

from rongtong.organization import edit_views, people_views, views

app_name = "organization"
urlpatterns = [
    path("", views.trees, name="trees"),
    path("branch/<int:pk>/", views.branch, name="branch"),
    path("n/<int:pk>/", views.node, name="node"),
    path("n/<int:pk>/<slug:what>/", edit_views.edit, name="edit"),
    path("people/", people_views.persons, name="persons"),
    path("people/suggest", people_views.suggest, name="suggest_persons"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("people/<int:pk>/account", people_views.tie, name="tie"),
    path("posts/", people_views.posts, name="posts"),
    path("posts/<int:pk>/", people_views.post, name="post"),
    path("posts/<int:pk>/appoint", edit_views.appoint, name="appoint"),
    path("posts/<int:pk>/close", edit_views.close_post, name="close_post"),
    path("appointments/<int:pk>/end", edit_views.end_appointment, name="end_appointment"),
    path("links/<int:pk>/end", edit_views.end_link, name="end_link"),
    path("vacancies/", views.vacancies, name="vacancies"),
]
