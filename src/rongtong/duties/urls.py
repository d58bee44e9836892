"""Addresses of duties."""

from django.urls import path

from rongtong.duties import views

app_name = "duties"
urlpatterns = [
    path("", views.matrix, name="matrix"),
    path("mine", views.mine, name="mine"),
    path("sign", views.sign, name="sign"),
    path("lists/", views.lists, name="lists"),
    path("lists/<int:pk>/", views.duty_list, name="list"),
    path("leader/<int:pk>/", views.leader, name="leader"),
    path("<int:pk>/", views.issue, name="issue"),
]
