from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "rongtong.roster"
    label = "roster"

    def ready(self) -> None:
        from rongtong.kernel.constraints import no_overlap, register_trigger
        from rongtong.roster import importers, leaving

        register_trigger(no_overlap("roster_affiliation", ["person_id"]))
        register_trigger(no_overlap("roster_suspension", ["person_id"]))
        importers.register()
        leaving.register()
