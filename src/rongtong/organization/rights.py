"""Which role a kind of post carries: putting a template in force, or out of it, changes the rights of everyone who serves in such a post."""

from django.db.models import Q

from rongtong.access import actions as grants
from rongtong.access.models import RoleTemplate
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.reference import Reference
from rongtong.organization.actions import refresh_rights
from rongtong.organization.models import Person


@act("organization.approve_template")
def approve_template(*, by: Actor, template: RoleTemplate) -> RoleTemplate:
    """Give a template force, and the rights to those who serve."""
    approved = grants.approve_template(by=by, template=template)
    current().about(Reference("role_template", str(template.pk)), people=_refresh(by, template))
    return approved


@act("organization.withdraw_template")
def withdraw_template(*, by: Actor, template: RoleTemplate) -> RoleTemplate:
    """Take a template away, and the rights that followed from it."""
    withdrawn = grants.withdraw_template(by=by, template=template)
    current().about(Reference("role_template", str(template.pk)), people=_refresh(by, template))
    return withdrawn


def _refresh(by: Actor, template: RoleTemplate) -> int:
    today = clock.today()
    serving = Q(appointments__ends_on__isnull=True) | Q(appointments__ends_on__gt=today)
    same = Q(appointments__post__kind=template.post_kind, appointments__post__node__tree=template.tree)
    people = list(Person.objects.filter(serving, same, account__isnull=False).select_related("account").distinct().order_by("pk"))
    refresh_rights(by, people)
    return len(people)
