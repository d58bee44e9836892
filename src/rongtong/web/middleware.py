"""Turns the application's ways of saying no into answers, and tells timings on loopback."""

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.ui.fragments import is_fragment

GetResponse = Callable[[HttpRequest], HttpResponse]


class refusals:  # noqa: N801  (a middleware is named like a function in settings)
    """404 for what may not be seen, 403 for what may not be done, 409 and 422 for input that cannot be taken."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        if isinstance(error, Unseen):
            return say(request, 404, _("There is no such page for this account"), _("check the address, or ask whoever gave it to you"))
        if isinstance(error, NotAllowed):
            return say(request, 403, _("This account may look, but not do this here"), _("ask the system administrator for the right"))
        if isinstance(error, Refused):
            return say(request, 409 if isinstance(error, Conflict) else 422, error.what, error.remedy)
        return None


def say(request: HttpRequest, status: int, what: str, remedy: str) -> HttpResponse:
    """A page (or fragment) that says what, where and what to do."""
    template = "web/_refusal.html" if is_fragment(request) else "web/refusal.html"
    return render(request, template, {"what": what, "remedy": remedy, "status": status}, status=status)


FREE = ("accounts:password", "accounts:sign_out", "web:language")


def first_password(get_response: GetResponse) -> GetResponse:
    """Whoever still has a password that somebody else knows changes it before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        is_page = not request.path.startswith(("/api/", f"/{settings.STATIC_URL}"))
        if is_page and user is not None and getattr(user, "must_change_password", False) and request.path not in map(reverse, FREE):
            return HttpResponseRedirect(reverse("accounts:password"))
        return get_response(request)

    return middleware


def fragments(get_response: GetResponse) -> GetResponse:
    """One address serves the page and its parts: caches are told so, and a sign-in that ran out opens as a page, not inside a drawer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if (
            request.headers.get("HX-Request")
            and response.status_code == 302
            and response["Location"].startswith(resolve_url(settings.LOGIN_URL))
        ):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': _page_of(request)})}"
        return response

    return middleware


def _page_of(request: HttpRequest) -> str:
    """The page from which htmx asked, without its host."""
    parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def server_timing(get_response: GetResponse) -> GetResponse:
    """`Server-Timing` with the count and time of SQL and the CPU time, for requests from this machine only."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
            return get_response(request)
        spent = {"count": 0, "time": 0.0}

        def clock(execute: Callable[..., object], sql: str, params: object, many: bool, context: dict[str, object]) -> object:
            began = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent["count"] += 1
                spent["time"] += time.perf_counter() - began

        cpu = time.thread_time()
        with connection.execute_wrapper(clock):
            response = get_response(request)
        cpu = (time.thread_time() - cpu) * 1000
        response["Server-Timing"] = f'sql;desc="{spent["count"]}";dur={spent["time"] * 1000:.1f}, cpu;dur={cpu:.1f}'
        return response

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """Chinese first: the language a person chose, else Chinese, whatever the browser was installed in. The API follows Accept-Language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path.startswith("/api/"):
            chosen = translation.get_language_from_request(request)
        elif chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response

    return middleware
