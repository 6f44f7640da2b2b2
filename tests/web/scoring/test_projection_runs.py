"""The projection as work of the worker: registered, counted, and stopped between steps.

Truths: contract (the run's result is the report; a worker that has to stop stops, and the next run goes on).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from barograph_web.ops import handlers
from barograph_web.ops.models import RunKind
from barograph_web.ops.running import HandedBackError
from barograph_web.portfolio.models import Week
from barograph_web.scoring.projection_runs import after_refresh, run_projection
from support.web_company import open_in_application

pytestmark = pytest.mark.django_db


class Desk:
    """What a handler sees of a run: one step after the other, and the sign to stop after so many heartbeats."""

    def __init__(self, beats: int = 10_000) -> None:
        self.now, self.beats, self.steps, self.counts, self.lines = timezone.now(), beats, [], {}, []

    def step(self, name: str) -> Desk:
        self.steps.append(name)
        return self

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def count(self, **numbers: object) -> None:
        self.counts |= numbers

    def log(self, line: str) -> None:
        self.lines.append(line)

    def heartbeat(self) -> None:
        self.beats -= 1
        if self.beats < 0:
            raise HandedBackError


def test_both_ways_to_run_are_registered() -> None:
    assert RunKind.PROJECT in handlers.HANDLERS
    assert "projection" in [one.name for one in handlers.follow_ups(RunKind.REFRESH)]


def test_a_run_says_what_it_did(projected: Path) -> None:
    open_in_application(projected)
    Week.objects.order_by("as_of")[0].delete()
    desk = Desk()
    result = run_projection(desk)  # type: ignore[arg-type]
    assert (result["weeks"], result["documented"]) == (1, 0)
    assert desk.counts["weeks"] == 1
    assert any("week of" in line for line in desk.lines)
    assert run_projection(Desk())["unchanged"]  # type: ignore[arg-type]


def test_a_worker_that_stops_is_followed_by_one_that_finishes(projected: Path) -> None:
    open_in_application(projected)
    newest = Week.objects.latest("as_of")
    shown = newest.as_of
    newest.delete()
    with pytest.raises(HandedBackError):
        after_refresh(Desk(beats=0))  # type: ignore[arg-type]
    assert Week.objects.latest("as_of").as_of < shown
    after_refresh(Desk())  # type: ignore[arg-type]
    assert Week.objects.latest("as_of").as_of == shown
    assert Week.every.filter(is_shown=False).count() == 0
