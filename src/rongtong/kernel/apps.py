from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from rongtong.kernel import constraints


def _reinstall(using: str, **_: Any) -> None:
    constraints.install_all(using)


class KernelConfig(AppConfig):
    name = "rongtong.kernel"
    label = "kernel"

    def ready(self) -> None:
        # the one framework signal in use: it is Django's only hook after a migration
        post_migrate.connect(_reinstall, dispatch_uid="kernel_triggers")
