from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DecisionsConfig(AppConfig):
    name = "rongtong.decisions"
    label = "decisions"

    def ready(self) -> None:
        from rongtong.access.roles import Permission
        from rongtong.decisions import checks, collectors, exporting, frozen, kinds
        from rongtong.kernel.constraints import append_only, no_overlap, register_trigger
        from rongtong.ui.navigation import NavEntry
        from rongtong.ui.navigation import register as navigate

        for trigger in (
            *frozen.triggers(), append_only("decisions_review"), no_overlap("decisions_rolerow", ["node_id"]),
            no_overlap("decisions_matterlist", ["node_id"], where="{row}.approved_on IS NOT NULL"),
        ):  # fmt: skip
            register_trigger(trigger)
        checks.register()
        collectors.register()
        exporting.register()
        kinds.register()
        navigate(NavEntry("life", 5, _("Decisions"), "decisions:table", Permission.DECISION_VIEW))
