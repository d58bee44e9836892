"""Root urls: each package brings its own file; this page only says where it hangs."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("rongtong.web.urls")),
    path("accounts/", include("rongtong.accounts.urls")),
    path("indicators/import/", include("rongtong.exchange.urls")),
    path("indicators/", include("rongtong.indicators.urls")),
]
