"""Addresses of duties."""

from django.urls import path

from rongtong.duties import leader_views, list_views, matrix_views, views

app_name = "duties"
urlpatterns = [
    path("", matrix_views.matrix, name="matrix"),
    path("mine", leader_views.mine, name="mine"),
    path("sign", leader_views.sign, name="sign"),
    path("lists/", list_views.lists, name="lists"),
    path("lists/<int:pk>/", list_views.duty_list, name="list"),
    path("lists/<int:pk>/revise", list_views.revise, name="revise"),
    path("leader/<int:pk>/", leader_views.leader, name="leader"),
    path("<int:pk>/", views.issue, name="issue"),
    path("<int:pk>/account", views.ask_account, name="ask_account"),
]
