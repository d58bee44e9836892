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
from rongtong.kernel import clock
from rongtong.kernel.periods import Period, add_months, month_of
from rongtong.notifications.models import Note
from rongtong.trees.models import Node
from rongtong.ui import navigation

CARRIED = ("at", "month", "vs")
MONTHS = 24


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
    carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    period = request.GET.get("month", "")
    shell |= {
        "navigation": _navigation(request, user),
        "is_phone": request.headers.get("Sec-CH-UA-Mobile") == "?1",
        "is_narrow": request.COOKIES.get("rt_nav") == "narrow",
        "carry": f"?{urlencode(carried)}" if carried else "",
        "scope": _scope(request, user),
        "may": May(user),
        "sees_figures": can(user, Permission.COCKPIT_VIEW),
        "period": f"{period[:4]}-{period[4:]}" if len(period) == 6 and period.isdigit() else period,
        "versus": request.GET.get("vs", ""),
        "months": months(),
        "unread": Note.objects.filter(to_id=user.pk, read_at__isnull=True).count(),
        "roles": "、".join(sorted({str(ROLES[grant.role].name) for grant in grants_of(user) if grant.role in ROLES})),
    }
    return {"shell": shell}


class May:
    """What the account may do anywhere, for templates: `shell.may.run_view`. A page links only to pages that open."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def __getitem__(self, name: str) -> bool:
        return can(self.user, Permission[name.upper()])


def months() -> list[str]:
    """The months one can choose: the last full ones, newest first."""
    last = add_months(month_of(clock.today()), -1)
    return [str(Period.month(add_months(last, -back))) for back in range(MONTHS)]


def _scope(request: HttpRequest, user: Any) -> str:
    """Code and name of the node in the address, if the account may know it."""
    at = request.GET.get("at", "")
    place = Node.objects.filter(pk=int(at)).first() if at.isascii() and at.isdigit() and len(at) < 18 else None
    return f"{place.code} {place.label}" if place and can(user, Permission.ORGANIZATION_VIEW, place) else ""


def _navigation(request: HttpRequest, user: Any) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    allowed = [entry for entry in navigation.entries() if not entry.permission or can(user, Permission(entry.permission))]
    urls = [reverse(entry.url_name) for entry in allowed]
    # the longest address that the page's begins with is where one is
    here = max((url for url in urls if request.path == url or (url != "/" and request.path.startswith(url))), key=len, default="")
    for entry, url in zip(allowed, urls, strict=True):
        groups.setdefault(entry.group, []).append({"label": entry.label, "url": url, "icon": entry.icon, "is_here": url == here})
    return [{"code": code, "title": navigation.GROUPS[code], "entries": entries} for code, entries in groups.items()]


def pages(user: Any, text: str) -> list[dict[str, Any]]:
    """Pages of the navigation whose name holds the text, for the search."""
    wanted = text.strip().lower()
    named = [entry for entry in navigation.entries() if wanted in str(entry.label).lower()] if wanted else []
    return [{"label": e.label, "url": reverse(e.url_name)} for e in named if not e.permission or can(user, Permission(e.permission))]
