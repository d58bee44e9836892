"""An attacker with the database, the log and two backups tries to give 200 answers back to the persons: no better than chance.

Answers come through the real action over ten days, in a random order. The attacker knows every table as it lies on the disk, every entry of the
log, and who is in which cell. What is not known is the wave's key: it is in no table and no backup. A match is tried in each order that rows,
keys, days, batches or the log could give; within what a batch discloses, k answers for k persons, order must tell nothing.
"""

import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection, models
from tests.unit.surveys.conftest import Crowd, sheet

from rongtong.audit.models import Entry
from rongtong.cli import keeping
from rongtong.kernel import clock
from rongtong.organization.models import Person
from rongtong.surveys import actions, mixing, sealing
from rongtong.surveys.models import Answer, Comment, Invitation, Statistic, Waiting, Wave

SECRETS = ("surveys_invitation", "surveys_waiting", "surveys_answer", "surveys_comment", "audit_entry")
Row = dict[str, Any]
Pair = tuple[int, str]  # person, fingerprint of an answer


def snapshot() -> dict[str, list[Row]]:
    """A backup: every row of the tables in the order in which it lies on the disk."""
    physical = "rowid" if connection.vendor == "sqlite" else "ctid"
    found: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for table in SECRETS:
            cursor.execute(f"SELECT * FROM {table} ORDER BY {physical}")
            names = [column[0] for column in cursor.description]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def fingerprint(content: Any) -> str:
    """An answer as the attacker recognises it; in this test every person's is one of its own."""
    held = json.loads(content) if isinstance(content, str) else content
    return "".join(f"{int(value)}," for code, value in sorted(held.items()) if not isinstance(value, str))


def unique(crowd: Crowd, number: int) -> dict[str, str]:
    """A sheet that no other person hands in: the number in base 5 on the scales."""
    given = sheet(crowd.questions, word=f"话{number}")
    for at, question in enumerate(question for question in crowd.questions if question.kind == "scale"):
        given[question.code] = str(number // 5**at % 5 + 1)
    return given


@dataclass
class Attack:
    """What really happened, and what the attacker holds."""

    truth: dict[str, int]  # fingerprint to person
    persons: dict[str, int]  # stub to person: not in any table, given here so that a match can be judged
    first: dict[str, list[Row]]
    second: dict[str, list[Row]]
    last: dict[str, list[Row]]

    def receipts(self, data: Mapping[str, list[Row]]) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in data["surveys_invitation"]:
            if row["answered_on"] is not None:
                found[row["cell_id"]].append(row)
        return found

    def answers(self, data: Mapping[str, list[Row]]) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in data["surveys_answer"]:
            found[row["cell_id"]].append(row)
        return found

    def pairs(self, receipts: Sequence[Row], answers: Sequence[Row]) -> list[Pair]:
        return [(self.persons[r["ticket"]], fingerprint(a["content"])) for r, a in zip(receipts, answers, strict=False)]


def simulated(crowd: Crowd, seed: int = 7) -> tuple[Attack, Wave]:
    """200 answers over ten days, backups after the fourth and the seventh, the wave closed at the end."""
    rng, wave = random.Random(seed), crowd.launched()
    people = list(crowd.people)
    rng.shuffle(people)
    truth: dict[str, int] = {}
    backups = []
    for day in range(10):
        with clock.frozen(datetime(2026, 11, 24, 9, 0) + timedelta(days=day)):
            for person in people[20 * day : 20 * day + 20]:
                given = unique(crowd, len(truth) + 1)
                crowd.answer(wave, person, given)
                truth[fingerprint({code: float(v) for code, v in given.items() if v.isdigit()})] = person.pk
        if day in {3, 6}:
            backups.append(snapshot())
    assert len(truth) == 200
    persons = {sealing.stub(sealing.ticket(wave.uid, person.pk)): person.pk for person in people}
    return Attack(truth, persons, *backups, snapshot()), wave


def by_tables(attack: Attack) -> dict[str, list[list[Pair]]]:
    """Each way of sorting: the pairs it makes, cell by cell (a list of blocks, each matched in order)."""
    keys: dict[str, tuple[Callable[[Row], Any], Callable[[Row], Any]]] = {
        "day and place on the disk": (lambda r: (str(r["answered_on"]), 0), lambda a: 0),
        "place on the disk": (lambda r: 0, lambda a: 0), "keys": (lambda r: r["ticket"], lambda a: str(a["id"])),
        "number of the receipt": (lambda r: r["id"], lambda a: 0), "day and key": (lambda r: (str(r["answered_on"]), r["id"]), lambda a: str(a["id"])),
    }  # fmt: skip
    found: dict[str, list[list[Pair]]] = {}
    for name, (of_receipt, of_answer) in keys.items():
        for when, data in (("open", attack.second), ("last", attack.last)):
            receipts, answers = attack.receipts(data), attack.answers(data)
            found[f"{name}, {when}"] = [
                attack.pairs(sorted(receipts[cell], key=of_receipt), sorted(rows, key=of_answer)) for cell, rows in sorted(answers.items())
            ]
    return found


def by_backups(attack: Attack) -> dict[str, list[list[Pair]]]:
    """What came between two backups: receipts used since, against answers (and sealed rows) that are new."""
    found: dict[str, list[list[Pair]]] = {}
    for name, one, other in (("first to second", attack.first, attack.second), ("second to last", attack.second, attack.last)):
        before = {row["ticket"] for row in one["surveys_invitation"] if row["answered_on"] is not None}
        old = Counter(fingerprint(row["content"]) for row in one["surveys_answer"])
        blocks = []
        for cell, rows in sorted(attack.answers(other).items()):
            fresh = [row for row in rows if not old[fingerprint(row["content"])]]
            used = [row for row in attack.receipts(other)[cell] if row["ticket"] not in before]
            blocks.append(attack.pairs(sorted(used, key=lambda row: str(row["answered_on"])), fresh))
        found[name] = blocks
    return found


def by_log(attack: Attack) -> list[list[Pair]]:
    """The log in its order against the answers in theirs: only of use if an entry names an account."""
    order = [row["actor_uid"] for row in attack.last["audit_entry"] if row["kind"] == "surveys.answer"]
    place = {uid: at for at, uid in enumerate(order)}
    uids = dict(Person.objects.filter(account__isnull=False).values_list("pk", "account__uid"))
    blocks = []
    for cell, rows in sorted(attack.answers(attack.last).items()):
        used = attack.receipts(attack.last)[cell]
        blocks.append(attack.pairs(sorted(used, key=lambda r: place.get(str(uids.get(attack.persons[r["ticket"]])), 10**6)), rows))
    return blocks


def correct(attack: Attack, blocks: Iterable[Sequence[Pair]]) -> int:
    return sum(attack.truth[answer] == person for block in blocks for person, answer in block)


def chance(attack: Attack, blocks: Sequence[Sequence[Pair]], tries: int, draws: int = 4000) -> tuple[int, int]:
    """The interval of correct links if, inside each block, answers were dealt to the persons at random; 95 % for all tries together."""
    rng = np.random.default_rng(20261125)
    total = np.zeros(draws, int)
    for block in blocks:
        persons, owners = np.array([p for p, _a in block]), np.array([attack.truth[a] for _p, a in block])
        if len(block):
            total += np.array([(rng.permutation(owners) == persons).sum() for _ in range(draws)])
    low, high = np.quantile(total, [0.025 / tries, 1 - 0.025 / tries], method="inverted_cdf")
    return int(low), int(high)


def test_nothing_links_answers_to_persons_better_than_chance(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = random.Random(4)  # so that the test is the same every time
    monkeypatch.setattr(mixing, "chance", fixed)
    monkeypatch.setattr(os, "urandom", fixed.randbytes)  # keys of rows
    monkeypatch.setattr(sealing.secrets, "token_bytes", fixed.randbytes)
    attack, wave = simulated(crowd)
    tries = by_tables(attack) | by_backups(attack) | {"log": by_log(attack)}
    crowd.closed(wave)
    attack.last = snapshot()
    head = dict(wave.cells.values_list("pk", "block_id"))
    for row in attack.last["surveys_invitation"]:
        row["cell_id"] = head[row["cell_id"]]
    tries |= {f"closed: {name}": blocks for name, blocks in (by_tables(attack) | by_backups(attack)).items() if "open" not in name}
    for name, blocks in tries.items():
        low, high = chance(attack, blocks, len(tries))
        assert low <= correct(attack, blocks) <= high, (name, low, correct(attack, blocks), high)
    assert sum(map(len, tries["closed: place on the disk, last"])) == 200


def test_between_two_backups_none_or_at_least_k_answers_appear(crowd: Crowd) -> None:
    wave = crowd.launched()
    seen: Counter[str] = Counter()
    for number, person in enumerate(crowd.people[:120], start=1):
        crowd.answer(wave, person, unique(crowd, number))
        now = snapshot()["surveys_answer"]
        cells = Counter(row["cell_id"] for row in now if not seen[fingerprint(row["content"])])
        assert all(count >= wave.k_score for count in cells.values())
        seen = Counter(fingerprint(row["content"]) for row in now)
    crowd.closed(wave)
    rows = snapshot()["surveys_answer"]
    last = Counter(row["cell_id"] for row in rows if not seen[fingerprint(row["content"])])
    assert last and min(last.values()) >= wave.k_score
    assert len(rows) == 120


def test_what_waits_says_nothing_without_the_key(crowd: Crowd) -> None:
    wave = crowd.launched()
    for number, person in enumerate(crowd.people[:30], start=1):
        crowd.answer(wave, person, unique(crowd, number))
    rows = Waiting.objects.all()
    assert len({len(row.sealed) for row in rows}) == 1  # long, short and empty look the same
    assert rows.filter(cell__isnull=True).count() == 30  # also for those who wrote nothing
    assert all("imp_" not in row.sealed and "话" not in row.sealed for row in rows)
    other = crowd.town
    assert other is not None and not any(
        field.name == "person" for model in (Waiting, Answer, Comment, Statistic) for field in model._meta.fields
    )


def test_no_table_of_answers_has_a_person_a_time_or_a_number_in_order() -> None:
    """The columns are a closed list: whoever adds one has to change this test and to say why."""
    columns = {
        Answer: {"id", "wave", "cell", "content"}, Comment: {"id", "wave", "question", "text"}, Waiting: {"id", "wave", "cell", "sealed"},
        Invitation: {"id", "wave", "ticket", "cell", "answered_on"}, Statistic: {"id", "wave", "cell", "measure", "count", "total", "squares"},
    }  # fmt: skip
    for model, expected in columns.items():
        assert {field.name for field in model._meta.fields} == expected, model
    for model in (Answer, Comment, Waiting):
        assert isinstance(model._meta.pk, models.UUIDField), model
        assert not any(isinstance(field, (models.DateField, models.TimeField, models.AutoField)) for field in model._meta.fields), model
    assert not isinstance(Invitation._meta.get_field("answered_on"), models.DateTimeField)


def test_no_backup_holds_a_key(crowd: Crowd) -> None:
    crowd.launched()
    assert sealing.FOLDER not in keeping.FOLDERS
    text = json.dumps(snapshot(), default=str)
    key = next(iter(sealing._path(Wave.objects.get().uid).parent.glob(f"{Wave.objects.get().uid}.key"))).read_bytes()
    assert key.hex() not in text
    assert not Entry.objects.filter(detail__contains=key.hex()).exists()


def test_receipts_stand_in_no_order_of_persons(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "chance", random.Random(2))
    wave = crowd.launched()
    person = {sealing.stub(sealing.ticket(wave.uid, one.pk)): one.pk for one in crowd.people}
    order = [person[code] for code in Invitation.objects.order_by("pk").values_list("ticket", flat=True) if code in person]
    assert abs(np.corrcoef(order, range(len(order)))[0, 1]) < 0.2


def test_a_seal_is_opened_by_its_own_key_only_and_shows_every_change(crowd: Crowd) -> None:
    wave = crowd.launched()
    sealed = sealing.seal(wave.uid, {"a": 1})
    assert sealing.unseal(wave.uid, sealed) == {"a": 1}
    assert sealing.seal(wave.uid, {"a": 1}) != sealed
    other = actions.NewWave(crowd.questionnaire, "另", crowd.town.shop, wave.closes_on)
    assert other is not None
    for wrong in (sealed[:-8] + "AAAAAAA=", "A" + sealed[1:] if sealed[0] != "A" else "B" + sealed[1:], "", "nonsense", sealed[:40]):
        with pytest.raises(Exception, match="changed or belongs"):
            sealing.unseal(wave.uid, wrong)
