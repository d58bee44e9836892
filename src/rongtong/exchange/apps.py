from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "rongtong.exchange"
    label = "exchange"
