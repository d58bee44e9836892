from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "rongtong.people"
    label = "people"

    def ready(self) -> None:
        from rongtong.kernel.constraints import no_overlap, register_trigger
        from rongtong.people import collectors, hours, kinds
        from rongtong.people.frozen import issued_frames

        register_trigger(issued_frames())
        register_trigger(no_overlap("people_requirement", ["post_kind", "node_id"], where="{row}.node_id IS NOT NULL"))
        register_trigger(
            no_overlap("people_requirement", ["post_kind"], where="{row}.node_id IS NULL", name="people_requirement_enterprise_no_overlap")
        )
        collectors.register()
        hours.register()
        kinds.register()
