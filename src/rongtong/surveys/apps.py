from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "rongtong.surveys"
    label = "surveys"
