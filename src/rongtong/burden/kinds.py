"""How others show a form that they only hold a reference to; and what forms in force ask."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.burden import policies, queries
from rongtong.burden.askings import register_asker
from rongtong.burden.models import Form
from rongtong.kernel.reference import RecordKind, register_kind


def _load(key: str) -> Form | None:
    return Form.objects.select_related("root").filter(pk=key).first() if key.isdigit() else None


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(RecordKind("form", _("Form"), _load, str, lambda form: reverse("burden:form", args=[form.pk]), policies.sees))
    register_asker("forms", queries.askings)
