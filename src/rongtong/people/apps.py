from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "rongtong.people"
    label = "people"

    def ready(self) -> None:
        from rongtong.access.roles import Permission
        from rongtong.kernel.constraints import no_overlap, register_trigger
        from rongtong.people import collectors, hours, kinds
        from rongtong.people.frozen import issued_frames
        from rongtong.ui.navigation import NavEntry
        from rongtong.ui.navigation import register as navigate

        register_trigger(issued_frames())
        register_trigger(no_overlap("people_requirement", ["post_kind", "node_id"], where="{row}.node_id IS NOT NULL"))
        register_trigger(
            no_overlap("people_requirement", ["post_kind"], where="{row}.node_id IS NULL", name="people_requirement_enterprise_no_overlap")
        )
        collectors.register()
        hours.register()
        kinds.register()
        navigate(
            NavEntry("people", 4, _("Ability"), "people:overview", Permission.PEOPLE_VIEW),
            NavEntry("people", 5, _("My ability"), "people:me"),
        )
