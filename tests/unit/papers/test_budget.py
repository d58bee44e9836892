"""What writing may cost: bounds far above what was measured (docs/papers.md), so that only a change in kind fails."""

import io
import time

import pypdf
from tests.unit.papers.samples import needs_font, work_book

from rongtong.papers.writing import write_docx, write_pdf

SECONDS = 4.0  # measured 0.1 (docx) and 0.3 (pdf) for 235 pages


def test_a_work_book_of_a_hundred_pages_as_docx() -> None:
    book = work_book(25, 50)
    start = time.process_time()
    content = write_docx(book)
    assert time.process_time() - start < SECONDS
    assert len(content) < 1_000_000


@needs_font
def test_a_work_book_of_a_hundred_pages_as_pdf() -> None:
    book = work_book(25, 50)
    start = time.process_time()
    content = write_pdf(book)
    assert time.process_time() - start < SECONDS
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) >= 100
    assert len(content) < 5_000_000


def test_ten_times_the_pages_cost_about_ten_times_as_much() -> None:
    costs = []
    for chapters in (10, 100):
        book = work_book(chapters, 20)
        start = time.process_time()
        write_docx(book)
        costs.append(time.process_time() - start)
    assert costs[1] < 25 * costs[0]
