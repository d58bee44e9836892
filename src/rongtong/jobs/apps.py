from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "rongtong.jobs"
    label = "jobs"
