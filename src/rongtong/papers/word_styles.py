"""Styles of a docx: one for every face, so that whoever edits the file changes a style and not five hundred paragraphs."""

import math
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

from rongtong.papers.fonts import FontNames
from rongtong.papers.primitives import BODY, COLOPHON, DENSE, DENSE_HEAD, HEI, LEVELS, NUMBER, TABLE, TABLE_HEAD, TITLE, Face
from rongtong.papers.standard import STANDARD, TWIPS_PER_POINT

_NAMES = {
    BODY: "公文正文", HEI: "公文一级标题", LEVELS[1]: "公文二级标题", TITLE: "公文标题", COLOPHON: "公文版记", NUMBER: "公文页码",
    TABLE: "公文表格", TABLE_HEAD: "公文表头", DENSE: "公文小表格", DENSE_HEAD: "公文小表头",
}  # fmt: skip


def add(parent: Any, tag: str, **attributes: object) -> Any:
    """A child element; attributes in the main namespace."""
    child = etree.SubElement(parent, qn(f"w:{tag}"))
    for name, value in attributes.items():
        child.set(qn(f"w:{name}"), str(value))
    return child


def write_fonts(properties: Any, name: str) -> None:
    add(properties, "rFonts", ascii=name, hAnsi=name, eastAsia=name, cs=name, hint="eastAsia")


def tighter_twips(face: Face) -> int:
    """By how much characters of the body stand closer than their size, so that 28 fill a line.

    The grid of the section says the same, but LibreOffice gives a character that is wider than its cell two cells; so paragraphs do not
    snap to the grid and carry the distance themselves, in whole tenths of a point, finer than which LibreOffice does not go.
    """
    return math.ceil((BODY.size_pt - STANDARD.character_pt) * 10) * TWIPS_PER_POINT // 10 if face.size_pt == BODY.size_pt else 0


def em_twips(face: Face) -> float:
    """From one character of this face to the next."""
    return face.size_pt * TWIPS_PER_POINT - tighter_twips(face)


class Styles:
    """The style of a face, made when it is first asked for."""

    def __init__(self, word: WordDocument, names: FontNames) -> None:
        self.names = names
        self._element: Any = word.styles.element
        self._known: dict[Face, str] = {}

    def of(self, face: Face) -> str:
        if face not in self._known:
            self._known[face] = f"Paper{len(self._known) + 1}"
            self._write(face, self._known[face])
        return self._known[face]

    def normal(self) -> None:
        """Normal and the defaults are 3号仿宋: the character grid is reckoned from them."""
        normal = next(style for style in self._element.findall(qn("w:style")) if style.get(qn("w:styleId")) == "Normal")
        defaults = self._element.find(qn("w:docDefaults"))
        for child in [*normal.findall(qn("w:rPr")), *normal.findall(qn("w:pPr")), *defaults]:
            child.getparent().remove(child)
        for properties in (add(add(defaults, "rPrDefault"), "rPr"), add(normal, "rPr")):
            write_fonts(properties, self.names.fangsong)
            for tag in ("sz", "szCs"):
                add(properties, tag, val=round(STANDARD.size_third_pt * 2))
            add(properties, "lang", val="en-US", eastAsia="zh-CN")

    def _write(self, face: Face, code: str) -> None:
        style = add(self._element, "style", type="paragraph", customStyle=1, styleId=code)
        add(style, "name", val=_NAMES.get(face, f"公文 {getattr(self.names, face.role)} {face.size_pt:g}"))
        add(style, "basedOn", val="Normal")
        add(style, "qFormat")
        paragraph = add(style, "pPr")
        for tag in ("widowControl", "autoSpaceDE", "autoSpaceDN", "snapToGrid"):
            add(paragraph, tag, val=0)
        add(paragraph, "spacing", before=0, after=0, line=round(face.line_pt * TWIPS_PER_POINT), lineRule="exact")
        self._letters(add(style, "rPr"), face)

    def _letters(self, properties: Any, face: Face) -> None:
        write_fonts(properties, getattr(self.names, face.role))
        if face.is_red:
            add(properties, "color", val="FF0000")
        if tighter_twips(face):
            add(properties, "spacing", val=-tighter_twips(face))
        if face.squeeze < 1:
            add(properties, "w", val=round(face.squeeze * 100))
        for tag in ("sz", "szCs"):
            add(properties, tag, val=round(face.size_pt * 2))
