from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "rongtong.plans"
    label = "plans"
