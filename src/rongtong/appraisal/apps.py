from django.apps import AppConfig


class AppraisalConfig(AppConfig):
    name = "rongtong.appraisal"
    label = "appraisal"
