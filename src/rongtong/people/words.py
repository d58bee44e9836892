"""Words for codes of figures, states and records."""

from django.utils.translation import gettext as _


def reason(code: str) -> str:
    """Why there is no figure."""
    return {
        "no_post": _("no post here"), "vacant": _("nobody serves"), "not_assessed": _("nobody is assessed yet"), "no_rule": _("no rule row gives the number"),
        "nobody_promoted": _("nobody was promoted in these years"), "no_history": _("nothing earlier is on record"), "no_secretary": _("no secretary serves here"),
        "no_requirement": _("nothing is asked for"),
    }.get(code, "")  # fmt: skip


def state(code: str) -> tuple[str, str, str]:
    """Mark, word and tone of how somebody fits."""
    return {
        "fit": ("✓", _("shown to fit"), "green"), "unfit": ("▲", _("shown not to fit yet"), "amber"), "vacant": ("·", _("vacant"), "grey"),
    }.get(code, ("—", _("not assessed"), "grey"))  # fmt: skip
