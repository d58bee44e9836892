from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "rongtong.papers"
    label = "papers"
