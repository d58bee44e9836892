"""How others show a course, a certificate, a rating or an objection that they only hold a reference to; what stays open at a node."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.people import policies
from rongtong.people.models import Certificate, Course, CourseState, FrameVersion, Objection, PayParity, Rating, Requirement
from rongtong.trees.models import Node


def _person_url(person_id: int) -> str:
    return reverse("people:person", args=[person_id])


def _sees_frame(actor: Any, _row: Any) -> bool:
    return access.can(actor, policies.VIEW)


def planned_courses(node: Node, on: date) -> Sequence[Still]:
    """Courses that a node has still to hold are moved or called off before it goes."""
    rows = Course.objects.filter(node=node, state=CourseState.PLANNED, ends_on__gte=on).order_by("pk")
    names = tuple(rows.values_list("title", flat=True)[:5])
    return [Still(str(_("planned courses")), names, rows.count(), str(_("hold them or call them off")))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "course", _("Course"), Loader(Course, "node"), str, lambda c: reverse("people:course", args=[c.pk]), policies.sees_course
        )
    )
    register_kind(
        RecordKind("certificate", _("Certificate"), Loader(Certificate, "person"), str, lambda c: _person_url(c.person_id),
                   lambda actor, c: policies.sees(actor, c.person))
    )  # fmt: skip
    register_kind(
        RecordKind(
            "rating", _("Rating of a competence"), Loader(Rating, "person"), str, lambda r: _person_url(r.person_id), policies.sees_rating
        )
    )
    register_kind(
        RecordKind("objection", _("Objection to a rating"), Loader(Objection, "rating__person"), str,
                   lambda o: _person_url(o.rating.person_id), policies.sees_objection)
    )  # fmt: skip
    register_kind(
        RecordKind("frame", _("Competence frame"), Loader(FrameVersion), str, lambda f: reverse("people:version", args=[f.pk]), _sees_frame)
    )
    register_kind(
        RecordKind(
            "requirement", _("Requirement of a post"), Loader(Requirement), str, lambda r: reverse("people:requirements"), _sees_frame
        )
    )
    register_kind(RecordKind("parity", _("Equal pay"), Loader(PayParity), str, lambda p: reverse("people:overview"), _sees_frame))
    register_open_things(planned_courses)
