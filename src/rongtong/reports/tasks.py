"""The job that puts a paper together."""

from typing import Any

from django.urls import reverse

from rongtong.organization.models import Person
from rongtong.reports.making import Order, make
from rongtong.trees.models import Node


def make_job(
    ctx: Any, *, kind: str, node: int, year: int, file_format: str, inspection: str = "", person: int | None = None, **_asked: Any
) -> dict[str, Any]:
    """Job `reports.make`; stopped, it leaves no file and no row. The result leads to the paper's page."""
    who = Person.objects.filter(pk=person).first() if person else None
    paper = make(by=ctx.by, order=Order(kind, Node.objects.get(pk=node), year, file_format, who, inspection), progress=ctx.progress)
    return {"paper": paper.pk, "url": reverse("reports:paper", args=[paper.pk])}
