from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "rongtong.notifications"
    label = "notifications"

    def ready(self) -> None:
        from rongtong.kernel.act import install_message_writer
        from rongtong.notifications.actions import write_messages

        install_message_writer(write_messages)
