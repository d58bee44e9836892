"""Running text lowered to lines: headings, paragraphs, rolls, signatures, lists of attachments."""

from rongtong.papers import words
from rongtong.papers.blocks import Heading, ListOfAttachments, NumberedItems, Paragraph, Remark, Roll, Signature, SignatureLines
from rongtong.papers.builder import Builder
from rongtong.papers.primitives import BODY, LEVELS, Gap, Line, Run
from rongtong.papers.standard import STANDARD
from rongtong.papers.text import clean, day, level_number, width

_SIGN_HERE = "_" * 18


def heading(to: Builder, block: Heading) -> None:
    number = level_number(block.level, to.count(block.level)) if block.is_numbered else ""
    outline = block.level + (1 if to.has_chapters else 0)
    runs = (Run(number + clean(block.text)),)
    to.add(Line(runs, LEVELS[block.level - 1], "justify", first=STANDARD.body_first_indent, outline=outline, keeps_with_next=True))


def paragraph(to: Builder, block: Paragraph) -> None:
    first = STANDARD.body_first_indent if block.is_indented and block.align == "justify" else 0.0
    to.add(Line(to.runs(block.text), BODY, block.align, first=first))


def numbered_items(to: Builder, block: NumberedItems) -> None:
    for number, item in enumerate(block.items, start=block.start):
        runs = (Run(level_number(block.level, number)), *to.runs(item))
        to.add(Line(runs, BODY, "justify", first=STANDARD.body_first_indent))


def roll(to: Builder, block: Roll) -> None:
    label = clean(block.label) + words.COLON
    text = words.ENUMERATION.join(block.names) or block.text or f"{words.DASH}（{block.reason}）"
    hanging = width(label)
    to.add(Line((Run(label, "hei"), *to.runs(text)), BODY, left=STANDARD.body_first_indent + hanging, hanging=hanging))


def signature_lines(to: Builder, block: SignatureLines) -> None:
    """The date at the end of the last line, or below it where a long label leaves no room."""
    lines = [f"{clean(label)}{words.COLON}{_SIGN_HERE}" for label in block.labels]
    date = (Run(words.DATE_BLANK),) if block.has_date else ()
    has_room = bool(lines) and width(lines[-1]) + width(words.DATE_BLANK) < STANDARD.page_characters
    to.add(Gap(4.0))
    for at, line in enumerate(lines, start=1):
        to.add(Gap(3.0), Line((Run(line),), BODY, right_runs=date if has_room and at == len(lines) else ()))
    if date and not has_room:
        to.add(Gap(3.0), Line(date, BODY, "right"))


def signature(to: Builder, block: Signature) -> None:
    """Name and date at the right: centred on each other for a seal, else the date two characters right of the name's beginning."""
    names, date = [clean(name) for name in block.names], day(block.signed_on)
    to.blank(STANDARD.signature_blank_lines)
    place = _sealed if block.is_sealed else _plain
    name_rights, date_right = place([width(name) for name in names], width(date))
    for name, right in zip(names, name_rights, strict=True):
        to.add(Line((Run(name),), BODY, "right", right=right, keeps_with_next=True))
    to.add(Line((Run(date),), BODY, "right", right=date_right))


def _sealed(names: list[float], date: float) -> tuple[list[float], float]:
    """The date four characters from the right, further where a long name centred over it would leave the page."""
    right = max(STANDARD.signature_sealed_right, (max(names, default=0.0) - date) / 2)
    return [right + (date - name) / 2 for name in names], right


def _plain(names: list[float], date: float) -> tuple[list[float], float]:
    right, shift = STANDARD.signature_plain_right, STANDARD.signature_plain_shift
    longest = max(names, default=0.0)
    begins = max(right + longest, right + date + shift)  # of the name, counted from the right edge
    return [begins - name for name in names], begins - shift - date


def list_of_attachments(to: Builder, block: ListOfAttachments) -> None:
    to.blank(STANDARD.body_attachment_blank_lines)
    label = words.ATTACHMENT + words.COLON
    left = STANDARD.body_attachment_indent + width(label)
    for at, name in enumerate(block.names):
        number = f"{at + 1}. " if len(block.names) > 1 else ""
        begins = (label if at == 0 else "") + number
        text = begins + clean(name).rstrip("。；，,;.")
        to.add(Line((Run(text),), BODY, left=left + width(number), hanging=width(begins)))


def remark(to: Builder, block: Remark) -> None:
    to.add(Line((Run(f"（{clean(block.text)}）"),), BODY, first=STANDARD.body_remark_indent))
