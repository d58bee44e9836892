from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "rongtong.ui"
    label = "ui"
