from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "rongtong.indicators"
    label = "indicators"

    def ready(self) -> None:
        from rongtong.exchange.exporting import register_exporter
        from rongtong.exchange.importing import register_importer
        from rongtong.indicators import definition_files, held_facts, importers, record_collectors
        from rongtong.indicators.kinds import register_kinds
        from rongtong.kernel.constraints import no_overlap, register_trigger

        for importer in (definition_files.INDICATORS, definition_files.TARGETS, importers.OBSERVATIONS):
            register_importer(importer)
        for exporter in definition_files.EXPORTERS:
            register_exporter(exporter)
        register_trigger(no_overlap("indicators_indicatorset", ["unit_class_id"]))
        record_collectors.register()
        held_facts.register()
        register_kinds()
