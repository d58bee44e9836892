from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "rongtong.decisions"
    label = "decisions"
