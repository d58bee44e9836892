from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "rongtong.inspections"
    label = "inspections"
