from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "rongtong.notifications"
    label = "notifications"
