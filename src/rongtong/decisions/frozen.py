"""An approved list is never changed: the database refuses it for its items and limits, whoever asks."""

from rongtong.kernel.constraints import Trigger

_ITEM, _LIMIT = "decisions_listitem", "decisions_limit"


def _approved(row: str, is_limit: bool) -> str:
    """A condition: the row belongs to an approved list."""
    if is_limit:
        return (
            f"EXISTS (SELECT 1 FROM {_ITEM} i JOIN decisions_matterlist l ON l.id = i.list_id "
            f"WHERE i.id = {row}.item_id AND l.approved_on IS NOT NULL)"
        )
    return f"EXISTS (SELECT 1 FROM decisions_matterlist l WHERE l.id = {row}.list_id AND l.approved_on IS NOT NULL)"


def _trigger(table: str, is_limit: bool) -> Trigger:
    name = f"{table}_approved"
    rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
    sqlite = tuple(
        f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} WHEN {' OR '.join(_approved(row, is_limit) for row in used)} "
        f"BEGIN SELECT RAISE(ABORT, '{table} of an approved list'); END"
        for verb, used in rows.items()
    )
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN IF {_approved('OLD', is_limit)} THEN RAISE EXCEPTION '{table} of an approved list' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; END IF; "
        f"IF TG_OP <> 'DELETE' THEN IF {_approved('NEW', is_limit)} THEN RAISE EXCEPTION '{table} of an approved list' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END IF; RETURN OLD; END $$"
    )
    create = f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return Trigger(name, table, sqlite, (function, f"DROP TRIGGER IF EXISTS {name} ON {table}", create))


def triggers() -> tuple[Trigger, Trigger]:
    return _trigger(_ITEM, False), _trigger(_LIMIT, True)
