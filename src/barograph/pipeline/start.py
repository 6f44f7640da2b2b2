"""A first model for a workspace's data: profile what is there, fit a starter to it, set its ranges from values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.core.calendar import grid_day
from barograph.definitions.model import ScoreModel
from barograph.definitions.propose import Proposal, Spread, fit_ranges, propose_model
from barograph.definitions.starters import StarterName
from barograph.definitions.tables import TABLES
from barograph.definitions.toml_io import dumps_model
from barograph.engines.base import SignalEngine
from barograph.engines.duckdb.profile import profile_lake
from barograph.pipeline.registry import write_once
from barograph.pipeline.signal_store import SignalPlan, newest_days
from barograph.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Start:
    """The proposed model, where it was written, and the week its ranges were taken from."""

    proposal: Proposal
    model: ScoreModel
    file: str
    as_of: int


def last_week_of(workspace: Workspace, today: int) -> int:
    """The week to start with: the last Monday that the data reaches, so that no feed looks stopped."""
    newest = [day for day in newest_days(workspace.lake, TABLES).values() if day is not None and day < today]
    return grid_day(min(max(newest, default=today) + 1, today))


def start_model(
    workspace: Workspace, engine: SignalEngine, *, today: int, base: StarterName | None = None
) -> Start:
    """Propose a model for what is imported, set its ranges from the values of the last week, and write it.

    The model file is written once, under models/; a file that is there already is left alone by the caller.
    """
    sources = {table: workspace.lake.paths(f"raw/{table}") for table in TABLES}
    proposal = propose_model(profile_lake({t: p for t, p in sources.items() if p}), base)
    day = last_week_of(workspace, today)
    table = engine.compute(SignalPlan.of(workspace, proposal.model).request(workspace.lake, (day,)))
    model = fit_ranges(proposal.model, spreads(table, proposal.model))
    file = f"models/{model.name}.toml"
    write_once(workspace.path / file, dumps_model(model))
    return Start(proposal, model, file, day)


def spreads(table: pa.Table, model: ScoreModel) -> dict[str, Spread]:
    """Signal -> spread of its values over the accounts of a week; signals without values are left out."""
    found: dict[str, Spread] = {}
    for signal in model.signals:
        values = np.asarray(table[signal.name].cast(pa.float64()).to_numpy(), dtype=float)
        known = values[~np.isnan(values)]
        if len(known):
            low, middle, high = (float(q) for q in np.quantile(known, (0.1, 0.5, 0.9)))
            found[signal.name] = Spread(low, middle, high, float(known.min()), float(known.max()))
    return found
