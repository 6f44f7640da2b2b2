"""Writes that a client may send again after a broken connection: the same key gets the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from ninja.responses import NinjaJSONEncoder

from barograph_web.api.auth import caller
from barograph_web.api.models import IdempotentAnswer
from barograph_web.api.problems import ProblemError

HEADER = "Idempotency-Key"


def once(request: HttpRequest, do: Callable[[], tuple[int, dict[str, Any]]]) -> HttpResponse:
    """Do it, or answer what was answered when the same key was used for the same request.

    Problems: 400 without a key, 422 when the key was used for another request. What `do` raises is not kept, so that
    the request can be corrected and sent again with its key.
    """
    key = request.headers.get(HEADER, "").strip()
    if not 8 <= len(key) <= 120:
        raise ProblemError(
            400, f"Send a header {HEADER} of 8 to 120 characters, another one for each decision."
        )
    who = caller(request).user
    digest = sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    known = IdempotentAnswer.objects.filter(user=who, key=key).first()
    if known is None:
        try:
            with transaction.atomic():
                status, body = do()
                plain = json.loads(json.dumps(body, cls=NinjaJSONEncoder))
                IdempotentAnswer.objects.create(user=who, key=key, digest=digest, status=status, body=plain)
            return _answer(status, plain, replayed=False)
        except IntegrityError:
            known = IdempotentAnswer.objects.filter(user=who, key=key).first()
            if known is None:
                raise
    if known.digest != digest:
        raise ProblemError(422, f"This {HEADER} was used for another request. Use a new one for each.")
    return _answer(known.status, known.body, replayed=True)


def _answer(status: int, body: dict[str, Any], *, replayed: bool) -> HttpResponse:
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json"
    )
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response
