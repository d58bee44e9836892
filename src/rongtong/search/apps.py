from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "rongtong.search"
    label = "search"
