"""Addresses of forms."""

from django.urls import path

from rongtong.burden import views

app_name = "burden"
urlpatterns = [
    path("", views.forms, name="forms"),
    path("new", views.create, name="create"),
    path("<int:pk>/", views.form, name="form"),
    path("<int:pk>/ask", views.ask, name="ask"),
    path("<int:pk>/issue", views.issue, name="issue"),
    path("<int:pk>/withdraw", views.withdraw, name="withdraw"),
    path("questions/<int:pk>/unask", views.unask, name="unask"),
    path("sheets/<int:pk>/", views.sheet, name="sheet"),
    path("sheets/<int:pk>/give-back", views.give_back, name="give_back"),
]
