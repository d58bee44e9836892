from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "rongtong.meetings"
    label = "meetings"

    def ready(self) -> None:
        from rongtong.kernel.constraints import append_only, register_trigger
        from rongtong.meetings import calendar_entries, checks, collectors, importers, kinds, person_checks, study, trails, vote_kinds

        register_trigger(append_only("meetings_minutes"))
        kinds.register()
        calendar_entries.register()
        checks.register()
        person_checks.register()
        study.register()
        collectors.register()
        importers.register()
        trails.register()
        vote_kinds.register()
