"""What the database refuses, whoever asks: changing a launched wave, an answer, a question, a cell's parts."""

from rongtong.kernel.constraints import Trigger, append_only

_WAVE = "surveys_wave"
_FIXED = ("k_score", "k_text", "questionnaire_id", "root_id", "depth", "by_role", "invited", "uid", "closes_on")
_ORDER = "CASE {row}.state WHEN 'draft' THEN 0 WHEN 'launched' THEN 1 WHEN 'closed' THEN 2 ELSE 3 END"


def _launched() -> Trigger:
    """k, cells' frame and questionnaire are fixed at launch; a wave never goes back."""
    name = f"{_WAVE}_launched"
    changed = " OR ".join(f"NEW.{field} <> OLD.{field}" for field in _FIXED)
    back = f"{_ORDER.format(row='NEW')} < {_ORDER.format(row='OLD')}"
    bad = f"(OLD.state <> 'draft' AND ({changed})) OR {back}"
    sqlite = (
        f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {_WAVE} WHEN {bad} BEGIN SELECT RAISE(ABORT, 'a launched wave is fixed'); END",
    )
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {bad} THEN RAISE EXCEPTION 'a launched wave is fixed' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    create = f"CREATE TRIGGER {name} BEFORE UPDATE ON {_WAVE} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return Trigger(name, _WAVE, sqlite, (function, f"DROP TRIGGER IF EXISTS {name} ON {_WAVE}", create))


def _unchanged(table: str) -> Trigger:
    """Rows come and go, but are never written over."""
    name = f"{table}_unchanged"
    sqlite = (f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is not changed'); END",)
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is not changed' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    create = f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return Trigger(name, table, sqlite, (function, f"DROP TRIGGER IF EXISTS {name} ON {table}", create))


def triggers() -> tuple[Trigger, ...]:
    return (
        _launched(), append_only("surveys_question"), append_only("surveys_cellpart"), append_only("surveys_statistic"),
        _unchanged("surveys_answer"), _unchanged("surveys_comment"), _unchanged("surveys_waiting"),
    )  # fmt: skip
