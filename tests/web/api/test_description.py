"""The description of the API is a contract (X1). Truth: golden (BAROGRAPH_WRITE_GOLDEN=1 writes it anew), the strict
content policy of its page, and the examples of docs/reference/api.md, which are run."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from barograph_web.api.endpoints import api
from barograph_web.ops.workspace import today
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import User
from support.web_people import People

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "api" / "openapi.json"
PAGE = ROOT / "docs" / "reference" / "api.md"


def test_the_description_is_as_published() -> None:
    text = (
        json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, sort_keys=True, default=str)
        + "\n"
    )
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_operation_says_what_it_does_and_asks_who_calls() -> None:
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)
            assert operation.get("security"), (method, path)


def test_every_endpoint_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for path, operations in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        for method in operations:
            assert f"`{method.upper()} {path.removeprefix('/api/v1')}`" in text, (method, path)


@pytest.mark.django_db
def test_the_page_loads_nothing_from_outside_and_has_no_script_of_its_own(
    people: People, client_of: Callable[[User], Client]
) -> None:
    response = client_of(people.carla).get("/api/v1/docs")
    page = response.content.decode()
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert address.startswith("/"), address
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")) is not None, address
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert "src=" in attributes or 'type="application/json"' in attributes, body[:80]
    assert Client().get("/api/v1/docs").status_code == 302
    assert Client().get("/api/v1/openapi.json", HTTP_AUTHORIZATION="Bearer baro_none").status_code == 401


EXAMPLE = re.compile(r"```http\n(.*?)```\s*(?:answers|gets) `(\d{3})`", re.DOTALL)


@pytest.mark.django_db
def test_the_examples_of_the_page_do_what_it_says(people: People, program: Callable[..., Any]) -> None:
    account = visible_accounts(people.otto, today()).order_by("account_id").first()
    assert account is not None
    caller = program(people.otto, "read", "decide", "import", "run")
    found = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(found) >= 6
    for text, status in found:
        head, _, body = text.replace("A0000001", account.account_id).partition("\n\n")
        first, *lines = head.splitlines()
        method, address = first.split()[:2]
        headers = {
            "HTTP_" + k.strip().upper().replace("-", "_"): v.strip()
            for k, v in (line.split(":", 1) for line in lines)
        }
        headers.pop("HTTP_AUTHORIZATION", None)
        headers.pop("HTTP_CONTENT_TYPE", None)
        address = address.removeprefix("/api/v1")
        if method == "GET":
            response = caller.get(address, **headers)
        else:
            response = caller.post(address, json.loads(body), **headers)
        assert response.status_code == int(status), (first, response.content[:300])
