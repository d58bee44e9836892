"""Papers as docx. The page set-up of GB/T 9704 is written to the twip; the same paper is the same bytes."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never, cast

import docx
from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts
from rongtong.papers.primitives import NUMBER, Foot, Gap, Grid, Kept, Line, Lowered, NewPage, Part, Rule, Run
from rongtong.papers.standard import STANDARD, TWIPS_PER_POINT, twips
from rongtong.papers.word_styles import Styles, add
from rongtong.papers.word_xml import Writer

MAX_CELLS = 100_000  # 400 MB while it is written
_EPOCH = (1980, 1, 1, 0, 0, 0)


def render(lowered: Lowered, names: fonts.FontNames, index_pages: Mapping[str, int]) -> bytes:
    if lowered.cells > MAX_CELLS:
        what = _("The tables of this paper have %(cells)d cells") % {"cells": lowered.cells}
        raise Refused(what, field="format", remedy=_("at most %(most)d; split the paper") % {"most": MAX_CELLS}, code="too_large")
    word = docx.Document()
    _empty(word)
    _properties(word, lowered)
    styles = Styles(word, names)
    styles.normal()
    writer = Writer(styles, dict(index_pages))
    _write(word.element.body, writer, _Sections(word, writer), lowered)
    _settings(word, has_fields=bool(lowered.anchors))
    return _packed(word)


class _Sections:
    """Page set-ups. Numbered footers are made once and shared by the sections that show them."""

    def __init__(self, word: WordDocument, writer: Writer) -> None:
        self._word, self._writer = word, writer
        self._numbered: dict[str, str] = {}
        self._bare = ""

    def write(self, parent: Any, page: NewPage) -> None:
        made = etree.SubElement(parent, qn("w:sectPr"))
        for kind, target in self._footers(has_numbers=page.has_numbers).items():
            add(made, "footerReference", type=kind).set(qn("r:id"), target)
        add(made, "type", val="nextPage")
        one = STANDARD
        sides = (one.page_top_mm, one.page_right_mm, one.page_bottom_mm, one.page_left_mm)
        sizes = (one.page_width_mm, one.page_height_mm)
        if page.is_landscape:  # the sheet lies on its left side: its head is the binding edge
            sides, sizes = (sides[3], sides[0], sides[1], sides[2]), (sizes[1], sizes[0])
        add(made, "pgSz", w=twips(sizes[0]), h=twips(sizes[1]), **({"orient": "landscape"} if page.is_landscape else {}))
        top, right, bottom, left = (twips(side) for side in sides)
        footer = bottom - twips(one.number_below_mm) - round(NUMBER.line_pt * TWIPS_PER_POINT / 2)
        add(made, "pgMar", top=top, right=right, bottom=bottom, left=left, header=twips(15.0), footer=footer, gutter=0)
        if page.restarts:
            add(made, "pgNumType", start=1)
        add(made, "docGrid", type="linesAndChars", linePitch=one.page_line_pitch_twips, charSpace=one.page_character_space)

    def _footers(self, *, has_numbers: bool) -> dict[str, str]:
        if has_numbers:
            self._numbered = self._numbered or {kind: self._footer(kind) for kind in ("default", "even")}
            return self._numbered
        self._bare = self._bare or self._footer("")
        return {"default": self._bare, "even": self._bare}

    def _footer(self, kind: str) -> str:
        part, target = cast(Any, self._word.part).add_footer_part()
        for child in list(part.element):
            part.element.remove(child)
        if not kind:
            self._writer.paragraph(part.element, Line(face=NUMBER))
            return str(target)
        inset = STANDARD.number_inset
        line = Line((Run("— "),), NUMBER, "right", right=inset) if kind == "default" else Line((Run("— "),), NUMBER, "left", left=inset)
        made = self._writer.paragraph(part.element, line)
        self._writer.field(made, "PAGE", "1")
        self._writer.runs(made, (Run(" —"),))
        return str(target)


def _write(body: Any, writer: Writer, sections: _Sections, lowered: Lowered) -> None:
    page = lowered.first
    writer.width_mm = STANDARD.text_height_mm if page.is_landscape else STANDARD.text_width_mm
    for part in lowered.parts:
        if isinstance(part, NewPage) and part.is_section:
            last = body[-1] if len(body) and body[-1].tag == qn("w:p") else writer.hair(body)
            sections.write(last[0], page)
            page = part
            writer.width_mm = STANDARD.text_height_mm if page.is_landscape else STANDARD.text_width_mm
        else:
            _part(body, writer, part)
    if not len(body) or body[-1].tag != qn("w:p"):
        writer.hair(body)
    sections.write(body, page)


def _part(body: Any, writer: Writer, part: Part) -> None:
    if isinstance(part, NewPage):
        writer.breaks_page = True
    elif isinstance(part, Line):
        writer.paragraph(body, part)
    elif isinstance(part, Gap):
        writer.gap(body, part.height_mm)
    elif isinstance(part, Rule):
        writer.rule(body, part)
    elif isinstance(part, Grid):
        writer.grid(body, part)
    elif isinstance(part, Foot):
        writer.foot(body, part)
    elif isinstance(part, Kept):
        _kept(body, writer, part)
    else:
        assert_never(part)


def _kept(body: Any, writer: Writer, kept: Kept) -> None:
    """Every paragraph but the last stays with the next one, also those in tables."""
    start = len(body)
    for part in kept.parts:
        _part(body, writer, part)
    paragraphs = [found for child in body[start:] for found in child.iter(qn("w:p"))]
    for paragraph in paragraphs[:-1]:
        if paragraph[0].find(qn("w:keepNext")) is None:
            paragraph[0].insert(1, etree.Element(qn("w:keepNext")))


def _empty(word: WordDocument) -> None:
    body = word.element.body
    for child in list(body):
        body.remove(child)
    thumbnails = [key for key, relation in word.part.package.rels.items() if relation.reltype.endswith("/thumbnail")]
    for key in thumbnails:
        word.part.package.rels.pop(key)


def _properties(word: WordDocument, lowered: Lowered) -> None:
    on = datetime.fromisoformat(lowered.properties_on or "2000-01-01")
    about = word.core_properties
    about.title, about.author, about.last_modified_by, about.comments = lowered.title[:250], lowered.author[:250], lowered.author[:250], ""
    about.created = about.modified = on
    about.revision, about.language = 1, "zh-CN"


def _settings(word: WordDocument, *, has_fields: bool) -> None:
    word.settings.odd_and_even_pages_header_footer = True
    if has_fields:
        update = etree.Element(qn("w:updateFields"))
        update.set(qn("w:val"), "true")
        word.settings.element.insert_element_before(
            update, "w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:docVars", "w:rsids"
        )


def _packed(word: WordDocument) -> bytes:
    """python-docx stamps the parts with the present time; they get a fixed one."""
    given, packed = io.BytesIO(), io.BytesIO()
    word.save(given)
    with zipfile.ZipFile(given) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for entry in source.infolist():
            made = zipfile.ZipInfo(entry.filename, _EPOCH)
            made.compress_type, made.create_system = zipfile.ZIP_DEFLATED, 3
            target.writestr(made, source.read(entry))
    return packed.getvalue()
