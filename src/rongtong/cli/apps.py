from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "rongtong.cli"
    label = "cli"
