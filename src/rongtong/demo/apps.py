from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "rongtong.demo"
    label = "demo"
