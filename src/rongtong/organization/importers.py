"""The files of the organisation, in and out, as they are registered with the exchange."""

from collections.abc import Iterator
from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.exchange.exporting import Exporter, register_exporter
from rongtong.exchange.importing import register_importer
from rongtong.kernel import clock
from rongtong.organization import queries
from rongtong.organization.columns import APPOINTMENTS, LINKS, PARTIES, PEOPLE, POSTS, UNITS
from rongtong.organization.link_files import LINK_FILE, write_links
from rongtong.organization.node_files import PARTY_FILE, UNIT_FILE, write_parties, write_units
from rongtong.organization.people_files import APPOINTMENT_FILE, PERSON_FILE, POST_FILE, write_appointments, write_people, write_posts

__all__ = ["register", "write_appointments", "write_links", "write_parties", "write_people", "write_posts", "write_units"]

FILES = (UNIT_FILE, PARTY_FILE, LINK_FILE, PERSON_FILE, POST_FILE, APPOINTMENT_FILE)
CHUNK = 2000


def register() -> None:
    """Importers and exporters of this package."""
    for kind in FILES:
        register_importer(kind.importer())
    for exporter in EXPORTERS:
        register_exporter(exporter)


def _unit_rows(actor: Any, **_filters: Any) -> Iterator[list[Any]]:
    access.require_everywhere(actor, Permission.EXPORT)
    found = queries.units(actor)
    classes = queries.class_of(list(found.order_by().values_list("pk", flat=True)), clock.today())
    for unit in found.select_related("node__parent").iterator(CHUNK):
        node = unit.node
        head = [node.code, node.name, node.parent.code if node.parent else "", node.opened_on, node.closed_on]
        yield [*head, unit.kind, classes.get(unit.pk, ""), unit.headcount, unit.is_legal_person]


def _party_rows(actor: Any, **_filters: Any) -> Iterator[list[Any]]:
    access.require_everywhere(actor, Permission.EXPORT)
    for party in queries.parties(actor).select_related("node__parent").iterator(CHUNK):
        node = party.node
        head = [node.code, node.name, node.parent.code if node.parent else "", node.opened_on, node.closed_on]
        yield [*head, party.kind, party.members, party.formal_members, party.elected_on, party.term_years]


def _link_rows(actor: Any, **_filters: Any) -> Iterator[list[Any]]:
    access.require_everywhere(actor, Permission.EXPORT)
    for link in queries.links(actor).iterator(CHUNK):
        yield [link.unit.code, link.party.code, link.kind, link.share, link.starts_on, link.ends_on]


def _person_rows(actor: Any, **_filters: Any) -> Iterator[list[Any]]:
    access.require_everywhere(actor, Permission.EXPORT)
    for person in queries.persons(actor).iterator(CHUNK):
        yield [person.code, person.name, person.member_kind, person.joined_on]


def _post_rows(actor: Any, **_filters: Any) -> Iterator[list[Any]]:
    access.require_everywhere(actor, Permission.EXPORT)
    for post in queries.posts(actor).filter(closed_on__isnull=True).iterator(CHUNK):
        yield [post.code, post.name, post.node.code, post.kind]


def _appointment_rows(actor: Any, **_filters: Any) -> Iterator[list[Any]]:
    access.require_everywhere(actor, Permission.EXPORT)
    seen = queries.appointments(actor).select_related("person", "post").order_by("pk")
    for row in seen.iterator(CHUNK):
        yield [row.person.code, row.post.code, row.kind, row.starts_on, row.ends_on]


EXPORTERS = (
    Exporter("units", [column.name for column in UNITS], _unit_rows),
    Exporter("parties", [column.name for column in PARTIES], _party_rows),
    Exporter("links", [column.name for column in LINKS], _link_rows),
    Exporter("people", [column.name for column in PEOPLE], _person_rows),
    Exporter("posts", [column.name for column in POSTS], _post_rows),
    Exporter("appointments", [column.name for column in APPOINTMENTS], _appointment_rows),
)
