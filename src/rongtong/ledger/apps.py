from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "rongtong.ledger"
    label = "ledger"

    def ready(self) -> None:
        from rongtong.kernel.constraints import append_only, register_trigger
        from rongtong.ledger import collectors, held_facts, kinds, tables

        register_trigger(append_only("ledger_step"))
        kinds.register()
        collectors.register()
        tables.register()
        held_facts.register()
