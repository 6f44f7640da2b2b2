"""What each signal of a model says by itself on the rows of a validation, beside the weight it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.definitions.model import ScoreModel
from barograph.errors import RefusedError
from barograph.learning.screening import Screened, screen
from barograph.learning.screening import ScreenRules as Rules
from barograph.learning.separation import Piece, spread
from barograph.pipeline.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight in points of 100. low, high: its 95 % interval, None for an opinion."""

    points: float
    low: float | None = None
    high: float | None = None
    data_share: float | None = None


@dataclass(frozen=True, slots=True)
class SignalValidation:
    """One signal. found: what screening says of it, None below the evidence or where it is no candidate.
    direction: up, down or free. pieces: kept and lost accounts over its values, empty for the same reason.
    in_force, proposed: its weight, None where the model does not use it."""

    name: str
    label: str
    direction: str
    found: Screened | None
    pieces: tuple[Piece, ...]
    in_force: Weight | None
    proposed: Weight | None


@dataclass(frozen=True, slots=True)
class SignalsValidation:
    """days: how long before the decision. signals: of the models, heaviest first. unused: labels of validated
    candidates that no model uses, strongest first. tried: all candidates ever. refused: why nothing is said, with
    counts, or ""."""

    days: int
    signals: tuple[SignalValidation, ...]
    unused: tuple[str, ...]
    tried: int
    refused: str


def weights_of(model: ScoreModel, figures: Mapping[str, Any]) -> dict[str, Weight]:
    """The weights of a definition by signal; with their intervals where its figures hold them."""
    known = {entry["name"]: entry for entry in figures.get("signals") or ()}
    total = sum(s.weight for s in model.scored) or 1.0
    found = {}
    for signal in model.scored:
        entry = known.get(signal.name, {})
        points = 100 * signal.weight / total
        found[signal.name] = Weight(points, entry.get("low"), entry.get("high"), entry.get("data_share"))
    return found


def validate_signals(
    rows: Evidence,
    model: ScoreModel,
    in_force: Mapping[str, Weight],
    proposed: Mapping[str, Weight],
    *,
    seed: int,
    tried_before: int = 0,
    refused: Sequence[tuple[str, str]] = (),
) -> SignalsValidation:
    """Judge the signals of both models on the rows of one horizon, among all candidates that were tried.

    refused: candidates with a reason (a suspected leak, or no sign at all). Below the evidence the signals are
    listed with their weights, and `refused` of the result says what is missing.
    """
    days = int(rows.rows.horizon[0])
    labels = {s.name: s.label for s in model.signals}
    directions = {s.name: s.direction for s in model.signals}
    found: dict[str, Screened] = {}
    missing, tried = "", len(rows.rows.names) + tried_before
    unused: tuple[str, ...] = ()
    used: Collection[str] = {*in_force, *proposed}
    try:
        screening = screen(rows.rows, np.random.default_rng(seed), Rules(0, tried_before, tuple(refused)))
    except RefusedError as e:
        missing = e.message
    else:
        found = {s.name: s for s in screening.signals}
        unused = tuple(labels.get(n, n) for n in screening.validated if n not in used)
    signals = []
    for name in sorted(used, key=lambda n: (-_heavier(n, in_force, proposed), n)):
        column = rows.rows.signals[:, rows.rows.names.index(name)] if name in rows.rows.names else None
        signals.append(
            SignalValidation(
                name,
                labels.get(name, name),
                directions.get(name, "free"),
                found.get(name),
                () if column is None or missing else spread(column, rows.rows.lost),
                in_force.get(name),
                proposed.get(name),
            )
        )
    return SignalsValidation(days, tuple(signals), unused, tried, missing)


def _heavier(name: str, one: Mapping[str, Weight], two: Mapping[str, Weight]) -> float:
    return max(side[name].points for side in (one, two) if name in side)
