"""What only a trigger can hold: an issued version says for ever what it said, and versions in force of a class never overlap."""

from rongtong.kernel.constraints import Trigger, no_overlap, register_trigger

TABLE = "schemes_schemeversion"
NAME = "scheme_version_frozen"
FROZEN = ("scheme_id", "unit_class_id", "number", "content", "digest", "starts_on", "document", "drafted_uid", "issued_uid", "issued_at")
_SQLITE_CHANGED = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FROZEN)
_POSTGRES_CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN)
_BACK = "NEW.state = 'draft'"
_SAYS = "an issued scheme version is not changed"


def frozen() -> Trigger:
    """Refuse an update of what an issued version says, its return to draft, and its deletion."""
    sqlite = (
        f"CREATE TRIGGER {NAME}_update BEFORE UPDATE ON {TABLE} WHEN OLD.state <> 'draft' AND ({_BACK} OR {_SQLITE_CHANGED}) "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END",
        f"CREATE TRIGGER {NAME}_delete BEFORE DELETE ON {TABLE} WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END",
    )
    function = (
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR {_BACK} OR {_POSTGRES_CHANGED}) THEN "
        f"RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    create = f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()"
    return Trigger(NAME, TABLE, sqlite, (function, f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}", create))


def register() -> None:
    register_trigger(frozen())
    where = "{row}.state IN ('issued', 'replaced')"
    register_trigger(no_overlap(TABLE, ["unit_class_id"], where=where, name="scheme_versions_in_force"))
