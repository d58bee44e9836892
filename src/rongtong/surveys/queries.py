"""Questions to surveys: waves and their cells in the actor's area, released sums, what waits for the actor to answer."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from rongtong.access.queries import Area, area_of, scoped
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.organization.models import Person
from rongtong.surveys import sealing
from rongtong.surveys.estimates import Sums
from rongtong.surveys.launching import label_of
from rongtong.surveys.models import Cell, CellPart, Comment, Invitation, Questionnaire, Role, Statistic, Wave, WaveState
from rongtong.surveys.policies import VIEW
from rongtong.trees.models import Node, paths_above


def questionnaires() -> QuerySet[Questionnaire]:
    return Questionnaire.objects.annotate(count=Count("questions")).order_by("is_closed", "code", "-version")


def waves(actor: Any) -> QuerySet[Wave]:
    """Waves that were prepared in the actor's area, and launched ones that ask somebody there; the latest first."""
    rows = Wave.objects.select_related("root", "questionnaire").order_by("-pk")
    if area_of(actor, VIEW).is_all:
        return rows
    own = scoped(Wave.objects.order_by(), actor, "root", permission=VIEW)
    parts = scoped(CellPart.objects.order_by(), actor, "node", permission=VIEW)
    return rows.filter(Q(pk__in=own.values("pk")) | Q(pk__in=parts.values("wave_id")) & ~Q(state=WaveState.DRAFT))


def open_for(actor: Any) -> list[Wave]:
    """Waves that the actor was invited to, may still answer, and has not answered. Nobody else can ask this."""
    person = Person.objects.filter(account=actor).first() if isinstance(actor, User) else None
    if person is None:
        return []
    today = clock.today()
    rows = list(
        Wave.objects.filter(state=WaveState.LAUNCHED, closes_on__gte=today).select_related("questionnaire", "root").order_by("closes_on")
    )
    stubs = {wave.pk: sealing.stub(sealing.ticket(wave.uid, person.pk)) for wave in rows if sealing.is_here(wave.uid)}
    unused = Invitation.objects.filter(wave__in=stubs, ticket__in=stubs.values(), answered_on__isnull=True).values_list(
        "wave_id", flat=True
    )
    open_ones = set(unused) if stubs else set()
    return [wave for wave in rows if wave.pk in open_ones]


@dataclass(frozen=True, slots=True)
class Union:
    """What is shown as one: a union of atoms. `kind` is whole, role, group (right below the root), unit or cell."""

    key: str
    kind: str
    label: str
    blocks: frozenset[int]
    invited: int
    answered: int | None
    nodes: frozenset[int]
    role: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Whom a cell takes in, with the block it is counted in."""

    cell: int
    block: int
    node: int
    path: str
    name: str
    role: str


def unions(wave: Wave, area: Area | None = None) -> list[Union]:
    """Everything that may be shown of a wave: the whole, roles, groups, cells; those that lie wholly in an area, and always the whole."""
    cells = list(Cell.objects.filter(wave=wave).order_by("position"))
    rows = CellPart.objects.filter(wave=wave).select_related("node").order_by("cell__position", "node__path", "role")
    head = {cell.pk: cell.block_id or cell.pk for cell in cells}
    is_near = {row.node_id: area is None or area.holds(wave.root) or area.holds(row.node) for row in rows}
    parts = [Part(row.cell_id, head[row.cell_id], row.node_id, row.node.path, row.node.label, row.role) for row in rows]
    paths = {path for part in parts for path in (*paths_above(part.path), part.path) if len(path) > len(wave.root.path)}
    names = {node.path: node.label for node in Node.objects.filter(path__in=paths).order_by("path")}
    made = Maker(wave, cells, parts, names)
    return [union for union in made.all() if union.kind == "whole" or all(is_near[node] for node in union.nodes)]


class Maker:
    """Puts unions together from the atoms of a wave (its blocks, once it is closed). `units` are the places below the root by path."""

    def __init__(self, wave: Wave, cells: Sequence[Cell], parts: Sequence[Part], units: Mapping[str, str]) -> None:
        self.wave, self.parts, self.units = wave, parts, units
        self.by_block: dict[int, list[Part]] = defaultdict(list)
        for part in parts:
            self.by_block[part.block].append(part)
        self.invited: dict[int, int] = defaultdict(int)
        for cell in cells:
            self.invited[cell.block_id or cell.pk] += cell.invited
        self.answered = {cell.pk: cell.answered for cell in cells if cell.answered is not None}
        self.everyone = {part.role for part in parts}

    def all(self) -> list[Union]:
        found = [self._union("all", "whole", _("everyone asked"), self.by_block)] if self.parts else []
        roles = [role for role in (*Role.values, "") if role in self.everyone]
        pure = {role: self._pure(frozenset(p for p in self.parts if p.role == role)) for role in roles}
        if len(roles) > 1:
            found += [self._union(f"r-{role}", "role", str(Role(role).label), pure[role], role) for role in roles if role and pure[role]]
        found += self._groups()
        shown = {union.blocks for union in found}
        cells = [self._union(f"c-{block}", "cell", self._label(block), [block], self._role(block)) for block in self.by_block]
        return found + [cell for cell in cells if cell.blocks not in shown]

    def _groups(self) -> list[Union]:
        """Units with everything below them whose people all lie in two or more cells of their own; those right below the root are groups."""
        found: list[Union] = []
        least = min(map(len, self.units), default=0)
        for path, name in sorted(self.units.items()):
            blocks = self._pure(frozenset(part for part in self.parts if part.path.startswith(path)))
            if len(blocks) > 1 and frozenset(blocks) not in {union.blocks for union in found}:
                found.append(self._union(f"n-{path}", "group" if len(path) == least else "unit", name, blocks))
        return found

    def _pure(self, wanted: frozenset[Part]) -> list[int]:
        """The blocks that hold exactly these parts; nothing if some of them are counted with others."""
        blocks = {part.block for part in wanted}
        return sorted(blocks) if all(part in wanted for block in blocks for part in self.by_block[block]) else []

    def _role(self, block: int) -> str:
        roles = {part.role for part in self.by_block[block]}
        return roles.pop() if len(roles) == 1 else ""

    def _label(self, block: int) -> str:
        parts = self.by_block[block]
        roles = [str(Role(role).label) for role in Role.values if any(part.role == role for part in parts)]
        return label_of(list(dict.fromkeys(part.name for part in parts)), roles)

    def _union(self, key: str, kind: str, label: str, blocks: Iterable[int], role: str = "") -> Union:
        inside = frozenset(blocks)
        nodes = frozenset(part.node for part in self.parts if part.block in inside)
        counts = [self.answered[block] for block in inside if self.answered.get(block) is not None]
        return Union(key, kind, label, inside, sum(self.invited[block] for block in inside), sum(counts) if counts else None, nodes, role)


def paths_of_blocks(waves_: Collection[int]) -> dict[int, dict[int, list[str]]]:
    """Wave to its blocks with the paths of those they hold, in one question."""
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = CellPart.objects.filter(wave__in=list(waves_), cell__block__isnull=False).order_by()
    for wave_id, block, path in rows.values_list("wave_id", "cell__block_id", "node__path"):
        if block is not None:
            found[wave_id][block].append(path)
    return found


def blocks_under(places: Mapping[int, Sequence[str]], path: str) -> list[int]:
    """The blocks that hold nobody outside a place."""
    return [block for block, held in places.items() if all(one.startswith(path) for one in held)]


def sums(waves_: Collection[int], measures: Collection[str]) -> dict[tuple[int, str], Sums]:
    """Block and measure to the sums of released waves, in one question."""
    rows = Statistic.objects.filter(wave__in=list(waves_), wave__state=WaveState.RELEASED)
    rows = rows.filter(measure__in=list(measures)) if measures else rows
    fields = rows.order_by().values_list("cell_id", "measure", "count", "total", "squares")
    return {(cell, measure): Sums(count, total, squares) for cell, measure, count, total, squares in fields}


def over(found: Mapping[tuple[int, str], Sums], blocks: Iterable[int], measure: str) -> Sums | None:
    """The sums of a measure over a union; None if a block of it has none."""
    rows = [found.get((block, measure)) for block in blocks]
    known = [row for row in rows if row is not None]
    if not known or len(known) < len(rows):
        return None
    return sum(known[1:], start=known[0])


def so_far(wave: Wave) -> dict[int, int]:
    """Answers per cell while a wave is open: nothing below k, and only in steps of k, so that no single answer shows."""
    rows = Invitation.objects.filter(wave=wave, answered_on__isnull=False).order_by().values("cell_id").annotate(count=Count("pk"))
    k = wave.k_score
    return {row["cell_id"]: row["count"] // k * k for row in rows if row["count"] >= k}


def comments(wave: Wave) -> list[Comment]:
    """The words of a released wave, in the order of their random keys."""
    if wave.state != WaveState.RELEASED:
        return []
    return list(Comment.objects.filter(wave=wave).select_related("question").order_by("pk"))


def released(day: date, most: int = 8) -> list[Wave]:
    """The latest waves that were released by a day."""
    rows = Wave.objects.filter(state=WaveState.RELEASED, released_on__lte=day).select_related("root", "questionnaire")
    return list(rows.order_by("-launched_on", "-pk")[:most])
