from django.apps import AppConfig


class SchemesConfig(AppConfig):
    name = "rongtong.schemes"
    label = "schemes"

    def ready(self) -> None:
        from rongtong.schemes import triggers

        triggers.register()
