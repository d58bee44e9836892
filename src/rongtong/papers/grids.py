"""Tables, forms, ballots and tally sheets lowered to ruled grids."""

from collections.abc import Sequence

from rongtong.papers import words
from rongtong.papers.blocks import Align, BallotGrid, Cell, Fields, Row, Table, TallyGrid, Text
from rongtong.papers.builder import Builder
from rongtong.papers.primitives import BODY, DENSE, DENSE_HEAD, TABLE, TABLE_HEAD, TITLE, Face, Gap, Grid, GridCell, Kept, Line, Rule, Run
from rongtong.papers.text import clean, day

_BALLOT_ROW_MM, _TALLY_ROW_MM, _CUT_MM, _BELOW_MM = 11.0, 16.0, 0.25, 2.0
_SHORT = 200  # characters; a longer cell may go on over the page, or it would leave half a page white


def table(to: Builder, block: Table) -> None:
    face, head_face = (DENSE, DENSE_HEAD) if block.size == "dense" else (TABLE, TABLE_HEAD)
    if block.caption:
        to.add(Line((Run(clean(block.caption)),), head_face, "center", keeps_with_next=True))
    titles = tuple(_cell(to, column.title, head_face, "center") for column in block.columns)
    rows = block.rows or (Row((Cell(f"{words.DASH}　{block.empty or words.EMPTY_TABLE}", len(block.columns), align="center"),)),)
    taken = [0] * len(block.columns)
    lowered = tuple(_row(to, block, row, at, taken, face, head_face) for at, row in enumerate(rows, start=1))
    if any(taken):
        raise ValueError("a cell reaches below the last row of its table")
    widths = _widths([column.width for column in block.columns], to.width_mm)
    to.add(Grid(widths, tuple(column.align for column in block.columns), lowered, (titles,), block.row_mm, face), Gap(_BELOW_MM))


def _widths(shares: Sequence[float], total: float) -> tuple[float, ...]:
    return tuple(total * share / sum(shares) for share in shares)


def _all(align: Align, columns: int) -> tuple[Align, ...]:
    return (align,) * columns


def _row(
    to: Builder, block: Table, row: Row | tuple[Text | Cell, ...], at: int, taken: list[int], face: Face, head_face: Face
) -> tuple[GridCell, ...]:
    row = row if isinstance(row, Row) else Row(row)
    if row.kind == "group" and len(row.cells) == 1 and not isinstance(row.cells[0], Cell):
        row = Row((Cell(row.cells[0], len(block.columns)),), "group")
    shown = face if row.kind == "data" else head_face
    column, cells = 0, []
    free = [depth == 0 for depth in taken]
    taken[:] = [max(depth - 1, 0) for depth in taken]
    for given in row.cells:
        cell = given if isinstance(given, Cell) else Cell(given)
        while column < len(free) and not free[column]:
            column += 1
        span = range(column, column + cell.columns)
        if not cell.columns or span.stop > len(free) or not all(free[place] for place in span):
            raise ValueError(f"row {at} of table “{block.caption or block.columns[0].title}” has more cells than columns")
        cells.append(_cell(to, cell.text, shown, cell.align or block.columns[column].align, cell.columns, cell.rows))
        for place in span:
            free[place], taken[place] = False, cell.rows - 1
        column = span.stop
    if any(free):
        raise ValueError(f"row {at} of table “{block.caption or block.columns[0].title}” has fewer cells than columns")
    return tuple(cells)


def _cell(to: Builder, text: Text, face: Face, align: Align, columns: int = 1, rows: int = 1) -> GridCell:
    runs = to.runs(text)
    is_kept = sum(len(run.text) for run in runs) <= _SHORT
    return GridCell(Line(runs, face, align), columns, rows, is_kept)


def fields(to: Builder, block: Fields) -> None:
    across = max(len(row) for row in block.rows)
    value_mm = (to.width_mm - across * block.label_mm) / across
    rows = []
    for row in block.rows:
        cells = []
        for at, (label, text) in enumerate(row):
            is_last = at == len(row) - 1
            cells.append(_cell(to, label, TABLE_HEAD, "center"))
            cells.append(_cell(to, text, TABLE, "left", 1 + 2 * (across - len(row)) if is_last else 1))
        rows.append(tuple(cells))
    widths: tuple[float, ...] = (block.label_mm, value_mm) * across
    to.add(Grid(widths, _all("left", len(widths)), tuple(rows), (), block.row_mm), Gap(_BELOW_MM))


def ballots(to: Builder, block: BallotGrid) -> None:
    """Every ballot ends at a line to cut along, so that all are of one size."""
    for _copy in range(block.copies):
        to.add(Kept((*_ballot(to, block), Gap(6.0), Rule(_CUT_MM, is_dashed=True), Gap(6.0))))


def _ballot(to: Builder, block: BallotGrid) -> list[Line | Gap | Rule | Grid]:
    parts: list[Line | Gap | Rule | Grid] = [
        Line((Run(clean(block.title)),), TITLE, "center"),
        Line((Run(words.BALLOT_SEATS.format(seats=block.seats)),), BODY, "center"),
        _choices(to, block.candidates, block.others, block.choices),
        Gap(_BELOW_MM),
    ]
    parts += [Line((Run(clean(line)),), DENSE, "justify", first=2.0) for line in block.instructions]
    for text in (clean(block.issuer), day(block.voted_on) if block.voted_on else ""):
        parts += [Line((Run(text),), BODY, "right", right=2.0)] if text else []
    return parts


def _choices(to: Builder, candidates: tuple[str, ...], others: int, choices: tuple[str, ...]) -> Grid:
    head = tuple(_cell(to, title, TABLE_HEAD, "center") for title in (words.CANDIDATE, *choices))
    names = [*candidates, *[""] * others]
    rows = [tuple(_cell(to, text, TABLE, "center") for text in (name, *[""] * len(choices))) for name in names]
    labelled = _with_others(to, rows, len(candidates), others)
    return Grid(_widths([2.2, *[1.0] * len(choices)], to.width_mm), _all("center", len(head)), labelled, (head,), _BALLOT_ROW_MM)


def _with_others(to: Builder, rows: list[tuple[GridCell, ...]], candidates: int, others: int) -> tuple[tuple[GridCell, ...], ...]:
    """A line over the blank rows says whom they are for."""
    if not others:
        return tuple(rows)
    title = (_cell(to, words.OTHER_CANDIDATES, TABLE_HEAD, "center", len(rows[0])),)
    return (*rows[:candidates], title, *rows[candidates:])


def tally(to: Builder, block: TallyGrid) -> None:
    titles = [words.CANDIDATE, *[title for choice in block.choices for title in (f"{choice}\n{words.TALLY_STROKES}", words.TALLY_TOTAL)]]
    head = tuple(_cell(to, title, DENSE_HEAD, "center") for title in titles)
    names = [*block.candidates, *[""] * block.others]
    rows = [tuple(_cell(to, text, TABLE, "center") for text in (name, *[""] * (2 * len(block.choices)))) for name in names]
    labelled = _with_others(to, rows, len(block.candidates), block.others)
    widths = _widths([1.6, *[2.0, 0.9] * len(block.choices)], to.width_mm)
    to.add(Grid(widths, _all("center", len(head)), labelled, (head,), _TALLY_ROW_MM))
