"""Signs one meeting's minutes in child processes that are killed by SIGKILL after each statement of the act; run by test_signing.

The folder named by RONGTONG_DATA_DIR gets a database with a meeting that the recorder has signed. For every statement a copy of it is
made, a child signs as chair on the copy and kills itself after so many statements. What each copy holds is printed as JSON, a line each.
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
HELD = date(2026, 11, 20)


def prepare() -> tuple[int, int]:
    """A branch with two members, its meeting recorded and signed by one; returns the keys of meeting and chair."""
    from django.core.management import call_command

    from rongtong.access.models import Grant
    from rongtong.accounts.models import User
    from rongtong.kernel import clock
    from rongtong.kernel.act import SYSTEM
    from rongtong.meetings import actions
    from rongtong.meetings.models import MeetingKind
    from rongtong.organization.models import Appointment, PartyOrganisation, Person, Post
    from rongtong.rules import actions as rules
    from rongtong.trees.models import Node

    call_command("migrate", verbosity=0)
    rules.install(by=SYSTEM)
    actions.install_kinds(by=SYSTEM)
    node = Node.objects.create(tree="P", path="P00001", code="P1", name="支部", opened_on=date(2020, 1, 1))
    PartyOrganisation.objects.create(node=node, kind="branch")
    people = {}
    for kind in ("secretary", "deputy"):
        user = User.objects.create(username=kind, display_name=kind, password="!")
        people[kind] = Person.objects.create(code=kind, name=kind, account=user)
        post = Post.objects.create(code=kind, name=kind, node=node, kind=kind, opened_on=date(2020, 1, 1))
        Appointment.objects.create(person=people[kind], post=post, starts_on=date(2020, 1, 1))
        Grant.objects.create(user=user, role=kind, node=node, reach="subtree", source="derived", starts_on=date(2020, 1, 1))
    chair, recorder = (User.objects.get(username=kind) for kind in ("secretary", "deputy"))
    at = datetime(2026, 11, 20, 9, tzinfo=clock.BUSINESS_ZONE)
    new = actions.NewMeeting(MeetingKind.objects.get(code="branch_committee"), node, at, recorder=people["deputy"])
    meeting = actions.hold(by=chair, meeting=actions.prepare(by=chair, new=new), held_on=HELD)
    actions.record_attendance(by=chair, meeting=meeting, rows=[actions.Present(one, "present") for one in people.values()])
    actions.sign(by=recorder, meeting=meeting, part="recorder")
    return meeting.pk, chair.pk


def sign(database: Path, meeting: int, chair: int, after: int) -> bool:
    """Sign in a child that kills itself after so many statements; whether it was killed."""
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    from django.db import connection

    from rongtong.accounts.models import User
    from rongtong.meetings import actions
    from rongtong.meetings.models import Meeting

    connection.settings_dict["NAME"] = str(database)
    seen = {"count": 0}

    def counted(execute: Any, *args: Any) -> Any:
        answer = execute(*args)
        seen["count"] += 1
        if seen["count"] == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    user, found = User.objects.get(pk=chair), Meeting.objects.get(pk=meeting)
    with connection.execute_wrapper(counted):
        actions.sign(by=user, meeting=found, part="chair")
    os._exit(0)


def left(database: Path) -> dict[str, Any]:
    """What a database holds of the signing."""
    counts = {
        "state": "SELECT state FROM meetings_meeting", "version": "SELECT version FROM meetings_meeting",
        "minutes": "SELECT count(*) FROM meetings_minutes", "signatures": "SELECT count(*) FROM meetings_signature",
        "audited": "SELECT count(*) FROM audit_entry WHERE kind = 'meetings.sign'",
    }  # fmt: skip
    with sqlite3.connect(database) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {name: found.execute(sql).fetchone()[0] for name, sql in counts.items()}


def main() -> None:
    django.setup()
    from django.db import connections

    from rongtong.kernel import clock

    with clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.BUSINESS_ZONE)):
        meeting, chair = prepare()
        name = Path(connections["default"].settings_dict["NAME"])
        connections.close_all()
        with sqlite3.connect(name) as whole:
            whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for after in range(1, 400):
            copy = FOLDER / "copy.sqlite3"
            for old in FOLDER.glob("copy.sqlite3*"):
                old.unlink()
            shutil.copyfile(name, copy)
            was_killed = sign(copy, meeting, chair, after)
            sys.stdout.write(json.dumps({"after": after, "killed": was_killed, **left(copy)}) + "\n")
            if not was_killed:
                return


if __name__ == "__main__":
    main()
