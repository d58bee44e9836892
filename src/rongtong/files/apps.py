from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "rongtong.files"
    label = "files"
