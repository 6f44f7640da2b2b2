"""What plays take from the library. It is read when it is needed, not when a web process starts: it brings DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from barograph.core.calendar import day_number
from barograph_web.ops.workspace import workspace

if TYPE_CHECKING:
    from barograph.core.cadence import CadenceReport, Done
    from barograph.core.firing import FiredReport
    from barograph.core.workload import Workload
    from barograph.definitions.lint.rule import Finding
    from barograph.definitions.play import Play
    from barograph.pipeline.score_store import PublishedWeek
    from barograph.workspace import Workspace


def plays() -> tuple[Play, ...]:
    """The workspace's plays, else the shipped ones. Raises what the library raises for a file that is wrong."""
    from barograph.pipeline.plays import plays_of  # noqa: PLC0415 - see above

    return plays_of(workspace())


def play_named(name: str) -> Play | None:
    """The play of that name."""
    return next((play for play in plays() if play.name == name), None)


def fired(as_of: date, since: date | None, released: set[str]) -> FiredReport:
    """What the published week `as_of` sets off, and the weeks since `since` that nobody looked at. released: model
    versions that a person released."""
    from barograph.pipeline import plays as library  # noqa: PLC0415 - see above

    return library.fired(
        workspace(),
        day_number(as_of),
        released=released,
        since=None if since is None else day_number(since),
    )


def dry(as_of: date) -> FiredReport:
    """What a week would set off if everything was released."""
    from barograph.pipeline import plays as library  # noqa: PLC0415 - see above

    place = workspace()
    versions = {week.model for week in published(place)}
    return library.fired(place, day_number(as_of), released=versions)


def published(place: Workspace) -> list[PublishedWeek]:
    """The published weeks, oldest first."""
    from barograph.pipeline.score_store import published_weeks  # noqa: PLC0415 - see above

    return list(published_weeks(place.lake.manifest()).values())


def findings(model_version: str) -> list[Finding]:
    """What the lint says of the workspace's plays against a model version, errors first."""
    from barograph.definitions.lint.plays import lint_plays  # noqa: PLC0415 - see above
    from barograph.pipeline.play_settings import settings_of  # noqa: PLC0415 - see above
    from barograph_web.plays.levels import model_of  # noqa: PLC0415 - see above

    return list(lint_plays(plays(), model_of(model_version), settings_of(workspace())))


def due(
    as_of: date, *, today: date, done: Done, live_since: date, until: date, holidays: frozenset[date]
) -> CadenceReport:
    """What the cadences ask for by `until`, from the published weeks not after `as_of`."""
    from barograph.pipeline import cadence as library  # noqa: PLC0415 - see above

    return library.duties(
        workspace(),
        day_number(as_of),
        today=day_number(today),
        done=done,
        live_since=day_number(live_since),
        until=day_number(until),
        holidays=holidays,
    )


def team_load(as_of: date, *, today: date, done: Done, weeks: int, extra: Mapping[str, float]) -> Workload:
    """Hours a week by CSM that the cadences and open plays (`extra`, by address) imply."""
    from barograph.pipeline import cadence as library  # noqa: PLC0415 - see above

    return library.team_load(
        workspace(), day_number(as_of), today=day_number(today), done=done, weeks=weeks, extra=extra
    )
