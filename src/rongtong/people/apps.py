from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "rongtong.people"
    label = "people"
