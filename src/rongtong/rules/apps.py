from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rongtong.rules"
    label = "rules"
