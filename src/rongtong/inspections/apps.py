from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    name = "rongtong.inspections"
    label = "inspections"

    def ready(self) -> None:
        from rongtong.access.roles import Permission
        from rongtong.inspections import kinds
        from rongtong.ui.navigation import NavEntry
        from rongtong.ui.navigation import register as navigate

        kinds.register()
        navigate(NavEntry("life", 6, _("Inspections"), "inspections:year", Permission.INSPECTION_VIEW))
