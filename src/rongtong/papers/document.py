"""A whole paper: head, title, blocks, colophon."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.papers import words
from rongtong.papers.blocks import Block


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """发文字号: ××党发〔2026〕12号; the serial number without leading zeros."""

    code: str
    year: int
    serial: int

    def __str__(self) -> str:
        return words.NUMBER.format(code=self.code, year=self.year, serial=self.serial)


@dataclass(frozen=True, slots=True)
class RedHead:
    """版头 of an official document: the red mark of the issuing body, the number, and for upward papers the signer.

    `confidentiality` is a mark of the enterprise (内部资料, 核心商密▲3年). State secrets are not written with this program.
    """

    mark: str
    number: DocumentNumber | str = ""
    signer: str = ""
    confidentiality: str = ""
    urgency: str = ""
    copy_number: int | None = None

    def __post_init__(self) -> None:
        if self.confidentiality.strip().startswith(words.STATE_SECRETS):
            raise Refused(
                _("State secrets are not kept or printed here"), field="confidentiality",
                remedy=_("write this paper on a computer that is approved for it"), code="state_secret",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MinutesHead:
    """版头 of 纪要: the red mark ×××纪要, the issue, who issued it and when."""

    mark: str
    issue: str = ""
    issuer: str = ""
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """A title page without page number: the title, a line below it, and facts such as year, branch and secretary."""

    subtitle: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Colophon:
    """版记: who receives a copy, who printed it and when; it closes the last page."""

    issuer: str
    issued_on: date
    copies_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper. `title` may hold line feeds; without them long titles are broken between words.

    It is not printed when `prints_title` is false (a ballot has its own).
    `status` is said under the title (for example （草稿）); `has_index` prints the chapters with their pages; `dated_on` is the only date in the
    file's properties, so that the same paper is the same file.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    head: RedHead | MinutesHead | Cover | None = None
    addressees: str = ""
    status: str = ""
    colophon: Colophon | None = None
    prints_title: bool = True
    has_index: bool = False
    has_page_numbers: bool = True
    is_landscape: bool = False
    author: str = ""
    dated_on: date | None = None
