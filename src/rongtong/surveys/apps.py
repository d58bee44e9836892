from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "rongtong.surveys"
    label = "surveys"

    def ready(self) -> None:
        from rongtong.access.roles import Permission
        from rongtong.kernel.constraints import register_trigger
        from rongtong.surveys import collectors, frozen, kinds
        from rongtong.ui.navigation import NavEntry
        from rongtong.ui.navigation import register as navigate

        for trigger in frozen.triggers():
            register_trigger(trigger)
        collectors.register()
        kinds.register()
        navigate(NavEntry("measure", 8, _("Surveys"), "surveys:waves", Permission.SURVEY_VIEW))
