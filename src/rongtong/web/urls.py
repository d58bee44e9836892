"""Pages of the shell."""

from django.urls import path

from rongtong.web import form_export, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("go", views.go, name="go"),
    path("next", views.next_steps, name="next"),
    path("nodes", views.nodes, name="nodes"),
    path("search/", views.search, name="search"),
    path("help/", views.help_page, name="help"),
    path("audit/", views.audit, name="audit"),
    path("forms/<int:pk>/export", form_export.form_export, name="form_export"),
    path("language", views.language, name="language"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
