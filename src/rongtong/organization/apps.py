from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "rongtong.organization"
    label = "organization"

    def ready(self) -> None:
        from rongtong.kernel.constraints import no_overlap, register_trigger
        from rongtong.organization import held_facts, importers, kinds

        register_trigger(no_overlap("organization_appointment", ["post_id"], where="{row}.kind = 'formal'"))
        register_trigger(no_overlap("organization_unitclassassignment", ["unit_id"]))
        importers.register()
        kinds.register()
        held_facts.register()
