from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "rongtong.duties"
    label = "duties"
