from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "rongtong.access"
    label = "access"
