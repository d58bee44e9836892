"""What the organisation holds of every unit and Party organisation; forms fill it in from here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from rongtong.burden.facts import Fact, register_facts
from rongtong.organization import queries
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation
from rongtong.trees.models import Node, TreeLink

_TREE, _PEOPLE = _("page of the unit or Party organisation"), _("posts and appointments")


def _codes(nodes: Sequence[int], _day: date) -> Mapping[int, str]:
    return dict(Node.objects.filter(pk__in=nodes).order_by("pk").values_list("pk", "code"))


def _names(nodes: Sequence[int], _day: date) -> Mapping[int, str]:
    return {node.pk: node.label for node in Node.objects.filter(pk__in=nodes).order_by("pk")}


def _superiors(nodes: Sequence[int], _day: date) -> Mapping[int, str]:
    rows = Node.objects.filter(pk__in=nodes, parent__isnull=False).select_related("parent").order_by("pk")
    return {node.pk: node.parent.label for node in rows if node.parent is not None}


def _leaders(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    """Whoever serves as secretary or head on that day."""
    found: dict[int, list[str]] = {}
    for row in _serving(nodes, day):
        found.setdefault(row.post.node_id, []).append(row.person.name)
    return {node: "、".join(dict.fromkeys(names)) for node, names in found.items()}


def _leader_since(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for row in _serving(nodes, day):
        found.setdefault(row.post.node_id, row.starts_on.isoformat())
    return found


def _serving(nodes: Sequence[int], day: date) -> Sequence[Appointment]:
    rows = Appointment.objects.on(day).filter(post__node__in=nodes, post__kind__in=queries.LEADING)
    return list(rows.select_related("person", "post").order_by("-kind", "pk"))


def _unit(name: str) -> Any:
    def values(nodes: Sequence[int], _day: date) -> Mapping[int, str]:
        rows = BusinessUnit.objects.filter(pk__in=nodes).order_by("pk").values_list("pk", name)
        return {pk: str(value) for pk, value in rows if value is not None}

    return values


def _party(name: str) -> Any:
    """A column of the organisation, or its last day of term."""

    def values(nodes: Sequence[int], _day: date) -> Mapping[int, str]:
        rows = {row.pk: getattr(row, name) for row in PartyOrganisation.objects.filter(pk__in=nodes).order_by("pk")}
        return {pk: str(value) for pk, value in rows.items() if value is not None}

    return values


def _classes(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    names = queries.class_names()
    return {pk: names.get(code, code) for pk, code in queries.class_of(nodes, day).items()}


def _partners(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    """The nodes of the other tree that are linked to it."""
    found: dict[int, list[str]] = {}
    for near, far in (("unit", "party"), ("party", "unit")):
        rows = TreeLink.objects.on(day).filter(**{f"{near}__in": nodes}).select_related(far).order_by("pk")
        for row in rows:
            found.setdefault(getattr(row, f"{near}_id"), []).append(getattr(row, far).label)
    return {node: "、".join(dict.fromkeys(names)) for node, names in found.items()}


def register() -> None:
    """Called from AppConfig.ready."""
    register_facts(
        Fact("node.code", _("code"), _TREE, "", _codes),
        Fact("node.name", _("name of the unit or Party organisation"), _TREE, "", _names),
        Fact("node.superior", _("superior unit or Party organisation"), _TREE, "", _superiors),
        Fact("node.partner", _("unit or Party organisation of the other side"), _("tree links"), "", _partners),
        Fact("node.leader", _("leader in office"), _PEOPLE, "", _leaders),
        Fact("node.leader_since", _("leader in office since"), _PEOPLE, "", _leader_since),
        Fact("unit.headcount", _("head-count"), _TREE, "B", _unit("headcount")),
        Fact("unit.class", _("class of the unit"), _TREE, "B", _classes),
        Fact("party.members", _("number of Party members"), _TREE, "P", _party("members")),
        Fact("party.formal_members", _("number of full members"), _TREE, "P", _party("formal_members")),
        Fact("party.elected_on", _("day of the last election"), _TREE, "P", _party("elected_on")),
        Fact("party.expires_on", _("last day of the term"), _TREE, "P", _party("expires_on")),
        Fact("person.name", _("names of people"), _PEOPLE),
        Fact("person.joined_on", _("day of joining the Party"), _PEOPLE),
        Fact("appointment.starts_on", _("begin of an appointment"), _PEOPLE),
    )
