from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rongtong.rules"
    label = "rules"

    def ready(self) -> None:
        from rongtong.kernel.constraints import no_overlap, register_trigger

        register_trigger(no_overlap("rules_rulerow", ["code", "place"], name="rule_row_no_overlap"))
