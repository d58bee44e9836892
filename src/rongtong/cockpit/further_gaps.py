"""The cognition, credit and ability gaps of a node: named figures with intervals, what they can and cannot see, the next step with an owner.

Each is asked for by itself, so that each request stays within its statements. What an account may not see is not composed.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rongtong.access.policies import can
from rongtong.access.roles import ROLES, Permission
from rongtong.appraisal import figures as appraisal
from rongtong.cockpit.gaps import Gap, Named
from rongtong.cockpit.steps import Step
from rongtong.duties import queries as duties
from rongtong.people import figures as people
from rongtong.people import words
from rongtong.schemes import figures as schemes
from rongtong.schemes.figures import Bar
from rongtong.surveys import figures as surveys
from rongtong.surveys.estimates import Effect
from rongtong.surveys.figures import CognitionGap, Distance
from rongtong.trees.models import Node

HUNDRED = 100


def further_gap(actor: Any, node: Node, day: date, part: str) -> Gap | None:
    """One of the three, or None where the account may not see it or there is no such gap."""
    if part not in PARTS:
        return None
    permission, make = PARTS[part]
    return make(actor, node, duties.nodes_under(node, day), day) if can(actor, permission, node) else None


def _role(code: str) -> str:
    return str(ROLES[code].name)


# cognition: three questions of the survey


def _cognition(actor: Any, node: Node, nodes: Mapping[int, Node], day: date) -> Gap:
    found = surveys.cognition(nodes, day)
    url = reverse("surveys:wave", args=[found.wave.pk]) if found.wave else reverse("surveys:waves")
    explained = _("mean of business tasks minus mean of Party tasks, on a scale of five; above 0 Party work counts as the softer task")
    between = _("how far the two groups that differ most are apart, in standard deviations")
    names = " – ".join(label for label in found.between_labels if label)
    figures = (
        _distance(_("distance in hardness"), explained, url, found.hardness),
        _distance(_("distance in importance"), explained, url, found.importance),
        Named(
            _("largest distance between groups") + (f" ({names})" if names else ""), between, url, number=found.between.g if found.between else None,
            unit=_size(found.between), low=found.between.low if found.between else None, high=found.between.high if found.between else None,
            reason="" if found.between else found.reason or _("fewer than two groups may be shown"),
        ),
    )  # fmt: skip
    step, owner = _cognition_step(actor, node, found, url)
    return Gap(
        "cognition", _("Cognition"), _("business is the hard task, Party work the soft one"), figures,
        _("what groups of people say they see, never what one person said"), _("what people do: hold it beside the busy-season drop of the responsibility gap"),
        step, owner,
    )  # fmt: skip


def _distance(name: str, explained: str, url: str, found: Distance) -> Named:
    if found.gap is None:
        return Named(name, explained, url, reason=found.reason)
    return Named(
        name, explained, url, number=found.gap.value, unit=_size(found.effect), low=found.gap.low, high=found.gap.high, n=found.gap.n
    )


def _size(effect: Effect | None) -> str:
    if effect is None:
        return ""
    return {
        "none": pgettext("effect", "hardly any"), "small": pgettext("effect", "small"), "medium": pgettext("effect", "medium"),
        "large": pgettext("effect", "large"),
    }[effect.size]  # fmt: skip


def _cognition_step(actor: Any, node: Node, found: CognitionGap, url: str) -> tuple[Step, str]:
    if found.wave is None:
        may = can(actor, Permission.SURVEY_RUN, node)
        where = reverse("surveys:new") if may else reverse("surveys:waves")
        return Step(_("Ask first"), _("no released survey tells it here"), _("Plan a survey") if may else _("Surveys"), where), _role(
            "party_office"
        )
    gap = found.hardness.gap
    if gap is not None and gap.low > 0:
        why = _("Party tasks are seen as the softer ones: give each a due day, a standard and a person")
        return Step(_("Make Party tasks as hard as business tasks"), why, _("Duties"), f"{reverse('duties:matrix')}?at={node.pk}"), _role(
            "secretary"
        )
    return Step(_("Talk the result over with the groups"), _("no side is seen as clearly softer"), _("Read the results"), url), _role(
        "secretary"
    )


# credit


def _credit(actor: Any, node: Node, nodes: Mapping[int, Node], day: date) -> Gap:
    units = [pk for pk, one in nodes.items() if one.is_business]
    expected, shown = schemes.expected_bar(units, day), schemes.shown_bar(units, day)
    credited, used = appraisal.credited(units, day), appraisal.used_results(units, day)
    appraised = reverse("appraisal:rounds")
    figures = [
        _bar(_("expected of Party work"), _("what people say Party work should contribute to results (survey)"), _source(expected.source), expected),
        *_credited_figures(credited, appraised),
        _bar(_("shown by results"), _("results of the last twelve months whose Party role the business side confirmed"), reverse("plans:results"), shown),
        Named(
            _("grades that were used"), _("for pay, training or posts, of the grades that became final in the last twelve months"), appraised,
            used.part if used.whole else None, used.whole, reason=used.reason,
        ),
        Named(_("effect of a practice"), _("what a practice changed, with its interval"), appraised, reason=_("not enough data: there are no studies yet")),
    ]  # fmt: skip
    step, owner = _credit_step(actor, node, expected, credited, used)
    return Gap(
        "credit", _("Credit"), _("much is expected of Party work, little is credited to it"), tuple(figures),
        _("what schemes credit in fact, beside what people expect and results show"),
        _("whether Party work caused a result: a weight is not an effect"), step, owner,
    )  # fmt: skip


def _source(reference: str) -> str:
    kind, _colon, key = reference.partition(":")
    return reverse("surveys:wave", args=[int(key)]) if kind == "survey_wave" and key else reverse("surveys:waves")


def _bar(name: str, explained: str, url: str, bar: Bar) -> Named:
    if bar.value is None:
        return Named(name, explained, url, reason=bar.reason)
    return Named(name, explained, url, number=HUNDRED * bar.value, unit="%", low=_percent(bar.low), high=_percent(bar.high), n=bar.n)


def _percent(value: float | None) -> float | None:
    return None if value is None else HUNDRED * value


def _credited_figures(rows: tuple[appraisal.Credited, ...], appraised: str) -> list[Named]:
    name, explained = (
        _("credited in fact"),
        _("share of the differences between units that Party work explains in the last published round"),
    )
    if not rows:
        return [Named(name, explained, appraised, reason=_("no round is published here"))]
    found = []
    for row in rows:
        url = reverse("appraisal:results", args=[row.round])
        label = f" ({row.unit_class})" if len(rows) > 1 else ""
        value = _percent(row.value)
        found.append(
            Named(
                name + label, f"{explained} · {row.title}", url, number=value, unit="%" if value is not None else "", low=_percent(row.low),
                high=_percent(row.high), n=row.n, reason="" if value is not None else _(row.reason) if row.reason else _("not enough data"),
            )
        )  # fmt: skip
        reason = "" if row.paper is not None else _("the model names no weight; Party work multiplies or bounds")
        on_paper = _("what the scheme says Party work weighs")
        found.append(
            Named(
                _("credited on paper") + label,
                on_paper,
                url,
                number=_percent(row.paper),
                unit="%" if row.paper is not None else "",
                reason=reason,
            )
        )
    return found


def _credit_step(actor: Any, node: Node, expected: Bar, credited: tuple[appraisal.Credited, ...], used: appraisal.Part) -> tuple[Step, str]:
    office = _role("management_office")
    if not credited:
        return Step(_("Appraise first"), _("no round is published here"), _("Appraisal"), reverse("appraisal:rounds")), office
    if used.whole and used.part < used.whole:
        why = _("%(count)s grades led to nothing so far") % {"count": used.whole - used.part}
        return Step(_("Use the results"), why, _("Open the round"), reverse("appraisal:round", args=[credited[0].round])), office
    low = min((row.value for row in credited if row.value is not None), default=None)
    if expected.low is not None and low is not None and low < expected.low:
        why = _("credited in fact lies below the interval of what is expected")
        return Step(_("Try other weights before the next scheme is issued"), why, _("Schemes"), reverse("schemes:list")), office
    return Step(
        _("Keep the weights under review"), _("credited lies within what is expected"), _("Schemes"), reverse("schemes:list")
    ), office


# ability


def _ability(actor: Any, node: Node, nodes: Mapping[int, Node], day: date) -> Gap:
    fill, flow, dual = people.fill_and_fit(nodes, day), people.career_flow(nodes, day), people.dual_competent(nodes, day)
    url = f"{reverse('people:overview')}?at={node.pk}"
    figures = (
        Named(
            _("posts filled"), _("somebody serves"), url, fill.filled if fill.posts else None, fill.posts,
            reason="" if fill.posts else words.reason("no_post"),
        ),
        _share(_("posts fitted"), _("of the holders that are assessed; the interval holds what the others could make of it"), url, fill),
        _share(_("dual-skilled secretaries"), _("years in business posts and training in Party work, of the secretaries known"), url, dual),
        _share(_("promoted leaders who served in Party posts"), _("of unit leaders newly promoted within the rule's years"), url, flow),
    )  # fmt: skip
    step, owner = _ability_step(actor, node, fill)
    return Gap(
        "ability", _("Ability"), _("posts are filled, but not fitted"), figures, _("evidence: posts held, training, results, certificates, ratings"),
        _("what a person can do and nobody recorded; unknown is never unfit, and nobody is ranked"), step, owner,
    )  # fmt: skip


def _share(name: str, explained: str, url: str, found: Any) -> Named:
    if found.value is None:
        return Named(name, explained, url, reason=words.reason(found.reason) or _("not enough data"))
    good, known = (found.fitted, found.assessed) if isinstance(found, people.FillFit) else (found.share.good, found.share.known)
    return Named(name, explained, url, good, known, low=found.low, high=found.high, n=known)


def _ability_step(actor: Any, node: Node, fill: people.FillFit) -> tuple[Step, str]:
    posts = f"{reverse('people:posts')}?at={node.pk}"
    if fill.unknown:
        why = _("%(count)s holders are not assessed; unknown is not unfit") % {"count": fill.unknown}
        return Step(_("Assess who is not assessed"), why, _("Posts"), posts), _role("secretary")
    if fill.assessed > fill.fitted:
        why = _("%(count)s holders are shown not to fit yet") % {"count": fill.assessed - fill.fitted}
        return Step(_("Train for what is missing"), why, _("Courses"), reverse("people:courses")), _role("party_office")
    return Step(_("Keep a bench for every leading post"), _("nothing is missing that is known"), _("Posts"), posts), _role("party_office")


Maker = Callable[[Any, Node, Mapping[int, Node], date], Gap]
PARTS: dict[str, tuple[Permission, Maker]] = {
    "cognition": (Permission.SURVEY_VIEW, _cognition), "credit": (Permission.APPRAISAL_VIEW, _credit), "ability": (Permission.PEOPLE_VIEW, _ability),
}  # fmt: skip
