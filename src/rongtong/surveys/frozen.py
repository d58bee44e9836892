"""What the database refuses, whoever asks: changing a launched wave, a cell, a receipt, an answer, a question, a sum."""

from rongtong.kernel.constraints import Trigger, append_only

_FIXED = ("k_score", "k_text", "questionnaire_id", "root_id", "depth", "by_role", "invited", "uid", "closes_on")
_ORDER = "CASE {row}.state WHEN 'draft' THEN 0 WHEN 'launched' THEN 1 WHEN 'closed' THEN 2 ELSE 3 END"


def _refused(name: str, table: str, bad: str) -> Trigger:
    """No update of a table under which a condition on OLD and NEW holds."""
    sqlite = (f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} WHEN {bad} BEGIN SELECT RAISE(ABORT, '{name}'); END",)
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF ({bad}) THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    create = f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return Trigger(name, table, sqlite, (function, f"DROP TRIGGER IF EXISTS {name} ON {table}", create))


def _changed(*fields: str) -> str:
    return " OR ".join(f"NEW.{field} <> OLD.{field}" for field in fields)


def _launched() -> Trigger:
    """k, the frame of the cells and the questionnaire are fixed at launch; a wave never goes back."""
    back = f"{_ORDER.format(row='NEW')} < {_ORDER.format(row='OLD')}"
    return _refused("surveys_wave_launched", "surveys_wave", f"(OLD.state <> 'draft' AND ({_changed(*_FIXED)})) OR {back}")


def _unchanged(table: str) -> Trigger:
    """Rows come and go, but are never written over."""
    return _refused(f"{table}_unchanged", table, "NEW.id IS NOT NULL")


def _cell() -> Trigger:
    """Whom a cell holds is fixed at launch; its block is set once, at the close."""
    moved = "OLD.block_id IS NOT NULL AND (NEW.block_id IS NULL OR NEW.block_id <> OLD.block_id)"
    return _refused("surveys_cell_frozen", "surveys_cell", f"{_changed('wave_id', 'position', 'invited')} OR ({moved})")


def _receipt() -> Trigger:
    """A receipt is used once, and stays what it was."""
    bad = f"{_changed('wave_id', 'ticket', 'cell_id')} OR OLD.answered_on IS NOT NULL"
    return _refused("surveys_invitation_once", "surveys_invitation", bad)


def triggers() -> tuple[Trigger, ...]:
    append = ("surveys_question", "surveys_cellpart", "surveys_statistic")
    unchanged = ("surveys_answer", "surveys_comment", "surveys_waiting")
    return (_launched(), _cell(), _receipt(), *map(append_only, append), *map(_unchanged, unchanged))
