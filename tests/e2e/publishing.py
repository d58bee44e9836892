"""Publishes one round in child processes that are killed by SIGKILL after each statement of the act; run by test_appraisal.

The folder named by RONGTONG_DATA_DIR gets a database with a round whose results are proposed. For every statement a copy of it is made,
a child publishes on the copy and kills itself after so many statements. What each copy holds is printed as JSON, a line each.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "rongtong.config.settings"
import django

import rongtong.sqlite  # noqa: F401  (before Django)

FOLDER = Path(os.environ["RONGTONG_DATA_DIR"])


def prepare() -> tuple[int, int]:
    """Three units, each with a head who is told, judged and proposed; returns the keys of the round and of who publishes."""
    from django.core.management import call_command

    from rongtong.access.models import Grant
    from rongtong.accounts.models import User
    from rongtong.appraisal import actions, publishing, queries, reporting
    from rongtong.kernel import clock
    from rongtong.kernel.act import SYSTEM, SystemActor
    from rongtong.organization.models import Appointment, BusinessUnit, Person, Post, UnitClass, UnitClassAssignment
    from rongtong.rules import actions as rules
    from rongtong.schemes import actions as schemes
    from rongtong.schemes.data import Criterion, GradeBand, Part, SchemeData
    from rongtong.trees.models import Node

    call_command("migrate", verbosity=0)
    rules.install(by=SYSTEM)
    opened = date(2020, 1, 1)
    group = Node.objects.create(tree="B", path="B00001", code="G0", name="集团", opened_on=opened)
    unit_class = UnitClass.objects.create(code="production", name="生产单位")
    for at in range(1, 4):
        node = Node.objects.create(
            tree="B", path=f"B0000100{at:03d}", depth=1, code=f"M{at}", name=f"{at}车间", parent=group, opened_on=opened
        )
        BusinessUnit.objects.create(node=node, kind="workshop")
        UnitClassAssignment.objects.create(unit=node, unit_class=unit_class, starts_on=opened)
        user = User.objects.create(username=f"head{at}", display_name=f"head{at}", password="!")
        post = Post.objects.create(code=f"H{at}", name="主任", node=node, kind="head", opened_on=opened)
        Appointment.objects.create(person=Person.objects.create(code=f"E{at}", name=f"E{at}", account=user), post=post, starts_on=opened)
    parts = tuple(
        Part(code, code, side, 5000, (Criterion(f"{code}1", code, 10_000, "manual", "manual"),))
        for code, side in (("P", "party"), ("B", "production"))
    )
    data = SchemeData(parts, (GradeBand("A", "优", 8000), GradeBand("B", "良", 0)))
    new, paper = schemes.NewScheme("SC", "办法", unit_class, "Scheme"), schemes.Paper(date(2026, 1, 1), "1号")
    version = schemes.draft(by=SYSTEM, new=new, data=data, paper=paper)
    version = schemes.issue(by=SystemActor("second", "第二人"), version=version, seen=version.digest)
    times = actions.Timetable(*(date(2026, 12, day) for day in (1, 2, 3, 20, 21)))
    made = actions.plan(by=SYSTEM, new=actions.NewRound("考核", group, 202601, 202610, [version], times))
    actions.launch(by=SYSTEM, round_=made, seen=queries.cost_of(made, clock.today()).digest)
    actions.gather(by=SYSTEM, round_=made)
    actions.close_reports(by=SYSTEM, round_=made)
    for sheet in made.sheets.select_related("round__node", "node", "of_class__version"):
        reporting.review(by=SYSTEM, sheet=sheet, given=[reporting.Given("P1", 70.0 + sheet.pk), reporting.Given("B1", 80.0)])
    actions.close_review(by=SYSTEM, round_=made)
    publishing.propose(by=SYSTEM, round_=made)
    office = User.objects.create(username="office", display_name="office", password="!")
    Grant.objects.create(user=office, role="party_office", node=None, reach="subtree", source="derived", starts_on=opened)
    return made.pk, office.pk


def publish(database: Path, pk: int, office: int, after: int) -> bool:
    """Publish in a child that kills itself after so many statements; whether it was killed."""
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    from django.db import connection

    from rongtong.accounts.models import User
    from rongtong.appraisal import publishing
    from rongtong.appraisal.models import Round

    connection.settings_dict["NAME"] = str(database)
    seen = {"count": 0}

    def counted(execute: Any, *args: Any) -> Any:
        answer = execute(*args)
        seen["count"] += 1
        if seen["count"] == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    user, found = User.objects.get(pk=office), Round.objects.select_related("node").get(pk=pk)
    with connection.execute_wrapper(counted):
        publishing.publish(by=user, round_=found)
    os._exit(0)


def left(database: Path) -> dict[str, Any]:
    """What a database holds of the publication."""
    counts = {
        "stage": "SELECT stage FROM appraisal_round", "by": "SELECT published_label FROM appraisal_round",
        "snapshots": "SELECT count(*) FROM appraisal_snapshot",
        "told": "SELECT count(*) FROM notifications_note WHERE text LIKE '%published%' OR text LIKE '%已发布%'",
        "audited": "SELECT count(*) FROM audit_entry WHERE kind = 'appraisal.publish'",
    }  # fmt: skip
    with sqlite3.connect(database) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {name: found.execute(sql).fetchone()[0] for name, sql in counts.items()}


def main() -> None:
    django.setup()
    from django.db import connections

    from rongtong.kernel import clock

    with clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.BUSINESS_ZONE)):
        pk, office = prepare()
        name = Path(connections["default"].settings_dict["NAME"])
        connections.close_all()
        with sqlite3.connect(name) as whole:
            whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for after in range(1, 400):
            copy = FOLDER / "copy.sqlite3"
            for old in FOLDER.glob("copy.sqlite3*"):
                old.unlink()
            shutil.copyfile(name, copy)
            was_killed = publish(copy, pk, office, after)
            sys.stdout.write(json.dumps({"after": after, "killed": was_killed, **left(copy)}) + "\n")
            if not was_killed:
                return


if __name__ == "__main__":
    main()
