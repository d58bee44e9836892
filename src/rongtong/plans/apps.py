from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "rongtong.plans"
    label = "plans"

    def ready(self) -> None:
        from rongtong.kernel.constraints import append_only, register_trigger
        from rongtong.plans import checks, collectors, held_facts, kinds, proofs, tables

        register_trigger(append_only("plans_planversion"))
        register_trigger(append_only("plans_together"))
        checks.register()
        collectors.register()
        kinds.register()
        proofs.register()
        tables.register()
        held_facts.register()
