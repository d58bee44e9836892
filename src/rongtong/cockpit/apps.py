from django.apps import AppConfig


class CockpitConfig(AppConfig):
    name = "rongtong.cockpit"
    label = "cockpit"
