"""The organisation's own figures: cross-appointment (I12), units with a body (I13), terms kept (P14), Party staff (P61).

Each answers for a node with everything below it, on the month's last day, and is silent where there is nothing to count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.periods import Period
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, anniversary
from rongtong.trees.models import LinkKind, TreeLink

BUSINESS_LEADERS = ("head", "deputy_head", "department_head")
PARTY_LEADERS = ("secretary", "deputy", "committee")


def _day(period: int) -> date:
    return Period.month(period).ends_on


def _serving(day: date, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """(node of the post, person) of everyone who serves in posts of these kinds."""
    rows = Appointment.objects.filter(starts_on__lte=day, post__kind__in=kinds).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return list(rows.order_by().values_list("post__node_id", "person_id"))


def cross_appointment(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I12: of the leaders of a unit (its own posts and those of its own or joint organisation), how many hold both kinds of post."""
    day = _day(period)
    forest = Forest(day, node_ids)
    business, party = _serving(day, BUSINESS_LEADERS), _serving(day, PARTY_LEADERS)
    both = {person for _node, person in business} & {person for _node, person in party}
    units_of: dict[int, list[int]] = defaultdict(list)
    for unit, organisation in TreeLink.objects.on(day).filter(kind__in=[LinkKind.OWN, LinkKind.JOINT]).values_list("unit_id", "party_id"):
        units_of[organisation].append(unit)
    leaders: Sets = defaultdict(set)
    for node, person in business:
        leaders[node].add(person)
    for node, person in party:
        for unit in units_of.get(node, ()):
            leaders[unit].add(person)
    double: Sets = {node: people & both for node, people in leaders.items()}
    return forest.found(forest.below(double), forest.below(leaders))


def units_with_body(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I13: of the units that have or need a Party body, how many have one."""
    day = _day(period)
    forest = Forest(day, node_ids)
    linked = set(TreeLink.objects.on(day).order_by().values_list("unit_id", flat=True))
    bare = {unit.pk for unit in organization.uncovered_units(SYSTEM, day)} - linked
    covered: Sets = {pk: {pk} for pk in linked}
    needing: Sets = {pk: {pk} for pk in linked | bare}
    return forest.found(forest.below(covered), forest.below(needing))


def terms_kept(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P14: of the organisations with a term, how many are not past its end (or its approved extension)."""
    day = _day(period)
    forest = Forest(day, node_ids)
    rows = PartyOrganisation.objects.filter(elected_on__isnull=False, term_years__isnull=False, elected_on__lte=day)
    with_term: Sets = {}
    kept: Sets = {}
    for node_id, elected_on, years, extended_to in rows.values_list("node_id", "elected_on", "term_years", "extended_to"):
        if elected_on is None or years is None:
            continue
        with_term[node_id] = {node_id}
        if day < max(anniversary(elected_on, years), extended_to or date.min):
            kept[node_id] = {node_id}
    return forest.found(forest.below(kept), forest.below(with_term))


def party_staff(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P61: people who serve in Party posts only, over the head-count of the units that an organisation and those below it are linked to."""
    day = _day(period)
    forest = Forest(day, node_ids)
    serving = Appointment.objects.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).order_by()
    posts = list(serving.values_list("post__node_id", "post__node__tree", "person_id"))
    in_business = {person for _node, tree, person in posts if tree == "B"}
    staff: Sets = defaultdict(set)
    for node, tree, person in posts:
        if tree == "P" and person not in in_business:
            staff[node].add(person)
    units: Sets = defaultdict(set)
    for unit, organisation in TreeLink.objects.on(day).exclude(kind=LinkKind.TEMPORARY).values_list("unit_id", "party_id"):
        units[organisation].add(unit)
    heads = dict(BusinessUnit.objects.filter(headcount__gt=0).values_list("node_id", "headcount"))
    everyone, linked = forest.below(staff), forest.below(units)
    forest.tell(everyone, everyone)
    counted = {pk: sum(heads.get(unit) or 0 for unit in members) for pk, members in linked.items() if pk in forest.wanted}
    return [(pk, float(len(everyone.get(pk, ()))), float(count)) for pk, count in counted.items() if count]


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("I12", cross_appointment, "person")
    register_collector("I13", units_with_body, "unit")
    register_collector("P14", terms_kept, "party")
    register_collector("P61", party_staff, "person")
