from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rongtong.rules"
    label = "rules"

    def ready(self) -> None:
        from rongtong.kernel.constraints import no_overlap, register_trigger
        from rongtong.organization import thresholds
        from rongtong.rules import kinds, means_checks, organization_checks, queries

        register_trigger(no_overlap("rules_rulerow", ["code", "place"], name="rule_row_no_overlap"))
        thresholds.install_reader(queries.numbers)
        organization_checks.register()
        means_checks.register()
        kinds.register()
