from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "rongtong.web"
    label = "web"
