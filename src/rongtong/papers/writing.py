"""The public door: a paper in, a file's bytes out. Both formats come from the optional packages of `rongtong[print]`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts
from rongtong.papers.document import Document
from rongtong.papers.lowering import lower

Format = Literal["docx", "pdf"]
FORMATS: tuple[Format, ...] = ("docx", "pdf")
MEDIA_TYPES: dict[Format, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def write(document: Document, file_format: str) -> bytes:
    """The paper in one of FORMATS; a docx with an index carries the pages of the pdf where one can be made."""
    if file_format == "pdf":
        return write_pdf(document)
    if file_format != "docx":
        raise Refused(
            _("“%(format)s” is not a format papers are written in") % {"format": file_format}, field="format", remedy=_("use docx or pdf"),
            code="format_unknown",
        )  # fmt: skip
    return write_docx(document, index_pages=_known_pages(document))


def write_docx(document: Document, *, names: fonts.FontNames | None = None, index_pages: Mapping[str, int] | None = None) -> bytes:
    """The paper as docx. Fonts are named, not carried: `names` or the set of the setting PAPER_FONTS."""
    with _extra():
        from rongtong.papers import word
    return word.render(lower(document), names or fonts.names_in_use(), index_pages or {})


def write_pdf(document: Document) -> bytes:
    """The paper as pdf (PDF/A-2u). Refused where no Chinese font is here, or a character is in none: never a box in its place."""
    with _extra():
        from rongtong.papers import pdf
    return pdf.render(lower(document))


def index_pages(document: Document) -> dict[str, int]:
    """On which page each chapter begins, for the index of a docx; Word works it out again."""
    with _extra():
        from rongtong.papers import pdf
    return pdf.pages(lower(document))


def _known_pages(document: Document) -> dict[str, int]:
    if not document.has_index:
        return {}
    try:
        return index_pages(document)
    except Refused:
        return {}


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        raise Refused(
            _("Printing is not installed: the package %(name)s is missing") % {"name": missing.name}, field="format",
            remedy=_("install rongtong[print]"), code="no_print",
        ) from missing  # fmt: skip
