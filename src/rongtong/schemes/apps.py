from django.apps import AppConfig


class SchemesConfig(AppConfig):
    name = "rongtong.schemes"
    label = "schemes"
