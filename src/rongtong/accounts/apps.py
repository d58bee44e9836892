from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "rongtong.accounts"
    label = "accounts"
