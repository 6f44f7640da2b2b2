"""What alerts are told of published weeks: after each projection, and when a person releases what a version moved."""

from __future__ import annotations

from datetime import datetime

from barograph_web.alerts.changes import announce
from barograph_web.ops.running import RunContext
from barograph_web.scoring.models import VersionRelease


def after_projection(run: RunContext) -> None:
    """The last step of a run that brought weeks in: changes of tier and drops of scores become events."""
    with run.step("Changes that are told") as step:
        step.count(events=announce(run.now, is_released))


def after_release(now: datetime) -> int:
    """What a release has let through; how many events."""
    return announce(now, is_released)


def is_released(model_version: str) -> bool:
    """Whether a person has released what a version moved (P9)."""
    return VersionRelease.objects.filter(model_version=model_version).exists()
