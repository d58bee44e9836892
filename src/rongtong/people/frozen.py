"""An issued frame is never changed: the database refuses another content, number or first day, and its deletion, whoever asks."""

from rongtong.kernel.constraints import Trigger

TABLE = "people_frameversion"
NAME = f"{TABLE}_issued"


def issued_frames() -> Trigger:
    """An issued version may only be given an end."""
    same = " AND ".join(f"OLD.{column} = NEW.{column}" for column in ("number", "state", "starts_on"))
    kept = f"{same} AND CAST(OLD.content AS text) = CAST(NEW.content AS text)"
    sqlite = (
        f"CREATE TRIGGER {NAME}_update BEFORE UPDATE ON {TABLE} WHEN OLD.state = 'issued' AND NOT ({kept}) "
        f"BEGIN SELECT RAISE(ABORT, 'an issued frame does not change'); END",
        f"CREATE TRIGGER {NAME}_delete BEFORE DELETE ON {TABLE} WHEN OLD.state = 'issued' "
        f"BEGIN SELECT RAISE(ABORT, 'an issued frame does not change'); END",
    )
    function = (
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.state = 'issued' THEN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'an issued frame does not change' "
        f"USING ERRCODE = 'integrity_constraint_violation'; ELSIF NOT ({kept}) THEN RAISE EXCEPTION 'an issued frame does not change' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    create = f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()"
    return Trigger(NAME, TABLE, sqlite, (function, f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}", create))
