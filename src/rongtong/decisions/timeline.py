"""What happened to a decision, in the order of days, beside what the path asks for and has not seen yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.decisions import queries
from rongtong.decisions.models import Body, Decision, Opinion, Study
from rongtong.ledger.models import Matter
from rongtong.meetings.models import Meeting


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the way; `on` None: it is still to come. `mark` is a word of the house's states."""

    on: date | None
    what: str
    mark: str = "met"
    url: str = ""
    detail: str = ""


def steps_of(d: Decision, studies: Sequence[Study], opinions: Sequence[Opinion], matters: Sequence[Matter]) -> list[Step]:
    """Dated steps first, then what is missing in the order of the path."""
    found = [Step(d.proposed_on, _("Proposed"))]
    found += [Step(o.on, str(o.get_kind_display()), detail=o.paper_number) for o in opinions]
    found += [_study(study) for study in studies]
    if d.staff_congress_on:
        found.append(Step(d.staff_congress_on, _("Staff congress")))
    if d.decided_on:
        found.append(_decided(d, studies))
    found += [_matter(matter) for matter in matters]
    if d.assessed_on:
        found.append(Step(d.assessed_on, _("Assessed afterwards"), detail=str(d.get_achieved_display())))
    if d.archived_on:
        found.append(Step(d.archived_on, _("Archived"), detail=d.archive_number))
    dated = sorted(found, key=lambda step: step.on or date.max)
    return [*dated, *_to_come(d, studies, opinions)]


def _study(study: Study) -> Step:
    name = _("Changed opinion back in the committee") if study.is_return else _("Studied by the committee")
    mark = {"agree": "met", "revise": "due", "stop": "late"}[study.result]
    return Step(study.on, name, mark, _meeting_url(study.meeting), str(study.get_result_display()))


def _meeting_url(meeting: Meeting) -> str:
    return reverse("decisions:meeting", args=[meeting.pk])


def _decided(d: Decision, studies: Sequence[Study]) -> Step:
    what = _("Decided by: %(body)s") % {"body": Body(d.body).label}
    is_wrong = d.needs_study and not queries.was_studied(d, studies)
    detail = str(d.get_outcome_display())
    if is_wrong:
        detail = _("%(outcome)s; no pre-study before") % {"outcome": detail}
    return Step(d.decided_on, what, "late" if is_wrong else "met", _meeting_url(d.meeting) if d.meeting else "", detail)


def _matter(matter: Matter) -> Step:
    url = reverse("ledger:matter", args=[matter.pk])
    if matter.closed_on:
        return Step(matter.closed_on, _("Carried out"), "met", url, matter.title)
    return Step(matter.due_on, _("To be carried out"), "due", url, matter.title)


def _to_come(d: Decision, studies: Sequence[Study], opinions: Sequence[Opinion]) -> list[Step]:
    kinds = {o.kind for o in opinions}
    missing = []
    if d.needs_legal and "legal" not in kinds:
        missing.append(_("Legal opinion"))
    if d.needs_study and not studies:
        missing.append(_("Study by the committee"))
    if d.needs_staff_congress and d.staff_congress_on is None:
        missing.append(_("Staff congress"))
    if d.decided_on is None and d.state not in {"void", "stopped"}:
        missing.append(_("Decision by: %(body)s") % {"body": Body(d.body).label})
    if d.is_changed and not queries.has_returned(studies):
        missing.append(_("Changed opinion back to the committee"))
    return [Step(None, what, "not_enough_data") for what in missing]
