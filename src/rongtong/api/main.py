"""The JSON API: bearer tokens, scoped lists, RFC 9457 errors."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from rongtong.accounts.models import ApiToken
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen


class Token(HttpBearer):
    """`Authorization: Bearer …`; the account behind a live token."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        now = clock.now()
        found = ApiToken.objects.filter(digest=ApiToken.digest_of(token), revoked_at__isnull=True, user__is_active=True)
        found = found.exclude(expires_at__lte=now).select_related("user")
        row = found.annotate(account=F("user_id")).first()
        if row is None:
            return None
        request.user = row.user
        return row.user


api = NinjaAPI(title="Rongtong", version="1", auth=Token(), openapi_url="/openapi.json", docs_url=None, urls_namespace="api-1")


def problem(status: int, title: str, detail: str = "", **extra: Any) -> HttpResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    response = api.create_response(_EMPTY, body, status=status)
    response["Content-Type"] = "application/problem+json"
    return response


_EMPTY = HttpRequest()


@api.exception_handler(Unseen)
def _unseen(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(404, "Not found", "there is no such record for this account")


@api.exception_handler(NotAllowed)
def _not_allowed(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(403, "Forbidden", "this account may not do this here", reason=getattr(error, "reason", ""))


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, Refused)
    status = 409 if isinstance(error, Conflict) else 422
    return problem(status, "Conflict" if status == 409 else "Refused", str(error), field=error.field, code=error.code)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, ValidationError)
    errors = [{"field": ".".join(str(part) for part in e["loc"][1:]), "what": e["msg"]} for e in error.errors]
    return problem(422, "Refused", "; ".join(f"{e['field']}: {e['what']}" for e in errors), errors=errors)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: Exception) -> HttpResponse:
    assert isinstance(error, HttpError)
    titles = {401: "Unauthorized", 404: "Not found", 400: "Bad request"}
    return problem(error.status_code, titles.get(error.status_code, "Error"), str(error))


from rongtong.api import appraisal_endpoints, decision_endpoints, endpoints, meeting_endpoints, survey_endpoints, work_endpoints  # noqa: E402, F401  (registers the routes on `api`)
