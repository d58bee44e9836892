from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "rongtong.organization"
    label = "organization"
