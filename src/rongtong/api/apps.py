from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "rongtong.api"
    label = "api"
