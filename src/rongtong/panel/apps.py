from django.apps import AppConfig


class PanelConfig(AppConfig):
    name = "rongtong.panel"
    label = "panel"
