"""How answers come into their table: sealed first, then in batches that nobody can put back into the order in which they came.

A pool with memory: an atom's answers wait until there are 2k, then k of them, drawn at random, are written. So k always stay to the end, the
last batch has at least k too, and whoever compares two copies of the database finds none or at least k answers more. Every batch is
written together with the atom's earlier answers, all under new keys and in a new order.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from rongtong.surveys import content, sealing
from rongtong.surveys.content import Scores, Sheet
from rongtong.surveys.estimates import Sums
from rongtong.surveys.models import Answer, Cell, Comment, Question, Statistic, Waiting, Wave
from rongtong.surveys.settling import Item, common, settle

chance = secrets.SystemRandom()


def take(wave: Wave, cell: Cell, sheet: Sheet) -> None:
    """Seal a sheet, and its words (or none: nobody sees who wrote any) apart; write a batch if enough wait. The cell is locked."""
    rows = [Waiting(wave=wave, cell=cell, sealed=sealing.seal(wave.uid, sheet.scores.written()))]
    rows += [Waiting(wave=wave, sealed=sealing.seal(wave.uid, {str(key): text for key, text in sheet.words.items()}))]
    Waiting.objects.bulk_create(rows)
    here = list(Waiting.objects.filter(cell=cell).order_by("pk"))
    if len(here) >= 2 * wave.k_score:
        chosen = chance.sample(here, wave.k_score)
        _write(wave, cell, [sealing.unseal(wave.uid, row.sealed) for row in chosen])
        Waiting.objects.filter(pk__in=[row.pk for row in chosen]).delete()


def _write(wave: Wave, cell: Cell, fresh: Iterable[Any]) -> None:
    old = Answer.objects.filter(cell=cell)
    contents = [*old.order_by("pk").values_list("content", flat=True), *fresh]
    old.delete()
    chance.shuffle(contents)
    Answer.objects.bulk_create([Answer(wave=wave, cell=cell, content=one) for one in contents])


def drain(wave: Wave) -> None:
    """At the close: everything that waits, over cells that hold k answers each. Sets the counts of the wave; the caller saves them."""
    is_readable = sealing.is_here(wave.uid)
    waiting = list(Waiting.objects.filter(wave=wave).order_by("pk"))
    by_cell: dict[int, list[Any]] = defaultdict(list)
    for cell_id, held in Answer.objects.filter(wave=wave).order_by("pk").values_list("cell_id", "content"):
        by_cell[cell_id].append(held)
    words: list[tuple[int, str]] = []
    for row in waiting if is_readable else ():
        opened = sealing.unseal(wave.uid, row.sealed)
        if row.cell_id is None:
            words += [(int(key), text) for key, text in opened.items()]
        else:
            by_cell[row.cell_id].append(opened)
    lost = 0 if is_readable else sum(row.cell_id is not None for row in waiting)
    wave.answered = sum(map(len, by_cell.values())) + lost
    wave.discarded = lost
    Waiting.objects.filter(wave=wave).delete()
    _write_blocks(wave, by_cell)
    _write_words(wave, words)


def _write_blocks(wave: Wave, by_cell: dict[int, list[Any]]) -> None:
    """Join atoms into blocks of at least k answers, write all answers anew, and sum them up."""
    Answer.objects.filter(wave=wave).delete()
    blocks = blocks_of(wave, {cell: len(rows) for cell, rows in by_cell.items()})
    if not blocks:
        wave.discarded += sum(map(len, by_cell.values()))
        return
    rows: list[Answer] = []
    sums: list[Statistic] = []
    cells = {cell.pk: cell for cell in wave.cells.all()}
    questions = list(wave.questionnaire.questions.all())
    for head, atoms in blocks.items():
        contents = [one for atom in atoms for one in by_cell.get(atom, ())]
        cells[head].answered = len(contents)
        for atom in atoms:
            cells[atom].block = cells[head]
        rows += [Answer(wave=wave, cell_id=head, content=one) for one in contents]
        sums += _summed(wave, head, questions, contents)
    Cell.objects.bulk_update(cells.values(), ["block", "answered"], batch_size=200)
    Statistic.objects.bulk_create(sums, batch_size=2000)
    chance.shuffle(rows)
    Answer.objects.bulk_create(rows, batch_size=2000)


def blocks_of(wave: Wave, answered: dict[int, int]) -> dict[int, list[int]]:
    """Head to the atoms that are counted together, so that each block has k answers; nothing if there are fewer than k in all."""
    items = []
    for cell in wave.cells.prefetch_related("parts__node").order_by("position"):
        parts = list(cell.parts.all())
        roles = sorted({part.role for part in parts})
        items.append(Item(common([part.node.path for part in parts]), roles[0], answered.get(cell.pk, 0), (cell.pk,)))
    return {min(block.keys): sorted(block.keys) for block in settle(items, wave.k_score)}


def _summed(wave: Wave, cell: int, questions: Sequence[Question], contents: Iterable[Any]) -> list[Statistic]:
    values: dict[str, list[float]] = defaultdict(list)
    for one in contents:
        for measure, value in content.measured(questions, Scores.read(one)).items():
            values[measure].append(value)
    sums = {measure: Sums.of(found) for measure, found in values.items()}
    return [
        Statistic(wave=wave, cell_id=cell, measure=measure, count=s.count, total=s.total, squares=s.squares)
        for measure, s in sorted(sums.items())
        if s.count >= wave.k_score
    ]


def _write_words(wave: Wave, words: list[tuple[int, str]]) -> None:
    """Words belong to the whole wave; fewer than k_text of them are thrown away, and the wave says so."""
    by_question: dict[int, list[str]] = defaultdict(list)
    for key, text in words:
        by_question[key].append(text)
    rows: list[Comment] = []
    for key, texts in by_question.items():
        if len(texts) < wave.k_text:
            wave.comments_discarded += len(texts)
        else:
            rows += [Comment(wave=wave, question_id=key, text=text) for text in texts]
    chance.shuffle(rows)
    Comment.objects.bulk_create(rows)
