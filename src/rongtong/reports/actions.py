"""Acts on papers: ask for one, record it once it is written, open it, throw its file away."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from rongtong.jobs import actions as jobs
from rongtong.jobs.models import Job
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.meetings import policies as meetings
from rongtong.meetings.models import Meeting
from rongtong.organization.models import Person
from rongtong.papers.document import Document
from rongtong.reports import checking, meeting_papers, policies, storing
from rongtong.reports.models import Paper, PaperKind
from rongtong.trees.models import Node

JOB = "reports.make"


@act("reports.ask")
def ask(*, by: Actor, kind: str, node: Node, year: int, file_format: str = "docx", inspection: str = "") -> Job:
    """Start putting a paper together as a job; the same paper that is under way already is not started twice."""
    policies.require_make(by, node)
    checking.order(kind, node, year, file_format)
    person = checking.own_secretary(by, node) if kind == PaperKind.SECRETARY else None
    params = {"kind": kind, "node": node.pk, "year": year, "file_format": file_format, "inspection": inspection}
    title = _("%(kind)s %(year)s: %(name)s") % {"kind": PaperKind(kind).label, "year": year, "name": node.name}
    job = jobs.start(by=by, kind=JOB, title=title[:200], params=params | ({"person": person.pk} if person else {}) | {"for": str(by.uid)})
    current().about(Reference("job", str(job.pk)), paper=kind, node=node.code, year=year)
    return job


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper whose file is already written under its id."""

    kind: str
    node: Node
    year: int
    title: str
    file_format: str
    uid: uuid.UUID
    person: Person | None = None
    files: int = 1
    missing: list[list[str]] = field(default_factory=list)
    inspection: str = ""


@act("reports.record")
def record(*, by: Actor, new: NewPaper) -> Paper:
    """Keep the row of a written paper: whose records, how large, its digest, what was missing."""
    policies.require_make(by, new.node)
    made = Paper(
        uid=new.uid, kind=new.kind, node=new.node, person=new.person, year=new.year, title=new.title[:200], file_format=new.file_format,
        inspection=new.inspection, files=new.files, missing=new.missing, made_on=clock.today(), made_by=str(by.uid), made_label=by.label,
        size=0, digest="",
    )  # fmt: skip
    path = storing.path_of(made.uid, made.suffix)
    made.size, made.digest = path.stat().st_size, storing.digest_of(path)
    made.save(force_insert=True)
    current().about(Reference("paper", str(made.pk)), kind=made.kind, node=made.node.code, files=made.files, digest=made.digest)
    return made


@act("reports.print_meeting")
def print_meeting(*, by: Actor, meeting: Meeting, name: str) -> Document:
    """One paper of a meeting; who printed what is in the audit log."""
    if not meetings.sees(by, meeting):
        raise Unseen
    if name not in meeting_papers.names(meeting):
        what = _("This meeting has no such paper now")
        raise Refused(what, remedy=_("minutes come with the meeting, a notice before it is cancelled"), code="no_paper")
    current().about(Reference("meeting", str(meeting.pk)), paper=name)
    return meeting_papers.of(meeting, name)


@act("reports.open")
def open_file(*, by: Actor, paper: Paper) -> Path:
    """Hand the file out; every opening is in the audit log."""
    policies.require_open(by, paper)
    path = storing.path_of(paper.uid, paper.suffix)
    if paper.removed_at is not None or not path.is_file():
        raise Refused(_("The file was removed"), remedy=_("put it together again from the records"), code="removed")
    current().about(Reference("paper", str(paper.pk)), title=paper.title)
    return path


@act("reports.remove")
def remove(*, by: Actor, paper: Paper) -> Paper:
    """Throw the file away; the records it came from stay, and so does the row."""
    policies.require_open(by, paper)
    if paper.made_by != str(by.uid):
        raise NotAllowed("not_own_paper")
    paper.removed_at = clock.now()
    paper.save(update_fields=["removed_at"])
    transaction.on_commit(lambda: storing.path_of(paper.uid, paper.suffix).unlink(missing_ok=True))
    current().about(Reference("paper", str(paper.pk)), removed=paper.title)
    return paper
