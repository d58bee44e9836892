"""Bringing a database to this version: an empty one gets all its tables at once, any other is migrated step by step.

Step by step an empty database takes seconds, because Django builds its picture of all models anew for each of two hundred steps. Both ways end
in the same tables, columns and constraints: tests/unit/kernel/test_schema.py compares them.
"""

from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def bring_up(*, verbosity: int = 0) -> None:
    """Create or migrate; either way triggers and constraints of our own stand afterwards (`post_migrate`)."""
    if connection.introspection.table_names():
        call_command("migrate", verbosity=verbosity)
        return
    _create()
    emit_post_migrate_signal(verbosity, interactive=False, db=connection.alias, plan=[])


def _create() -> None:
    """All tables and the note that every migration is done, in one transaction: a database that was cut off is still empty."""
    recorder, steps = MigrationRecorder(connection), MigrationLoader(connection).disk_migrations
    with connection.schema_editor(atomic=True) as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        editor.create_model(recorder.Migration)
        recorder.migration_qs.bulk_create([recorder.Migration(app=app, name=name) for app, name in sorted(steps)])
