from django.apps import AppConfig


class PanelConfig(AppConfig):
    name = "rongtong.panel"
    label = "panel"

    def ready(self) -> None:
        from rongtong.jobs.registry import register_job
        from rongtong.panel import tasks

        register_job("panel.measure", tasks.measure_job)
        register_job("panel.snapshot", tasks.snapshot_job)
