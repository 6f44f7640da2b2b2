"""The demo, end to end on a small company: from nothing to the printed review (S1; truth: contract)."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from barograph.pipeline.score_store import published_weeks
from support.chain import copied
from support.chain_cli import run
from support.chain_company import ACCOUNTS, DAYS, WEEKS, Company


def test_the_demo_ends_with_the_review(company: Company) -> None:
    shown = " ".join(company.demo.out.split())
    assert "Monday review, week of 16 Nov 2026: Seeded company" in shown
    assert "HEURISTIC" in shown
    for part in (
        "Needs attention",
        "Status changes for the worse",
        "Tiers by count and revenue",
        "Go on with:",
    ):
        assert part in shown
    steps = re.findall(r"^(\d)/(\d)  ", company.demo.err, flags=re.MULTILINE)
    assert [int(step) for step, _ in steps] == list(range(1, int(steps[0][1]) + 1))
    assert f"{ACCOUNTS} accounts" in company.demo.err
    assert "0 in quarantine" in company.demo.err


def test_its_weeks_are_published_and_say_how_they_came_about(company: Company) -> None:
    weeks = published_weeks(company.place.lake.manifest())
    assert tuple(weeks) == DAYS
    assert [week.filled for week in weeks.values()] == [True] * (WEEKS - 1) + [False]


def test_every_command_that_it_recommends_works(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [shlex.split(line) for line in company.demo.out.splitlines() if line.startswith("  barograph ")]
    assert {line[1] for line in lines} >= {"review", "explain", "signals", "status", "serve"}
    for _, *args in lines:
        # `serve` serves until it is stopped: tests/web/test_serve.py
        result = run(*args, "--help") if args[0] == "serve" else run(*args)
        assert result.code == 0, (args, result.err)
    assert "<html" in (tmp_path / "review.html").read_text(encoding="utf-8")


def test_a_second_time_it_goes_on_and_prints_the_review_again(company: Company, tmp_path: Path) -> None:
    place = copied(company.place, tmp_path / "w")
    before = place.lake.manifest().generation
    again = run("demo", place.path, "--accounts", str(ACCOUNTS), "--weeks", str(WEEKS))
    assert again.code == 0, again.err
    assert place.lake.manifest().generation == before
    review = again.out.partition("Go on with:")[0]
    assert review == company.demo.out.partition("Go on with:")[0]
