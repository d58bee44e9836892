"""Which path a matter takes, and why: pure functions over numbers. The page says the same sentence before anything is written and after.

An item without limits is listed whatever its amount. With limits it is listed from the first limit reached on, and the highest body among
those reached decides. A limit that cannot be compared (no amount, no net assets) is named; if none of the others is reached the matter
takes the listed path: without the number nobody may say that it lies below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OWN, PRE_STUDY, GATE, UNLISTED, NO_STUDY = "own", "pre_study", "gate", "unlisted", "no_study"
BODIES = ("committee", "managers", "board", "owners")  # the later ones stand higher
WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit: what is compared, how, with what, and who decides from there on."""

    metric: str
    operator: str
    value: int
    body: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A limit beside the matter's own number; None where there is no such number."""

    bound: Bound
    actual: int | None
    is_reached: bool | None


@dataclass(frozen=True, slots=True)
class Path:
    """What is done with a matter, by whom it is decided, the reason's code and the numbers behind it."""

    kind: str
    body: str
    reason: str
    compared: tuple[Compared, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As a decision keeps it."""
        rows = [[c.bound.metric, c.bound.operator, c.bound.value, c.bound.body, c.actual, c.is_reached] for c in self.compared]
        return {"reason": self.reason, "compared": rows}

    @classmethod
    def read(cls, kind: str, body: str, stored: Mapping[str, Any]) -> "Path":
        rows = [Compared(Bound(m, o, v, b), actual, reached) for m, o, v, b, actual, reached in stored.get("compared", [])]
        return cls(kind, body, str(stored.get("reason", "")), tuple(rows))


@dataclass(frozen=True, slots=True)
class Measure:
    """The numbers of one matter: amount and net assets in fen, excess over the budget in hundredths of a percent."""

    amount_fen: int | None = None
    net_assets_fen: int | None = None
    over_budget: int | None = None


def reaches(operator: str, actual: int, value: int) -> bool:
    """Whether a number reaches a limit; exactly at the bound counts for at least and at most.

    >>> reaches("at_least", 5_000_000, 5_000_000), reaches("above", 5_000_000, 5_000_000)
    (True, False)
    """
    return {"at_least": actual >= value, "above": actual > value, "at_most": actual <= value, "below": actual < value}[operator]


def compare(bound: Bound, given: Measure) -> Compared:
    """One limit against the matter. Shares are compared by cross-multiplication, so that nothing is rounded."""
    if bound.metric == "net_assets":
        if given.amount_fen is None or not given.net_assets_fen or given.net_assets_fen < 0:
            return Compared(bound, None, None)
        reached = reaches(bound.operator, given.amount_fen * WHOLE, bound.value * given.net_assets_fen)
        return Compared(bound, given.amount_fen * WHOLE // given.net_assets_fen, reached)
    actual = given.amount_fen if bound.metric == "amount" else given.over_budget
    return Compared(bound, actual, None if actual is None else reaches(bound.operator, actual, bound.value))


def path_of(role: str, treatment: str, body: str, bounds: Sequence[Bound], given: Measure) -> Path:
    """The path of a matter that stands in a list; `body` decides where no limit names another."""
    compared = tuple(compare(bound, given) for bound in bounds)
    reached = [c.bound.body for c in compared if c.is_reached]
    unknown = any(c.is_reached is None for c in compared)
    if bounds and not reached and not unknown:
        return Path(UNLISTED, "managers", "below", compared)
    decides = max(reached, key=BODIES.index) if reached else body
    reason = "reached" if reached else "unknown" if unknown else "always"
    if treatment == OWN:
        return Path(OWN, "committee", reason, compared)
    kind = {"pre_study": PRE_STUDY, "collective_gate": GATE}.get(role, NO_STUDY)
    return Path(kind, decides, reason, compared)


def unlisted() -> Path:
    """A matter that no list names."""
    return Path(UNLISTED, "managers", "not_listed")


@dataclass(frozen=True, slots=True)
class RoleReason:
    """The role of an organisation and the facts that make it so."""

    role: str
    reason: str


def default_role(*, is_group: bool, is_legal_person: bool | None, has_committee: bool, is_delegated: bool) -> RoleReason:
    """DOMAIN 4.3. A legal person with a Party committee studies before; without one its branch reviews; others only where power was given.

    >>> default_role(is_group=False, is_legal_person=False, has_committee=False, is_delegated=False).role
    'participate'
    """
    if is_group:
        return RoleReason("none", "group")
    if is_legal_person and has_committee:
        return RoleReason("pre_study", "legal_committee")
    if is_legal_person:
        return RoleReason("collective_gate", "legal_branch")
    if is_delegated:
        return RoleReason("collective_gate", "delegated")
    return RoleReason("participate", "unknown_unit" if is_legal_person is None else "ordinary")
