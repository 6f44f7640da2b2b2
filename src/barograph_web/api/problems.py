"""Errors as `application/problem+json` (RFC 9457): what happened, in words, and which field to change."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from barograph.errors import BarographError, LockedError, RefusedError
from barograph_web.ingest.services import StaleError

LOG = logging.getLogger("barograph.api")
_TOO_LONG = "The request is too long: send fewer rows at a time, or a file."
TITLES = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "Not for this token or role",
    404: "Nothing here",
    409: "Somebody changed it meanwhile",
    413: "Too large",
    422: "Something must be changed",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Not now",
}


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """The answer to a request that was not done. more: further members, such as `errors`."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "Not done"),
        "status": status,
        "detail": detail,
        **more,
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str),
        status=status,
        content_type="application/problem+json",
    )


class ProblemError(Exception):
    """An endpoint's own refusal."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more


def install(api: NinjaAPI) -> None:
    """Have every error of `api` answered as a problem."""
    api.add_exception_handler(ProblemError, lambda _r, e: problem(e.status, e.detail, **e.more))
    api.add_exception_handler(
        Http404, lambda _r, _e: problem(404, "It does not exist, or it is not shared with you.")
    )
    api.add_exception_handler(PermissionDenied, lambda _r, e: problem(403, str(e) or TITLES[403]))
    api.add_exception_handler(HttpError, lambda _r, e: problem(e.status_code, str(e)))
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(Throttled, _throttled)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(BarographError, _refused)
    api.add_exception_handler(RequestDataTooBig, lambda _r, _e: problem(413, _TOO_LONG))
    api.add_exception_handler(Exception, _unforeseen)


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    request_id = getattr(request, "request_id", "")
    LOG.error("unforeseen error in the API", exc_info=error)
    return problem(500, f"It was logged as {request_id}.")


def _unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    response = problem(401, "Send `Authorization: Bearer` with a token that is neither expired nor revoked.")
    response["WWW-Authenticate"] = "Bearer"
    return response


def _throttled(_request: HttpRequest, error: Throttled) -> HttpResponse:
    response = problem(429, f"Wait {error.wait or 1} seconds.")
    response["Retry-After"] = str(int(error.wait or 1))
    return response


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": ".".join(str(p) for p in item["loc"][1:]) or str(item["loc"][0]), "detail": item["msg"]}
        for item in error.errors
    ]
    told = "; ".join(f"{item['field']}: {item['detail']}" for item in errors[:3])
    return problem(422, told, errors=errors)


def _refused(_request: HttpRequest, error: BarographError) -> HttpResponse:
    match error:
        case LockedError():
            response = problem(503, str(error))
            response["Retry-After"] = "15"
            return response
        case StaleError():
            return problem(409, str(error))
        case RefusedError():
            return problem(422, str(error))
        case _:
            return problem(422, str(error))
