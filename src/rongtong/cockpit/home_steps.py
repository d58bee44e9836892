"""What an account does next, over all its units: at most five things, each with its place. Shown beside the first page."""

from itertools import islice
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.appraisal import queries as appraisal
from rongtong.cockpit.picture import NOT_APPLICABLE
from rongtong.cockpit.steps import MOST, Step
from rongtong.duties import queries as duties
from rongtong.kernel import clock
from rongtong.kernel.language import in_language
from rongtong.ledger import queries as ledger
from rongtong.meetings import due
from rongtong.meetings import queries as meetings
from rongtong.organization import queries as organization
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.plans import queries as plans
from rongtong.rules import queries as rules
from rongtong.surveys import queries as surveys
from rongtong.trees.models import Node


def steps_of(actor: Any) -> list[Step]:
    """The first things to do; for the business side what was missed comes before what the rules say. What is not shown is not asked."""
    run = panel.run_for() if can(actor, Permission.COCKPIT_VIEW) else None
    parts = (
        _matter_steps, _sign_steps, lambda one: _target_steps(one, run), _duty_steps, _appraisal_steps, _survey_steps, _meeting_steps, _link_steps,
        _rule_steps, _vacancy_steps, lambda one: _data_steps(one, run),
    )  # fmt: skip
    return list(islice((step for part in parts for step in part(actor)), MOST))


def _matter_steps(actor: Any) -> list[Step]:
    """What waits in the actor's hands, the longest overdue named."""
    waiting = ledger.waiting(actor)
    if not waiting:
        return []
    why = _("first: %(title)s, due on %(day)s") % {"title": waiting[0].title, "day": waiting[0].due_on}
    title = ngettext("%(count)s matter waits for you", "%(count)s matters wait for you", len(waiting)) % {"count": len(waiting)}
    return [Step(title, why, _("Open the inbox"), reverse("inbox:mine"))]


def _sign_steps(actor: Any) -> list[Step]:
    """Minutes that wait for the actor's signature."""
    waiting = list(meetings.to_sign(actor)[:1])
    if not waiting:
        return []
    why = _("held on %(day)s; chair and recorder sign") % {"day": waiting[0].held_on}
    url = f"{reverse('meetings:meeting', args=[waiting[0].pk])}#sign"
    return [Step(_("Minutes to sign: %(title)s") % {"title": waiting[0].title}, why, _("Read and sign"), url)]


def _survey_steps(actor: Any) -> list[Step]:
    """A questionnaire that the actor was asked and has not answered; nobody else is told of it."""
    return [
        Step(
            _("Answers wait for you: %(title)s") % {"title": wave.title},
            _("%(minutes)s minutes, anonymous, open until %(day)s") % {"minutes": wave.questionnaire.minutes, "day": wave.closes_on},
            pgettext("survey", "Answer"),
            reverse("surveys:answer", args=[wave.uid]),
        )
        for wave in surveys.open_for(actor)[:1]
    ]


def _appraisal_steps(actor: Any) -> list[Step]:
    """A self-report that the actor may hand in, or an objection that it has to answer, the first due first."""
    found = []
    if can(actor, Permission.APPRAISAL_REPORT) and not can(actor, Permission.APPRAISAL_RUN):
        for sheet in appraisal.to_report(actor)[:1]:
            why = _("filled in from the records; add words and evidence until %(day)s") % {"day": sheet.round.report_until}
            url = reverse("appraisal:sheet", args=[sheet.pk])
            found.append(Step(_("Self-report of %(unit)s") % {"unit": sheet.node.label}, why, _("Open the sheet"), url))
    if can(actor, Permission.APPRAISAL_RUN):
        for row in appraisal.to_answer(actor)[:1]:
            title = _("Objection of %(unit)s to answer") % {"unit": row.sheet.node.label}
            found.append(Step(title, row.text[:80], _("Answer"), reverse("appraisal:answer", args=[row.pk])))
    return found


def _meeting_steps(actor: Any) -> list[Step]:
    """The meeting that a rule asks for and that ends its period first, where the actor runs meetings."""
    if not can(actor, Permission.MEETING_RUN):
        return []
    found = due.proposals(due.own_nodes(actor), clock.today())
    if not found:
        return []
    first = found[0]
    why = ngettext("%(rule)s; %(count)s meeting is due", "%(rule)s; %(count)s meetings are due altogether", len(found)) % {
        "rule": in_language(first.row.title, first.row.title_en),
        "count": len(found),
    }
    url = f"{reverse('meetings:prepare')}?kind={first.kind.code}&node={first.node.code}"
    return [Step(_("%(node)s: %(kind)s is due") % {"node": first.node.label, "kind": str(first.kind)}, why, _("Prepare it"), url)]


def _target_steps(actor: Any, run: Run | None) -> list[Step]:
    """For the business side the page begins with the targets that were missed in the month of the last run."""
    if not (can(actor, Permission.OBSERVATION_VIEW) and can(actor, Permission.MATTER_ASSIGN)):
        return []
    missed = plans.missed_targets(actor, run.period) if run else []
    if not missed:
        return []
    worst = missed[0]
    words = {"unit": worst.target.unit.label, "indicator": str(worst.target.indicator), "count": len(missed)}
    why = ngettext(
        "%(count)s target of the month was missed in your area", "%(count)s targets of the month were missed in your area", len(missed)
    )
    why %= words
    title = _("%(unit)s missed %(indicator)s") % words
    return [Step(title, why, _("Ask for support"), f"{reverse('ledger:ask')}?target={worst.target.pk}")]


def _duty_steps(actor: Any) -> list[Step]:
    if not (can(actor, Permission.DUTY_VIEW) and can(actor, Permission.MATTER_ASSIGN)):
        return []
    holes = duties.holes(actor, clock.today())
    if not holes:
        return []
    title = ngettext("%(count)s duty has nobody who implements it", "%(count)s duties have nobody who implements them", len(holes))
    title %= {"count": len(holes)}
    return [Step(title, holes[0].sentence, _("See who is missing"), f"{reverse('duties:matrix')}?holes=1")]


def _link_steps(actor: Any) -> list[Step]:
    if not can(actor, Permission.LINK_CONFIRM):
        return []
    waiting = list(plans.waiting_links(actor)[:1])
    if not waiting:
        return []
    why = _("lapses on %(day)s") % {"day": waiting[0].lapses_on}
    return [
        Step(
            _("A link waits for a side: %(link)s") % {"link": str(waiting[0])},
            why,
            _("Look at it"),
            reverse("plans:link", args=[waiting[0].pk]),
        )
    ]


def _rule_steps(actor: Any) -> list[Step]:
    if not can(actor, Permission.RULE_VIEW):
        return []
    late = list(rules.results(actor).filter(rules.standing(clock.today()), state="late").order_by("level", "due_on")[:2])
    return [
        Step(
            _("%(rule)s: late") % {"rule": in_language(found.row.title, found.row.title_en)},
            found.node.label,
            _("See the findings"),
            f"{reverse('rules:list')}?code={found.rule_code}",
        )
        for found in late
    ]


def _vacancy_steps(actor: Any) -> list[Step]:
    if not can(actor, Permission.PERSON_VIEW):
        return []
    vacant = list(organization.vacancies(actor, clock.today())[:3])
    if not vacant:
        return []
    names = "、".join(post.name for post in vacant)
    return [Step(_("Posts in which nobody serves"), names, _("See the vacancies"), reverse("organization:vacancies"))]


def _data_steps(actor: Any, run: Run | None) -> list[Step]:
    if run is None:
        if can(actor, Permission.RUN_START):
            return [Step(_("Nothing is measured yet"), _("Import figures, then start a run"), _("Start a run"), reverse("panel:runs"))]
        return []
    rows = [row for row in panel.scores(actor, run, period=run.period) if row["d"] is None and row["state"] != NOT_APPLICABLE]
    if not rows or not can(actor, Permission.OBSERVATION_VIEW):
        return []
    names = "、".join(node.label for node in Node.objects.filter(pk__in=[row["node_id"] for row in rows[:4]]))
    return [Step(_("Units without enough data for a D"), names, _("See what is missing"), reverse("indicators:quality"))]
