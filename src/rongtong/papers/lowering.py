"""A paper lowered to primitives, in the order in which it is read."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rongtong.papers import body, grids, words
from rongtong.papers.blocks import (
    Attachment,
    BallotGrid,
    Block,
    Chapter,
    Fields,
    Heading,
    ListOfAttachments,
    NumberedItems,
    PageBreak,
    Paragraph,
    Remark,
    Roll,
    Signature,
    SignatureLines,
    Table,
    TallyGrid,
)
from rongtong.papers.builder import Builder
from rongtong.papers.document import Colophon, Cover, Document, MinutesHead, RedHead
from rongtong.papers.primitives import BODY, COLOPHON, HEI, TITLE, Face, Foot, Gap, Line, Lowered, NewPage, Rule, Run
from rongtong.papers.standard import POINTS_PER_MM, STANDARD, points
from rongtong.papers.text import clean, day, filled, title_lines, width

_COVER_TITLE = Face("title", 36.0, 50.0)
_COVER_SUBTITLE = Face("kai", 22.0, 36.0)
_COVER_TOP_MM, _COVER_FACTS_MM, _COVER_FOOT_MM = 30.0, 40.0, 30.0
_NARROWEST = 0.6  # of the letters of a long mark


def lower(document: Document) -> Lowered:
    has_front = isinstance(document.head, Cover) or document.has_index
    has_numbers = document.has_page_numbers and not any(isinstance(block, BallotGrid) for block in _flat(document.blocks))
    first = NewPage(True, document.is_landscape, has_numbers and not has_front)
    has_chapters = any(isinstance(block, Chapter) for block in document.blocks)
    to = Builder(first, is_landscape=document.is_landscape, has_numbers=first.has_numbers, has_chapters=has_chapters)
    _head(to, document)
    if document.has_index:
        _index(to, document)
    if has_front:
        to.section(NewPage(True, document.is_landscape, has_numbers, restarts=True))
    _blocks(to, document)
    to.flush_notes()
    if document.colophon:
        _colophon(to, document.colophon)
    on = document.dated_on.isoformat() if document.dated_on else ""
    title = clean(document.title).replace("\n", "")
    return Lowered(title, clean(document.author), tuple(to.parts), to.first, on, tuple(to.anchors))


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, (Chapter, Attachment)):
            yield from _flat(block.blocks)


def _head(to: Builder, document: Document) -> None:
    head = document.head
    if isinstance(head, Cover):
        _cover(to, document.title, head)
        return
    if isinstance(head, RedHead):
        _red_head(to, head)
    elif isinstance(head, MinutesHead):
        _minutes_head(to, head)
    if head is not None:
        to.blank(STANDARD.body_title_blank_lines)
    if document.prints_title:
        _title(to, document.title)
        if document.status:
            to.add(Line((Run(clean(document.status), "kai"),), BODY, "center"))
        to.blank(STANDARD.body_addressee_blank_lines)
    if document.addressees:
        to.add(Line((Run(clean(document.addressees).rstrip("：:") + words.COLON),), BODY, "justify"))


def _title(to: Builder, title: str, *, anchor: str = "", outline: int = 0) -> None:
    lines = title_lines(clean(title), points(to.width_mm) // STANDARD.size_first_pt)
    runs = (Run("\n".join(lines)),)
    to.add(Line(runs, TITLE, "center", anchor=anchor, outline=outline, keeps_with_next=True))


def _red_head(to: Builder, head: RedHead) -> None:
    lines = []
    if head.copy_number is not None:
        lines.append(Line((Run(f"{head.copy_number:0{STANDARD.head_copy_digits}d}"),)))
    lines += [Line((Run(clean(text)),), HEI) for text in (head.confidentiality, head.urgency) if text]
    to.add(*lines)
    _mark(to, head.mark, len(lines))
    to.blank(STANDARD.head_number_blank_lines)
    number = (Run(clean(str(head.number))),)
    if head.signer:
        signer = (Run(words.SIGNER), Run(clean(head.signer), "kai"))
        inset = STANDARD.head_upward_inset
        to.add(Line(number, BODY, left=inset, right=inset, right_runs=signer))
    elif head.number:
        to.add(Line(number, BODY, "center"))
    to.add(Gap(STANDARD.head_rule_below_mm, is_from_text=True), Rule(STANDARD.head_rule_mm, is_red=True))


def _mark(to: Builder, mark: str, lines_above: int) -> None:
    """The red mark in one line, its letters narrowed where it is long; its upper edge 35 mm below the text area's top."""
    mark = clean(mark).replace("\n", "")
    each = points(to.width_mm) * 0.98 / max(width(mark), 1.0)
    size = float(int(min(STANDARD.size_mark_pt, each / _NARROWEST)))
    above = lines_above * STANDARD.line_pt / POINTS_PER_MM
    face = Face("title", size, size, is_red=True, squeeze=min(1.0, round(each / size, 2)))
    to.add(Gap(STANDARD.head_mark_top_mm - above), Line((Run(mark),), face, "center"))


def _minutes_head(to: Builder, head: MinutesHead) -> None:
    _mark(to, head.mark, 0)
    if head.issue:
        to.blank()
        to.add(Line((Run(clean(head.issue)),), BODY, "center"))
    to.blank()
    date = (Run(day(head.issued_on)),) if head.issued_on else ()
    inset = STANDARD.head_upward_inset
    to.add(Line((Run(clean(head.issuer)),), BODY, left=inset, right=inset, right_runs=date))
    to.add(Gap(STANDARD.head_rule_below_mm, is_from_text=True), Rule(STANDARD.head_rule_mm, is_red=True))


def _cover(to: Builder, title: str, head: Cover) -> None:
    lines = title_lines(clean(title), points(to.width_mm) // _COVER_TITLE.size_pt)
    to.add(Gap(_COVER_TOP_MM), Line((Run("\n".join(lines)),), _COVER_TITLE, "center"))
    if head.subtitle:
        to.add(Gap(8.0), Line((Run(clean(head.subtitle)),), _COVER_SUBTITLE, "center"))
    to.add(Gap(_COVER_FACTS_MM))
    for label, text in head.facts:
        label = clean(label) + words.COLON
        to.add(Line((Run(label, "hei"), Run(clean(text))), BODY, left=5 + width(label), hanging=width(label)), Gap(2.0))
    if head.footer:
        to.add(Gap(_COVER_FOOT_MM), Line((Run(clean(head.footer)),), BODY, "center"))


def _index(to: Builder, document: Document) -> None:
    if isinstance(document.head, Cover):
        to.new_page(is_landscape=document.is_landscape)
    to.add(Line((Run(words.INDEX),), TITLE, "center"), Line())
    chapters = [block for block in document.blocks if isinstance(block, Chapter)]
    for at, chapter in enumerate(chapters, start=1):
        title = (Run(clean(chapter.title).replace("\n", "")),)
        to.add(Line(title, BODY, left=1.0, hanging=1.0, has_leader=True, page_of=_anchor(at)))


def _anchor(number: int) -> str:
    return f"chapter{number}"


def _blocks(to: Builder, document: Document) -> None:
    for block in document.blocks:
        is_page_of_its_own = isinstance(block, (Chapter, Attachment))
        if not is_page_of_its_own and to.is_landscape != document.is_landscape:
            to.new_page(is_landscape=document.is_landscape)
        _block(to, block)
    if document.colophon and to.is_landscape != document.is_landscape:
        to.new_page(is_landscape=document.is_landscape)


def _block(to: Builder, block: Block) -> None:
    if type(block) not in _LOWERING:
        raise ValueError(f"{type(block).__name__} is not a block of a paper")
    _LOWERING[type(block)](to, block)


def _chapter(to: Builder, block: Chapter) -> None:
    to.flush_notes()
    to.new_page(is_landscape=block.is_landscape)
    to.restart_counts()
    to.anchors.append(_anchor(len(to.anchors) + 1))
    _title(to, block.title, anchor=to.anchors[-1], outline=1)
    to.blank()
    for inner in block.blocks:
        _block(to, inner)
    to.flush_notes()


def _attachment(to: Builder, block: Attachment) -> None:
    to.flush_notes()
    to.new_page(is_landscape=block.is_landscape)
    to.restart_counts()
    number = "" if block.number is None else str(block.number)
    to.add(Line((Run(words.ATTACHMENT + number),), HEI))
    to.blank()
    _title(to, block.title, outline=1)
    to.blank()
    for inner in block.blocks:
        _block(to, inner)
    to.flush_notes()


def _page_break(to: Builder, _block: PageBreak) -> None:
    to.new_page(is_landscape=to.is_landscape)


def _colophon(to: Builder, colophon: Colophon) -> None:
    inset = STANDARD.colophon_inset
    lines = []
    if colophon.copies_to:
        receivers = clean("，".join(colophon.copies_to)).rstrip(words.SENTENCE_END) + words.SENTENCE_END
        hanging = width(words.COPY_TO)
        room = points(to.width_mm) // COLOPHON.size_pt - 2 * inset - hanging
        lines.append(
            Line((Run(words.COPY_TO + filled(receivers, room, room)),), COLOPHON, left=inset + hanging, right=inset, hanging=hanging)
        )
    printed = (Run(day(colophon.issued_on) + words.ISSUED),)
    lines.append(Line((Run(clean(colophon.issuer)),), COLOPHON, left=inset, right=inset, right_runs=printed))
    to.add(Foot(tuple(lines)))


_LOWERING: dict[type, Callable[[Builder, Any], None]] = {
    Heading: body.heading,
    Paragraph: body.paragraph,
    NumberedItems: body.numbered_items,
    Roll: body.roll,
    Table: grids.table,
    Fields: grids.fields,
    SignatureLines: body.signature_lines,
    Signature: body.signature,
    ListOfAttachments: body.list_of_attachments,
    Remark: body.remark,
    PageBreak: _page_break,
    BallotGrid: grids.ballots,
    TallyGrid: grids.tally,
    Chapter: _chapter,
    Attachment: _attachment,
}
