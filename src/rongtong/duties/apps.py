from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "rongtong.duties"
    label = "duties"

    def ready(self) -> None:
        from rongtong.duties import checks, collectors, finding, kinds
        from rongtong.kernel.constraints import append_only, register_trigger

        register_trigger(append_only("duties_duty"))
        register_trigger(append_only("duties_dutylist"))
        checks.register()
        collectors.register()
        kinds.register()
        finding.register()
