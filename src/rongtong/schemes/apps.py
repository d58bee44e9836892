from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchemesConfig(AppConfig):
    name = "rongtong.schemes"
    label = "schemes"

    def ready(self) -> None:
        from rongtong.access.roles import Permission
        from rongtong.schemes import files, kinds, triggers
        from rongtong.ui.navigation import NavEntry
        from rongtong.ui.navigation import register as navigate

        triggers.register()
        kinds.register()
        files.register()
        navigate(NavEntry("measure", 9, _("Appraisal schemes"), "schemes:list", Permission.SCHEME_VIEW))
