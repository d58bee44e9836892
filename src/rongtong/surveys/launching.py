"""What launching a wave does before it does it: who is asked, in which cells, what it costs, what else asks the same."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongtong.burden.askings import Asking, Twice, asked_twice, standing
from rongtong.burden.costs import person_hours
from rongtong.kernel.errors import Refused
from rongtong.organization.models import Person
from rongtong.surveys import placing
from rongtong.surveys.models import Question, Role, Wave, WaveState
from rongtong.surveys.placing import Asked
from rongtong.surveys.settling import Item, settle
from rongtong.trees.models import Node, paths_above

NAMES = 3  # groups named in a label before the rest is counted
PAYER = "person"  # who answers a survey: everyone asked, not the unit


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked, the atoms they are counted in, and the person-hours."""

    wave: Wave
    people: tuple[Asked, ...]
    atoms: tuple[Item, ...]
    hours: float

    @property
    def digest(self) -> str:
        """What the launcher saw: another digest refuses the launch."""
        atoms = [(atom.path, atom.role, atom.count, sorted(map(str, atom.keys))) for atom in self.atoms]
        parts = (self.wave.pk, self.wave.closes_on, self.wave.k_score, self.wave.k_text, len(self.people), f"{self.hours:.3f}", atoms)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def plan_of(wave: Wave, day: date) -> Plan:
    """As launching today would have it."""
    people = placing.asked(wave.root, wave.depth, wave.by_role, day)
    counts = placing.counted(people)
    items = [Item(path, role, count, ((path, role),)) for (path, role), count in sorted(counts.items())]
    atoms = settle(items, wave.k_score)
    return Plan(wave, tuple(people), tuple(atoms), person_hours(wave.questionnaire.minutes, len(people)))


def places(atom: Item) -> Iterator[tuple[str, str]]:
    """Path and role of each group that an atom takes in."""
    yield from sorted(atom.keys)


def nodes_of(plan: Plan) -> dict[str, Node]:
    """The groups of a plan by path."""
    return {node.path: node for node in Node.objects.filter(path__in={path for atom in plan.atoms for path, _role in places(atom)})}


def refuse(plan: Plan, gap_days: int, day: date) -> None:
    """Too few people, or the same people were asked the same so lately that the difference of two waves would single some out."""
    if not plan.atoms:
        what = _("%(count)s people are asked; %(k)s are the fewest whose answers can be shown") % {
            "count": len(plan.people),
            "k": plan.wave.k_score,
        }
        raise Refused(what, field="root", remedy=_("choose a unit further up"), code="too_few")
    other = near(plan.wave, gap_days, day)
    if other is not None:
        what = _("“%(title)s” asked the same questions here on %(day)s") % {"title": other.title, "day": other.launched_on}
        remedy = _("wait until %(days)s days have passed: two waves close together could be subtracted from each other") % {
            "days": gap_days
        }
        raise Refused(what, remedy=remedy, code="near")


def near(wave: Wave, gap_days: int, day: date) -> Wave | None:
    """A wave over some of the same people, with a question in common, launched within so many days. The other tree holds the same people."""
    codes = wave.questionnaire.questions.values("code")
    root = wave.root
    here = Q(root__path__startswith=root.path) | Q(root__path__in=paths_above(root.path)) | ~Q(root__tree=root.tree)
    rows = Wave.objects.exclude(pk=wave.pk).exclude(state=WaveState.DRAFT).filter(here, launched_on__gt=day - timedelta(days=gap_days))
    return rows.filter(questionnaire__questions__code__in=codes).order_by("-launched_on", "-pk").first()


def without_account(plan: Plan) -> int:
    """How many of those asked cannot sign in yet."""
    have = Person.objects.filter(pk__in=[one.person for one in plan.people], account__isnull=False, account__is_active=True)
    return len(plan.people) - have.count()


def twice(plan: Plan, day: date) -> list[Twice]:
    """Questions that something else asks the same people in the same words."""
    nodes = frozenset(node.pk for node in nodes_of(plan).values())
    url = reverse("surveys:wave", args=[plan.wave.pk])
    mine = [asking(question, plan.wave.title, url, nodes) for question in plan.wave.questionnaire.questions.all()]
    others = [one for one in standing(nodes, day) if one.payer == PAYER and one.url != url]
    return asked_twice(mine, others)


def asking(question: Question, source: str, url: str, nodes: frozenset[int]) -> Asking:
    return Asking("", f"{question.part} {question}", PAYER, source, url, nodes)


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as the launcher sees it: how it will be called, and how many are in it."""

    label: str
    invited: int
    places: int


def cells_of(plan: Plan) -> list[Shown]:
    """The atoms with their names, as the results will show them."""
    names = {path: node.label for path, node in nodes_of(plan).items()}
    return [_shown(atom, names) for atom in plan.atoms]


def _shown(atom: Item, names: Mapping[str, str]) -> Shown:
    pairs = list(places(atom))
    roles = [str(Role(role).label) for role in Role.values if any(role == held for _path, held in pairs)]
    paths = list(dict.fromkeys(path for path, _role in pairs))
    return Shown(label_of([names[path] for path in paths], roles), atom.count, len(paths))


def label_of(names: Sequence[str], roles: Sequence[str]) -> str:
    """Groups and roles as one name; more than a few groups are counted."""
    place = "、".join(names[:NAMES])
    more = len(names) - NAMES
    if more > 0:
        place += ngettext(" and %(count)s more", " and %(count)s more", more) % {"count": more}
    return f"{place} · {'、'.join(roles)}" if roles else place
