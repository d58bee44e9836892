from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppraisalConfig(AppConfig):
    name = "rongtong.appraisal"
    label = "appraisal"

    def ready(self) -> None:
        from rongtong.access.roles import Permission
        from rongtong.appraisal import collectors, kinds
        from rongtong.kernel.constraints import append_only, register_trigger
        from rongtong.ui.navigation import NavEntry
        from rongtong.ui.navigation import register as navigate

        for table in ("appraisal_version", "appraisal_adjustment", "appraisal_snapshot"):
            register_trigger(append_only(table))
        kinds.register()
        navigate(NavEntry("measure", 7, _("Appraisal"), "appraisal:rounds", Permission.APPRAISAL_VIEW))
        collectors.register()
