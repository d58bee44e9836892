from django.apps import AppConfig


class BurdenConfig(AppConfig):
    name = "rongtong.burden"
    label = "burden"

    def ready(self) -> None:
        from rongtong.burden import kinds

        kinds.register()
