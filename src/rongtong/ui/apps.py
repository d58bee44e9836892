from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "rongtong.ui"
    label = "ui"

    def ready(self) -> None:
        from rongtong.ui import compressed

        compressed.refresh()
