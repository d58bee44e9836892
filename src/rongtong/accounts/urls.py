"""Signing in and out."""

from django.urls import path

from rongtong.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("password", views.password, name="password"),
    path("views", views.keep_view, name="keep_view"),
    path("views/<int:pk>/drop", views.drop_view, name="drop_view"),
    path("tokens", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke", views.revoke, name="revoke"),
]
