"""What the layers and the manner of the house ask, read from the code itself."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from rongtong.kernel import constraints

PACKAGES = Path(__file__).resolve().parents[2] / "src" / "rongtong"
LAYERS = [
    {"kernel", "engines"}, {"audit", "ui"}, {"accounts"}, {"trees"}, {"access"}, {"files"}, {"notifications"}, {"jobs", "papers"}, {"search", "exchange", "burden"},
    {"organization"}, {"rules"}, {"roster"}, {"indicators"}, {"panel"}, {"ledger"}, {"duties"}, {"plans"}, {"meetings"}, {"decisions", "inspections"}, {"people", "surveys"}, {"schemes"}, {"appraisal"}, {"reports"},
    {"cockpit"}, {"demo"}, {"web", "api", "cli"}, {"config"},
]  # fmt: skip
LEVEL = {name: at for at, names in enumerate(LAYERS) for name in names}
# helpers of actions modules that join the act of whoever calls them
JOINING = {
    "pinyin_of",
    "overlapping",
    "refresh_rights",
    "write_messages",
    "in_parent_order",
    "segment",
    "subjects",
    "check",
    "upcoming",
    "period_name",
    "require_naming",
    "sentence",
    "keep_version",
}


def test_every_package_has_a_layer() -> None:
    assert sorted(path.parent.name for path in PACKAGES.glob("*/apps.py")) == sorted(set(LEVEL) - {"engines", "config"})


def test_foreign_keys_never_point_up() -> None:
    upward = []
    for model in apps.get_models():
        label = model._meta.app_label
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if label in LEVEL and not field.auto_created and target is not None and LEVEL.get(target._meta.app_label, -1) > LEVEL[label]:
                upward.append(f"{label}.{model.__name__}.{field.name}")
    assert upward == []


def test_every_public_action_is_an_act() -> None:
    bare = []
    for path in sorted(PACKAGES.glob("*/actions.py")):
        module = importlib.import_module(f"rongtong.{path.parent.name}.actions")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if (
                function.__module__ == module.__name__
                and not name.startswith("_")
                and name not in JOINING
                and not hasattr(function, "__act__")
            ):
                bare.append(f"{path.parent.name}.{name}")
    assert bare == []


@pytest.mark.django_db
def test_triggers_stand_after_migration_and_come_back_after_a_table_rebuild() -> None:
    assert constraints.missing() == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER audit_entry_append_only_update")
        assert constraints.missing() == ["audit_entry_append_only"]
        constraints.install_all()
        assert constraints.missing() == []


def test_files_and_functions_stay_short() -> None:
    long = []
    for path in PACKAGES.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        long += [f"{path.name} {text.count(chr(10))} lines"] if text.count("\n") > 800 else []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.body[0].lineno + 1 > 80:
                long.append(f"{path.name}:{node.name}")
    assert long == []
