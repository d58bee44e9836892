"""Put a paper together: gather the facts, write the file, then record it in one short act."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rongtong.duties.figures import in_person
from rongtong.inspections import queries as inspections
from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import random_id
from rongtong.organization.models import Person
from rongtong.papers.document import Document
from rongtong.papers.folder import Written, write_folder
from rongtong.papers.writing import write
from rongtong.reports import actions, policies, storing
from rongtong.reports.drafts import secretary_report, summary
from rongtong.reports.facts import Facts, gather
from rongtong.reports.folders import FolderItem, entries, inspected_item, year_end_items
from rongtong.reports.models import Paper, PaperKind
from rongtong.reports.work_book import work_book
from rongtong.reports.yearly import gather_further, yearly_report
from rongtong.trees.models import Node

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `inspection` is the key of an inspection whose items the folder answers; empty: the list at the end of the year."""

    kind: str
    node: Node
    year: int
    file_format: str = "docx"
    person: Person | None = None
    inspection: str = ""


def make(*, by: Any, order: Order, progress: Progress | None = None) -> Paper:
    """Make a paper through the eyes of whoever asks: it holds nothing that the account could not open itself."""
    policies.require_make(by, order.node)
    tell = progress or (lambda share, note: None)
    tell(0.05, order.node.name)
    facts = gather(by, order.node, order.year)
    if order.kind == PaperKind.FOLDER:
        return _folder(by, order, facts, tell)
    document = _document(by, order, facts)
    tell(0.5, document.title)
    uid = random_id()
    path = storing.path_of(uid, order.file_format)
    storing.write(path, write(document, order.file_format))
    return _recorded(by, path, actions.NewPaper(order.kind, order.node, order.year, document.title, order.file_format, uid, order.person))


def _recorded(by: Any, path: Path, new: actions.NewPaper) -> Paper:
    """A file without its row is nothing: it goes if the act does not succeed."""
    try:
        return actions.record(by=by, new=new)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _document(by: Any, order: Order, facts: Facts) -> Document:
    if order.kind == PaperKind.WORK_BOOK:
        return work_book(facts)
    if order.kind == PaperKind.SUMMARY:
        return summary(facts)
    if order.kind == PaperKind.YEARLY:
        return yearly_report(facts, gather_further(by, facts))
    assert order.person is not None
    return secretary_report(facts, order.person, in_person(order.person, facts.until))


def _folder(by: Any, order: Order, facts: Facts, tell: Progress) -> Paper:
    items = _items(by, order, facts)
    uid = random_id()
    path = storing.path_of(uid, "zip")
    title = f"{facts.node.name}{facts.year}年迎检资料包"
    found = write_folder(
        path, title, entries(by, facts, items), file_format=order.file_format, dated_on=facts.until,
        progress=lambda share, note: tell(0.1 + 0.85 * share, note),
    )  # fmt: skip
    missing = [[_name(one), one.reason] for one in found.missing]
    new = actions.NewPaper(order.kind, order.node, order.year, title, order.file_format, uid, None, found.files, missing, order.inspection)
    return _recorded(by, path, new)


def _name(one: Written) -> str:
    return f"{one.entry.group} {one.entry.name}".strip()


def _items(by: Any, order: Order, facts: Facts) -> list[FolderItem]:
    """The items of the inspection that was named, each with its answer and records; else the list at the end of the year."""
    if not order.inspection:
        return year_end_items(facts)
    lines = inspections.folder(by, order.inspection, order.node)
    if lines is None:
        raise Refused(
            _("%(name)s is not inspected by it") % {"name": order.node.name}, field="inspection", remedy=_("choose one of its inspections"),
            code="unknown",
        )  # fmt: skip
    return [inspected_item(line) for line in lines]
