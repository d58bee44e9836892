from django.apps import AppConfig


class AppraisalConfig(AppConfig):
    name = "rongtong.appraisal"
    label = "appraisal"

    def ready(self) -> None:
        from rongtong.appraisal import collectors, kinds
        from rongtong.kernel.constraints import append_only, register_trigger

        for table in ("appraisal_version", "appraisal_adjustment", "appraisal_snapshot"):
            register_trigger(append_only(table))
        kinds.register()
        collectors.register()
