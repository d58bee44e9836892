from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "rongtong.indicators"
    label = "indicators"
