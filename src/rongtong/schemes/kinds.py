"""How others show a version of a scheme that they only hold a reference to."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.schemes import policies
from rongtong.schemes.models import SchemeVersion


def _title(version: SchemeVersion) -> str:
    return f"{version.scheme.label} v{version.number}"


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "scheme_version", _("Appraisal scheme"), Loader(SchemeVersion, "scheme", "unit_class"), _title,
            lambda version: reverse("schemes:version", args=[version.pk]), policies.sees,
        )
    )  # fmt: skip
