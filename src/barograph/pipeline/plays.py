"""Plays on a workspace: its definitions, and what a published week sets off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.calendar import WEEK, to_date
from barograph.core.firing import Fired, FiredReport, HeldBack, Incident
from barograph.core.inputs import STALE_FEED
from barograph.core.play_guard import Fleet, Seen, hold_back, incident_of, look, moved_most
from barograph.core.release_gates import gates, is_going_live
from barograph.core.trigger_facts import TriggerFacts
from barograph.core.triggers import Gates, fire
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play
from barograph.definitions.play_toml import load_plays, loads_play
from barograph.errors import RefusedError
from barograph.pipeline.play_facts import FactReader, needs_of
from barograph.pipeline.play_files import shipped_files
from barograph.pipeline.play_settings import FOLDER, SETTINGS, settings_of
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import PublishedWeek, published_weeks
from barograph.pipeline.versions import definition_of, version_of
from barograph.workspace import Workspace

__all__ = ["Fired", "FiredReport", "HeldBack", "Incident", "fired", "plays_of", "shipped_plays", "standing"]

ALWAYS = -(10**6)
"""A day before every week."""


def plays_of(workspace: Workspace) -> tuple[Play, ...]:
    """The plays in the workspace's `plays` folder, by priority and name; the shipped ones where it holds none.

    Files are read again when one of them has changed. Raises DefinitionError with everything that is wrong in any of
    them.
    """
    own = play_files(workspace)
    return _read(tuple((path, *_state(path)) for path in own)) if own else shipped_plays()


def play_files(workspace: Workspace) -> list[Path]:
    """The workspace's own play files; empty when the shipped plays hold."""
    return sorted(path for path in (workspace.path / FOLDER).glob("*.toml") if path.name != SETTINGS)


@lru_cache(maxsize=8)
def _read(own: tuple[tuple[Path, int, int], ...]) -> tuple[Play, ...]:
    # Plays are frozen, so one object can serve everybody.
    return load_plays(path for path, _, _ in own)


def _state(path: Path) -> tuple[int, int]:
    """When the file was changed last, and its size."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@cache
def shipped_plays() -> tuple[Play, ...]:
    """The plays that come with the product, by priority and name."""
    found = [loads_play(text, where=f"{name}.toml") for name, text in shipped_files().items()]
    return tuple(sorted(found, key=lambda play: (play.priority, play.name)))


def fired(
    workspace: Workspace,
    as_of: int,
    *,
    released: Collection[str] | None = None,
    since: int | None = None,
    plays: Iterable[Play] | None = None,
    guard: bool = True,
) -> FiredReport:
    """What the last published week not after the day `as_of` sets off. Nothing is stored: looking again gives the same
    keys.

    released: model versions (`saas-v3`) that a person released; None where nobody knows (see core.release_gates).
    since: the week to compare with, by default the published week before; an earlier one gives what began in any week
    after it and still holds. In the week of going live everything that stands is given, held back. plays: other plays
    than the workspace's. guard: False to let the fleet-wide guard pass, because a person looked at the incident.
    Raises RefusedError when no week is published by then, DefinitionError for a play file that is wrong.
    """
    manifest = workspace.lake.manifest()
    weeks = [week for day, week in published_weeks(manifest).items() if day <= as_of]
    if not weeks:
        raise RefusedError(
            f"no week is scored as of {to_date(as_of)} or before.",
            where=str(workspace.path),
            hint="Run `barograph refresh`.",
        )
    chosen = plays_of(workspace) if plays is None else tuple(plays)
    registry = Registry(workspace.path / "registry")
    model = definition_of(registry, version_of(registry, weeks[-1].model))
    before = weeks[-2].day if len(weeks) > 1 else None
    filled = [week.filled for week in weeks]
    base = since if since is not None else before
    if since is None and is_going_live(filled):
        base = ALWAYS
    begin = max(base if base is not None else ALWAYS, weeks[0].day - WEEK)
    reader = FactReader(workspace, manifest, model)
    facts = reader.read(weeks, begin, needs_of(chosen))
    first = int(np.searchsorted(facts.days, begin, side="right"))
    settling = model.damping.confirmations if model.damping.enabled else 1
    all_gates = gates([week.model for week in weeks], filled, settling, released)
    width = len(facts.days)
    found, held = fire(
        chosen, facts, model, first, Gates(all_gates.model[-width:], all_gates.others[-width:])
    )
    incident: Incident | None = None
    if guard:
        found, held, incident = _guarded(workspace, reader, weeks, facts, chosen, found, held)
    return FiredReport(
        day=weeks[-1].day,
        compared_with=None if base == ALWAYS else base,
        version=weeks[-1].model,
        unreleased=_unreleased(weeks, begin, released),
        fired=tuple(found),
        held_back=tuple(held),
        incident=incident,
    )


def standing(workspace: Workspace, as_of: int, *, plays: Iterable[Play] | None = None) -> tuple[Fired, ...]:
    """What holds in the last published week not after `as_of`, whenever it began, as if everything was released.

    A firing that was held back and whose key is not among these is over by now. Raises as `fired` does.
    """
    released = {week.model for week in published_weeks(workspace.lake.manifest()).values()}
    report = fired(workspace, as_of, released=released, since=ALWAYS, plays=plays, guard=False)
    return report.fired


def _unreleased(
    weeks: Sequence[PublishedWeek], begin: int, released: Collection[str] | None
) -> tuple[str, ...]:
    if released is None:
        return ()
    seen = dict.fromkeys(week.model for week in weeks if week.day > begin)
    return tuple(version for version in seen if version not in released)


def _guarded(
    workspace: Workspace,
    reader: FactReader,
    weeks: Sequence[PublishedWeek],
    facts: TriggerFacts,
    plays: Sequence[Play],
    found: list[Fired],
    held: list[HeldBack],
) -> tuple[list[Fired], list[HeldBack], Incident | None]:
    rule = settings_of(workspace).guard
    by_name = {play.name: play for play in plays}
    rows_of = {account: row for row, account in enumerate(facts.account_ids.tolist())}
    stale, since = _stale(reader, weeks) if rule.enabled else ({}, None)
    fleet = Fleet(facts.days, facts.versions, facts.score, facts.arr, stale, since)
    seen = look(fleet, found, rows_of, by_name, rule)
    if seen is None:
        return found, held, None
    free, stopped = hold_back(found, by_name)
    signals = _moved_most(reader, weeks, facts, seen)
    incident = incident_of(seen, fleet, stopped, signals)
    return free, sorted([*held, *stopped], key=lambda item: item.fired.key), incident


def _stale(reader: FactReader, weeks: Sequence[PublishedWeek]) -> tuple[Mapping[str, float], int | None]:
    """Label -> share of the points of signals that are silent for most accounts, and since which week in a row."""
    last = _silent(reader, weeks[-1], reader.model)
    if not last:
        return {}, None
    since = weeks[-1].day
    for week in reversed(weeks[:-1]):
        if week.model != weeks[-1].model or not _silent(reader, week, reader.model):
            break
        since = week.day
    return last, since


def _silent(reader: FactReader, week: PublishedWeek, model: ScoreModel) -> dict[str, float]:
    names = {f"why.{signal.name}": signal for signal in model.scored}
    table = reader.columns(week, names)
    total = sum(signal.weight for signal in model.scored)
    return {
        names[column].label: names[column].weight / total
        for column in table.column_names
        if table.num_rows and (table[column].to_numpy() == STALE_FEED).mean() > 0.5
    }


def _moved_most(
    reader: FactReader, weeks: Sequence[PublishedWeek], facts: TriggerFacts, seen: Seen
) -> list[tuple[str, int]]:
    """What moved the accounts of an incident, by the contributions of the week and of the one it is compared with."""
    base = [week for week in weeks if week.day <= seen.base and week.day < weeks[-1].day]
    if not base or seen.kind == "feed":
        return []
    scored = {f"contribution.{signal.name}": signal.label for signal in reader.model.scored}
    rows = np.flatnonzero(seen.rows)

    def points(week: PublishedWeek) -> FloatArray:
        return reader.matrix(week, list(scored), facts.account_ids[rows])

    return moved_most(points(base[-1]), points(weeks[-1]), list(scored.values()))
