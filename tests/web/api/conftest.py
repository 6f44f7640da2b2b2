"""Programs that call the API: one token per set of scopes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from barograph_web.ops.current import acting_as
from barograph_web.ops.workspace import now
from barograph_web.users import tokens
from barograph_web.users.models import User


class Program:
    """A client with a token of somebody's."""

    def __init__(self, key: str) -> None:
        self.client = Client()
        self.headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}

    def get(self, address: str, **more: Any) -> HttpResponse:
        return self.client.get(f"/api/v1{address}", **self.headers, **more)

    def post(self, address: str, body: Any, **more: Any) -> HttpResponse:
        return self.client.post(
            f"/api/v1{address}", json.dumps(body), content_type="application/json", **self.headers, **more
        )

    def upload(self, content: Any, **fields: Any) -> HttpResponse:
        return self.client.post("/api/v1/imports/files", {"file": content, **fields}, **self.headers)


@pytest.fixture
def program() -> Callable[..., Program]:
    """A program with a token of this person for these scopes."""

    def made(owner: User, *scopes: str) -> Program:
        with acting_as(owner, via="web"):
            _, key = tokens.issue(owner, "test", scopes, now() + timedelta(days=1), now())
        return Program(key)

    return made
