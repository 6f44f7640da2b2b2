"""`barograph refresh` as a person sees it: what there is to do, the quarterly validation, warnings (L8, H4).

Truth: contract (docs/reference/cli.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.reports import quarter as quarter_module
from barograph.workspace import Workspace
from support.chain import copied, refreshed
from support.chain_cli import run
from support.renewals import company, planted_model, workspace

WEEK = ("--as-of", "2026-11-16")


def test_progress_speaks_of_what_is_to_do_and_of_nothing_else(raw: Workspace, tmp_path: Path) -> None:
    place = copied(raw, tmp_path / "w")
    told: list[tuple[str, int, int]] = []
    refreshed(place, 3, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "signals"] == [("signals", 0, 3), ("signals", 3, 3)]
    assert [step for step in told if step[0] == "scores"] == [("scores", k, 3) for k in (1, 2, 3)]
    told.clear()
    refreshed(place, 4, progress=lambda *step: told.append(step))
    assert told == [("signals", 0, 1), ("signals", 1, 1), ("scores", 1, 1)], "one week was missing"
    told.clear()
    refreshed(place, 4, progress=lambda *step: told.append(step))
    assert told == []


def test_with_nothing_to_do_it_says_that_the_week_stood(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    result = run("refresh", "-w", place.path, *WEEK, "--no-validate")
    assert (result.code, result.out) == (0, "1 week stood already and was left as published.\n")
    assert "to do" not in result.err


def test_a_quarter_that_cannot_be_judged_is_said_and_costs_nothing(tmp_path: Path) -> None:
    raw = {k: v for k, v in company(20, seed=2).raw.items() if k not in ("outcomes", "contracts")}
    place = workspace(tmp_path / "w", raw, planted_model(population={"rule": "accounts"}))
    result = run("refresh", "-w", place.path, *WEEK)
    assert result.code == 0
    assert "Scored 1 week up to 2026-11-16" in result.out
    assert "Not validated on the quarter before:" in result.out
    document = run("refresh", "-w", place.path, *WEEK, "--format", "json").json
    assert (document["validation"]["due"], document["validation"]["kept"]) == (True, False)
    assert document["validation"]["because"] and document["warnings"] == []
    without = run("refresh", "-w", place.path, *WEEK, "--no-validate", "--format", "json").json
    assert without["validation"] is None


def test_it_validates_by_itself_once_a_quarter(tmp_path: Path) -> None:
    place = workspace(tmp_path / "w", company(60, seed=5).raw, planted_model())
    assert run("status", "-w", place.path).code == 0
    first = run("refresh", "-w", place.path, "--as-of", "2026-08-31")
    assert first.code == 0, first.err
    assert "Validated on the quarter before: " in " ".join(first.out.split())
    kept = [p.name for p in place.path.glob("registry/planted/validations/*")]
    assert kept == ["2026-08-31-planted-v1-quarter.json"]
    second = run("refresh", "-w", place.path, "--as-of", "2026-09-07")
    assert "Validated" not in second.out
    shown = " ".join(run("status", "-w", place.path).out.split())
    assert "Validated on 2026-08-31, on the quarter before:" in shown
    assert "Next from 2026-11-29 on." in shown


def test_a_validation_that_fails_is_a_named_warning(
    scored: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = copied(scored, tmp_path / "w")

    def fails(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError("a rate of nothing")

    monkeypatch.setattr(quarter_module, "_run", fails)
    result = run("refresh", "-w", place.path, "--as-of", "2026-11-16", "--weeks", "7")
    assert result.code == 0
    shown = " ".join(result.out.split())
    assert "Scored 1 week up to" in shown and "6 weeks stood already" in shown
    assert "Warning: quarterly validation failed: ZeroDivisionError: a rate of nothing" in shown
