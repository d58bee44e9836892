from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "rongtong.reports"
    label = "reports"
