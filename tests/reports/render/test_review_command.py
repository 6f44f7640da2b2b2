"""`barograph review`. Truths: each format reaches its renderer, files are written whole, and a filter that fits nobody
is refused with what there is (R1). The week is a stand-in: what it says is held by the other tests."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from barograph.cli import review as command
from barograph.core.calendar import day_number
from barograph.errors import RefusedError, UsageError
from support.review_document import review as review_of_a_week

ROWS = [
    {"csm_email": "mei@example.com", "segment": "enterprise"},
    {"csm_email": "jonas@example.com", "segment": None},
]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The command on a week that was scored for Monday 16 Nov 2026."""
    context = SimpleNamespace(
        day=day_number(date(2026, 11, 16)), rows=ROWS, before=SimpleNamespace(rows=[{"csm_email": "left@example.com",
                                                                                    "segment": "smb"}])
    )  # fmt: skip
    asked: dict[str, Any] = {}

    def document(_: Any, owner: str | None, segment: str | None) -> dict[str, Any]:
        asked.update(owner=owner, segment=segment)
        return review_of_a_week() | {"filter": dict(asked)}

    monkeypatch.setattr(command, "open_workspace", lambda _: SimpleNamespace())
    monkeypatch.setattr(command, "engine_of", lambda _place: None)
    monkeypatch.setattr(
        command, "requested_day", lambda as_of, _: day_number(date.fromisoformat(as_of or "2026-11-16"))
    )
    monkeypatch.setattr(command, "day_context", lambda _place, _engine, _day: context)
    monkeypatch.setattr(command, "review_document", document)
    made = typer.Typer()
    made.command()(command.review)
    return made


def run(app: typer.Typer, *arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.mark.parametrize(
    ("format", "start"),
    [("table", "Monday review, week of"), ("json", "{\n"), ("csv", "section,as_of,rank"), ("html", "<!doctype html>"),
     ("md", "# Monday review, week of")],
)  # fmt: skip
def test_formats(app: typer.Typer, tmp_path: Path, format: str, start: str) -> None:
    printed = run(app, "--format", format)
    assert printed.exit_code == 0
    assert printed.stdout.startswith(start)
    target = tmp_path / "review.out"
    assert run(app, "--format", format, "-o", str(target)).stdout == ""
    assert target.read_text(encoding="utf-8").startswith(start)


def test_json_is_the_document(app: typer.Typer) -> None:
    made = json.loads(run(app, "--format", "json", "--owner", "mei@example.com").stdout)
    assert made == review_of_a_week() | {"filter": {"owner": "mei@example.com", "segment": None}}


def test_a_folder_that_is_not_there(app: typer.Typer, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder does not exist"):
        run(app, "--format", "html", "-o", str(tmp_path / "no" / "review.html"))


@pytest.mark.parametrize(
    ("option", "value", "near"),
    [
        ("--owner", "mey@example.com", "mei@example.com"),
        ("--owner", "Jonas", "jonas@example.com"),
        ("--segment", "enterprize", "enterprise"),
    ],
)
def test_a_filter_that_fits_nobody(app: typer.Typer, option: str, value: str, near: str) -> None:
    with pytest.raises(
        RefusedError, match=f"{option} '{value}': no account scored as of 2026-11-16"
    ) as caught:
        run(app, option, value)
    assert near in caught.value.hint


def test_the_owner_of_an_account_that_left_may_ask(app: typer.Typer) -> None:
    assert run(app, "--owner", "left@example.com").exit_code == 0


def test_an_older_week_is_said_so(app: typer.Typer) -> None:
    assert run(app, "--as-of", "2026-11-16").stderr == ""
    told = run(app, "--as-of", "2026-11-23")
    assert "The last scored week is 2026-11-16; `barograph refresh --as-of 2026-11-23` brings" in told.stderr
    assert told.stdout.startswith("Monday review, week of 16 Nov 2026")
