"""How others show a node, a person, a post, an appointment or a link that they only hold a reference to."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.organization import policies
from rongtong.organization.models import Appointment, Person, Post
from rongtong.trees.models import Node, TreeLink


def _node_url(node: Node) -> str:
    return reverse("organization:node", args=[node.pk])


def _sees(actor: Any, node: Node) -> bool:
    return access.can(actor, Permission.ORGANIZATION_VIEW, node)


def _link_title(link: TreeLink) -> str:
    return f"{link.unit.name} ↔ {link.party.name}"


def _appointment_title(row: Appointment) -> str:
    return f"{row.person.name} · {row.post.name}"


def register() -> None:
    """Called from AppConfig.ready."""
    for code, title in (("node", _("Unit or Party organisation")), ("unit", _("Business unit")), ("party", _("Party organisation"))):
        register_kind(RecordKind(code, title, Loader(Node), str, _node_url, _sees))
    register_kind(
        RecordKind("person", _("Person"), Loader(Person), str, lambda p: reverse("organization:person", args=[p.pk]), policies.sees_person)
    )
    register_kind(
        RecordKind(
            "post", _("Post"), Loader(Post, "node"), str, lambda post: reverse("organization:post", args=[post.pk]),
            lambda actor, post: _sees(actor, post.node),
        )
    )  # fmt: skip
    register_kind(
        RecordKind(
            "appointment", _("Appointment"), Loader(Appointment, "person", "post__node"), _appointment_title,
            lambda row: reverse("organization:post", args=[row.post_id]), lambda actor, row: policies.sees_people_at(actor, row.post.node),
        )
    )  # fmt: skip
    register_kind(
        RecordKind(
            "tree_link", _("Tree link"), Loader(TreeLink, "unit", "party"), _link_title, lambda link: _node_url(link.unit),
            lambda actor, link: _sees(actor, link.unit) or _sees(actor, link.party),
        )
    )  # fmt: skip
