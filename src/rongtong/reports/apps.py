from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "rongtong.reports"
    label = "reports"

    def ready(self) -> None:
        from rongtong.jobs.registry import register_job
        from rongtong.reports import kinds, tasks
        from rongtong.reports.actions import JOB

        register_job(JOB, tasks.make_job)
        kinds.register()
