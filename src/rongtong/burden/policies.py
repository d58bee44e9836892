"""Who may do what with a form. Each answer is a reason code, empty where it is allowed; pages use the same answers."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.burden.models import Form, FormState, Sheet
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Unseen


def sees(actor: Any, form: Form) -> bool:
    """Whoever sees forms where it was made, or at a place it was issued to."""
    if access.can(actor, Permission.FORM_VIEW, form.root):
        return True
    places = form.sheets.select_related("node") if form.state != FormState.DRAFT else ()
    return any(access.can(actor, Permission.FORM_VIEW, sheet.node) for sheet in places)


def may_change(actor: Any, form: Form) -> bool:
    """A draft is changed by whoever issues forms where it is made."""
    return form.state == FormState.DRAFT and access.can(actor, Permission.FORM_ISSUE, form.root)


def why_not_fill(actor: Any, sheet: Sheet) -> str:
    if not access.can(actor, Permission.FORM_FILL, sheet.node):
        return "no_form_fill"
    if sheet.form.state != FormState.ISSUED:
        return "withdrawn"
    return "handed_in" if sheet.handed_in_on is not None else ""


def is_late(sheet: Sheet) -> bool:
    return sheet.handed_in_on is None and sheet.form.due_on < clock.today()


def require_issue(actor: Any, form: Form) -> None:
    if not sees(actor, form):
        raise Unseen
    if not access.can(actor, Permission.FORM_ISSUE, form.root):
        raise NotAllowed("no_form_issue")
