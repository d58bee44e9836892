"""What every page's frame needs: navigation, scope, unread notes."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.urls import reverse

from rongtong.access.policies import can
from rongtong.access.queries import grants_of
from rongtong.access.roles import ROLES, Permission
from rongtong.notifications.models import Note
from rongtong.trees.models import Node
from rongtong.ui import navigation


@cache
def has_assets() -> bool:
    return finders.find("vendor/tabler.min.css") is not None


@cache
def is_synthetic() -> bool:
    return (Path(settings.DATA_DIR) / "demo.json").is_file()


def context(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    shell: dict[str, Any] = {"has_assets": has_assets(), "is_synthetic": is_synthetic(), "query": request.GET.get("q", "")}
    if user is None or not user.is_authenticated:
        return {"shell": shell}
    node = request.GET.get("at", "")
    place = Node.objects.filter(pk=int(node)).first() if node.isascii() and node.isdigit() and len(node) < 18 else None
    carried = {name: request.GET[name] for name in ("at", "month") if request.GET.get(name)}
    shell |= {
        "navigation": _navigation(request, user),
        "carry": f"?{urlencode(carried)}" if carried else "",
        "scope_action": reverse("web:go"),
        "scope_label": f"{place.code} {place.name}" if place and can(user, Permission.ORGANIZATION_VIEW, place) else "",
        "period": request.GET.get("month", ""),
        "unread": Note.objects.filter(to_id=user.pk, read_at__isnull=True).count(),
        "roles": "、".join(sorted({str(ROLES[grant.role].name) for grant in grants_of(user) if grant.role in ROLES})),
    }
    return {"shell": shell}


def _navigation(request: HttpRequest, user: Any) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    allowed = [entry for entry in navigation.entries() if not entry.permission or can(user, Permission(entry.permission))]
    urls = [reverse(entry.url_name) for entry in allowed]
    # the longest address that the page's begins with is where one is
    here = max((url for url in urls if request.path == url or (url != "/" and request.path.startswith(url))), key=len, default="")
    for entry, url in zip(allowed, urls, strict=True):
        groups.setdefault(entry.group, []).append({"label": entry.label, "url": url, "is_here": url == here})
    return [{"title": navigation.GROUPS[code], "entries": entries} for code, entries in groups.items()]
