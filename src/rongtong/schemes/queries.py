"""Which version holds for a class of units, and since when."""

from datetime import date

from django.db.models import Q

from rongtong.organization.models import UnitClass
from rongtong.schemes.models import STANDING, SchemeVersion


def issued_for(unit_class: UnitClass, day: date) -> SchemeVersion | None:
    """The version in force for a class on a day."""
    rows = SchemeVersion.objects.filter(unit_class=unit_class, state__in=STANDING, starts_on__lte=day)
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).select_related("scheme", "unit_class").first()
